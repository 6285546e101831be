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
    from collections.abc import Collection, Iterable

    from storage.session import Session

SAID_FOR = timedelta(days=7)  # what a service said counts so long
DIRECT_FOR = timedelta(days=2)  # today is not over: yesterday counts too


class Audiences:
    """`ports.AudienceStore` within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, counts: Iterable[Count]) -> None:
        """Remember these counts. Direct readers of a day never become fewer: a restart forgets who was counted."""
        wanted = list(counts)
        if not wanted:
            return
        query = select(topics.c.id, topics.c.pk).where(topics.c.id.in_({count.topic for count in wanted}))
        numbers = {row.id: row.pk for row in self._session.rows(query)}
        rows = {}
        for count in wanted:
            if (topic := numbers.get(count.topic)) is None:
                continue  # it ended meanwhile
            key = (
                topic,
                count.form,
                count.service,
                datetime(count.day.year, count.day.month, count.day.day, tzinfo=UTC),
            )
            rows[key] = count.readers
        known = self._known({key[3] for key in rows})
        self._session.upsert(
            table,
            [
                {
                    "topic": key[0],
                    "form": key[1],
                    "service": key[2],
                    "day": key[3],
                    "readers": max(readers, known.get(key, 0)) if key[2] == DIRECT else readers,
                }
                for key, readers in sorted(rows.items())
            ],
        )

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
        return {
            name: Audience(
                through_services=sum(said[name].values()) if name in said else 0,
                direct=max(came[name].values()) if name in came else 0,
                through_sites=sum(n for (_, service), n in said[name].items() if service == SITES)
                if name in said
                else 0,
            )
            for name in sorted({*said, *came})
        }

    def prune(self, before: datetime) -> None:
        """Forget days that are over for longer."""
        self._session.run(delete(table).where(table.c.day < before))

    def _known(self, days: Collection[datetime]) -> dict[tuple[int, str, str, datetime], int]:
        query = select(table).where(table.c.service == DIRECT, table.c.day.in_(sorted(days)))
        return {(row.topic, row.form, row.service, row.day): row.readers for row in self._session.rows(query)}
