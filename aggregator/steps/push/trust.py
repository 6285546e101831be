"""When a source that is pushed may be polled slowly: push is proven until a poll finds what it missed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aggregator.domain.subscription import PushState, Subscription

if TYPE_CHECKING:
    from datetime import datetime


def delivered(subscription: Subscription, now: datetime) -> Subscription:
    """After a delivery that was read. Only a signed one proves anything."""
    return replace(
        subscription,
        last_delivery=now,
        delivered_at=subscription.delivered_at if subscription.secret is None else now,
    )


def polled(subscription: Subscription, new: int, now: datetime) -> Subscription:
    """After a poll that went well and found `new` items that no delivery had brought."""
    until = subscription.lease_until
    if subscription.state is not PushState.ACTIVE or until is None or until <= now or new:
        return replace(subscription, delivered_at=None, proven=False)
    return replace(subscription, proven=subscription.delivered_at is not None)
