"""Our own WebSub hub's nouns: what is wished, who is subscribed, and what became of a delivery (W3C WebSub §5–7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


class Mode(StrEnum):
    """`hub.mode`: what a request wants, or what the hub tells a callback."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    PUBLISH = "publish"
    DENIED = "denied"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """A request that can be read. `lease` is what will be granted; `topics` are those of a `publish`."""

    mode: Mode
    topic: str
    callback: str = field(default="", repr=False)  # unguessable: whoever knows it may speak as its hub
    lease: timedelta = timedelta(0)
    secret: str | None = field(default=None, repr=False)
    topics: tuple[str, ...] = ()

    @property
    def key(self) -> bytes:
        """What the subscription is known by: topic and callback together (§5.1)."""
        return subscription_key(self.topic, self.callback)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """The hub's answer to a request: one line of text that repeats nothing of it; `retry` in whole seconds."""

    status: int
    text: str
    retry: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscription:
    """One verified subscription. `delivered` is the ETag of what its callback has, as far as we know.

    `path` is the topic's document, None while the topic is not public; `host` is the callback's host and port with a
    space between, for counting and for taking turns.
    """

    number: int = 0  # given by the store
    topic: str
    path: str | None
    callback: str = field(repr=False)
    host: str
    secret: str | None = field(default=None, repr=False)
    lease_until: datetime
    delivered: str
    failures: int = 0  # in a row
    failing_since: datetime | None = None

    @property
    def key(self) -> bytes:
        """What it is known by."""
        return subscription_key(self.topic, self.callback)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pending:
    """A wish that was answered 202 and whose callback has not confirmed it yet: it is stored, and survives us.

    `name` and `port` are the callback's host's, `etag` is the topic's document when it was asked for; `room` says
    that it will take room: it is no renewal.
    """

    wish: Wish
    name: str
    port: int
    path: str
    etag: str
    room: bool
    asked_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Backlog:
    """How many requests wait for their verification: all, and those with callbacks at one host.

    `fresh` are those that will take room.
    """

    everywhere: int
    there: int
    fresh_everywhere: int
    fresh_there: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered:
    """What is to be remembered of one try: `etag` is what the callback needs no more, None if it still does.

    `ended` deletes the subscription: the callback said 410 (§7).
    """

    number: int
    etag: str | None = None
    failures: int = 0
    failure: str | None = None  # why the last try failed: a status or a code, never the callback's words
    failing_since: datetime | None = None
    next_try: datetime
    ended: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class TopicSubscribers:
    """A topic's document and who gets it: `failing` are those of `subscribers` whose last delivery failed."""

    path: str
    subscribers: int
    failing: int


@dataclass(frozen=True, kw_only=True, slots=True)
class HubLimits:
    """What a stranger may cost us. Rates are tokens: so many at once, and then so many a second."""

    subscriptions: int = 50_000
    per_host: int = 1_000  # callbacks at one host
    pending: int = 1_000  # requests that wait for their verification
    pending_there: int = 100  # of them for callbacks at one host
    patience: timedelta = timedelta(days=1)  # how old a request may be that a restart finds
    verifying: int = 32  # verifications at once
    client_burst: int = 120  # requests of one client
    client_rate: float = 1.0
    host_burst: int = 60  # verifications sent to one callback's host
    host_rate: float = 0.5
    shortest_lease: timedelta = timedelta(minutes=5)
    usual_lease: timedelta = timedelta(days=10)
    longest_lease: timedelta = timedelta(days=30)


def subscription_key(topic: str, callback: str) -> bytes:
    """16 bytes that name the pair."""
    return blake2b(f"{topic}\0{callback}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


def by_topic(told: Iterable[TopicSubscribers]) -> dict[str, tuple[int, int]]:
    """Subscribers, and those of them that cannot be reached, by the topic's id: all its formats together."""
    found: dict[str, tuple[int, int]] = {}
    for one in told:
        name = one.path.removeprefix("topics/").partition(".")[0]
        subscribers, failing = found.get(name, (0, 0))
        found[name] = (subscribers + one.subscribers, failing + one.failing)
    return found
