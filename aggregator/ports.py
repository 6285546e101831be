"""The seams: small protocols, one per need. Steps and pipelines take these; wiring.py supplies what is real.

Everything here is synchronous. Waiting is hidden behind futures: the fetcher's event loop and the reader's
processes are private to the classes that implement them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from contextlib import AbstractContextManager
    from datetime import datetime, timedelta

    from aggregator.domain.archive import ArchiveState, PastStory
    from aggregator.domain.document import Document, StoredDocument
    from aggregator.domain.drop import Drop
    from aggregator.domain.entry import FeedInfo
    from aggregator.domain.item import Keys, KnownItem, StoredItem
    from aggregator.domain.outcome import Failure, ReadContext, Reading
    from aggregator.domain.response import NotModified, Request, Response
    from aggregator.domain.search import Needed
    from aggregator.domain.settings import FetchSettings
    from aggregator.domain.sketch import Exemplar
    from aggregator.domain.source import DueSource, Source, SourceReport, Visits
    from aggregator.domain.story import ItemIntent, StoryCandidate
    from aggregator.domain.topic import Copy, Group, Selection, Topic, Verdict
    from aggregator.domain.version import EarlierVersion


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""


class Fetcher(Protocol):
    """Visits addresses politely: guard, pacing, limits and redirects are inside."""

    def fetch(self, request: Request) -> Future[Response | NotModified]:
        """Queue one visit. The future raises `FetchError` and nothing else; cancelling it ends the visit."""

    def reconfigure(self, settings: FetchSettings) -> None:
        """Obey other settings from the next visit on; those on their way end as they began."""

    def close(self) -> None:
        """End every visit and the event loop; safe to call twice."""


class Reader(Protocol):
    """Reads documents where they can do no harm: with a time and a memory limit each."""

    def read(
        self,
        context: ReadContext,
        response: Response,
        known: frozenset[bytes],
        now: datetime,
        further: tuple[Response, ...] = (),
    ) -> Future[Reading | Failure]:
        """Decode, parse, clean and fingerprint. A poisonous document gives a Failure, never an exception.

        `further` are the answers to what an earlier reading of this response wanted.
        """

    def close(self) -> None:
        """End the worker processes; safe to call twice."""


class SourceStore(Protocol):
    """The sources' rows: what is due, and what became of it."""

    def sync(self, sources: Sequence[Source], now: datetime) -> None:
        """Make the rows agree with the configuration.

        New sources are due at once. Removed ones keep their row and items, and are visited no more; they return
        with their memory. `was` renames. A changed address drops the validators and is due at once.
        """

    def claim_due(
        self,
        now: datetime,
        *,
        owner: str,
        lease: timedelta,
        limit: int,
        busy: frozenset[str] = frozenset(),
        only: frozenset[str] | None = None,
    ) -> list[DueSource]:
        """Lease up to `limit` sources whose next visit has come, longest due first; each lease raises the fence.

        `only` names sources wanted at once, due or not (never inside a Retry-After); an empty set means none
        and None means whatever is due. `busy` are skipped. Paused and removed sources are never claimed, gone
        ones only when they are named.
        """

    def next_due(self) -> datetime | None:
        """When the first source may be claimed: its visit has come, its Retry-After and its lease have run out."""

    def last_answer(self) -> datetime | None:
        """When any source was last visited with success; None if never."""

    def give_back(self, dues: Sequence[DueSource]) -> None:
        """End leases that no visit was begun for; the sources stay as they were."""

    def release(self, owner: str) -> None:
        """Give back every lease of `owner` (it ended, or was found dead)."""

    def owners(self) -> set[str]:
        """Who holds leases now."""

    def record(self, due: DueSource, visits: Visits, now: datetime, *, info: FeedInfo | None = None) -> bool:
        """Store the result of a visit and end its lease. False, and nothing written, if the fence is older."""

    def visits(self, source_id: str) -> Visits | None:
        """What is remembered of a source; None if unknown."""

    def reports(self) -> list[SourceReport]:
        """Every configured source for `status`, in the configuration's order."""


class ItemStore(Protocol):
    """Items and the keys they are known by."""

    def raw_hashes(self, source_id: str) -> frozenset[bytes]:
        """The raw hashes of the source's stored items: entries that need no second reading."""

    def known(self, source_id: str, keys: Iterable[Keys]) -> dict[bytes, KnownItem]:
        """Items of the source known by any of these keys (guid, link or text), by key; pruned ones too."""

    def touch(self, source_id: str, raw_hashes: Sequence[bytes], now: datetime) -> None:
        """These entries are still in the feed: their identity is remembered for as long again."""

    def apply(self, source_id: str, intents: Sequence[ItemIntent], now: datetime) -> None:
        """Carry out the decisions, in order. New and changed items are marked for matching."""

    def last_arrival(self, source_id: str) -> datetime | None:
        """When the newest of the source's items was first seen."""

    def find(self, text: str) -> list[StoredItem]:
        """Items by link, canonical link, guid or public id, oldest first."""

    def export(self, source_ids: frozenset[str] | None = None) -> Iterator[StoredItem]:
        """All items, oldest arrival first, streamed."""

    def prune(self, before: datetime, *, forget_before: datetime) -> int:
        """Delete items first seen before `before`, keeping their keys: they are not announced again.

        Keys go when their entry was last seen in its feed before `forget_before`. Returns the items deleted.
        """


