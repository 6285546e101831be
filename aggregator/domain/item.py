"""What we believe of an entry: clean, absolute, safe to show, and the keys it is known by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from aggregator.domain.article import Article
    from aggregator.domain.entry import Author, Category, Enclosure, Media, Origin
    from aggregator.domain.media import Supplement
    from aggregator.domain.sketch import Sketch


@dataclass(frozen=True, kw_only=True, slots=True)
class Keys:
    """What an entry is recognised by inside its source, 16 bytes each, strongest first.

    `guid` is None where the feed gives none, or one that several entries share. `link` is None where there is
    no link or several entries share it. `text` is over title, date and text, and always there. `story_link` is
    the canonical link independent of sources: equal ones are one story; None where `link` is.
    """

    text: bytes
    guid: bytes | None = None
    link: bytes | None = None
    story_link: bytes | None = None

    @property
    def primary(self) -> bytes:
        """The key that names a new item: guid, else link, else text."""
        return self.guid or self.link or self.text


@dataclass(frozen=True, kw_only=True, slots=True)
class Credit:
    """The outlet a text says it was taken from ("来源：新华社", "Source: Reuters"), where it says so."""

    name: str
    url: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One entry cleaned.

    `title` is plain and never empty (taken from the text or link where the feed gave none; then `untitled`).
    `summary` and `content` are safe HTML with absolute links, or None; `text` is the fuller of them as plain
    text. `published` and `updated` are believable (1990 to 2100) or None. `text_hash` is 16 bytes over title
    and text, normalised: it moves only when the words move. `language` is a BCP 47 tag.
    """

    source_id: str
    keys: Keys
    raw_hash: bytes
    text_hash: bytes
    guid: str | None
    link: str | None
    title: str
    untitled: bool = False
    summary: str | None = None
    content: str | None = None
    text: str = ""
    words: int = 0
    authors: tuple[Author, ...] = ()
    categories: tuple[Category, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    language: str | None = None
    enclosures: tuple[Enclosure, ...] = ()
    media: tuple[Media, ...] = ()
    rights: str | None = None
    comments: str | None = None
    origin: Origin | None = None
    credit: Credit | None = None
    article: Article | None = None  # what became of its page, where its source has `full_text`
    supplement: Supplement | None = None
    truncated: bool = False  # a field was over its limit and was cut
    identifier: str | None = None  # the tag: URI it had where it was taken from; not kept with a stored item
    sketch: Sketch | None = None  # what recognises copies of its text; not kept with a stored item


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredItem:
    """An item with what the store adds; all of it is fixed at first sight but `item`, `changed_at` and `story`.

    `public_id` is a tag: URI. `order_at` is the earlier of published and first seen. `changed_at` is when the
    words last moved. `id` counts up with every new item. `story` is the story's public id.
    """

    id: int
    public_id: str
    item: Item
    first_seen: datetime
    order_at: datetime
    changed_at: datetime
    story: str
    story_reason: str = ""
    story_rule: str = ""
    story_evidence: Mapping[str, str | int | float] = field(default_factory=dict)
    guids: tuple[str, ...] = ()  # every guid folded into the item, oldest first
    quiet: bool = False  # in no topic: it was no news when it came


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownItem:
    """What identity decisions need of an item already seen; `id` is None once it was pruned."""

    id: int | None
    public_id: str
    raw_hash: bytes | None
    text_hash: bytes | None
    title: str | None
    guid_key: bytes | None  # the guid key it was last seen with
    published: datetime | None = None
    link_key: bytes | None = None
    story: int | None = None  # the store's number of its story
