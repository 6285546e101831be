"""How many read the topics' feeds, and when tokens were last used."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from aggregator.domain.audience import DIRECT, SITES, Audience, Count
from storage.session import chunks
from storage.tables import tokens, topics
from storage.tables_audience import audience as table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date

    from storage.session import Session

    _Place = tuple[int, str, str, datetime]  # a topic's number, a form, a service, the midnight a day begins at

SAID_FOR = timedelta(days=7)  # what a service said counts so long
DIRECT_FOR = timedelta(days=2)  # today is not over: yesterday counts too


class Audiences:
    """`ports.AudienceStore` within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, counts: Iterable[Count]) -> None:
        """Remember these counts. Direct readers of a day never become fewer: a restart forgets who was counted."""
        said = list(counts)
        if not said:
            return
        query = select(topics.c.id, topics.c.pk).where(topics.c.id.in_({count.topic for count in said}))
        numbers = {row.id: row.pk for row in self._session.rows(query)}
        wanted: dict[_Place, int] = {
            (numbers[count.topic], count.form, count.service, _midnight(count.day)): count.readers
            for count in said
            if count.topic in numbers  # else it ended meanwhile
        }
        direct = self._direct({day for _, _, _, day in wanted})
        rows = [
            {"topic": topic, "form": form, "service": service, "day": day, "readers": max(readers, least)}
            for (topic, form, service, day), readers in sorted(wanted.items())
            for least in (direct.get((topic, form, service, day), 0),)
        ]
        self._session.upsert(table, rows)

    def used(self, digests: Collection[bytes], now: datetime) -> None:
        """These tokens were used at about this time."""
        for part in chunks(sorted(digests)):
            self._session.run(update(tokens).where(tokens.c.digest.in_(part)).values(used=now))

    def now(self, moment: datetime) -> dict[str, Audience]:
        """Every topic's audience, by id: what each service said last, and the better of today and yesterday."""
        query = select(topics.c.id, table.c.form, table.c.service, table.c.day, table.c.readers)
        query = query.join_from(table, topics, topics.c.pk == table.c.topic).order_by(table.c.day)
        said: defaultdict[str, dict[tuple[str, str], int]] = defaultdict(dict)
        came: defaultdict[str, dict[datetime, int]] = defaultdict(lambda: defaultdict(int))
        for row in self._session.rows(query.where(table.c.day > moment - SAID_FOR)):
            if row.service != DIRECT:
                said[row.id][row.form, row.service] = row.readers  # the newest day stands last
            elif row.day > moment - DIRECT_FOR:
                came[row.id][row.day] += row.readers
        return {name: _audience(said.get(name, {}), came.get(name, {})) for name in sorted({*said, *came})}

    def prune(self, before: datetime) -> None:
        """Forget days that are over for longer."""
        self._session.run(delete(table).where(table.c.day < before))

    def _direct(self, days: Collection[datetime]) -> dict[_Place, int]:
        """The direct readers stored for those days."""
        query = select(table).where(table.c.service == DIRECT, table.c.day.in_(sorted(days)))
        return {(row.topic, row.form, row.service, row.day): row.readers for row in self._session.rows(query)}


def _audience(said: Mapping[tuple[str, str], int], came: Mapping[datetime, int]) -> Audience:
    """From what each service said of each form, and the direct readers of each day."""
    return Audience(
        through_services=sum(said.values()),
        direct=max(came.values(), default=0),
        through_sites=sum(readers for (_, service), readers in said.items() if service == SITES),
    )


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
