"""A source's own pace, learnt from the dates of its entries.

The rate is entries over the time they span, up to now: silence lowers it. A third of the mean gap between entries is
the interval, so an entry waits a sixth of a gap on average and two visits in three find nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

WINDOW = 20  # entries looked at: the last days of a busy source, the last year of a quiet one
VISITS_PER_ENTRY = 3
FASTEST = timedelta(seconds=1)
_SLOWEST = timedelta(days=365)
_DAY = timedelta(days=1)
_ASSUMED = timedelta(minutes=10)
_LEAST_DATES = 2  # one date, or the same for all (a feed stamped as a whole), says nothing of a rhythm
# Two entries of one minute are no 2,880 a day: few entries speak for some hours at least, a whole window for one.
_FEW_SPEAK_FOR, _MANY_SPEAK_FOR = timedelta(hours=6), timedelta(hours=1)


def from_dates(newest: Sequence[datetime], now: datetime) -> float | None:
    """Entries a day, from the dates of a feed's entries, newest first; None if they do not tell."""
    past = sorted({date for date in newest if date <= now}, reverse=True)[:WINDOW]
    if len(past) < _LEAST_DATES:
        return None
    least = _FEW_SPEAK_FOR if len(past) < WINDOW else _MANY_SPEAK_FOR
    return len(past) / (max(now - past[-1], least) / _DAY)


def after_visit(before: float, entries: int, elapsed: timedelta) -> float:
    """The rate after `elapsed` brought `entries`: the same window, grown by what was seen, then cut to size."""
    return (WINDOW + entries) / (WINDOW / before + max(elapsed, timedelta(0)) / _DAY)


def interval(entries_per_day: float) -> timedelta:
    """How often a source of this rate is visited, before any bounds."""
    if entries_per_day <= _DAY / _SLOWEST / VISITS_PER_ENTRY:
        return _SLOWEST
    return max(FASTEST, _DAY / (entries_per_day * VISITS_PER_ENTRY))


def rate_of(every: timedelta) -> float:
    """The rate that `interval` answers with `every`: where learning starts for a source without dates.

    At most 48 a day: who visits his own machine every few seconds has not seen thousands of entries yet.
    """
    return _DAY / max(every, _ASSUMED) / VISITS_PER_ENTRY
