"""Which topics may show something else now. A topic is stale while its `changes` are ahead of `published`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from storage.session import chunks
from storage.tables import items, topic_items, topics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import ColumnElement, SelectBase

    from storage.session import Session


def holding(condition: ColumnElement[bool]) -> SelectBase:
    """The numbers of the topics that hold an item for which that is true."""
    query = select(topics.c.pk).join(topic_items, topic_items.c.edition == topics.c.edition)
    return query.join(items, items.c.pk == topic_items.c.item).where(condition).distinct()


def mark(session: Session, which: ColumnElement[bool]) -> None:
    """These topics changed."""
    session.run(update(topics).where(which).values(changes=topics.c.changes + 1))


def items_changed(session: Session, numbers: Iterable[int], stories: Iterable[int] = ()) -> None:
    """These items changed, and these stories got another copy."""
    for part in chunks(numbers):
        mark(session, topics.c.pk.in_(holding(items.c.pk.in_(part))))
    for part in chunks(stories):
        mark(session, topics.c.pk.in_(holding(items.c.story.in_(part))))


def sources_changed(session: Session, numbers: Iterable[int]) -> None:
    """These sources are shown, ranked or counted in another way."""
    for part in chunks(numbers):
        mark(session, topics.c.pk.in_(holding(items.c.source.in_(part))))
