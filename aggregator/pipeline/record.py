"""Outcomes of visits → the store: items, stories, and the next visit, the validators last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from aggregator.domain.outcome import Failure, Fetched
from aggregator.domain.story import NewItem, UpdateItem
from aggregator.errors import Code, StorageError
from aggregator.pipeline.admit import admit
from aggregator.pipeline.loop import refuse_own, without_own
from aggregator.pipeline.place import place
from aggregator.steps.due import after, offline

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.domain.drop import Drop
    from aggregator.domain.outcome import Outcome
    from aggregator.domain.settings import Configuration
    from aggregator.domain.source import DueSource, Visits
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
        for due, came in outcomes:
            outcome = refuse_own(came, configuration)
            for unreached, failure in outage.note(due, outcome, now):
                if unreached is not due:
                    reports.append(_store(rooms, unreached, _offline(failure), configuration, now))
            told = _offline(outcome) if outage.offline and isinstance(outcome, Failure) else outcome
            reports.append(_store(rooms, due, told, configuration, now))
    for report in reports:
        _tell(report)
    return reports


def _offline(failure: Failure) -> Failure:
    return Failure(
        code=Code.OFFLINE, message=f"nothing can be reached, so it is our network; this one: {failure.message}"
    )


def _store(rooms: Rooms, due: DueSource, outcome: Outcome, configuration: Configuration, now: datetime) -> VisitReport:
    """One visit, whole or not at all. A visit that cannot be stored is recorded as our failure."""
    try:
        with rooms.savepoint():
            return _one(rooms, due, outcome, configuration, now)
    except _FencedError:
        log.warning("visit_fenced", source=due.source.id)
        return VisitReport(source_id=due.source.id, unchanged=True, reason="another process visited it meanwhile")
    except Exception as error:  # a bug of ours costs this source, not the others of the transaction
        if isinstance(outcome, Failure):
            raise  # not even a failure can be stored: the store is at fault, or `after` is
        log.exception("visit_not_stored", source=due.source.id)
        ours = str(error) if isinstance(error, StorageError) else f"a bug of ours: {type(error).__name__}; see the log"
    return _store(rooms, due, Failure(code=Code.INTERNAL, message=ours), configuration, now)


def _one(rooms: Rooms, due: DueSource, outcome: Outcome, configuration: Configuration, now: datetime) -> VisitReport:
    source_id = due.source.id
    new = changed = left_out = quiet = 0
    drops: list[Drop] = []
    info = None
    if isinstance(outcome, Fetched):
        reading = outcome.reading
        admitted, drops = admit(due.source, reading.items, now)
        items, own = without_own(rooms.items, due.source, admitted, configuration, now)
        drops += own
        rooms.drops.put(drops)
        intents = place(
            rooms,
            source_id,
            items,
            unchanged=reading.unchanged,
            configuration=configuration,
            now=now,
            visits=due.visits,
        )
        quiet = sum(isinstance(intent, NewItem) and intent.quiet for intent in intents)
        rooms.items.touch(source_id, reading.unchanged, now)
        new = sum(isinstance(intent, NewItem) for intent in intents)
        changed = sum(isinstance(intent, UpdateItem) and intent.text_changed for intent in intents)
        left_out = reading.left_out
        info = reading.info
    visits = _next(due, outcome, configuration, now)
    if not rooms.sources.record(due, visits, now, info=info):
        raise _FencedError
    return VisitReport(
        source_id=source_id,
        new=new,
        changed=changed,
        unchanged=not isinstance(outcome, Fetched | Failure),
        left_out=left_out,
        dropped=len(drops),
        quiet=quiet,
        failure=outcome if isinstance(outcome, Failure) else None,
        next_visit=visits.next_visit,
        reason=visits.next_visit_reason,
    )


def _next(due: DueSource, outcome: Outcome, configuration: Configuration, now: datetime) -> Visits:
    if isinstance(outcome, Failure) and outcome.code is Code.OFFLINE:
        return offline(due, outcome, configuration.fetch, now)
    return after(due, outcome, configuration.fetch, now)


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
