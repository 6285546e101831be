"""The store of our hub: who is subscribed, what each callback has, and what an outside hub was told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from aggregator.domain.hub import Backlog, Delivered, Pending, Subscription, TopicSubscribers


class HubStore(Protocol):
    """Subscriptions to what we publish. What is to be delivered follows from the documents: nothing is queued."""

    def knows(self, key: bytes, now: datetime) -> bool:
        """Whether this pair of topic and callback is subscribed and its lease runs."""

    def sizes(self, name: str, now: datetime) -> tuple[int, int]:
        """Subscriptions whose lease runs: all, and those with callbacks at the host of that name, whatever port."""

    def backlog(self, name: str, *, but: bytes) -> Backlog:
        """What waits for its verification, without the request of the key `but`."""

    def ask(self, pending: Pending) -> None:
        """Keep a request until its callback was asked; it takes the place of an older one of its key."""

    def asked(self, since: datetime, *, limit: int, but: Collection[bytes]) -> list[Pending]:
        """The oldest requests since then that wait for their verification, none of the keys `but`."""

    def settle(self, requests: Sequence[Pending]) -> None:
        """Forget these; one that was asked anew meanwhile stays."""

    def give_up(self, before: datetime) -> None:
        """Forget requests that wait for longer than anybody does."""

    def subscribe(self, subscription: Subscription, now: datetime) -> None:
        """Begin a subscription, or renew it: lease and secret are the new ones, what was delivered stays."""

    def unsubscribe(self, key: bytes) -> bool:
        """End one; False if there was none."""

    def follow(self, topics: Mapping[str, str]) -> int:
        """Let subscriptions follow these topics (address → document's path) and rest for all others.

        Returns how many rest.
        """

    def due(self, now: datetime, *, limit: int, per_host: int, busy: Collection[str] = ()) -> list[tuple[int, str]]:
        """Number and host of subscriptions whose callback lacks the document as it is now, longest due first.

        At most `per_host` of one host, none of the hosts in `busy`.
        """

    def next_due(self, now: datetime) -> datetime | None:
        """When the first subscription that lacks something may be tried again; None if none lacks anything."""

    def subscriptions(self, numbers: Sequence[int]) -> list[Subscription]:
        """These, as far as they are still there."""

    def record(self, results: Sequence[Delivered]) -> None:
        """Remember what became of deliveries; subscriptions that went meanwhile are passed over."""

    def hold(self, host: str, until: datetime) -> None:
        """Try no callback at that host before."""

    def expire(self, now: datetime) -> int:
        """Delete subscriptions whose lease has run out; how many."""

    def resting(self, limit: int) -> list[Subscription]:
        """Subscriptions to topics that are not public any more."""

    def audiences(self, now: datetime) -> list[TopicSubscribers]:
        """For `status`: each document with subscribers."""

    def untold(self, hub: bytes, paths: Collection[str], now: datetime) -> list[tuple[str, str, int]]:
        """Path, ETag and failures so far of those documents whose present form that hub was not told of, if due.

        `hub` is a digest of the hub's address: another hub knows nothing yet.
        """

    def told(self, hub: bytes, path: str, etag: str | None, *, failures: int, next_try: datetime) -> None:
        """The hub knows a document's form; without an ETag it could not be told."""
