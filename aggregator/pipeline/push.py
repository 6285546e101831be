"""Sources' subscriptions at hubs (WebSub): asked for, renewed and ended, a few at a time.

::

    settle      what a feed says of hubs → the subscription its source should have   (follow.py; also when it is read)
    words       a hub verified or denied → the subscription, and the source's rhythm
    answers     what became of our calls
    ask         those whose time has come: stored first, then called

Runs in the writing thread of the daemon. What is asked for is stored before it is asked, so a verification finds it
also after a sudden end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog

from aggregator.domain.call import Call
from aggregator.domain.subscription import Denied, PushState, Verified
from aggregator.errors import FetchError
from aggregator.pipeline.follow import CALLBACK, own_entries, resume, settle
from aggregator.steps.due.spread import fraction
from aggregator.steps.fetch.answers import retry_at
from aggregator.steps.push import subscribe

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from datetime import datetime

    from aggregator.domain.call import Answer
    from aggregator.domain.settings import Configuration
    from aggregator.domain.subscription import Subscription
    from aggregator.pipeline.inbox import Inbox
    from aggregator.ports import Caller, Clock, Rooms, Store

log = structlog.get_logger()

AT_ONCE = 8  # calls under way, of one hub PER_HUB
PER_HUB = 2
PER_TURN = 3  # calls begun in one turn, of which there is one a second: ten thousand sources take an hour
HELD_AT_LEAST = timedelta(minutes=1)  # a hub that fails is left alone by all of its subscriptions
FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
KEEP_DELIVERIES = timedelta(days=30)
KEEP_ENDED = timedelta(days=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Answered:
    asked: Subscription
    future: Future[Answer]


class Subscriber:
    """Keeps the subscriptions. Not thread-safe: every method belongs to the writing thread.

    Args:
        store: where subscriptions are.
        caller: how hubs are asked.
        clock: the only source of time.
        configuration: the one in force; see `configure`.
        inbox: what hubs say.
        token: makes what nobody can guess, of letters that pass through addresses unchanged.
    """

    def __init__(
        self,
        *,
        store: Store,
        caller: Caller,
        clock: Clock,
        configuration: Configuration,
        inbox: Inbox,
        token: Callable[[], str],
    ) -> None:
        self._store = store
        self._caller = caller
        self._clock = clock
        self._adopt(configuration)
        self._inbox = inbox
        self._token = token
        self._answers: SimpleQueue[_Answered] = SimpleQueue()
        self._answered: list[_Answered] = []
        self._words: list[Verified | Denied] = []
        self._calls: dict[int, str] = {}  # the hub of each subscription that is being asked
        self._held: dict[str, datetime] = {}  # hubs to leave alone until then

    def start(self) -> None:
        """After a time away: what was asked for is asked again, and slowed sources are polled in their own rhythm.

        What hubs brought meanwhile found nobody.
        """
        now = self._clock.now()
        with self._store.write() as rooms:
            self._reconcile(rooms, now)
            for one in rooms.subscriptions.live().values():
                if one.state is PushState.WANTED and one.asked_until is not None and one.asked_until > now:
                    rooms.subscriptions.put(replace(one, next_try=now, failures=max(0, one.failures - 1)))
                self._resume(rooms, one, "the program was away, what push brought then is looked for", now)

    def configure(self, configuration: Configuration) -> None:
        """Go on with an edited configuration: subscriptions of sources that went or were paused are given up."""
        self._adopt(configuration)
        with self._store.write() as rooms:
            self._reconcile(rooms, self._clock.now())

    def step(self) -> None:
        """Store what hubs said and answered since the last time; all of it again if the store fails."""
        self._words += self._inbox.words()
        self._answered += _all(self._answers)
        if not self._words and not self._answered:
            return
        now = self._clock.now()
        with self._store.write() as rooms:
            for answer in self._answered:
                self._take_answer(rooms, answer, now)
            for word in self._words:
                self._take_word(rooms, word)
        self._words.clear()
        self._answered.clear()

    def ask(self) -> None:
        """Ask hubs for what is due, a few at a time."""
        now = self._clock.now()
        self._held = {hub: until for hub, until in self._held.items() if until > now}
        room = min(PER_TURN, AT_ONCE - len(self._calls))
        if room <= 0:
            return
        counts = list(self._calls.values())
        full = {hub for hub in counts if counts.count(hub) >= PER_HUB} | set(self._held)
        with self._store.read() as rooms:
            due = rooms.subscriptions.due(now, AT_ONCE, but_hubs=full)
        chosen: list[Subscription] = []
        for one in due:
            if one.id not in self._calls and counts.count(one.hub) < PER_HUB and len(chosen) < room:
                chosen.append(one)
                counts.append(one.hub)
        if not chosen:
            return
        with self._store.write() as rooms:
            asked = [one for one in (self._prepared(rooms, found, now) for found in chosen) if one is not None]
        for one in asked:
            self._call(one)

    def prune(self) -> None:
        """Forget what is long over."""
        now = self._clock.now()
        with self._store.write() as rooms:
            rooms.subscriptions.prune(deliveries_before=now - KEEP_DELIVERIES, ended_before=now - KEEP_ENDED)

    def _adopt(self, configuration: Configuration) -> None:
        self._configuration = configuration
        self._sources = {source.id: source for source in configuration.sources}

    def _reconcile(self, rooms: Rooms, now: datetime) -> None:
        infos, live = rooms.subscriptions.announced(), rooms.subscriptions.live()
        for source in self._configuration.sources:
            have, info = live.pop(source.id, None), infos.get(source.id)
            if have is not None or info is not None:
                settle(rooms, source, have, info, configuration=self._configuration, now=now)
        for have in live.values():
            rooms.subscriptions.put(subscribe.left(have, "its source was removed", now))

    def _prepared(self, rooms: Rooms, found: Subscription, now: datetime) -> Subscription | None:
        """Stored as it will be asked; None where nothing is to be asked any more."""
        one = rooms.subscriptions.get(found.id)
        if one is None or (one.next_try, one.hub, one.state) != (found.next_try, found.hub, found.state):
            return None  # another process has changed it since it was found
        current = subscribe.overdue(one, now)
        over = current.state is PushState.ENDED
        callback = f"{self._configuration.site.url}/{CALLBACK}/{self._token()}"
        share = fraction(one.source_id, now)
        fresh = (
            current if over else subscribe.asked(current, callback=callback, secret=self._token(), now=now, share=share)
        )
        rooms.subscriptions.put(fresh)
        if not current.proven:
            self._resume(rooms, one, current.reason, now)
        return None if over else fresh

    def _call(self, asked: Subscription) -> None:
        self._calls[asked.id] = asked.hub
        source = self._sources.get(asked.source_id)
        call = Call(
            about=asked.source_id,
            method="POST",
            url=asked.hub,
            headers=FORM,
            body=subscribe.form(asked),
            allowed=own_entries(source.url if source else asked.source_url, self._configuration),
            follow=True,
        )
        future = self._caller.call(call)
        future.add_done_callback(lambda done: self._answers.put(_Answered(asked=asked, future=done)))

    def _resume(self, rooms: Rooms, one: Subscription, why: str, now: datetime) -> None:
        source = self._sources.get(one.source_id)
        resume(rooms, one, source, configuration=self._configuration, now=now, why=why)

    def _take_answer(self, rooms: Rooms, answered: _Answered, now: datetime) -> None:
        """2xx: the hub will verify. Anything else is asked again later."""
        self._calls.pop(answered.asked.id, None)
        if answered.future.cancelled():
            return
        heard, wish = True, None
        try:
            answer = answered.future.result()
        except FetchError as error:
            heard, wish, why = False, error.retry_at, f"the hub cannot be asked: {error.code.value}"
            self._held[answered.asked.hub] = now + HELD_AT_LEAST
        else:
            if 200 <= answer.status < 300:  # noqa: PLR2004 - RFC 9110 §15.3
                return
            why = f"the hub answered HTTP {answer.status}"
            wish = retry_at(answer.headers, now)
            if answer.status in {429, 503}:
                self._held[answered.asked.hub] = max(wish or now, now + HELD_AT_LEAST)
        log.warning("push_refused", source=answered.asked.source_id, hub=host(answered.asked.hub), reason=why)
        one = rooms.subscriptions.get(answered.asked.id)
        # It may have been verified, or given up, while the answer was on its way.
        if one is not None and one.next_try == answered.asked.next_try and one.state is answered.asked.state:
            share = fraction(one.source_id, now)
            rooms.subscriptions.put(subscribe.refused(one, why, heard=heard, retry_at=wish, now=now, share=share))

    def _take_word(self, rooms: Rooms, word: Verified | Denied) -> None:
        one = rooms.subscriptions.get(word.subscription_id)
        if one is None:
            return
        share = fraction(one.source_id, word.at)
        if isinstance(word, Verified):
            fresh = subscribe.verified(one, subscribe=word.subscribe, lease=word.lease, now=word.at, share=share)
            log.info("push_verified", source=one.source_id, hub=host(one.hub), state=fresh.state.value)
        else:
            fresh = subscribe.denied(one, word.why, word.at, share)
            log.warning("push_denied", source=one.source_id, hub=host(one.hub), reason=fresh.reason)
        rooms.subscriptions.put(fresh)  # before the source's row, as a visit does: two processes lock alike
        if isinstance(word, Denied):
            self._resume(rooms, one, "push was denied by the hub", word.at)


def host(url: str) -> str:
    """What may be told of a hub's address."""
    return urlsplit(url).hostname or ""


def _all(queue: SimpleQueue[_Answered]) -> list[_Answered]:
    found: list[_Answered] = []
    while True:
        try:
            found.append(queue.get_nowait())
        except Empty:
            return found
