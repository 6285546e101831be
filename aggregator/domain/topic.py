"""A topic, and what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from aggregator.domain.digest import Rhythm
from aggregator.domain.query import Everything, Query
from aggregator.domain.settings import Format, SameStory

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.domain.entry import FeedInfo
    from aggregator.domain.item import StoredItem
    from aggregator.domain.story import Reason


class Content(StrEnum):
    """How much of others' text a topic republishes."""

    FULL = "full"
    SUMMARY = "summary"
    LINK = "link"


class Order(StrEnum):
    """In which order a topic shows its stories."""

    NEWEST = "newest"
    MOST_COVERED = "most-covered"


class Access(StrEnum):
    """Who may read a topic."""

    PUBLIC = "public"
    TOKEN = "token"  # noqa: S105 - a word of feeds.yaml


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """One entry of `topics:`. `source_ids` are resolved from ids and tags; None means all sources."""

    id: str
    title: str
    was: str | None = None  # a former id: subscribers under the old address read on
    description: str = ""
    icon: str | None = None
    query: Query = Everything()
    query_text: str = ""
    source_ids: frozenset[str] | None = None
    limit: int = 50
    max_age: timedelta | None = None
    order: Order = Order.NEWEST
    min_sources: int = 1  # of the topic's sources, so many carry the story
    per_source: int = 0  # stories shown of one source; 0: any number
    settle: timedelta = timedelta(0)  # after its first sight a story waits so long
    digest: Rhythm = Rhythm.NONE  # else `limit`, `order` and `per_source` are those of each digest
    content: Content = Content.FULL
    also_reported_by: bool = True
    same_story: SameStory = SameStory.ACROSS_SOURCES
    formats: tuple[Format, ...] = (Format.RSS, Format.ATOM, Format.JSON, Format.HTML)
    access: Access = Access.PUBLIC

    @property
    def public(self) -> bool:
        """Whether anybody may read it."""
        return self.access is Access.PUBLIC


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """A stored item as selection and rendering see it: with its source as configured and as it calls itself."""

    stored: StoredItem
    rank: int
    source_title: str  # configured, else the feed's own, else its id
    source_url: str  # as shown
    feed: FeedInfo


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """How a story was published last: its copy's number, the `updated` told, and when the copy's words had moved."""

    item: int
    updated: datetime
    changed_at: datetime

    @classmethod
    def of(cls, entry: Selected) -> Published:
        """What a selection's entry will have been."""
        stored = entry.shown.stored
        return cls(item=stored.id, updated=entry.updated, changed_at=stored.changed_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """The copies of one story that a topic matched, oldest arrival first: never empty.

    `carriers` counts the topic's sources that carry the story, whether or not their copy matches; where it is 0
    nobody counted, and the sources of `copies` do. `published` is the copy that stood for it when it was published
    last, None before that. `id` is the one under which the topic publishes it, None where its copies tell.
    """

    copies: tuple[Copy, ...]
    carriers: int = 0
    published: Published | None = None
    id: str | None = None


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
