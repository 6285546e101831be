"""Entries that were not stored, or not announced, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, or_, select

from aggregator.domain.drop import Drop
from storage.rows import address_hash, pack, reason
from storage.session import chunks
from storage.tables import drops, sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from storage.session import Session

_DROPPED = select(drops, sources.c.id.label("source_id")).join(sources, sources.c.pk == drops.c.source)
_NEWEST_FIRST = (drops.c.at.desc(), sources.c.position, drops.c.key)


class Drops:
    """`ports.DropStore` within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, dropped: Sequence[Drop]) -> None:
        """Remember them, each once: a later one of the same entry replaces the older."""
        if not dropped:
            return
        query = select(sources.c.id, sources.c.pk).where(sources.c.id.in_({drop.source_id for drop in dropped}))
        numbers = {row.id: row.pk for row in self._session.rows(query)}
        rows = {(numbers[drop.source_id], drop.key): drop for drop in dropped if drop.source_id in numbers}
        self._session.upsert(
            drops,
            [
                {
                    "source": source,
                    "key": key,
                    "title": drop.title,
                    "link": drop.link,
                    "guid": drop.guid,
                    "link_hash": address_hash(drop.link),
                    "guid_hash": address_hash(drop.guid),
                    "reason": pack(drop.reason),
                    "at": drop.at,
                }
                for (source, key), drop in sorted(rows.items())
            ],
        )

    def known(self, source_id: str, keys: Iterable[bytes]) -> set[bytes]:
        """Those of the keys under which entries of the source were dropped."""
        query = select(drops.c.key).join(sources, sources.c.pk == drops.c.source).where(sources.c.id == source_id)
        parts = (self._session.rows(query.where(drops.c.key.in_(part))) for part in chunks(keys))
        return {row.key for rows in parts for row in rows}

    def find(self, text: str) -> list[Drop]:
        """Drops by link, canonical link or guid, newest first."""
        digest = address_hash(text.strip())
        if digest is None:
            return []
        query = _DROPPED.where(or_(drops.c.link_hash == digest, drops.c.guid_hash == digest))
        return [_drop(row) for row in self._session.rows(query.order_by(*_NEWEST_FIRST))]

    def recent(self, limit: int) -> list[Drop]:
        """The newest."""
        return [_drop(row) for row in self._session.rows(_DROPPED.order_by(*_NEWEST_FIRST).limit(limit))]

    def prune(self, before: datetime, most: int) -> None:
        """Forget those last dropped before that, and of each source all but the newest."""
        self._session.run(delete(drops).where(drops.c.at < before))
        counts = select(drops.c.source).group_by(drops.c.source).having(func.count() > most)
        for row in self._session.rows(counts):
            mine = drops.c.source == row.source
            newest = select(drops.c.at).where(mine).order_by(drops.c.at.desc()).offset(most).limit(1)
            self._session.run(delete(drops).where(mine, drops.c.at < self._session.value(newest)))


def _drop(row: Row[Any]) -> Drop:
    return Drop(
        source_id=row.source_id,
        key=row.key,
        title=row.title,
        link=row.link,
        guid=row.guid,
        reason=reason(row.reason),
        at=row.at,
    )
