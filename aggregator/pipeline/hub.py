"""Our WebSub hub: whoever subscribes gets a feed's bytes the moment they change (W3C Recommendation, 23 January 2018).

::

    hub_requests.py   what strangers ask: judged and bounded, on the server's threads
    hub_verify.py     the callback confirms, and only then it is subscribed
    hub_deliver.py    what a callback lacks is brought to it
    hub_ping.py       instead of all that: an outside hub is told
    hub_guard.py      which callbacks are called at all      hub_link.py   which hub feeds announce
    hub_calls.py      calls whose answers come back to the hub's thread

One thread works here, in steps; what it sends waits in the fetcher's loop.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from aggregator.domain.call import Call
from aggregator.domain.hub import HubLimits, Mode
from aggregator.pipeline.hub_calls import HubCalls
from aggregator.pipeline.hub_deliver import Deliveries
from aggregator.pipeline.hub_link import BUILT_IN, announced, followed
from aggregator.pipeline.hub_ping import Pings
from aggregator.pipeline.hub_requests import HubRequests
from aggregator.pipeline.hub_verify import Verifications
from aggregator.steps.push.hub import denied

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from aggregator.domain.hub import Reply
    from aggregator.domain.settings import Configuration
    from aggregator.ports import Caller, Clock, Store

log = structlog.get_logger()

TIDY_EVERY = timedelta(hours=1)  # also how long a topic must have been gone before its subscribers are told
DENIED_AT_ONCE = 200


class Hub:
    """`ask` and `published` may be called from any thread, `step` from one."""

    def __init__(
        self,
        *,
        store: Store,
        caller: Caller,
        clock: Clock,
        configuration: Callable[[], Configuration],
        monotonic: Callable[[], float],
        fraction: Callable[[], float],
        challenge: Callable[[], str],
        limits: HubLimits | None = None,
    ) -> None:
        limits = limits or HubLimits()
        self._patience = limits.patience
        self._store = store
        self._clock = clock
        self._configuration = configuration
        self._calls = HubCalls(caller)
        self._requests = HubRequests(store, clock, configuration, limits=limits, monotonic=monotonic)
        self._verifications = Verifications(
            store, clock, configuration, self._requests, self._calls, at_once=limits.verifying, challenge=challenge
        )
        self._deliveries = Deliveries(store, clock, configuration, self._calls, fraction=fraction)
        self._pings = Pings(store, clock, configuration, self._calls, fraction=fraction)
        self._followed: Configuration | None = None
        self._tidy_at: datetime | None = None

    def ask(self, content_type: str, body: bytes, client: str) -> Reply:
        """Answer one POST to the hub's address; `client` names who asked.

        Raises:
            StorageError: the store failed.
        """
        reply, wish = self._requests.ask(content_type, body, client)
        if wish is not None:
            if wish.mode is Mode.PUBLISH:
                self._deliveries.look()
            self._calls.nudge()
        return reply

    def published(self) -> None:
        """Documents changed: deliver them now."""
        self._deliveries.look()
        self._pings.look()
        self._calls.nudge()

    def step(self, timeout: float) -> None:
        """One round: wait for answers or for something to do, up to so many seconds, then do it.

        Raises:
            StorageError: the store failed; the next step goes on.
        """
        self._calls.wait(timeout)
        self._follow()
        if self._verifications.step():
            self._deliveries.look()  # it may have changed since it was asked for
        if self._configuration().publish.hub == BUILT_IN:
            self._deliveries.step()
            self._tidy()
        else:
            self._pings.step()

    def _follow(self) -> None:
        """An edited configuration has other topics, or another address."""
        configuration = self._configuration()
        if configuration is self._followed:
            return
        with self._store.write() as rooms:
            resting = rooms.hub.follow(followed(configuration))
        if resting:
            log.info("hub_topics_gone", subscriptions=resting)
        self._followed = configuration
        self._tidy_at = self._clock.now() + TIDY_EVERY
        self._deliveries.look()
        self._pings.look()

    def _tidy(self) -> None:
        """Forget subscriptions that ran out, and tell those of topics that are gone for long (§5.2)."""
        now = self._clock.now()
        if self._tidy_at is None or now < self._tidy_at:
            return
        with self._store.write() as rooms:
            expired = rooms.hub.expire(now)
            rooms.hub.give_up(now - self._patience)
            gone = rooms.hub.resting(DENIED_AT_ONCE)
            for one in gone:
                rooms.hub.unsubscribe(one.key)
        configuration = self._configuration()
        for one in gone if announced(configuration) else ():
            url = denied(one.callback, one.topic, "this feed is not published any more")
            call = Call(about=one.topic, url=url, allowed=configuration.publish.hub_allow_hosts)
            self._calls.begin(call, lambda _: None)
        if expired or gone:
            log.info("hub_tidied", expired=expired, denied=len(gone))
        if len(gone) < DENIED_AT_ONCE:
            self._tidy_at = now + TIDY_EVERY