class StoryStore(Protocol):
    """Stories and how candidates are found."""

    def candidates(self, keys: Sequence[Keys], since: datetime) -> Mapping[bytes, StoryCandidate]:
        """Stories holding an item with an equal `story_link` last seen since `since`, by that key; oldest story."""

    def several(self) -> list[str]:
        """The public ids of the stories that have more than one copy, oldest first."""

    def postings(self, keys: Collection[int]) -> Mapping[int, tuple[int, ...]]:
        """The stories listed under each of these fingerprints and headline keys, oldest first."""

    def exemplars(self, wanted: Collection[int], since: datetime) -> Mapping[int, tuple[Exemplar, ...]]:
        """The exemplars of those of the stories that got a copy since `since`, oldest first."""

    def forget(self, before: datetime) -> None:
        """Take out of the index of texts what got its last copy before `before`."""

    def copies(self, story: str) -> list[Copy]:
        """All copies of the story with that public id, oldest arrival first."""

    def versions(self, story: str) -> list[EarlierVersion]:
        """What the copies of the story said before their words moved, oldest first."""


class TopicStore(Protocol):
    """Which items each topic takes, and what was last selected of them."""

    def sync(self, topics: Sequence[Topic], digests: Mapping[str, bytes]) -> list[str]:
        """Make the rows agree with the configuration; `digests` are over what matching depends on.

        Returns the ids of topics that are new or match differently now: their matches are dropped and all items
        are to be matched again. Topics no longer configured go, their documents with them.
        """

    def match_digests(self) -> dict[str, bytes]:
        """The digests that the topics' matches were made by, as given to `sync`."""

    def unmatched(self, limit: int) -> list[Copy]:
        """Items stored or changed since they were last matched, oldest first."""

    def all_copies(self, batch: int) -> Iterator[list[Copy]]:
        """Every item that is not quiet, in batches: for topics whose matching changed."""

    def matched(self, copies: Sequence[Copy], verdicts: Mapping[int, Sequence[Verdict]]) -> None:
        """Store the positive verdicts of each item (by its id), replacing older ones, and clear their marks.

        Topics that gained, lost or hold one of these items are stale.
        """

    def fill(self, topic_id: str, verdicts: Mapping[int, Verdict]) -> None:
        """Add matches to one topic that is being matched again."""

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

    def carriers(self, stories: Sequence[str], source_ids: frozenset[str]) -> dict[str, int]:
        """How many of those sources carry each story, by its public id."""


class DropStore(Protocol):
    """Entries that were not stored, or not announced."""

    def put(self, drops: Sequence[Drop]) -> None:
        """Remember them, each once: a later one of the same entry replaces the older."""

    def known(self, source_id: str, keys: Iterable[bytes]) -> set[bytes]:
        """Those of the keys under which entries of the source were dropped."""

    def find(self, text: str) -> list[Drop]:
        """Drops by link, canonical link or guid, newest first."""

    def recent(self, limit: int) -> list[Drop]:
        """The newest."""

    def prune(self, before: datetime) -> None:
        """Forget those last dropped before that."""


class AppliedStore(Protocol):
    """The configuration that was applied last, as JSON without secrets."""

    def get(self) -> tuple[Mapping[str, Any], datetime] | None:
        """What was applied, and when it changed last; None before the first time."""

    def put(self, settings: Mapping[str, Any], now: datetime) -> None:
        """Remember this one; nothing is written where it is the same."""


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

    def shown(self, topic_id: str, stories: Sequence[PastStory]) -> list[PastStory]:
        """Remember what the topic shows now. Returns what it showed the last time and shows no more."""

    def past(self, topic: Topic, after: int) -> list[PastStory]:
        """The topic's stories whose first item has a number over `after`, without their texts."""

    def groups(self, topic: Topic, stories: Sequence[int]) -> list[Group]:
        """The topic's stories that hold these items and still belong to it, each once."""

    def append(self, topic_id: str, stories: Sequence[PastStory]) -> None:
        """Give each story the next place, but those that have one. All items were looked through by now."""

    def members(self, topic_id: str, page: int) -> list[int]:
        """The items by which the stories of a page are found, in their places' order."""

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

    def named(self) -> list[tuple[str, str, datetime]]:
        """Topic, name and time of every token, sorted."""

    def digests(self, topic_id: str) -> list[bytes]:
        """The digests of the tokens that open a topic."""


class Rooms(Protocol):
    """The store's rooms within one transaction."""

    sources: SourceStore
    items: ItemStore
    stories: StoryStore
    topics: TopicStore
    search: SearchStore
    applied: AppliedStore
    drops: DropStore
    documents: DocumentStore
    archives: ArchiveStore
    tokens: TokenStore

    def savepoint(self) -> AbstractContextManager[None]:
        """A part that can fail alone: an exception inside undoes it and is raised on."""


class Store(Protocol):
    """The database. Foreign errors come out as `StorageError`."""

    def write(self) -> AbstractContextManager[Rooms]:
        """One transaction that may write: committed at the end, undone by an exception."""

    def read(self) -> AbstractContextManager[Rooms]:
        """One consistent look; never blocks a writer."""

    def attach(self, sources: Sequence[Source]) -> None:
        """Tell the store the configured sources without writing: for those who only look."""

    def close(self) -> None:
        """Close every connection."""
