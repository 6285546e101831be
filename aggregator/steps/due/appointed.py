"""Sources that publish by the clock: daily at 06:00, on working days at 17:30, on Tuesdays at 10. Visited just after.

Learnt from the moments at which something came, a burst of entries counting once. The hours and days of pattern.py
say that much is to be expected between 6 and 7; here it is known that it comes at 6:00.

::

    moments   of the last bursts, as they are dated; where a visit after that did not find them yet, when they came
    slots     moments of the day, or of the week, that were kept in seven cycles of ten and in two of the last three
    next      a few minutes after the next of them; soon again, then ever later, while it has not come

Where much comes beside the slots, or the last one was not kept, the slots only bring a visit forward.
Moments are minutes since a Monday, in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from aggregator.domain.source import Pattern

KEPT = 60  # moments remembered: two months of a daily source, a year of a weekly one
BURST = 30  # minutes: entries closer than that came together
LATEST = timedelta(minutes=90)  # so long it is awaited; what was not there by then has a date that does not tell
SOONEST, SPREAD = timedelta(minutes=1), timedelta(minutes=4)  # after the moment: not at :00, nor with all the others
_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_DAY, _WEEK = 1440, 10080  # minutes
_CLOSE = {_DAY: (20, 40), _WEEK: (60, 180)}  # minutes between neighbours of one slot, and between its first and last
_LEAST_DAYS, _LEAST_WEEKEND, _LEAST_WEEKS = 4, 2, 3  # kept cycles
_SHARE = 0.7
_LAST, _OF_LAST = 3, 2
_LATE = 0.8  # of a slot's moments are over when it is visited,
_RECENT = {_DAY: 10, _WEEK: 3}  # of the last ones
_RULE = 0.8  # of what comes comes in slots, where they alone rule
_NEVER = timedelta(days=365)
_SEEN = 14 * _DAY  # how long what came beside the slots counts
_WORKDAYS, _WEEKEND = frozenset(range(5)), frozenset((5, 6))


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """A time of the week at which something comes: minutes of its first, its usual and its last moment."""

    first: int
    usual: int
    last: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Appointment:
    """When a source that publishes by the clock is visited, `awaited` while what was to come has not.

    `rules`: nothing is to be expected beside it. `missed`: it did not come, so there is no telling when it will.
    """

    wait: timedelta
    awaited: bool = False
    rules: bool = False
    missed: bool = False
    words: str


def moments(
    old: Sequence[int], burst: int, published: Iterable[datetime], now: datetime, last: datetime | None
) -> tuple[tuple[int, ...], int]:
    """The moments known after new entries of these dates, and how many minutes a burst may last.

    The entries were not in the feed yet at a good visit at `last`.
    """
    came = [moment for moment in old if moment <= _minute(now)]  # the others: of a clock that was ahead
    for date in published:
        if date > now or (last is not None and last - date > LATEST):
            continue  # such a date says when it was written, or only the day
        came.append(_minute(date if last is None or date >= last else last + (now - last) / 2))
    kept: list[int] = []
    longest = 0
    for moment in sorted(came):
        if not kept or moment - kept[-1] > BURST:
            kept.append(moment)
        longest = max(longest, moment - kept[-1])
    return tuple(kept[-KEPT:]), max(longest, burst * 9 // 10)


def appointment(pattern: Pattern, now: datetime, *, shortest: timedelta, share: float) -> Appointment | None:
    """When to visit a source that keeps appointments; None where it keeps none. `share` is the source's, 0 to 1."""
    slots, lapsed = _slots(pattern.moments, _minute(now))
    if not slots:
        return Appointment(wait=_NEVER, missed=True, words="") if lapsed else None
    told, behind = words(slots), SOONEST + pattern.burst * _MINUTE + SPREAD * share
    monday = _MONDAY + (now - _MONDAY) // timedelta(weeks=1) * timedelta(weeks=1)
    turns = sorted(
        (monday + (slot.usual + week) * _MINUTE, slot.usual - slot.first)
        for slot in slots
        for week in range(-2 * _WEEK, 3 * _WEEK, _WEEK)  # a slot about Sunday's midnight lies before or after it
    )
    over, width = [(at, width) for at, width in turns if at + SOONEST <= now][-1]
    came = any(moment >= _minute(over) - width - _CLOSE[_DAY][0] for moment in pattern.moments)
    if not came and now - over < LATEST:
        return Appointment(wait=max(shortest, now - over), awaited=True, rules=True, words=told)
    following = next(at + behind - now for at, _ in turns if at + SOONEST > now)
    rules = came and _rule(slots, pattern.moments, now)
    return Appointment(wait=following, rules=rules, missed=not came, words=told)


