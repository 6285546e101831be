"""The store of subscriptions at hubs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from aggregator.domain.entry import FeedInfo
    from aggregator.domain.outcome import Plan
    from aggregator.domain.subscription import PushReport, Subscription


class SubscriptionStore(Protocol):
    """Sources' subscriptions at hubs: what is asked of whom next, and what was delivered."""

    def add(self, subscription: Subscription) -> None:
        """Remember a new one; nothing happens where the source is unknown, or has a live one by now."""

    def put(self, subscription: Subscription) -> None:
        """Store a changed one."""

    def get(self, number: int) -> Subscription | None:
        """One by its number."""

    def by_token(self, token: str) -> Subscription | None:
        """The one whose callback ends in that."""

    def live(self, source_ids: Collection[str] | None = None) -> dict[str, Subscription]:
        """The wanted and active ones (of these sources), by source."""

    def due(self, now: datetime, limit: int, *, but_hubs: Collection[str] = ()) -> list[Subscription]:
        """Those whose hub is to be asked for something now, longest due first, without those of some hubs."""

    def announced(self) -> dict[str, FeedInfo]:
        """What the feeds of configured sources say of themselves, of those that name a hub and were read."""

    def delivered(self, number: int, digest: bytes, now: datetime) -> bool:
        """Remember that a body came. False, and nothing written, if it came before."""

    def was_delivered(self, number: int, digest: bytes) -> bool:
        """Whether this body came before."""

    def hasten(self, source_id: str, plan: Plan) -> bool:
        """Visit a source sooner than planned, if nothing is wrong with it; a lease is left as it is."""

    def reports(self) -> dict[str, PushReport]:
        """For each source the subscription to show: a live one, else the newest that has not ended."""

    def prune(self, *, deliveries_before: datetime, ended_before: datetime) -> None:
        """Forget bodies, and subscriptions that ended, before that."""
