"""What strangers ask of our hub: read, judged, bounded, and kept until the callback is asked whether it means it.

::

    read      the form → a wish, or what is wrong with it
    judge     one of our topics, a callback that may be called, room for it
    bound     so many requests of one client, so many questions to one host, and hosts that keep failing wait
    keep      stored before it is answered, until its callback was asked (hub_verify.py): a sudden end loses none

The answer comes before the verification and does not depend on it (W3C WebSub §5.2).
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from aggregator.domain.hub import Mode, Pending, Reply, Wish
from aggregator.pipeline.hub_guard import callback_place, refusal
from aggregator.pipeline.hub_link import BUILT_IN, announced, topics_of
from aggregator.steps.push.hub import read_wish
from aggregator.steps.push.hub_rates import Holds, Rate

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from aggregator.domain.hub import Backlog, HubLimits
    from aggregator.domain.settings import Configuration
    from aggregator.ports import Clock, Rooms, Store

HELD_AFTER = 5  # verifications at one host that failed one after another
FIRST_HOLD, LONGEST_HOLD = 60.0, 86_400.0  # seconds
STORING = 16  # requests that may wait for the writer at once: of the server's threads some are left for readers


class HubRequests:
    """Requests come from many threads, and one thread takes them for verification."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        configuration: Callable[[], Configuration],
        *,
        limits: HubLimits,
        monotonic: Callable[[], float],
    ) -> None:
        self._store = store
        self._clock = clock
        self._configuration = configuration
        self._limits = limits
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._storing = threading.BoundedSemaphore(STORING)
        self._look = True  # something may wait that was not taken: a process before us may have left it
        self._clients = Rate(limits.client_burst, limits.client_rate)
        self._hosts = Rate(limits.host_burst, limits.host_rate)
        self._holds = Holds(after=HELD_AFTER, first=FIRST_HOLD, longest=LONGEST_HOLD)

    def ask(self, content_type: str, body: bytes, client: str) -> tuple[Reply, Wish | None]:
        """The answer to one request of that client, and the wish if it is accepted.

        Raises:
            StorageError: the store failed.
        """
        with self._lock:
            wait = self._clients.take(client, self._monotonic())
        if wait:
            return Reply(status=429, text="too many requests; try again later", retry=wait), None
        configuration = self._configuration()
        if configuration.publish.hub != BUILT_IN or announced(configuration) is None:
            return Reply(status=404, text="there is no hub here; look for the link that the feed itself names"), None
        wish = read_wish(content_type, body, self._limits)
        if isinstance(wish, Reply):
            return wish, None
        reply = self._judge(wish, configuration)
        return reply, wish if reply in {_ACCEPTED, _KNOWN} else None

    def take(self, most: int, busy: Collection[bytes]) -> list[Pending]:
        """Up to so many that wait, oldest first, but none for a subscription that is being verified.

        Raises:
            StorageError: the store failed.
        """
        if not self._look or most <= 0:
            return []
        self._look = False  # before the store is read: what is asked from now on sets it again
        try:
            with self._store.read() as rooms:
                found = rooms.hub.asked(self._clock.now() - self._limits.patience, limit=most, but=busy)
        except BaseException:
            self._look = True
            raise
        self._look = self._look or len(found) == most
        return found

    @property
    def may_wait(self) -> bool:
        """Whether there may be something to take."""
        return self._look

    def look(self) -> None:
        """Something may wait again."""
        self._look = True

    def verified(self, name: str, *, right: bool) -> None:
        """Hosts that fail again and again are asked less and less."""
        with self._lock:
            if right:
                self._holds.succeeded(f"new {name}")
            else:
                self._holds.failed(f"new {name}", self._monotonic())

    def _judge(self, wish: Wish, configuration: Configuration) -> Reply:
        topics = topics_of(configuration)
        if wish.mode is Mode.PUBLISH:
            return _KNOWN if all(topic in topics for topic in wish.topics) else _UNKNOWN
        path = topics.get(wish.topic)
        if path is None:
            return _UNKNOWN
        refused = refusal(wish.callback, configuration.site.url, configuration.publish.hub_allow_hosts)
        place = callback_place(wish.callback)
        if refused is not None or place is None:
            return refused or _NO_HOST
        return self._admit(wish, place, path)

    def _admit(self, wish: Wish, place: tuple[str, int], path: str) -> Reply:
        now, (name, port) = self._clock.now(), place
        with self._store.read() as rooms:
            known = rooms.hub.knows(wish.key, now)
        with self._lock:
            # Who is subscribed renews beside whatever strangers try at the same host.
            refused = self._too_often(name if known else f"new {name}", known=known)
        if refused is not None:
            return refused
        if not self._storing.acquire(blocking=False):
            return Reply(status=503, text="too many requests at once; try again in a moment", retry=5)
        try:
            with self._store.write() as rooms:
                head = rooms.documents.head(path)
                etag, room = head[0] if head else "", wish.mode is Mode.SUBSCRIBE and not known
                pending = Pending(wish=wish, name=name, port=port, path=path, etag=etag, room=room, asked_at=now)
                if full := self._full(rooms, pending):
                    return full
                rooms.hub.ask(pending)
        finally:
            self._storing.release()
        self._look = True
        return _ACCEPTED

    def _too_often(self, host: str, *, known: bool) -> Reply | None:
        moment = self._monotonic()
        if not known and (wait := self._holds.left(host, moment)):
            return Reply(status=429, text="callbacks at this host did not confirm; try again later", retry=wait)
        if wait := self._hosts.take(host, moment):
            return Reply(status=429, text="too many requests for callbacks at this host", retry=wait)
        return None

    def _full(self, rooms: Rooms, wanted: Pending) -> Reply | None:
        """No room for one more, those that wait counted."""
        waiting = rooms.hub.backlog(wanted.name, but=wanted.wish.key)
        if waiting.everywhere >= self._limits.pending:
            return Reply(status=503, text="too many requests wait; try again later", retry=60)
        if waiting.there >= self._limits.pending_there:
            return Reply(status=429, text="too many requests for callbacks at this host wait", retry=60)
        return self._no_room(rooms, wanted, waiting) if wanted.room else None

    def _no_room(self, rooms: Rooms, wanted: Pending, waiting: Backlog) -> Reply | None:
        everywhere, there = rooms.hub.sizes(wanted.name, wanted.asked_at)
        if everywhere + waiting.fresh_everywhere >= self._limits.subscriptions:
            return Reply(status=503, text="this hub has no room for more subscriptions", retry=3600)
        if there + waiting.fresh_there >= self._limits.per_host:
            return Reply(status=429, text="there are too many subscriptions for callbacks at this host", retry=3600)
        return None


_ACCEPTED = Reply(status=202, text="accepted; the callback is asked to confirm")
_KNOWN = Reply(status=204, text="")  # we are the publisher ourselves: news is delivered without being told of it
_UNKNOWN = Reply(status=404, text="hub.topic is none of this site's feeds; send the address of its rel=self link")
_NO_HOST = Reply(status=400, text="hub.callback has no host that could be called")
