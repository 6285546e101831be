"""Names that were given here, and entries that come back under new ones: what tells our own news from others'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.rows import address_hash
from storage.session import chunks
from storage.tables import identities, identity_keys, items, sources, stories

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from aggregator.domain.item import Item
    from storage.session import Session

    _Told = tuple[bytes, str | datetime]  # a link, and the title or the date of what it was given for


def given(session: Session, names: Collection[str]) -> frozenset[str]:
    """Those of the names that items or stories got here, pruned ones too."""
    found: set[str] = set()
    for part in chunks(sorted(names)):
        for column in (identities.c.public_id, stories.c.public_id):
            found.update(row[0] for row in session.rows(select(column).where(column.in_(part))))
    return frozenset(found)


def echoes(session: Session, source_id: str, entries: Sequence[Item]) -> frozenset[bytes]:
    """The primary keys of those that are new under their guid, but that the source sent before under another.

    One link is not enough: there are feeds whose every entry leads to one page. The title or the date is the same
    too. An entry without a link is told by its words, which no index finds: only such ones are looked for among the
    source's own items.
    """
    source = session.value(select(sources.c.pk).where(sources.c.id == source_id))
    if source is None:
        return frozenset()
    known: set[bytes] = set()
    for part in chunks(sorted({item.keys.guid for item in entries if item.keys.guid})):
        query = select(identity_keys.c.key).where(identity_keys.c.source == source, identity_keys.c.key.in_(part))
        known.update(row[0] for row in session.rows(query))
    new = [(item, address_hash(item.link)) for item in entries if item.keys.guid and item.keys.guid not in known]
    sent = _linked(session, source, {link for _, link in new if link})
    said = _said(session, source, {item.text_hash for item, link in new if link is None})
    return frozenset(
        item.keys.primary
        for item, link in new
        if (not sent.isdisjoint(_told(link, item.title, item.published)) if link else item.text_hash in said)
    )


def _linked(session: Session, source: int, links: set[bytes]) -> set[_Told]:
    """What the source's items with these links say."""
    query = select(items.c.link_hash, items.c.title, items.c.published).where(items.c.source == source)
    return {
        told
        for part in chunks(sorted(links))
        for row in session.rows(query.where(items.c.link_hash.in_(part)))
        for told in _told(row.link_hash, row.title, row.published)
    }


def _told(link: bytes, title: str, published: datetime | None) -> list[_Told]:
    return [(link, title), *([(link, published)] if published else [])]


def _said(session: Session, source: int, words: set[bytes]) -> set[bytes]:
    """Those of the words' hashes that an item of the source without a link has."""
    query = select(items.c.text_hash).where(items.c.source == source, items.c.link_hash.is_(None))
    return {row[0] for part in chunks(sorted(words)) for row in session.rows(query.where(items.c.text_hash.in_(part)))}
