"""Stored items → one JSON object each, for other programs (`export --format jsonl`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.steps.select import representative

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from aggregator.domain.item import StoredItem
    from aggregator.ports import Store


def exported(store: Store) -> Iterator[dict[str, object]]:
    """Every item, oldest arrival first, streamed: memory stays small whatever is stored.

    `represents_story` marks the best copy of each story: by rank, credit, completeness, then arrival.
    """
    with store.read() as rooms:
        several = rooms.stories.several()
        best = {story: representative(rooms.stories.copies(story)).stored.id for story in several}
        for stored in rooms.items.export():
            taken = [verdict.topic_id for verdict in rooms.topics.verdicts(stored.id)]
            yield _line(stored, taken, represents=best.get(stored.story, stored.id) == stored.id)


def _line(stored: StoredItem, topics: list[str], *, represents: bool) -> dict[str, object]:
    item = stored.item
    return {
        "source": item.source_id,
        "guid": item.guid,
        "guids": list(stored.guids),
        "link": item.link,
        "title": item.title,
        "authors": [author.name or author.email or author.uri for author in item.authors],
        "published": _time(item.published),
        "updated": _time(item.updated),
        "first_seen": _time(stored.first_seen),
        "lang": item.language,
        "story": stored.story,
        "represents_story": represents,
        "topics": topics,
        "categories": [category.label or category.term for category in item.categories],
        "summary": item.summary,
        "content": item.content,
        "enclosures": [{"url": e.url, "type": e.type, "length": e.length} for e in item.enclosures],
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
