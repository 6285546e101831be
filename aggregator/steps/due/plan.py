"""The next visit after one that went well: the longest wish wins, between the bounds, outside what the feed forbids.

Retry-After and the back-off, which are stronger, belong to failures: see `after`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from aggregator.domain.outcome import Plan
from aggregator.domain.source import FeedHints, SourceKind
from aggregator.steps.due.allowed import allowed
from aggregator.steps.due.appointed import Appointment, appointment
from aggregator.steps.due.pattern import tells, words
from aggregator.steps.due.pattern import wait as pattern_wait
from aggregator.steps.due.rhythm import interval
from aggregator.steps.due.skips import allowed_from, skipped
from aggregator.steps.due.spread import fraction
from aggregator.steps.due.words import rate, span

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.domain.settings import FetchSettings
    from aggregator.domain.source import DueSource, Pattern, Source, Visits

# How much later than wished a visit may be, as a share of the wait: sources that were visited together part.
SPREAD_FIRST, SPREAD, SPREAD_FIXED = 0.25, 0.1, 0.05
# Within the hour in which a feed may be visited again: not at its first second, like everybody else.
AFTER_SKIPPED = timedelta(minutes=50)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """A wait, the rule that asks for it in words, and how far it may be spread."""

    wait: timedelta
    reason: str
    spread: float = SPREAD


def floor(source: Source, settings: FetchSettings) -> timedelta:
    """The shortest interval; none for files and for the owner's own hosts."""
    if source.kind is SourceKind.FILE or allowed(source.url, settings.allow_hosts):
        return timedelta(0)
    return settings.min_interval


def own(
    source: Source,
    settings: FetchSettings,
    entries_per_day: float | None,
    *,
    first: bool,
    pattern: Pattern | None = None,
    now: datetime | None = None,
) -> Wish:
    """The source's own rhythm: as configured, else the first one, else as it publishes.

    Where its pattern tells, `now` decides how long that is.
    """
    shortest = floor(source, settings)
    if source.every is not None:
        wait = max(source.every, shortest)
        note = "as configured" if wait == source.every else "the shortest interval"
        return Wish(wait=wait, reason=f"every {span(wait)}, {note}", spread=SPREAD_FIXED)
    bounded = _within(settings.every, shortest, settings.max_interval)
    if first:
        return Wish(wait=bounded, reason=f"first rhythm, every {span(bounded)}", spread=SPREAD_FIRST)
    if entries_per_day is None:
        return Wish(wait=bounded, reason=f"no rhythm known yet, every {span(bounded)}")
    if now is not None and pattern is not None and tells(pattern, now):
        wanted = pattern_wait(pattern, entries_per_day, now, settings.max_interval)
        when = words(pattern, now)
    else:
        wanted, when = interval(entries_per_day), ""
    kept = _kept(source, shortest, pattern, now)
    if kept is not None and kept.missed and interval(entries_per_day) < wanted:
        wanted, when = interval(entries_per_day), ""
    if kept is not None and (kept.rules or kept.wait < wanted):
        wait = _within(kept.wait, shortest, settings.max_interval)
        told = f"{kept.words}, {'awaited now' if kept.awaited else f'now in {span(wait)}'}"
        # The minute after the moment is the source's own already: it needs no further spreading.
        return Wish(wait=wait, reason=f"own rhythm: {rate(entries_per_day)}, {told}", spread=0)
    wait = _within(wanted, shortest, settings.max_interval)
    bound = "" if wait == wanted else (" at the shortest" if wait > wanted else " at the longest")
    told = (
        f"{rate(entries_per_day)}, {when}, now in {span(wait)}"
        if when
        else f"{rate(entries_per_day)}, every {span(wait)}"
    )
    return Wish(wait=wait, reason=f"own rhythm: {told}{bound}")


def _kept(source: Source, shortest: timedelta, pattern: Pattern | None, now: datetime | None) -> Appointment | None:
    if now is None or pattern is None:
        return None
    return appointment(pattern, now, shortest=shortest, share=fraction(source.id, pattern.since))


def next_visit(
    source: Source,
    settings: FetchSettings,
    mine: Wish,
    *,
    hints: FeedHints | None,
    fresh_for: timedelta | None,
    now: datetime,
) -> Plan:
    """When, and the rule that won."""
    hints = hints or FeedHints()
    asked = (
        (fresh_for, "max-age of the server"),
        (hints.ttl, "ttl of the feed"),
        (hints.update_every, "sy:updatePeriod of the feed"),
    )
    wishes = [mine, *(_bounded(wait, rule, settings) for wait, rule in asked if wait)]
    winner = max(wishes, key=lambda wish: wish.wait)
    longest = max(settings.max_interval, mine.wait)
    share = winner.spread * fraction(source.id, now)
    if winner is mine and source.every is None and winner.wait >= longest:
        wait = winner.wait * (1 - share)  # nobody asked for all of it, and later is not allowed
    else:
        wait = min(winner.wait * (1 + share), longest)
    return outside_skips(source, Plan(at=now + wait, reason=winner.reason), hints, now)


def hinted(hints: FeedHints | None, settings: FetchSettings) -> timedelta:
    """The longest wait the feed itself asks for, within the bounds; 0 where it asks for none."""
    asked = (hints.ttl, hints.update_every) if hints else ()
    return min(max((wait for wait in asked if wait), default=timedelta(0)), settings.max_interval)


def outside_skips(source: Source, plan: Plan, hints: FeedHints | None, now: datetime) -> Plan:
    """The plan, moved out of the hours and days in which the feed asks not to be visited."""
    rule = skipped(plan.at, hints) if hints else None
    if not hints or rule is None or (free := allowed_from(plan.at, hints)) == plan.at:
        return plan
    at = free + AFTER_SKIPPED * fraction(source.id, now)
    return Plan(at=at, reason=f"{rule} of the feed, until {free:%A %H:%M} GMT")


def postponed(due: DueSource, now: datetime) -> Visits | None:
    """The source's memory where it must not be visited now although it is due: it is late, into skipped hours.

    None where it may be visited. A person's wish goes before the feed's.
    """
    visits = due.visits
    chosen = outside_skips(due.source, Plan(at=now, reason=""), visits.hints, now)
    if due.forced or chosen.at <= now:
        return None
    return replace(visits, next_visit=chosen.at, next_visit_reason=chosen.reason)


def _bounded(wait: timedelta, rule: str, settings: FetchSettings) -> Wish:
    if wait <= settings.max_interval:
        return Wish(wait=wait, reason=f"{rule}, {span(wait)}")
    return Wish(wait=settings.max_interval, reason=f"{rule}, {span(wait)}, cut to {span(settings.max_interval)}")


def _within(wait: timedelta, shortest: timedelta, longest: timedelta) -> timedelta:
    return max(shortest, min(wait, longest))
