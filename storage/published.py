"""Which copy stands for a story in a topic since it was first published there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from aggregator.domain.topic import Published
from storage.session import chunks
from storage.tables import published_copies, topics

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aggregator.domain.topic import Selection
    from storage.session import Session


def published(session: Session, topic: int, names: Iterable[str]) -> dict[str, Published]:
    """What the topic (by its number) showed of these stories, by their ids there."""
    table = published_copies
    found: dict[str, Published] = {}
    for part in chunks(names):
        for row in session.rows(select(table).where(table.c.topic == topic, table.c.story.in_(part))):
            found[row.story] = Published(item=row.item, updated=row.updated, changed_at=row.changed_at)
    return found


def remember(session: Session, selection: Selection) -> None:
    """What the topic shows now. A story that it shows no more keeps its copy until that is pruned."""
    topic = session.value(select(topics.c.pk).where(topics.c.id == selection.topic.id))
    if topic is None:
        return
    before = published(session, topic, [entry.id for entry in selection.entries])
    rows = [
        {
            "topic": topic,
            "story": entry.id,
            "item": entry.shown.stored.id,
            "updated": entry.updated,
            "changed_at": entry.shown.stored.changed_at,
        }
        for entry in selection.entries
        if before.get(entry.id) != Published.of(entry)
    ]
    session.upsert(published_copies, rows)
