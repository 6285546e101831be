"""Asks callbacks whether they meant it, and only then changes who is subscribed (W3C WebSub §5.3).

One small GET a request, with a challenge that is used once; a redirect, an error or another body leaves everything
as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from aggregator.domain.call import Answer, Call
from aggregator.domain.hub import Mode, Subscription
from aggregator.pipeline.hub_link import followed
from aggregator.steps.push.hub import asked, confirmed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from aggregator.domain.hub import Pending
    from aggregator.domain.settings import Configuration
    from aggregator.errors import FetchError
    from aggregator.pipeline.hub_calls import HubCalls
    from aggregator.pipeline.hub_requests import HubRequests
    from aggregator.ports import Clock, Store

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Verified:
    pending: Pending
    asked_at: datetime  # the lease is measured from here (§5.3)


class Verifications:
    """Everything here happens on the hub's thread."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        configuration: Callable[[], Configuration],
        requests: HubRequests,
        calls: HubCalls,
        *,
        at_once: int,
        challenge: Callable[[], str],
    ) -> None:
        self._store = store
        self._clock = clock
        self._configuration = configuration
        self._requests = requests
        self._calls = calls
        self._at_once = at_once
        self._challenge = challenge
        self._asking: set[bytes] = set()
        self._verified: list[_Verified] = []
        self._over: list[Pending] = []  # not confirmed: nothing changes by them

    def step(self) -> bool:
        """Store what was confirmed, and ask the next. Whether anything was confirmed.

        Raises:
            StorageError: the store failed; what was confirmed is stored at the next step.
        """
        stored = self._record()
        for pending in self._requests.take(self._at_once - len(self._asking), self._asking):
            self._ask(pending)
        return stored

    def _ask(self, pending: Pending) -> None:
        wish, challenge, now = pending.wish, self._challenge(), self._clock.now()
        configuration = self._configuration()
        if wish.mode is Mode.SUBSCRIBE and wish.topic not in followed(configuration):
            self._asking.add(wish.key)
            self._over.append(pending)  # it went while the request waited
            return
        call = Call(
            about=pending.path,
            url=asked(wish.callback, wish, challenge),
            allowed=configuration.publish.hub_allow_hosts,
        )
        self._asking.add(wish.key)
        self._calls.begin(call, lambda outcome: self._answered(pending, challenge, now, outcome))

    def _answered(self, pending: Pending, challenge: str, at: datetime, outcome: Answer | FetchError | None) -> None:
        if outcome is None:  # the program ends: the request stays where it is
            self._asking.discard(pending.wish.key)
            return
        right = isinstance(outcome, Answer) and confirmed(outcome, challenge)
        self._requests.verified(pending.name, right=right)
        if right:
            self._verified.append(_Verified(pending=pending, asked_at=at))
            return
        self._over.append(pending)
        why = f"HTTP {outcome.status}" if isinstance(outcome, Answer) else outcome.code.value
        # The callback itself is a secret between the subscriber and us.
        log.info("hub_not_verified", mode=pending.wish.mode.value, path=pending.path, host=pending.name, why=why)

    def _record(self) -> bool:
        settled = [*(verified.pending for verified in self._verified), *self._over]
        if not settled:
            return False
        now = self._clock.now()
        topics = followed(self._configuration())  # as they are now: the topic may have gone since it was asked for
        with self._store.write() as rooms:
            for verified in self._verified:
                pending, wish = verified.pending, verified.pending.wish
                if wish.mode is Mode.UNSUBSCRIBE:
                    rooms.hub.unsubscribe(wish.key)
                else:
                    rooms.hub.subscribe(_subscription(pending, topics.get(wish.topic), verified.asked_at), now)
            rooms.hub.settle(settled)
        self._asking.difference_update(pending.wish.key for pending in settled)
        self._requests.look()  # one of them may have been asked anew meanwhile
        confirmed_any = bool(self._verified)
        for verified in self._verified:
            pending = verified.pending
            log.info("hub_verified", mode=pending.wish.mode.value, path=pending.path, host=pending.name)
        self._verified, self._over = [], []
        return confirmed_any


def _subscription(pending: Pending, path: str | None, asked_at: datetime) -> Subscription:
    wish = pending.wish
    return Subscription(
        topic=wish.topic,
        path=path,
        callback=wish.callback,
        host=f"{pending.name} {pending.port}",
        secret=wish.secret,
        lease_until=asked_at + wish.lease,
        delivered=pending.etag,
    )
