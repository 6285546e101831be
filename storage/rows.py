"""Rows ↔ domain values."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from aggregator.domain.article import Article
from aggregator.domain.entry import Author, Category, Enclosure, FeedInfo, Media, Origin
from aggregator.domain.item import Credit, Item, Keys, StoredItem
from aggregator.domain.outcome import Failure
from aggregator.domain.source import FeedHints, Move, Pattern
from aggregator.domain.story import Reason
from aggregator.domain.times import utc
from aggregator.errors import Code
from aggregator.text.urls import canonical
from storage.supplements import supplement

if TYPE_CHECKING:
    from sqlalchemy import Row

DETAILS = ("authors", "categories", "enclosures", "media", "origin", "credit", "article", "supplement")


def pack(value: Any) -> Any:
    """A domain value as JSON; what is missing is left out of objects.

    Durations become seconds, moments ISO 8601 in UTC, sets sorted lists.
    """
    if is_dataclass(value) and not isinstance(value, type):
        parts = ((part.name, getattr(value, part.name)) for part in fields(value))
        return {name: pack(part) for name, part in parts if part is not None and part != ()}
    if isinstance(value, datetime):
        return utc(value).isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [pack(part) for part in value]
    return value


def _moment(value: str | None) -> datetime | None:
    return None if value is None else utc(datetime.fromisoformat(value))


def reason(packed: dict[str, Any]) -> Reason:
    """A stored reason."""
    return Reason(rule=packed["rule"], text=packed["text"], evidence=packed.get("evidence", {}))


def failure(packed: dict[str, Any] | None) -> Failure | None:
    """A stored failure."""
    if packed is None:
        return None
    fresh = packed.get("fresh_for")
    return Failure(
        code=Code(packed["code"]),
        message=packed["message"],
        status=packed.get("status"),
        retry_at=_moment(packed.get("retry_at")),
        fresh_for=None if fresh is None else timedelta(seconds=fresh),
    )


def hints(packed: dict[str, Any] | None) -> FeedHints | None:
    """A feed's stored wishes."""
    if packed is None:
        return None
    ttl, every = packed.get("ttl"), packed.get("update_every")
    return FeedHints(
        ttl=None if ttl is None else timedelta(seconds=ttl),
        update_every=None if every is None else timedelta(seconds=every),
        skip_hours=frozenset(packed.get("skip_hours", ())),
        skip_days=frozenset(packed.get("skip_days", ())),
    )


def move(packed: dict[str, Any] | None) -> Move | None:
    """A stored permanent redirect."""
    if packed is None:
        return None
    since, last = (utc(datetime.fromisoformat(packed[name])) for name in ("since", "last"))
    return Move(**{**packed, "since": since, "last": last})


def pattern(packed: dict[str, Any] | None) -> Pattern | None:
    """A stored publishing pattern."""
    if packed is None:
        return None
    since, at = (utc(datetime.fromisoformat(packed[name])) for name in ("since", "at"))
    lists = {name: tuple(packed.get(name, ())) for name in ("hours", "days", "moments")}
    return Pattern(since=since, at=at, burst=packed.get("burst", 0), **lists)


def feed_info(packed: dict[str, Any] | None) -> FeedInfo:
    """What a feed said of itself; empty before the first reading."""
    if packed is None:
        return FeedInfo()
    known = {
        "hubs": tuple(packed.get("hubs", ())),
        "updated": _moment(packed.get("updated")),
        "hints": hints(packed.get("hints")) or FeedHints(),
    }
    return FeedInfo(**{**packed, **known})


def address_hash(text: str | None) -> bytes | None:
    """What finds an item by the address a person pastes: 16 bytes over its canonical form."""
    if not text:
        return None
    return blake2b((canonical(text) or text).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def item_row(item: Item) -> dict[str, Any]:
    """The columns that a new version of an item replaces."""
    link_hash, guid_hash = address_hash(item.link), address_hash(item.guid)
    details = {name: packed for name in DETAILS if (packed := pack(getattr(item, name)))}
    return {
        "published": item.published,
        "updated": item.updated,
        "text_key": item.keys.text,
        "link_key": item.keys.link,
        "story_link": item.keys.story_link,
        "text_hash": item.text_hash,
        "link_hash": link_hash,
        "guid_hash": None if guid_hash == link_hash else guid_hash,
        "words": item.words,
        "untitled": item.untitled,
        "truncated": item.truncated,
        "language": item.language,
        "guid": item.guid,
        "link": item.link,
        "title": item.title,
        "rights": item.rights,
        "comments": item.comments,
        "details": details or None,
        "summary": item.summary,
        "content": item.content,
        "text": item.text,
    }


def item(row: Row[Any]) -> Item:
    """The item of a row of `storage.reading.STORED`."""
    details = row.details or {}
    return Item(
        source_id=row.source_id,
        keys=Keys(text=row.text_key, guid=row.guid_key, link=row.link_key, story_link=row.story_link),
        raw_hash=row.raw_hash,
        text_hash=row.text_hash,
        guid=row.guid,
        link=row.link,
        title=row.title,
        untitled=row.untitled,
        summary=row.summary,
        content=row.content,
        text=row.text,
        words=row.words,
        authors=tuple(Author(**value) for value in details.get("authors", ())),
        categories=tuple(Category(**value) for value in details.get("categories", ())),
        published=row.published,
        updated=row.updated,
        language=row.language,
        enclosures=tuple(Enclosure(**value) for value in details.get("enclosures", ())),
        media=tuple(Media(**value) for value in details.get("media", ())),
        rights=row.rights,
        comments=row.comments,
        origin=_origin(details.get("origin")),
        credit=_credit(details.get("credit")),
        article=_article(details.get("article")),
        supplement=supplement(details.get("supplement")),
        truncated=row.truncated,
    )


def _origin(packed: dict[str, Any] | None) -> Origin | None:
    return None if packed is None else Origin(**{**packed, "updated": _moment(packed.get("updated"))})


def _credit(packed: dict[str, Any] | None) -> Credit | None:
    return None if packed is None else Credit(**packed)


def _article(packed: dict[str, Any] | None) -> Article | None:
    return None if packed is None else Article(**packed)


def stored_item(row: Row[Any]) -> StoredItem:
    """The whole of a row of `storage.reading.STORED`."""
    return StoredItem(
        id=row.pk,
        public_id=row.public_id,
        item=item(row),
        first_seen=row.first_seen,
        order_at=row.order_at,
        changed_at=row.changed_at,
        story=row.story_id,
        story_reason=row.story_reason["text"],
        story_rule=row.story_reason["rule"],
        story_evidence=row.story_reason.get("evidence", {}),
        guids=tuple(row.guids),
        quiet=row.quiet,
    )
