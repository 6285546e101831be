"""Items and the keys they are known by. What is decided about them is carried out in item_apply.py."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, func, select, update

from aggregator.domain.item import KnownItem
from storage.item_apply import apply
from storage.own_names import echoes, given
from storage.pages import waiting
from storage.reading import STORED, stored_pages
from storage.rows import address_hash, stored_item
from storage.session import chunks
from storage.stale import holding, mark
from storage.tables import identities, identity_keys, items, sources, stories, topics

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from aggregator.domain.item import Item, Keys, StoredItem
    from aggregator.domain.story import ItemIntent
    from storage.session import Session

# Being still in the feed is noted once a day: a visit that brings nothing new then writes nothing here.
SEEN_EVERY = timedelta(days=1)


class Items:
    """`ports.ItemStore` within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def raw_hashes(self, source_id: str) -> frozenset[bytes]:
        """The raw hashes of all entries seen, pruned ones too: they need no second reading."""
        query = (
            select(identities.c.raw_hash)
            .join(sources, sources.c.pk == identities.c.source)
            .where(sources.c.id == source_id, identities.c.raw_hash.is_not(None))
        )
        return frozenset(row[0] for row in self._session.rows(query))

    def any_seen(self, source_id: str) -> bool:
        """Whether anything of the source was ever stored, as far back as identities are kept."""
        query = select(identities.c.pk).join(sources, sources.c.pk == identities.c.source)
        return self._session.value(query.where(sources.c.id == source_id).limit(1)) is not None

    def known(self, source_id: str, keys: Iterable[Keys]) -> dict[bytes, KnownItem]:
        """Items of the source known by any of these keys, by key; pruned ones too."""
        source = self._session.value(select(sources.c.pk).where(sources.c.id == source_id))
        wanted = {key for of_one in keys for key in (of_one.guid, of_one.link, of_one.text) if key}
        query = (
            select(
                identity_keys.c.key,
                identities.c.public_id,
                identities.c.raw_hash,
                identities.c.guid_key,
                items.c.pk,
                items.c.story,
                items.c.text_hash,
                items.c.title,
                items.c.published,
                items.c.link_key,
            )
            .join_from(identity_keys, identities, identities.c.pk == identity_keys.c.identity)
            .join(items, items.c.pk == identities.c.pk, isouter=True)
            .where(identity_keys.c.source == source)
        )
        return {
            row.key: KnownItem(
                id=row.pk,
                story=row.story,
                public_id=row.public_id,
                raw_hash=row.raw_hash,
                text_hash=row.text_hash,
                title=row.title,
                guid_key=row.guid_key,
                published=row.published,
                link_key=row.link_key,
            )
            for part in chunks(sorted(wanted))
            for row in self._session.rows(query.where(identity_keys.c.key.in_(part)))
        }

    def stored(self, numbers: Iterable[int]) -> list[StoredItem]:
        """The items of these numbers, in no order."""
        parts = (self._session.rows(STORED.where(items.c.pk.in_(part))) for part in chunks(numbers))
        return [stored_item(row) for rows in parts for row in rows]

    def waiting(self, source_id: str, limit: int) -> list[StoredItem]:
        """The source's items whose own page is still to be asked for, the newest first."""
        return waiting(self._session, source_id, limit)

    def arrivals(self, since: datetime, until: datetime) -> dict[str, int]:
        """How many items first seen since then and before `until` each source brought, by its id."""
        query = select(sources.c.id, func.count().label("came"))
        query = query.join_from(items, sources, sources.c.pk == items.c.source).group_by(sources.c.id)
        query = query.where(items.c.first_seen >= since, items.c.first_seen < until)
        return {row.id: row.came for row in self._session.rows(query)}

    def last_arrival(self, source_id: str) -> datetime | None:
        """When the newest of the source's items was first seen."""
        query = select(func.max(items.c.first_seen)).join(sources, sources.c.pk == items.c.source)
        found: datetime | None = self._session.value(query.where(sources.c.id == source_id))
        return found

    def touch(self, source_id: str, raw_hashes: Sequence[bytes], now: datetime) -> None:
        """These entries are still in the feed: their identity is remembered for as long again."""
        source = self._session.value(select(sources.c.pk).where(sources.c.id == source_id))
        statement = update(identities).where(identities.c.source == source, identities.c.last_seen <= now - SEEN_EVERY)
        for part in chunks(raw_hashes):
            self._session.run(statement.where(identities.c.raw_hash.in_(part)).values(last_seen=now))

    def apply(self, source_id: str, intents: Sequence[ItemIntent], now: datetime) -> None:
        """Carry out the decisions, in order. New and changed items are marked for matching."""
        if intents:
            apply(self._session, source_id, intents, now)

    def given(self, names: Collection[str]) -> frozenset[str]:
        """Those of the names that items or stories got here, pruned ones too."""
        return given(self._session, names)

    def echoes(self, source_id: str, entries: Sequence[Item]) -> frozenset[bytes]:
        """The primary keys of those that are new under their guid, but whose link (or words) the source sent before."""
        return echoes(self._session, source_id, entries)

    def find(self, text: str) -> list[StoredItem]:
        """Items by link, canonical link, guid or public id, oldest first."""
        text = text.strip()
        digest = address_hash(text)
        if digest is None:
            return []
        by = (identities.c.public_id == text, items.c.link_hash == digest, items.c.guid_hash == digest)
        # Three queries, each with its index: joined by OR they would read every item.
        found = {row.pk: row for condition in by for row in self._session.rows(STORED.where(condition))}
        return [stored_item(found[number]) for number in sorted(found)]

    def export(self, source_ids: frozenset[str] | None = None) -> Iterator[StoredItem]:
        """All items, oldest arrival first, streamed."""
        conditions = () if source_ids is None else (sources.c.id.in_(source_ids),)
        for page in stored_pages(self._session, *conditions):
            yield from map(stored_item, page)

    def prune(self, before: datetime, *, forget_before: datetime) -> int:
        """Delete items first seen before `before`, keeping their keys while they may be in their feed."""
        run = self._session.run
        old = items.c.first_seen < before
        mark(self._session, topics.c.pk.in_(holding(old)))
        gone = run(delete(items).where(old))
        has_items = exists().where(items.c.story == stories.c.pk)
        run(delete(stories).where(stories.c.first_seen < before, ~has_items))
        # A story lives on under the id of its first item: that id must not be given again.
        names_a_story = exists().where(stories.c.public_id == identities.c.public_id)
        is_stored = exists().where(items.c.pk == identities.c.pk)
        may_go = (~is_stored, ~names_a_story)
        silent = self._last_readings(forget_before)
        lively = identities.c.source.not_in(silent)
        run(delete(identities).where(identities.c.last_seen < forget_before, lively, *may_go))
        for source, last_reading in silent.items():
            left = identities.c.last_seen < last_reading - SEEN_EVERY
            run(delete(identities).where(identities.c.source == source, left, *may_go))
        return gone

    def _last_readings(self, before: datetime) -> dict[int, datetime]:
        """When those sources were read last, by number, that brought nothing since: their entries are still there.

        A blog that is silent for a year answers 304 each time, and shows its old entries beside the next new one.
        """
        last = func.max(identities.c.last_seen)
        query = select(identities.c.source, last.label("last")).group_by(identities.c.source)
        return {row.source: row.last for row in self._session.rows(query.having(last < before + SEEN_EVERY))}
