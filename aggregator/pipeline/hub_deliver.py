"""Brings every callback the document it lacks (W3C WebSub §7): what is due follows from the store.

::

    look      subscriptions whose `delivered` is not the document's ETag, longest due first, so many of a host
    send      a POST each, at most one under way for a subscription; a document's bytes are in memory once
    record    many answers in one transaction: delivered, ended, or when it is tried again

Killed at any moment, the next look finds what was not recorded. A document that changes before it was delivered is
delivered as it is then.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog

from aggregator.domain.call import Answer
from aggregator.pipeline.hub_link import announced, is_topic
from aggregator.steps.push.hub_delivery import HOST_TRIES, UNREACHABLE, after, delivery
from aggregator.steps.push.hub_rates import Holds

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from aggregator.domain.document import Document
    from aggregator.domain.hub import Subscription
    from aggregator.domain.settings import Configuration
    from aggregator.errors import FetchError
    from aggregator.pipeline.hub_calls import HubCalls
    from aggregator.ports import Clock, Rooms, Store

log = structlog.get_logger()

AT_ONCE = 256  # deliveries under way
HOST_AT_ONCE = 16  # of them to one host: a slow one keeps no other waiting
SLOW = 2.0  # seconds for an answer: hosts that took longer the last time share half of the places, however many
MOST_SLOW = 10_000  # hosts remembered as slow
LOOKED = 2_000  # subscriptions of one look
HOST_LOOKED = 500
KEPT = 32  # documents in memory
LOOK_EVERY = timedelta(seconds=5)  # another process may have published
FIRST_HOLD, LONGEST_HOLD = 30.0, 6 * 3600.0  # seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class _Begun:
    """One try: the document's ETag, how much had been published by then, and when."""

    etag: str
    news: int
    at: datetime


