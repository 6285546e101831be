"""16 bytes over everything that documents are made of: equal ones mean that there is nothing to render.

A value is written down by its type and content, in an order of our own, so that neither the process nor Python's
hash seed shows. What a source's feed says of its own date, and the hashes an item is known by, are in no document
and move without a word having changed: they are left out.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aggregator.domain.topic import Copy, Selected, Topic

_TOPIC = (
    "id", "was", "title", "description", "icon", "query_text", "content", "also_reported_by",
    "same_story", "formats", "access", "digest",
)  # fmt: skip
_ITEM = (
    "source_id", "guid", "link", "title", "untitled", "summary", "content", "text", "words", "authors", "categories",
    "published", "updated", "language", "enclosures", "media", "rights", "comments", "origin", "credit", "truncated",
)  # fmt: skip
_FEED = ("id", "title", "subtitle", "link", "self_link", "language", "icon", "rights")
_OTHER = ("source_id", "link", "title", "language", "published")


def fingerprint(topic: Topic, entries: Iterable[Selected]) -> bytes:
    """The digest of a selection."""
    state = blake2b(digest_size=16)
    _write(state.update, [getattr(topic, name) for name in _TOPIC])
    for entry in entries:
        _write(state.update, [entry.id, entry.order_at, entry.first_seen, entry.updated])
        _write(state.update, _copy(entry.shown, _ITEM))
        _write(state.update, [_copy(other, _OTHER) for other in entry.others])
    return state.digest()


def _copy(copy: Copy, names: Iterable[str]) -> list[object]:
    item, stored = copy.stored.item, copy.stored
    return [
        [getattr(item, name) for name in names],
        [getattr(copy.feed, name) for name in _FEED],
        [stored.public_id, stored.story, stored.first_seen, stored.order_at, stored.changed_at],
        [copy.source_title, copy.source_url],
    ]


def _write(update: Callable[[bytes], None], value: object) -> None:
    """A value unmistakably: its kind, its length, its content."""
    match value:
        case list() | tuple():
            update(b"(%d" % len(value))
            for part in value:
                _write(update, part)
        case datetime():
            _write(update, value.isoformat())
        case _ if is_dataclass(value):
            _write(update, [getattr(value, field.name) for field in fields(value)])
        case None | bool() | int():
            update(b"=%s;" % repr(value).encode())
        case str():
            data = value.encode("utf-8", "surrogatepass")
            update(b"s%d:" % len(data))
            update(data)
        case _:
            raise TypeError(f"no document is made of a {type(value).__name__}")
