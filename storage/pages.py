"""Items whose own page is still to be asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, func

from storage.reading import STORED
from storage.rows import stored_item
from storage.session import chunks
from storage.tables import items, sources
from storage.tables_pages import waiting_pages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aggregator.domain.item import Item, StoredItem
    from storage.session import Session


def waiting(session: Session, source_id: str, limit: int) -> list[StoredItem]:
    """The source's items whose page is still to be asked for, the newest first."""
    newest = (func.coalesce(items.c.published, items.c.first_seen).desc(), items.c.pk.desc())
    query = STORED.join(waiting_pages, waiting_pages.c.item == items.c.pk).where(sources.c.id == source_id)
    return [stored_item(row) for row in session.rows(query.order_by(*newest).limit(limit))]


def note(session: Session, found: Iterable[tuple[int, Item]]) -> None:
    """Remember of items, by their numbers, whether their page is still to be asked for."""
    told = [(number, item.article.waiting) for number, item in found if item.article is not None]
    for part in chunks(number for number, waits in told if not waits):
        session.run(delete(waiting_pages).where(waiting_pages.c.item.in_(part)))
    session.insert_missing(waiting_pages, [{"item": number} for number, waits in told if waits])
