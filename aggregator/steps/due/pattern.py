"""When in the day and the week a source publishes, learnt from the dates of its entries, and what follows for visits.

A visit is wanted once a third of an entry is to be expected. By the mean alone that is a fixed interval; by the
pattern it is short while the newsroom writes and long while it sleeps, at the same number of visits a week.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from aggregator.domain.source import Pattern
from aggregator.steps.due.appointed import LATEST, moments
from aggregator.steps.due.rhythm import VISITS_PER_ENTRY

if TYPE_CHECKING:
    from collections.abc import Iterable

HALVED = timedelta(days=28)  # what is this old counts half: newsrooms change their ways
LEAST_ENTRIES = 20.0
LEAST_HOURS, LEAST_DAYS = timedelta(days=3), timedelta(days=21)  # seen before hours, and days of the week, count
_HOUR = timedelta(hours=1)
_PRIOR_HOURS, _PRIOR_DAYS = 0.5, 2.0  # entries taken for granted in each: no hour is ever ruled out
_BUSY = 1.5  # times the mean


def learnt(
    old: Pattern | None, published: Iterable[datetime], now: datetime, *, last: datetime | None = None
) -> Pattern | None:
    """The pattern after new entries of these dates; what lies in the future counts for nothing.

    `last` is the visit before, which did not find them: one dated long before that came some time after it. Such
    dates tell the day alone, another zone's hour, or when it was written.
    """
    dated = [date.astimezone(UTC) for date in published if date <= now]
    dates = sorted(date if last is None or last - date <= LATEST else last + (now - last) / 2 for date in dated)
    if not dates:
        return old
    known = old or Pattern(hours=(0.0,) * 24, days=(0.0,) * 7, since=dates[0], at=now)
    fades = 0.5 ** (max(now - known.at, timedelta(0)) / HALVED)
    hours, days = [count * fades for count in known.hours], [count * fades for count in known.days]
    for date in dates:
        weight = 0.5 ** ((now - date) / HALVED)
        hours[date.hour] += weight
        days[date.weekday()] += weight
    came, burst = moments(known.moments, known.burst, dated, now, last)
    return Pattern(
        hours=tuple(round(count, 4) for count in hours),
        days=tuple(round(count, 4) for count in days),
        since=min(known.since, dates[0]),
        at=max(known.at, now),
        moments=came,
        burst=burst,
    )


def tells(pattern: Pattern | None, now: datetime) -> bool:
    """Whether enough was seen to go by it."""
    return pattern is not None and sum(pattern.hours) >= LEAST_ENTRIES and now - pattern.since >= LEAST_HOURS


def wait(pattern: Pattern, entries_per_day: float, now: datetime, longest: timedelta) -> timedelta:
    """How long until a third of an entry is to be expected, `longest` at most."""
    hours, days = _weights(pattern, now)
    left = 1 / VISITS_PER_ENTRY
    at, end = now.astimezone(UTC), now.astimezone(UTC) + longest
    while at < end:
        until = min(at.replace(minute=0, second=0, microsecond=0) + _HOUR, end)
        rate = entries_per_day / 24 * hours[at.hour] * days[at.weekday()]  # entries an hour
        expected = rate * ((until - at) / _HOUR)
        if expected >= left:
            return at + _HOUR * (left / rate) - now
        left -= expected
        at = until
    return longest


def words(pattern: Pattern, now: datetime) -> str:
    """`mostly 7 to 10 and 16 to 18 UTC, Monday to Friday`; '' where all hours are alike."""
    hours, days = _weights(pattern, now)
    spans = _spans([weight >= _BUSY for weight in hours])
    text = " and ".join(f"{start} to {end % 24 or 24}" for start, end in spans[:3])
    quiet = [name for name, weight in zip(_NAMES, days, strict=True) if weight <= 1 / _BUSY / _BUSY]
    parts = [f"mostly {text} UTC"] if text else []
    parts += [f"hardly on {' and '.join(quiet)}"] if 0 < len(quiet) <= 3 else []  # noqa: PLR2004 - more is no exception
    return ", ".join(parts)


_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _weights(pattern: Pattern, now: datetime) -> tuple[list[float], list[float]]:
    """How much more than the mean is to be expected in each hour and on each day."""
    hours = _shares(pattern.hours, _PRIOR_HOURS)
    days = _shares(pattern.days, _PRIOR_DAYS) if now - pattern.since >= LEAST_DAYS else [1.0] * 7
    return hours, days


def _shares(counts: tuple[float, ...], prior: float) -> list[float]:
    total = sum(counts) + prior * len(counts)
    return [(count + prior) / total * len(counts) for count in counts]


def _spans(busy: list[bool]) -> list[tuple[int, int]]:
    """The runs of busy hours as (first, end), round midnight as one."""
    if all(busy):
        return []
    start = busy.index(False)
    found: list[tuple[int, int]] = []
    for step in range(start, start + 24):
        hour = step % 24
        if busy[hour] and not busy[hour - 1]:
            found.append((hour, hour + 1))
        elif busy[hour]:
            found[-1] = (found[-1][0], found[-1][1] + 1)
    return found