class Deliveries:
    """Everything here happens on the hub's thread but `look`."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        configuration: Callable[[], Configuration],
        calls: HubCalls,
        *,
        fraction: Callable[[], float],
    ) -> None:
        self._store = store
        self._clock = clock
        self._configuration = configuration
        self._calls = calls
        self._fraction = fraction
        self._holds = Holds(after=HOST_TRIES, first=FIRST_HOLD, longest=LONGEST_HOLD)
        self._documents: OrderedDict[str, Document] = OrderedDict()
        self._waiting: dict[str, deque[int]] = {}  # by host
        self._flying: dict[int, str] = {}  # number → host
        self._slow: OrderedDict[str, None] = OrderedDict()
        self._results: list[tuple[Subscription, str, Answer | FetchError]] = []
        self._changed = True  # something may be due that no look has seen
        self._news = 0  # counts what was published
        self._more = False  # the last look left something out
        self._look_at: datetime | None = None

    def look(self) -> None:
        """Something was published, or somebody subscribed: look for what is due."""
        self._news += 1
        self._changed = True

    def step(self) -> None:
        """Record what came back and send what is due.

        Raises:
            StorageError: the store failed; nothing is lost by that.
        """
        self._record()
        hub = announced(self._configuration())
        while hub is not None and len(self._flying) < AT_ONCE:
            chosen = self._choose(AT_ONCE - len(self._flying))
            if chosen:
                self._send(chosen, hub)
            elif not self._refill():
                return

    def _choose(self, room: int) -> dict[int, str]:
        """Numbers that may be sent now, the hosts in turn."""
        load: dict[str, int] = {}
        for host in self._flying.values():
            load[host] = load.get(host, 0) + 1
        slow_room = AT_ONCE // 2 - sum(count for host, count in load.items() if host in self._slow)
        chosen: dict[int, str] = {}
        turns = deque(self._waiting)
        while turns and len(chosen) < room:
            host = turns.popleft()
            is_slow = host in self._slow
            if load.get(host, 0) >= HOST_AT_ONCE or (is_slow and slow_room <= 0):
                continue
            chosen[self._waiting[host].popleft()] = host
            load[host] = load.get(host, 0) + 1
            slow_room -= is_slow
            if self._waiting[host]:
                turns.append(host)
            else:
                del self._waiting[host]
        return chosen

    def _refill(self) -> bool:
        """Look for what is due where there is reason to; whether anything was found that is not under way."""
        now = self._clock.now()
        reason = self._changed or (self._more and not self._waiting) or self._look_at is None or now >= self._look_at
        if not reason:
            return False
        self._changed = False
        with self._store.read() as rooms:
            due = rooms.hub.due(now, limit=LOOKED, per_host=HOST_LOOKED, busy=list(self._waiting))
            next_due = None if due else rooms.hub.next_due(now)
        fresh = [(number, host) for number, host in due if number not in self._flying]
        for number, host in fresh:
            self._waiting.setdefault(host, deque()).append(number)
        self._more = bool(fresh)
        soon = now + LOOK_EVERY
        self._look_at = soon if next_due is None else max(now, min(next_due, soon))
        return bool(fresh)

    def _send(self, chosen: dict[int, str], hub: str) -> None:
        now = self._clock.now()
        with self._store.read() as rooms:
            wanted = rooms.hub.subscriptions(list(chosen))
            documents = self._current(rooms, {one.path for one in wanted if one.path is not None})
        # Asked after the documents were read: what was written for a topic that is closed now goes to nobody.
        configuration = self._configuration()
        closed = {path for path in documents if not is_topic(configuration, path)}
        if closed:
            documents = {path: document for path, document in documents.items() if path not in closed}
            self._more = False  # the same would be found again until the subscriptions follow the edit
        allowed = configuration.publish.hub_allow_hosts
        for one in wanted:
            document = documents.get(one.path or "")
            if document is None or one.delivered == document.etag or one.lease_until <= now:
                continue
            call = delivery(one, document, hub, allowed, about=document.path)
            self._flying[one.number] = one.host
            begun = _Begun(etag=document.etag, news=self._news, at=now)
            self._calls.begin(call, partial(self._came, one, begun))

    def _current(self, rooms: Rooms, paths: set[str]) -> dict[str, Document]:
        """The documents as they are published now; their bytes are read once."""
        found: dict[str, Document] = {}
        for path in paths:
            head = rooms.documents.head(path)
            known = self._documents.pop(path, None)
            if head is None:
                continue
            if known is None or known.etag != head[0]:
                stored = rooms.documents.get(path)
                if stored is None:
                    continue
                known = stored.document
            found[path] = self._documents[path] = known
        while len(self._documents) > KEPT:
            self._documents.popitem(last=False)
        return found

    def _came(self, subscription: Subscription, begun: _Begun, outcome: Answer | FetchError | None) -> None:
        self._flying.pop(subscription.number, None)
        self._note_pace(subscription.host, (self._clock.now() - begun.at).total_seconds())
        if begun.news != self._news:
            self._changed = True  # it may have changed under way: this callback lacks something again
        if outcome is not None:
            self._results.append((subscription, begun.etag, outcome))

    def _note_pace(self, host: str, took: float) -> None:
        self._slow.pop(host, None)
        if took >= SLOW:
            self._slow[host] = None
        if len(self._slow) > MOST_SLOW:
            self._slow.popitem(last=False)

    def _record(self) -> None:
        if not self._results:
            return
        now = self._clock.now()
        results = self._results
        told = [after(one, etag, outcome, now, fraction=self._fraction()) for one, etag, outcome in results]
        held = self._held(results, now)
        with self._store.write() as rooms:
            rooms.hub.record(told)
            for host, until in held.items():
                rooms.hub.hold(host, until)
        self._results = []
        for host in held:
            self._waiting.pop(host, None)
        for (one, _, _), result in zip(results, told, strict=True):
            if result.ended:
                log.info("hub_unsubscribed", path=one.path, host=one.host, why="HTTP 410")
            elif result.failure is not None:
                level = log.warning if not one.failures else log.debug
                level("hub_delivery_failed", path=one.path, host=one.host, why=result.failure, tries=result.failures)
        log.debug("hub_delivered", tries=len(told), failed=sum(one.failure is not None for one in told))

    def _held(self, results: list[tuple[Subscription, str, Answer | FetchError]], now: datetime) -> dict[str, datetime]:
        """Hosts that cannot be reached again and again: all their callbacks wait."""
        held: dict[str, datetime] = {}
        for one, _, outcome in results:
            if isinstance(outcome, Answer):
                self._holds.succeeded(one.host)
                held.pop(one.host, None)
            elif outcome.code in UNREACHABLE and (until := self._holds.failed(one.host, now.timestamp())):
                held[one.host] = now + timedelta(seconds=until - now.timestamp())
        return held
