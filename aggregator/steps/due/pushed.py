"""Sources whose hub pushes: polled slowly while that is proven, and in their own rhythm as soon as it is not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from aggregator.domain.outcome import Plan
from aggregator.steps.due import plan
from aggregator.steps.due.spread import fraction
from aggregator.steps.due.words import span

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.domain.settings import FetchSettings
    from aggregator.domain.source import Source, Visits

SOON = timedelta(minutes=5)  # within this a source is polled whose push ended: not all of a hub's at once


def slowed(mine: plan.Wish, source: Source, settings: FetchSettings) -> plan.Wish:
    """A source's own wish while push is proven: a poll to be sure.

    A rhythm that the owner fixed stays; so does that of a source whose articles' pages are read at its visits.
    """
    if source.every is not None or source.full_text:
        return mine
    wait = max(mine.wait, settings.max_interval)
    return plan.Wish(wait=wait, reason=f"its hub pushes, proven: polled every {span(wait)} to be sure")


def resumed(source: Source, visits: Visits, settings: FetchSettings, now: datetime, why: str) -> Plan:
    """The visit that would have been planned without push; at once where its time is past."""
    mine = plan.own(
        source,
        settings,
        visits.entries_per_day,
        first=visits.last_success is None,
        pattern=visits.pattern,
        now=visits.last_visit or now,
    )
    soon = now + min(mine.wait, SOON) * fraction(source.id, now)
    at = max((visits.last_visit or now) + mine.wait, soon)
    return plan.outside_skips(source, Plan(at=at, reason=f"{why}; {mine.reason}"), visits.hints, now)
