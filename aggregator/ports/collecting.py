"""The store of what is collected: sources, items, stories, drops, and the configuration applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta

    from aggregator.domain.drop import Drop
    from aggregator.domain.entry import FeedInfo
    from aggregator.domain.item import Item, Keys, KnownItem, StoredItem
    from aggregator.domain.sketch import Exemplar
    from aggregator.domain.source import DueSource, Source, SourceReport, Visits
    from aggregator.domain.story import ItemIntent, StoryCandidate
    from aggregator.domain.topic import Copy
    from aggregator.domain.version import EarlierVersion


class SourceStore(Protocol):
    """The sources' rows: what is due, and what became of it."""

    def sync(self, sources: Sequence[Source], now: datetime) -> None:
        """Make the rows agree with the configuration.

        New sources are due at once. Removed ones keep their row and items, and are visited no more; they return
        with their memory. `was` renames. A changed address drops the validators and is due at once.
        """

    def ask_again(self, source_ids: Collection[str], now: datetime) -> None:
        """Make these due at once, because how they are asked was edited; a Retry-After holds all the same."""

    def wake(self, now: datetime) -> None:
        """Let nobody wait for a time that a clock gone wrong has set: visited over a day from now is due now."""

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

    def held(self, now: datetime) -> dict[str, datetime]:
        """The sources inside a server's Retry-After, and when each one ends."""

    def give_back(self, dues: Sequence[DueSource]) -> None:
        """End leases that no visit was begun for; the sources stay as they were."""

    def release(self, owner: str) -> None:
        """Give back every lease of `owner` (it ended, or was found dead)."""

    def owners(self) -> set[str]:
        """Who holds leases now."""

    def record(self, due: DueSource, visits: Visits, *, info: FeedInfo | None = None) -> bool:
        """Store the result of a visit and end its lease. False, and nothing written, if the fence is older."""

    def visits(self, source_id: str) -> Visits | None:
        """What is remembered of a source; None if unknown."""

    def reports(self) -> list[SourceReport]:
        """Every configured source for `status`, in the configuration's order."""


class ItemStore(Protocol):
    """Items and the keys they are known by."""

    def raw_hashes(self, source_id: str) -> frozenset[bytes]:
        """The raw hashes of the source's stored items: entries that need no second reading."""

    def any_seen(self, source_id: str) -> bool:
        """Whether anything of the source was ever stored, as far back as identities are kept."""

    def known(self, source_id: str, keys: Iterable[Keys]) -> dict[bytes, KnownItem]:
        """Items of the source known by any of these keys (guid, link or text), by key; pruned ones too."""

    def stored(self, numbers: Iterable[int]) -> list[StoredItem]:
        """The items of these numbers (`KnownItem.id`), in no order."""

    def waiting(self, source_id: str, limit: int) -> list[StoredItem]:
        """The source's items whose own page is still to be asked for (`Article.waiting`), the newest first."""

    def touch(self, source_id: str, raw_hashes: Sequence[bytes], now: datetime) -> None:
        """These entries are still in the feed: their identity is remembered for as long again."""

    def apply(self, source_id: str, intents: Sequence[ItemIntent], now: datetime) -> None:
        """Carry out the decisions, in order. New and changed items are marked for matching."""

    def arrivals(self, since: datetime, until: datetime) -> dict[str, int]:
        """How many items first seen since then and before `until` each source brought, by its id; none is left out."""

    def last_arrival(self, source_id: str) -> datetime | None:
        """When the newest of the source's items was first seen."""

    def given(self, names: Collection[str]) -> frozenset[str]:
        """Those of the names that items or stories got here, pruned ones too."""

    def echoes(self, source_id: str, items: Sequence[Item]) -> frozenset[bytes]:
        """The primary keys of those that are new under their guid, but that the source sent under another before.

        Told by the link and the title or date; without a link by the words.
        """

    def find(self, text: str) -> list[StoredItem]:
        """Items by link, canonical link, guid or public id, oldest first."""

    def export(self, source_ids: frozenset[str] | None = None) -> Iterator[StoredItem]:
        """All items, oldest arrival first, streamed."""

    def prune(self, before: datetime, *, forget_before: datetime) -> int:
        """Delete items first seen before `before`, keeping their keys: they are not announced again.

        Keys go when their entry was last seen in its feed before `forget_before`, but for those that were in it at its
        last reading. Returns the items deleted.
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

    def prune(self, before: datetime, most: int) -> None:
        """Forget those last dropped before that, and of each source all but about so many of the newest."""


class AppliedStore(Protocol):
    """The configuration that was applied last, as JSON without secrets."""

    def get(self) -> tuple[Mapping[str, Any], datetime] | None:
        """What was applied, and when it changed last; None before the first time."""

    def put(self, settings: Mapping[str, Any], now: datetime) -> None:
        """Remember this one; nothing is written where it is the same."""
