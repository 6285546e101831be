"""A source's WebSub subscription at a hub, and what the hub sends (W3C WebSub)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class PushState(StrEnum):
    """Where a subscription stands; the word that `status` shows."""

    WANTED = "wanted"  # to be asked for, asked for and not verified yet, or refused and tried again later
    ACTIVE = "active"  # verified, until the lease ends
    LEAVING = "leaving"  # given up by us, the hub is still to agree
    ENDED = "ended"  # its callback is gone


LIVE = frozenset({PushState.WANTED, PushState.ACTIVE})


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscription:
    """One source's place at one hub.

    `hubs` are those the feed names, `hub` the one that is asked. `callback` is None until it was asked for the
    first time; it and `secret` open the door for deliveries and are never shown. Until `asked_until` a verification
    of what was asked is answered. `next_try` is when the hub is to be asked for something next: a subscription, its
    renewal or its end. `reason` says in words why it stands as it does.

    `last_delivery` is the last that was read; `delivered_at` too, if push missed nothing since. `proven`: a poll after
    that found nothing that push had missed, so polling is slowed.
    """

    id: int = 0
    source_id: str
    source_url: str = ""  # the source's address as it is shown: whose it was is known after it was removed, too
    state: PushState = PushState.WANTED
    hubs: tuple[str, ...]
    hub: str
    topic: str
    callback: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    asked_until: datetime | None = None
    lease_until: datetime | None = None
    next_try: datetime | None = None
    failures: int = 0
    reason: str = ""
    last_delivery: datetime | None = None
    delivered_at: datetime | None = None
    proven: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """A hub asked whether we meant it, and was told yes. `lease` is in seconds, as far as it can be believed."""

    subscription_id: int
    subscribe: bool
    lease: int | None
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Denied:
    """A hub said that it will not deliver, or no longer (WebSub §5.2). `why` is its own word, and cut."""

    subscription_id: int
    why: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """A document that a hub delivered, its signature checked. `digest` is 16 bytes over the body."""

    subscription_id: int
    source_id: str
    topic: str = field(repr=False)
    body: bytes = field(repr=False)
    content_type: bytes
    digest: bytes
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class PushReport:
    """A subscription as `status` shows it; `hub` is a host alone, for the address may hold a secret."""

    state: PushState
    hub: str
    proven: bool
    lease_until: datetime | None
    last_delivery: datetime | None
    reason: str
