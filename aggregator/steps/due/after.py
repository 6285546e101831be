"""What became of a visit → everything the store remembers of the source.

    Retry-After (7 days at most) > back-off > skipHours, skipDays > the longest of own rhythm, max-age, ttl

A rule that only delays is kept whichever won: a visit moved out of skipped hours is still after its Retry-After.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from aggregator.domain.outcome import Failure, Fetched, Plan, Unchanged
from aggregator.domain.times import utc
from aggregator.errors import Code
from aggregator.steps.due import backoff, moved, pattern, plan, rhythm
from aggregator.steps.due.pushed import slowed
from aggregator.steps.due.spread import fraction
from aggregator.steps.due.words import span

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.domain.outcome import Outcome
    from aggregator.domain.settings import FetchSettings
    from aggregator.domain.source import DueSource, Visits

LONGEST_HOLD = timedelta(days=7)
PRECONDITION_FAILED = 412
CUT_SHORT = "the document ends too early; its complete entries were kept"


def after(due: DueSource, outcome: Outcome, settings: FetchSettings, now: datetime, *, pushed: bool = False) -> Visits:
    """The source's memory after a visit, its next visit and the reason for it included.

    `pushed`: a hub brings what is new, and polls found that it misses nothing.
    """
    now = utc(now)
    if isinstance(outcome, Failure):
        return _failed(due, outcome, settings, now)
    return _succeeded(due, outcome, settings, now, pushed=pushed)


def offline(due: DueSource, failure: Failure, settings: FetchSettings, now: datetime) -> Visits:  # noqa: ARG001 - `after` without its network
    """The source's memory when nothing at all could be reached: no fault of its own, tried again soon."""
    now, old = utc(now), due.visits
    last = None
    if old.failure and old.failure.code is Code.OFFLINE and old.failed_at and old.next_visit:
        last = max(old.next_visit - old.failed_at, timedelta(0))
    wait = backoff.probe(last)
    share = plan.SPREAD * fraction(due.source.id, now)
    held = _held(old.held_until, now)
    at = max(now + min(wait.duration * (1 + share), backoff.OFFLINE_LONGEST), held or now)
    # The network may come back within the hours in which the feed wants no visit.
    chosen = plan.outside_skips(due.source, Plan(at=at, reason=wait.reason), old.hints, now)
    return replace(
        old,
        last_visit=now,
        failure=Failure(code=Code.OFFLINE, message=failure.message),
        failed_at=now,
        held_until=held,
        next_visit=chosen.at,
        next_visit_reason=chosen.reason,
    )


def _succeeded(
    due: DueSource, outcome: Fetched | Unchanged, settings: FetchSettings, now: datetime, *, pushed: bool
) -> Visits:
    source, old = due.source, due.visits
    first = old.last_success is None
    seen = _seen(old, outcome, source.every or settings.every, now)
    mine = plan.own(source, settings, seen.entries_per_day, first=first, pattern=seen.pattern, now=now)
    if pushed:  # that polls find nothing new teaches nothing about the source
        seen = replace(seen, entries_per_day=old.entries_per_day, pattern=old.pattern)
        mine = slowed(mine, source, settings)
    answer = outcome.response if isinstance(outcome, Fetched) else outcome.answer
    chosen = plan.next_visit(source, settings, mine, hints=seen.hints, fresh_for=answer.fresh_for, now=now)
    cut = isinstance(outcome, Fetched) and outcome.reading.truncated
    move = moved.after_success(source, old, answer.moved_to, now)
    return replace(
        seen,
        last_visit=now,
        last_success=now,
        next_visit=chosen.at,
        next_visit_reason=chosen.reason,
        failures=0,
        failing_since=None,
        failure=Failure(code=Code.TRUNCATED, message=CUT_SHORT) if cut else None,
        failed_at=now if cut else None,
        held_until=None,
        gone_at=None,
        gone=False,
        moved_to=move.to if move is not None and moved.believed(move) else None,
        move=move,
    )


