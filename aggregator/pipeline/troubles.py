"""What the operator should look at: sources that broke, moved, ended or fell silent. Pure, over the stored reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING

from aggregator.domain.source import SourceStatus
from aggregator.errors import Code

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from aggregator.domain.source import SourceReport

BROKEN_AFTER = 3  # failures one after another: less is the weather of the network (who turns empty is told at once)
MISSED = 10  # entries that should have come by its own rhythm
SHORTEST, LONGEST = timedelta(days=3), timedelta(days=60)  # of silence
UNKNOWN = timedelta(days=30)  # where a source has no rhythm yet


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """One thing about one source. `key` is the same as long as it lasts; `since` is None where nobody noted it."""

    source: SourceReport
    key: str
    title: str
    text: str
    since: datetime | None


def troubles(reports: Sequence[SourceReport], now: datetime) -> list[Trouble]:
    """Everything that is wrong now, newest first; what nobody dated stands last."""
    found = [trouble for report in reports if report.status is not SourceStatus.PAUSED for trouble in _of(report, now)]
    return sorted(found, key=lambda trouble: -trouble.since.timestamp() if trouble.since else 0.0)


def _of(report: SourceReport, now: datetime) -> Iterator[Trouble]:
    visits, name = report.visits, report.title or report.id
    if visits.gone:
        text = "The server said 410 (gone) twice, hours apart. It is visited no more; remove it from feeds.yaml."
        yield _trouble(report, f"gone/{_moment(visits.gone_at)}", f"{name} has ended", text, visits.gone_at)
        return
    if visits.failure is not None and visits.failure.code is Code.EMPTY and report.items:
        key = f"empty/{_moment(visits.failing_since)}"
        yield _trouble(report, key, f"{name} has turned empty", visits.failure.message, visits.failing_since)
    elif visits.failures >= BROKEN_AFTER and visits.failure is not None:
        title = f"{name} cannot be read: {visits.failure.code.value}"
        key = f"broken/{_moment(visits.failing_since)}"
        yield _trouble(report, key, title, visits.failure.message, visits.failing_since)
    elif (since := silence(report)) is not None and now >= since:
        text = "It answers as ever, but by its own rhythm something new should have come long ago."
        yield _trouble(report, f"silent/{_moment(report.newest)}", f"{name} has fallen silent", text, since)
    if visits.moved_to:
        where = blake2b(visits.moved_to.encode(), digest_size=8).hexdigest()
        text = f"Its address leads to {visits.moved_to} for good. Write that into feeds.yaml."
        yield _trouble(report, f"moved/{where}", f"{name} has moved", text, None)


def _trouble(report: SourceReport, key: str, title: str, text: str, since: datetime | None) -> Trouble:
    return Trouble(source=report, key=f"{report.id}/{key}", title=title, text=text, since=since)


def silence(report: SourceReport) -> datetime | None:
    """When the silence after the newest item becomes too long; None for a source that never said anything."""
    if report.newest is None:
        return None
    daily = report.visits.entries_per_day
    allowed = min(max(timedelta(days=MISSED / daily), SHORTEST), LONGEST) if daily else UNKNOWN
    return report.newest + allowed


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y%m%dT%H%M%S}" if moment else "unknown"
