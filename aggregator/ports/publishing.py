"""The store of what is published: topics, search, documents, archives, tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from aggregator.domain.archive import ArchiveState, PastStory
    from aggregator.domain.document import Document, StoredDocument
    from aggregator.domain.search import Needed
    from aggregator.domain.topic import Copy, Group, Selection, Topic, Verdict


class TopicStore(Protocol):
    """Which items each topic takes, and what was last selected of them."""

    def sync(self, topics: Sequence[Topic], digests: Mapping[str, bytes]) -> list[str]:
        """Make the rows agree with the configuration; `digests` are over what matching depends on.

        Returns the ids of topics that are new or match differently now: they are to be filled from what is stored
        and keep their matches until then. Topics no longer configured go, their documents with them.
        """

    def match_digests(self) -> dict[str, bytes]:
        """The digests that the topics' matches were made by, as given to `sync`."""

    def unmatched(self, limit: int) -> list[Copy]:
        """Items stored or changed since they were last matched, oldest first."""

    def waiting(self) -> int:
        """How many those are."""

    def matched(self, copies: Sequence[Copy], verdicts: Mapping[int, Sequence[Verdict]]) -> None:
        """Store the positive verdicts of each item (by its id), replacing older ones, and clear their marks.

        Topics that gained, lost or hold one of these items are stale.
        """

    def stale(self, now: datetime) -> list[str]:
        """Topics whose selection may differ: something changed, or a time limit has passed (`recheck_at`)."""

    def groups(self, topic: Topic) -> Iterator[Group]:
        """The topic's matched stories by its `same_story`, in order: newest first, then id. Streamed."""

    def selected(self, selection: Selection, recheck_at: datetime | None) -> None:
        """Remember what was published: its digest, size and `updated`; the topic is stale no more."""

    def digest(self, topic_id: str) -> bytes | None:
        """The digest of what was last published."""

    def verdicts(self, item_id: int) -> list[Verdict]:
        """The topics that took an item and why, for `explain`."""

    def retired(self, topic_id: str) -> bool:
        """Whether a topic had that id, and none has it now."""

    def first_id(self, topic_id: str) -> str:
        """What the topic was called before it was ever renamed."""

    def successor(self, topic_id: str) -> str | None:
        """The present id of the topic that had that one, however often it was renamed since; None where it ended."""

    def former(self) -> dict[str, str]:
        """Every id that a topic had before, and its present one."""

    def counts(self) -> dict[str, tuple[int, datetime | None]]:
        """For `status`: stories and `updated` of each topic as last published."""


class SearchStore(Protocol):
    """The words of every stored item, indexed in the transaction that stores it."""

    def candidates(
        self,
        needed: Needed | None,
        *,
        since: datetime | None = None,
        source_ids: frozenset[str] | None = None,
        topic_ids: frozenset[str] | None = None,
        quiet: bool = False,
        size: int = 500,
    ) -> Iterator[list[Copy]]:
        """Every item that holds what is needed and perhaps some others, newest arrival first, in pages.

        `None` needs nothing: all items. Only items whose `order_at` is `since` or later, of those sources (None:
        any), that one of those topics took (None: any item). Quiet items only where `quiet`. A page may be empty.
        """

    def index_again(self, limit: int) -> int:
        """Index so many of the items that an older version of the program stored. Returns how many there were."""

    def carriers(self, stories: Sequence[str], source_ids: frozenset[str]) -> dict[str, int]:
        """How many of those sources carry each story, by its public id."""


class DocumentStore(Protocol):
    """Published bytes; the files under `publish.directory` are a copy."""

    def put(self, topic_id: str | None, documents: Sequence[Document], now: datetime) -> list[Document]:
        """Store documents, replacing all of that topic (None: the site's own). Returns those whose bytes changed."""

    def get(self, path: str) -> StoredDocument | None:
        """One document with its body."""

    def head(self, path: str) -> tuple[str, datetime] | None:
        """ETag and time of change, without the body."""

    def paths(self) -> list[str]:
        """Every path published."""


class ArchiveStore(Protocol):
    """Topics' pasts: which stories have a place in an archive, and the pages made of them."""

    def state(self, topic_id: str) -> ArchiveState:
        """How far the topic's archive is."""

    def shown(self, topic_id: str, entries: Sequence[PastStory]) -> list[PastStory]:
        """Remember what the topic shows now. Returns what it showed the last time and shows no more."""

    def past(self, topic: Topic, after: int, until: datetime) -> list[PastStory]:
        """The topic's stories whose first item has a number over `after` and came by `until`, without their texts."""

    def groups(self, topic: Topic, numbers: Sequence[int]) -> list[Group]:
        """The topic's stories that hold the items of these numbers and still belong to it, each once."""

    def append(
        self, topic_id: str, entries: Sequence[PastStory], *, until: datetime, open_since: datetime | None = None
    ) -> None:
        """Give each story the next place, but those that have one.

        All items that came by `until` were looked through by now, but for those of stories that got a copy after
        `open_since`: these may yet find enough sources.
        """

    def members(self, topic_id: str, page: int) -> list[int]:
        """The items by which the stories of a page are found, in their places' order."""

    def page_of(self, topic_id: str, story_id: str) -> int | None:
        """The page that has the story; None where it has no place, or its page is gone."""

    def put(
        self, topic_id: str, page: int, document: Document | None, now: datetime, *, digest: bytes | None
    ) -> list[Document]:
        """Store a page, or that it has nothing to show. Without a digest it is frozen. Returns it if it changed."""

    def prune(self) -> int:
        """Delete pages, oldest first, as long as every story of theirs is pruned. Returns how many went."""


class TokenStore(Protocol):
    """Subscribers' tokens, as digests; `topic_id` may be `operator`."""

    def add(self, topic_id: str, name: str, digest: bytes, now: datetime) -> bool:
        """Remember a token. False, and nothing written, if the name has one for that topic."""

    def revoke(self, topic_id: str, name: str) -> bool:
        """Forget a token; False if there was none."""

    def named(self) -> list[tuple[str, str, datetime, datetime | None]]:
        """Topic, name, time and last use of every token, sorted."""

    def digests(self, topic_id: str) -> list[bytes]:
        """The digests of the tokens that open a topic."""
