"""A feed's wishes about visits: RSS 2.0 ttl, skipHours and skipDays; the syndication module's period."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from aggregator.domain.source import FeedHints

if TYPE_CHECKING:
    from aggregator.steps.parse.extras import Extras

_MOST = timedelta(days=30)
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_HOUR = re.compile(r"\d{1,2}")
_FREQUENCY = re.compile(r"\d{1,6}")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read_hints(ttl: str | None, extras: Extras | None) -> FeedHints:
    """The wishes that can be believed; a feed that skips every hour or every day has said nothing."""
    hours = frozenset(h for written in (extras.skip_hours if extras else ()) if (h := _hour(written)) is not None)
    names = [d.strip().lower() for d in (extras.skip_days if extras else ())]
    days = frozenset(i for i, day in enumerate(_DAYS) if day in names)
    return FeedHints(
        ttl=_believed(timedelta(minutes=int(ttl)) if ttl and ttl.isdecimal() and len(ttl) < 7 else None),  # noqa: PLR2004
        update_every=_update_every(extras),
        skip_hours=hours if len(hours) < 24 else frozenset(),  # noqa: PLR2004 - hours a day
        skip_days=days if len(days) < len(_DAYS) else frozenset(),
    )


def _hour(written: str) -> int | None:
    """Of 0 to 23; 24 is 0 in RSS 0.91."""
    return int(written) % 24 if _HOUR.fullmatch(written) and int(written) <= 24 else None  # noqa: PLR2004


def _update_every(extras: Extras | None) -> timedelta | None:
    """sy:updatePeriod divided by sy:updateFrequency (RSS 1.0 syndication module)."""
    period = _PERIODS.get((extras.update_period or "").strip().lower()) if extras else None
    if extras is None or period is None:
        return None
    frequency = (extras.update_frequency or "1").strip()
    if not _FREQUENCY.fullmatch(frequency) or not 1 <= int(frequency) <= 1440:  # noqa: PLR2004 - once a minute
        return None
    return _believed(period / int(frequency))


def _believed(wish: timedelta | None) -> timedelta | None:
    return wish if wish is not None and timedelta() < wish <= _MOST else None
