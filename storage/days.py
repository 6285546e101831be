"""How often each source was visited, by day: a row a source and day, written with the visit."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, text

from aggregator.domain.source import SourceDay
from storage.tables import sources
from storage.tables_days import source_days as table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from storage.session import Session

# One prepared statement for all visits of a transaction: composing it, or looking up the number of each source first,
# would cost more than writing the row.
_ADD = text("""\
INSERT INTO source_days (source, day, visits, failures, items)
SELECT pk, :day, 1, :failures, :items FROM sources WHERE id = :id
ON CONFLICT (source, day) DO UPDATE SET
 visits = source_days.visits + 1,
 failures = source_days.failures + excluded.failures,
 items = source_days.items + excluded.items""")


class Days:
    """`ports.DayStore` within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, visits: Iterable[tuple[str, bool, int]], now: datetime) -> None:
        """Count visits made now: each source's id, whether it failed, and the new items it brought."""
        day = now.toordinal()
        rows = [{"id": name, "day": day, "failures": int(failed), "items": new} for name, failed, new in visits]
        if rows:
            self._session.run(_ADD, rows)

    def of(self, source_id: str, now: datetime, days: int) -> list[SourceDay]:
        """The last `days` days of a source, today the last; those without a visit too."""
        last = now.toordinal()
        query = select(table).join(sources, sources.c.pk == table.c.source)
        query = query.where(sources.c.id == source_id, table.c.day > last - days)
        found = {row.day: row for row in self._session.rows(query)}
        return [_day(number, found.get(number)) for number in range(last - days + 1, last + 1)]

    def prune(self, before: datetime) -> None:
        """Forget the days before that one."""
        self._session.run(delete(table).where(table.c.day < before.toordinal()))


def _day(number: int, row: object) -> SourceDay:
    counts = {name: getattr(row, name, 0) for name in ("visits", "failures", "items")}
    return SourceDay(day=date.fromordinal(number), **counts)