def words(slots: Sequence[Slot]) -> str:
    """`at about 06:00 UTC`, `at about 10:00 on Tuesdays UTC`: three at most."""
    days: dict[int, list[int]] = {}
    for slot in slots:
        minute = slot.usual % _WEEK
        days.setdefault(minute % _DAY, []).append(minute // _DAY)
    parts: list[str] = []
    for minute, on in sorted(days.items())[:3]:
        names = "" if len(on) == len(_NAMES) else f" on {' and '.join(_NAMES[day] for day in sorted(on))}"
        names = " on working days" if frozenset(on) == _WORKDAYS else names
        parts.append(f"{minute // 60:02}:{minute % 60:02}{names}")
    return f"at about {', '.join(parts)} UTC"


_NAMES = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


def _minute(moment: datetime) -> int:
    return (moment - _MONDAY) // _MINUTE


def _rule(slots: Sequence[Slot], known: Sequence[int], now: datetime) -> bool:
    """Whether hardly anything came beside the slots."""
    recent = [moment for moment in known if _minute(now) - moment <= _SEEN] or known[-1:]
    gap = _CLOSE[_DAY][0]
    inside = sum(
        any((moment - slot.first + gap) % _WEEK <= slot.last - slot.first + 2 * gap for slot in slots)
        for moment in recent
    )
    return inside >= _RULE * len(recent)


def _slots(known: Sequence[int], now: int) -> tuple[list[Slot], bool]:
    """The slots that are kept, and whether one was until a few days ago."""
    found: list[Slot] = []
    spoken_for: set[int] = set()
    lapsed: set[int] = set()
    for group in _groups(known, _DAY):
        days = _days(group, now)
        if days:
            one = _slot(group, _DAY)
            found += [
                Slot(first=one.first + d * _DAY, usual=one.usual + d * _DAY, last=one.last + d * _DAY) for d in days
            ]
            spoken_for.update(group)
        elif _is_kept(group, _DAY, now, _LEAST_DAYS, _WORKDAYS, lately=False):
            lapsed.update(group)
    # A day that has another hour now, as after a change of the clocks, does not keep the old one as well.
    told = {slot.usual // _DAY % 7 for slot in found}
    spoken_for |= {moment for moment in lapsed if moment // _DAY % 7 in told}
    left = [moment for moment in known if moment not in spoken_for]
    found += [_slot(group, _WEEK) for group in _groups(left, _WEEK) if _is_kept(group, _WEEK, now, _LEAST_WEEKS)]
    return found, bool(lapsed)


def _groups(known: Sequence[int], cycle: int) -> Iterator[list[int]]:
    """Moments that stand close together on the cycle's circle, each group oldest first."""
    if not known:
        return
    gap, widest = _CLOSE[cycle]
    ring = sorted(known, key=lambda moment: moment % cycle)
    phases = [moment % cycle for moment in ring]
    breaks = [i for i, (a, b) in enumerate(pairwise([*phases, phases[0] + cycle])) if b - a > gap]
    for before, end in zip([breaks[-1] - len(ring) if breaks else 0, *breaks[:-1]], breaks, strict=False):
        members = [ring[place] for place in range(before + 1, end + 1)]  # round the end: negative places
        if (members[-1] - members[0]) % cycle <= widest:
            yield sorted(members)


def _slot(group: Sequence[int], cycle: int) -> Slot:
    """Where on the circle; what lies on both sides of its end is told from the last moment's side."""
    phases = [moment - turn * cycle for moment, turn in zip(group, _turns(group, cycle), strict=True)]
    last = sorted(phases[-_RECENT[cycle] :])
    return Slot(first=min(phases), usual=last[min(len(last) - 1, int(_LATE * len(last)))], last=max(phases))


def _turns(group: Sequence[int], cycle: int) -> list[int]:
    """The number of each moment's cycle: 23:58 and, four minutes later, 00:02 are of one."""
    anchor = group[-1] % cycle
    return [round((moment - anchor) / cycle) for moment in group]


def _days(group: Sequence[int], now: int) -> frozenset[int]:
    """The weekdays on which a time of the day is kept, Monday 0: working days, and the weekend with them."""
    if not _is_kept(group, _DAY, now, _LEAST_DAYS, _WORKDAYS):
        return frozenset()
    return _WORKDAYS | (_WEEKEND if _is_kept(group, _DAY, now, _LEAST_WEEKEND, _WEEKEND) else frozenset())


def _is_kept(
    group: Sequence[int],
    cycle: int,
    now: int,
    least: int,
    days: frozenset[int] = _WORKDAYS | _WEEKEND,
    *,
    lately: bool = True,
) -> bool:
    """Whether enough of the cycles since the first of them brought something; the last ones too, if that is asked."""
    hits = {turn for turn in _turns(group, cycle) if turn % 7 in days}
    if len(hits) < least:
        return False
    over = (now - group[-1] % cycle - LATEST // _MINUTE) // cycle  # the last cycle in which it is decided
    kept = [turn in hits for turn in range(min(hits), over + 1) if turn % 7 in days]
    enough = sum(kept) >= _SHARE * len(kept)
    return enough and (not lately or sum(kept[-_LAST:]) >= min(_OF_LAST, len(kept)))
