"""Tells an outside hub which feeds changed, so that it fetches and distributes them (W3C WebSub §6).

One POST a feed: the specification leaves the form to hub and publisher, and this is the one that every hub reads:
`hub.mode=publish`, and the feed's address both as `hub.topic` and, as the drafts before the Recommendation had it,
as `hub.url`. Several in one request are understood by some hubs only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import structlog

from aggregator.domain.call import Answer, Call
from aggregator.pipeline.hub_link import BUILT_IN, announced, topics_of
from aggregator.steps.push.hub import FORM
from aggregator.steps.push.hub_delivery import MOST_TRIES, asked_to_wait, waiting

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from aggregator.domain.settings import Configuration
    from aggregator.errors import FetchError
    from aggregator.pipeline.hub_calls import HubCalls
    from aggregator.ports import Clock, Store

log = structlog.get_logger()

AT_ONCE = 8
LOOK_EVERY = timedelta(seconds=5)
_SUCCESS = range(200, 300)


@dataclass(frozen=True, kw_only=True, slots=True)
class _News:
    """A document's form that the hub (by a digest of its address) was not told of."""

    hub: bytes
    path: str
    etag: str
    failures: int


class Pings:
    """Everything here happens on the hub's thread but `look`. What is to be told follows from the store."""

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
        self._flying: set[str] = set()
        self._results: list[tuple[_News, Answer | FetchError]] = []
        self._look_at: datetime | None = None

    def look(self) -> None:
        """Something was published."""
        self._look_at = None

    def step(self) -> None:
        """Record what the hub answered and tell it what it does not know.

        Raises:
            StorageError: the store failed; the hub is told again.
        """
        self._record()
        configuration, now = self._configuration(), self._clock.now()
        hub = configuration.publish.hub
        if hub in {None, BUILT_IN} or announced(configuration) is None or hub is None:
            return
        if len(self._flying) >= AT_ONCE or (self._look_at is not None and now < self._look_at):
            return
        addresses = {path: topic for topic, path in topics_of(configuration).items()}
        name = blake2b(hub.encode(), digest_size=16).digest()
        with self._store.read() as rooms:
            untold = rooms.hub.untold(name, addresses.keys(), now)
        waiting_now = [one for one in untold if one[0] not in self._flying]
        room = AT_ONCE - len(self._flying)
        self._look_at = now + LOOK_EVERY if len(waiting_now) <= room else None
        for path, etag, failures in waiting_now[:room]:
            self._tell(configuration, _News(hub=name, path=path, etag=etag, failures=failures), addresses[path])

    def _tell(self, configuration: Configuration, news: _News, topic: str) -> None:
        said = {"hub.mode": "publish", "hub.topic": topic, "hub.url": topic}
        call = Call(
            about=news.path,
            method="POST",
            url=configuration.publish.hub or "",
            headers=(("Content-Type", FORM),),
            body=urlencode(said).encode(),
            allowed=configuration.publish.hub_allow_hosts,
            follow=True,
        )
        self._flying.add(news.path)

        def came(outcome: Answer | FetchError | None) -> None:
            self._flying.discard(news.path)
            if outcome is not None:
                self._results.append((news, outcome))

        self._calls.begin(call, came)

    def _record(self) -> None:
        if not self._results:
            return
        now = self._clock.now()
        with self._store.write() as rooms:
            for news, outcome in self._results:
                if isinstance(outcome, Answer) and outcome.status in _SUCCESS:
                    rooms.hub.told(news.hub, news.path, news.etag, failures=0, next_try=now)
                    log.debug("hub_pinged", path=news.path)
                    continue
                failed = news.failures + 1
                wait = waiting(failed, self._fraction())
                if isinstance(outcome, Answer):
                    wait = max(wait, asked_to_wait(outcome, now))
                given_up = news.etag if failed % MOST_TRIES == 0 else None
                rooms.hub.told(news.hub, news.path, given_up, failures=failed, next_try=now + wait)
                why = f"HTTP {outcome.status}" if isinstance(outcome, Answer) else outcome.code.value
                (log.debug if news.failures else log.warning)("hub_ping_failed", path=news.path, why=why, tries=failed)
        self._results = []
        self._look_at = None
