"""Items with nothing in them but what a query looks at: a fifth of the work of reading them whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from aggregator.domain.entry import Author, Category, Enclosure, Media
from aggregator.domain.item import Item, Keys, StoredItem
from aggregator.domain.topic import Copy
from storage.tables import items
from storage.types import EPOCH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row, Select

    from storage.reading import Copies, Face

_PLAIN = ("title", "text", "link", "words", "language", "summary", "content")
_IN_DETAILS = {"authors": Author, "categories": Category, "enclosures": Enclosure, "media": Media}
_NO_KEYS = Keys(text=b"")


def light(asked: frozenset[str]) -> Select[Any]:
    """The query that reads the fields of those names, and what every copy has."""
    query = select(items.c.pk, items.c.source, *(items.c[name] for name in _PLAIN if name in asked))
    return query.add_columns(items.c.details) if asked & _IN_DETAILS.keys() else query


def light_copies(rows: Sequence[Row[Any]], copies: Copies, asked: frozenset[str]) -> list[Copy]:
    """Its rows as copies, the other fields empty."""
    faces = copies.faces({row.source for row in rows})
    plain = [name for name in _PLAIN if name in asked]
    packed = [(name, type_) for name, type_ in _IN_DETAILS.items() if name in asked]
    found = []
    for row in rows:
        values: dict[str, Any] = {name: getattr(row, name) for name in plain}
        details: dict[str, Any] = (row.details or {}) if packed else {}
        for name, type_ in packed:
            values[name] = tuple(type_(**value) for value in details.get(name, ()))
        found.append(_copy(faces[row.source], row.pk, values))
    return found


def kind(face: Face, language: str | None) -> Copy:
    """What all items of a source in one language have in common."""
    return _copy(face, 0, {"language": language})


def _copy(face: Face, number: int, values: dict[str, Any]) -> Copy:
    known = {"guid": None, "link": None, "title": "", **values}
    item = Item(source_id=face.id, keys=_NO_KEYS, raw_hash=b"", text_hash=b"", **known)
    stored = StoredItem(
        id=number, public_id="", item=item, first_seen=EPOCH, order_at=EPOCH, changed_at=EPOCH, story=""
    )
    return Copy(stored=stored, rank=face.rank, source_title=face.title, source_url=face.url, feed=face.feed)
