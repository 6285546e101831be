"""What a feed said, entry by entry: nothing is believed yet, nothing is safe to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.domain.source import FeedHints

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.domain.media import Supplement


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """A text as the feed wrote it. `kind` is 'text' or 'html'; xhtml arrives as html. `base` resolves its links."""

    value: str
    kind: str = "html"
    base: str | None = None
    language: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Author:
    """A person or newsroom; any part may be missing, one is there."""

    name: str | None = None
    email: str | None = None
    uri: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Category:
    """RFC 4287 §4.2.2: a term, the scheme it belongs to, a label for people."""

    term: str
    scheme: str | None = None
    label: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Enclosure:
    """A file that belongs to the entry. `length` is in bytes; None where unknown."""

    url: str
    type: str | None = None
    length: int | None = None
    title: str | None = None
    duration: int | None = None  # seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class Media:
    """A media:content or media:thumbnail (Media RSS 1.5.1); `role` is 'content' or 'thumbnail'.

    `group` is the number of the media:group it stands in, from 1; None where it stands by itself. `bitrate` is in
    kilobits a second, `duration` in seconds, `size` in bytes; `expression` is 'full', 'sample' or 'nonstop'.
    """

    role: str
    url: str
    type: str | None = None
    medium: str | None = None
    width: int | None = None
    height: int | None = None
    description: str | None = None
    credit: str | None = None
    group: int | None = None
    default: bool | None = None
    bitrate: int | None = None
    duration: int | None = None
    size: int | None = None
    expression: str | None = None
    language: str | None = None
    title: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where an aggregated entry says it came from: atom:source or RSS source."""

    id: str | None = None
    title: str | None = None
    link: str | None = None
    feed_url: str | None = None
    updated: datetime | None = None
    rights: str | None = None
    icon: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry of a feed.

    `guid` and `link` are None where missing or blank; `link` is absolute. `published` and `updated` went
    through the date ladder (UTC or None). `raw_hash` is 16 bytes over everything the feed said of it, dates
    included: an equal hash means there is nothing to do.
    """

    raw_hash: bytes
    guid: str | None = None
    link: str | None = None
    title: Text | None = None
    summary: Text | None = None
    content: Text | None = None
    authors: tuple[Author, ...] = ()
    categories: tuple[Category, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    enclosures: tuple[Enclosure, ...] = ()
    media: tuple[Media, ...] = ()
    language: str | None = None
    rights: str | None = None
    comments: str | None = None
    origin: Origin | None = None
    identifier: str | None = None  # the tag: URI it had where it was taken from; no part of `raw_hash`
    supplement: Supplement | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedInfo:
    """What a feed says of itself; texts are plain. Kept for `atom:source` and for `status`."""

    id: str | None = None
    title: str | None = None
    subtitle: str | None = None
    link: str | None = None
    self_link: str | None = None
    hubs: tuple[str, ...] = ()
    language: str | None = None
    icon: str | None = None
    rights: str | None = None
    updated: datetime | None = None
    hints: FeedHints = FeedHints()


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedFeed:
    """A document read. `version` is like 'rss20', 'atom10', 'json11'; `truncated` means its end was missing."""

    info: FeedInfo
    entries: tuple[Entry, ...]
    version: str
    encoding: str
    truncated: bool = False
    wants: tuple[str, ...] = ()  # further addresses to read: the next page, the maps of an index
