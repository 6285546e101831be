"""skipHours and skipDays (RSS 2.0): when a feed asks not to be visited, in GMT."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aggregator.domain.source import FeedHints

_HOUR = timedelta(hours=1)
_WEEK_HOURS = 24 * 7


def skipped(at: datetime, hints: FeedHints) -> str | None:
    """The rule that forbids this moment, or None. Rules that leave no moment at all count for nothing."""
    moment = at.astimezone(UTC)
    if moment.hour in hints.skip_hours and len(hints.skip_hours) < 24:  # noqa: PLR2004 - the hours of a day
        return "skipHours"
    if moment.weekday() in hints.skip_days and len(hints.skip_days) < 7:  # noqa: PLR2004 - the days of a week
        return "skipDays"
    return None


def allowed_from(at: datetime, hints: FeedHints) -> datetime:
    """The first moment from `at` on that the feed does not forbid: `at` itself or the start of an hour."""
    moment = at
    for _ in range(_WEEK_HOURS):
        if skipped(moment, hints) is None:
            return moment
        moment = moment.replace(minute=0, second=0, microsecond=0) + _HOUR
    return at