def _seen(old: Visits, outcome: Fetched | Unchanged, every: timedelta, now: datetime) -> Visits:
    """Validators, body hash, hints, title and rate after a good visit.

    Validators vouch for what is stored: they come with a complete reading only, and go when a 200 brings none.
    """
    if isinstance(outcome, Unchanged):
        return replace(
            old,
            validators=outcome.answer.validators,
            body_hash=outcome.body_hash or old.body_hash,
            entries_per_day=_rate(old, None, 0, every, now),
        )
    reading = outcome.reading
    kept = reading.truncated
    return replace(
        old,
        validators=old.validators if kept else outcome.response.validators,
        body_hash=old.body_hash if kept else outcome.body_hash,
        hints=reading.info.hints,
        title=reading.info.title or old.title,
        pattern=pattern.learnt(
            old.pattern, (item.published for item in reading.items if item.published), now, last=old.last_success
        ),
        entries_per_day=_rate(old, rhythm.from_dates(reading.newest, now), len(reading.items), every, now),
    )


def _rate(old: Visits, dated: float | None, entries: int, every: timedelta, now: datetime) -> float | None:
    """Entries a day: from the feed's dates, else from what has come since the last visit that went well."""
    if dated is not None or old.last_success is None:
        return dated
    before = old.entries_per_day or rhythm.rate_of(every)
    return rhythm.after_visit(before, entries, now - old.last_success)


def _failed(due: DueSource, failure: Failure, settings: FetchSettings, now: datetime) -> Visits:
    source, old = due.source, due.visits
    held = _held(failure.retry_at, now)
    if held is not None and failure.code is Code.HTTP_STATUS and failure.status is None:
        return _not_asked(due, held, now)
    failures = old.failures + 1
    since = min(old.failing_since or now, now) if old.failures else now
    gone_at = _first_gone(old, failure, now)
    memory = replace(
        old,
        # RFC 9110 §15.5.13: our validators were taken for preconditions; without them there is an answer again.
        validators=None if failure.status == PRECONDITION_FAILED else old.validators,
        last_visit=now,
        failures=failures,
        failing_since=since,
        failure=failure,
        failed_at=now,
        gone_at=gone_at,
        held_until=held,
        move=moved.after_failure(old, failure),
    )
    if gone_at is not None and failure.status == backoff.GONE and now - gone_at >= backoff.GONE_APART:
        return replace(
            memory, gone=True, next_visit=None, next_visit_reason="gone: HTTP 410 twice, hours apart; visited no more"
        )
    mine = plan.own(source, settings, old.entries_per_day, first=old.last_success is None).wait
    usual = max(mine, plan.hinted(old.hints, settings))
    share = plan.SPREAD * fraction(source.id, now)
    if held is not None:
        asked = held - now
        wait = max(asked, plan.floor(source, settings))
        chosen = Plan(at=now + min(wait * (1 + share), max(wait, LONGEST_HOLD)), reason=_hold_words(asked, wait))
    else:
        back = backoff.fresh(failure, backoff.wait(failure, failures, since, usual, now), settings.max_interval)
        longest = max(back.duration, backoff.LONGEST)
        chosen = Plan(at=now + min(back.duration * (1 + share), longest), reason=back.reason)
    chosen = plan.outside_skips(source, chosen, old.hints, now)
    return replace(memory, next_visit=chosen.at, next_visit_reason=chosen.reason)


def _not_asked(due: DueSource, held: datetime, now: datetime) -> Visits:
    """The host's Retry-After, learnt at two of its other addresses: no visit was made, so none has failed."""
    wait = held - now
    at = now + min(wait * (1 + plan.SPREAD * fraction(due.source.id, now)), LONGEST_HOLD)
    return replace(
        due.visits, held_until=held, next_visit=at, next_visit_reason=f"Retry-After of the host, {span(wait)}"
    )


def _first_gone(old: Visits, failure: Failure, now: datetime) -> datetime | None:
    """When the first of the 410 in a row came. What never reached the server neither counts nor interrupts."""
    if failure.status == backoff.GONE:
        return min(old.gone_at or now, now)
    return old.gone_at if failure.code in backoff.UNREACHED else None


def _held(until: datetime | None, now: datetime) -> datetime | None:
    """A Retry-After that still counts: in the future, a week at most."""
    return min(until, now + LONGEST_HOLD) if until is not None and until > now else None


def _hold_words(asked: timedelta, wait: timedelta) -> str:
    words = f"Retry-After of the server, {span(asked)}"
    return words if wait == asked else f"{words}, at the shortest interval, {span(wait)}"
