"""How many items of each source came on each of the last days: what the charts of the status page are drawn from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from aggregator.ports import Store

DAYS = 28
FRESH_FOR = timedelta(minutes=1)  # today's numbers are asked for so often at most


class Arrivals:
    """Days that are over are counted once and remembered; days are those of UTC."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._over: dict[date, Mapping[str, int]] = {}
        self._today: tuple[datetime, Mapping[str, int]] | None = None

    def of(self, now: datetime) -> dict[str, list[int]]:
        """The items of each source (by id) that came on each of the last `DAYS` days, oldest first.

        Raises:
            StorageError: the store failed.
        """
        midnight = datetime(now.year, now.month, now.day, tzinfo=UTC)
        with self._lock:
            days = [midnight - timedelta(days=back) for back in reversed(range(1, DAYS))]
            missing = [day for day in days if day.date() not in self._over]
            if self._today is None or not midnight <= self._today[0] <= now < self._today[0] + FRESH_FOR:
                missing.append(midnight)
            with self._store.read() as rooms:
                counted = {day: rooms.items.arrivals(day, day + timedelta(days=1)) for day in missing}
            if midnight in counted:
                self._today = (now, counted.pop(midnight))
            self._over = {day.date(): counted[day] if day in counted else self._over[day.date()] for day in days}
            columns = [*self._over.values(), self._today[1] if self._today else {}]
        names = {name for column in columns for name in column}
        return {name: [column.get(name, 0) for column in columns] for name in names}
