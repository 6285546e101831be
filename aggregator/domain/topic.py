"""A topic, and what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from aggregator.domain.query import Everything, Query
from aggregator.domain.settings import Format, SameStory

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from aggregator.domain.entry import FeedInfo
    from aggregator.domain.item import StoredItem
    from aggregator.domain.story import Reason


class Content(StrEnum):
    """How much of others' text a topic republishes."""

    FULL = "full"
    SUMMARY = "summary"
    LINK = "link"


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """One entry of `topics:`. `source_ids` are resolved from ids and tags; None means all sources."""

    id: str
    title: str
    description: str = ""
    icon: str | None = None
    query: Query = Everything()
    query_text: str = ""
    source_ids: frozenset[str] | None = None
    limit: int = 50
    max_age: timedelta | None = None
    content: Content = Content.FULL
    also_reported_by: bool = True
    same_story: SameStory = SameStory.ACROSS_SOURCES
    formats: tuple[Format, ...] = (Format.RSS, Format.ATOM, Format.JSON, Format.HTML)


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """A stored item as selection and rendering see it: with its source as configured and as it calls itself."""

    stored: StoredItem
    rank: int
    source_title: str  # configured, else the feed's own, else its id
    source_url: str  # as shown
    feed: FeedInfo


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """The copies of one story that a topic matched, oldest arrival first: never empty."""

    copies: tuple[Copy, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Selected:
    """One entry of a topic. `id` is fixed for good; `others` are the other outlets that carry the story."""

    id: str
    shown: Copy
    order_at: datetime
    first_seen: datetime
    updated: datetime
    others: tuple[Copy, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """What a topic shows now, in order. `updated` is the newest among its entries, None while it is empty.

    `digest` is 16 bytes over everything that rendering uses: equal digests, equal documents.
    """

    topic: Topic
    entries: tuple[Selected, ...]
    updated: datetime | None
    digest: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """Whether a topic takes an item, and the clause that decided."""

    topic_id: str
    matched: bool
    reason: Reason
