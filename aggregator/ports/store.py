"""The database as a whole, and its rooms within one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from aggregator.domain.source import Source
    from aggregator.ports.audience import AudienceStore
    from aggregator.ports.collecting import AppliedStore, DropStore, ItemStore, SourceStore, StoryStore
    from aggregator.ports.days import DayStore
    from aggregator.ports.digests import DigestStore
    from aggregator.ports.filling import FillingStore
    from aggregator.ports.hub import HubStore
    from aggregator.ports.publishing import ArchiveStore, DocumentStore, SearchStore, TokenStore, TopicStore
    from aggregator.ports.push import SubscriptionStore
    from aggregator.ports.robots import RobotsStore


class Rooms(Protocol):
    """The store's rooms within one transaction."""

    sources: SourceStore
    days: DayStore
    items: ItemStore
    stories: StoryStore
    topics: TopicStore
    filling: FillingStore
    digests: DigestStore
    search: SearchStore
    applied: AppliedStore
    drops: DropStore
    documents: DocumentStore
    archives: ArchiveStore
    tokens: TokenStore
    audience: AudienceStore
    hub: HubStore
    subscriptions: SubscriptionStore
    robots: RobotsStore

    def savepoint(self) -> AbstractContextManager[None]:
        """A part that can fail alone: an exception inside undoes it and is raised on."""


class Store(Protocol):
    """The database. Foreign errors come out as `StorageError`."""

    def write(self) -> AbstractContextManager[Rooms]:
        """One transaction that may write: committed at the end, undone by an exception.

        One at a time, of all programs over the database: what is read in it stays true until it ends.
        """

    def read(self) -> AbstractContextManager[Rooms]:
        """One consistent look; never blocks a writer."""

    def attach(self, sources: Sequence[Source]) -> None:
        """Tell the store the configured sources without writing: for those who only look."""

    def close(self) -> None:
        """Close every connection."""
