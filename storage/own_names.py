"""Names that were given here, and entries that come back under new ones: what tells our own news from others'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.rows import address_hash
from storage.session import chunks
from storage.tables import identities, identity_keys, items, sources, stories

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from aggregator.domain.item import Item
    from storage.session import Session


def given(session: Session, names: Collection[str]) -> frozenset[str]:
    """Those of the names that items or stories got here, pruned ones too."""
    found: set[str] = set()
    for part in chunks(sorted(names)):
        for column in (identities.c.public_id, stories.c.public_id):
            found.update(row[0] for row in session.rows(select(column).where(column.in_(part))))
    return frozenset(found)


def echoes(session: Session, source_id: str, entries: Sequence[Item]) -> frozenset[bytes]:
    """The primary keys of those that are new under their guid, but whose link (or words) the source sent before.

    An entry without a link is told by its words, which no index finds: only such ones are looked for among the
    source's own items.
    """
    source = session.value(select(sources.c.pk).where(sources.c.id == source_id))
    if source is None:
        return frozenset()
    known: set[bytes] = set()
    for part in chunks(sorted({item.keys.guid for item in entries if item.keys.guid})):
        query = select(identity_keys.c.key).where(identity_keys.c.source == source, identity_keys.c.key.in_(part))
        known.update(row[0] for row in session.rows(query))
    new = [item for item in entries if item.keys.guid and item.keys.guid not in known]
    links = {item.keys.primary: address_hash(item.link) for item in new}
    words = {item.keys.primary: item.text_hash for item in new if links[item.keys.primary] is None}
    sent = _sent(session, source, {link for link in links.values() if link}, linked=True)
    said = _sent(session, source, set(words.values()), linked=False)
    return frozenset(name for name, link in links.items() if (link in sent if link else words[name] in said))


def _sent(session: Session, source: int, wanted: set[bytes], *, linked: bool) -> set[bytes]:
    """Those of the links' (or else the words') hashes that an item of the source has."""
    column = items.c.link_hash if linked else items.c.text_hash
    query = select(column).where(items.c.source == source)
    if not linked:
        query = query.where(items.c.link_hash.is_(None))
    return {row[0] for part in chunks(sorted(wanted)) for row in session.rows(query.where(column.in_(part)))}
