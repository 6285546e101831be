"""Outcomes of visits → the store: items, stories, and the next visit, the validators last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from aggregator.domain.outcome import Failure, Fetched
from aggregator.errors import Code, StorageError
from aggregator.pipeline.follow import follow
from aggregator.pipeline.keep import Kept, keep
from aggregator.pipeline.loop import refuse_own
from aggregator.pipeline.place import place
from aggregator.steps.due import after, offline
from aggregator.steps.push.trust import polled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from aggregator.domain.outcome import Outcome
    from aggregator.domain.settings import Configuration
    from aggregator.domain.source import DueSource, Visits
    from aggregator.domain.subscription import Subscription
    from aggregator.pipeline.outage import Outage
    from aggregator.ports import Rooms, Store

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True, slots=True)
class VisitReport:
    """One visit as it is logged and told: `failure` is None when it went well."""

    source_id: str
    new: int = 0
    changed: int = 0
    unchanged: bool = False  # a 304, or the same body
    left_out: int = 0
    dropped: int = 0  # by the source's `only` or `drop`, or our own news coming back
    quiet: int = 0  # new, and not announced: a flood
    failure: Failure | None = None
    next_visit: datetime | None = None
    reason: str = ""
    stored: bool = True  # false where another process visited the source meanwhile


@dataclass(frozen=True, kw_only=True, slots=True)
class _Desk:
    """What every visit of a transaction is recorded with: `pushed` are the sources' subscriptions at hubs."""

    configuration: Configuration
    now: datetime
    pushed: Mapping[str, Subscription]


class _FencedError(Exception):
    """Another owner has the source: this result comes too late and is undone."""


def record(
    store: Store,
    outcomes: Sequence[tuple[DueSource, Outcome]],
    outage: Outage,
    configuration: Configuration,
    now: datetime,
) -> list[VisitReport]:
    """Store outcomes in one transaction, each visit in a savepoint of its own.

    Raises:
        StorageError: the store failed as a whole; nothing of these visits is stored.
    """
    reports: list[VisitReport] = []
    with store.write() as rooms:
        pushed = rooms.subscriptions.live([due.source.id for due, _ in outcomes])
        desk = _Desk(configuration=configuration, now=now, pushed=pushed)
        for due, came in outcomes:
            outcome = refuse_own(came, configuration)
            found = outage.note(due, outcome, now)
            reports += [_store(rooms, unreached, _offline(failure), desk) for unreached, failure in found]
            if all(unreached.source.id != due.source.id for unreached, _ in found):
                reports.append(_store(rooms, due, outcome, desk))
        rooms.days.add(map(_counted, filter(_counts, reports)), now)
    for report in reports:
        _tell(report)
    return reports


def _counts(report: VisitReport) -> bool:
    """Whether it was a visit of that source: what our own network failed at was none."""
    offline = report.failure is not None and report.failure.code is Code.OFFLINE
    return report.stored and not offline


def _counted(report: VisitReport) -> tuple[str, bool, int]:
    return report.source_id, report.failure is not None, report.new


def _offline(failure: Failure) -> Failure:
    return Failure(
        code=Code.OFFLINE, message=f"nothing can be reached, so it is our network; this one: {failure.message}"
    )


def _store(rooms: Rooms, due: DueSource, outcome: Outcome, desk: _Desk) -> VisitReport:
    """One visit, whole or not at all. A visit that cannot be stored is recorded as our failure."""
    try:
        with rooms.savepoint():
            return _one(rooms, due, outcome, desk)
    except _FencedError:
        log.warning("visit_fenced", source=due.source.id)
        reason = "another process visited it meanwhile"
        return VisitReport(source_id=due.source.id, unchanged=True, reason=reason, stored=False)
    except Exception as error:  # a bug of ours costs this source, not the others of the transaction
        if isinstance(outcome, Failure):
            raise  # not even a failure can be stored: the store is at fault, or `after` is
        log.exception("visit_not_stored", source=due.source.id)
        ours = str(error) if isinstance(error, StorageError) else f"a bug of ours: {type(error).__name__}; see the log"
    return _store(rooms, due, Failure(code=Code.INTERNAL, message=ours), desk)


def _one(rooms: Rooms, due: DueSource, outcome: Outcome, desk: _Desk) -> VisitReport:
    source_id = due.source.id
    kept, info = Kept(), None
    if isinstance(outcome, Fetched):
        kept = keep(rooms, due, outcome.reading, desk.configuration, desk.now)
        info = outcome.reading.info
    late = () if isinstance(outcome, Failure) else outcome.late
    if late:
        # What a hub brought while their pages were read is newer.
        stored = rooms.items.raw_hashes(source_id)
        late = tuple(item for item in late if item.raw_hash in stored)
        place(rooms, source_id, late, unchanged=(), configuration=desk.configuration, now=desk.now)
    proven = not isinstance(outcome, Failure) and _proven(rooms, desk.pushed.get(source_id), kept.new, desk.now)
    visits = _next(due, outcome, desk, proven=proven)
    if not rooms.sources.record(due, visits, info=info):
        raise _FencedError
    if visits.gone or (info is not None and (info.hubs or source_id in desk.pushed)):
        follow(rooms, due.source, None if visits.gone else info, desk.configuration, desk.now)
    return VisitReport(
        source_id=source_id,
        new=kept.new,
        changed=kept.changed,
        unchanged=not isinstance(outcome, Fetched | Failure),
        left_out=kept.left_out,
        dropped=kept.dropped,
        quiet=kept.quiet,
        failure=outcome if isinstance(outcome, Failure) else None,
        next_visit=visits.next_visit,
        reason=visits.next_visit_reason,
    )


def _proven(rooms: Rooms, subscription: Subscription | None, new: int, now: datetime) -> bool:
    """Whether push still misses nothing after a poll that went well; remembered."""
    if subscription is None:
        return False
    after_poll = polled(subscription, new, now)
    if after_poll != subscription:
        rooms.subscriptions.put(after_poll)
    return after_poll.proven


def _next(due: DueSource, outcome: Outcome, desk: _Desk, *, proven: bool) -> Visits:
    if isinstance(outcome, Failure) and outcome.code is Code.OFFLINE:
        return offline(due, outcome, desk.configuration.fetch, desk.now)
    return after(due, outcome, desk.configuration.fetch, desk.now, pushed=proven)


def _tell(report: VisitReport) -> None:
    at = report.next_visit.isoformat(timespec="seconds") if report.next_visit else None
    fields = {"source": report.source_id, "next_visit": at, "reason": report.reason}
    if report.failure is not None:
        failure = report.failure
        log.warning("source_failed", code=failure.code.value, status=failure.status, message=failure.message, **fields)
    elif report.unchanged:
        log.debug("source_unchanged", **fields)
    else:
        counts = {"new": report.new, "changed": report.changed, "left_out": report.left_out, "dropped": report.dropped}
        log.info("source_read", **counts, **fields)
        if report.quiet:
            log.warning("flood_entered_quietly", source=report.source_id, items=report.quiet)
