"""Days and weeks between the midnights of a time zone, whatever its clocks do."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from aggregator.domain.digest import Period, Rhythm

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


def period_of(moment: datetime, rhythm: Rhythm, zone: ZoneInfo) -> Period:
    """The day, or the week from Monday on, that a moment lies in.

    A day of a change of clocks has 23 or 25 hours. Where a change leaves midnight out, the day begins when the
    clocks show the first moment after it.
    """
    day = moment.astimezone(zone).date()
    if rhythm is not Rhythm.WEEKLY:
        return Period(name=day.isoformat(), starts=_midnight(day, zone), ends=_midnight(day + DAY, zone))
    monday = day - day.weekday() * DAY
    year, week, _ = monday.isocalendar()
    return Period(name=f"{year}-W{week:02}", starts=_midnight(monday, zone), ends=_midnight(monday + 7 * DAY, zone))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    # Python resolves a time that a change of clocks left out with the offset of before (PEP 495): 00:00 becomes 01:00.
    return datetime.combine(day, time(), zone).astimezone(UTC)
