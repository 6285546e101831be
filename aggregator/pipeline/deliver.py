"""Deliveries of hubs → stored items and stories, as a visit's are; but no visit: its plan and validators stay.

::

    step()   a delivery came      → the same body as before: nothing to do
                                  → else it is read in a worker process, under a visit's limits
             a reading arrived    → admitted, placed and stored in one transaction

A visit to the same source may be under way meanwhile. Neither waits for the other: what both bring is known by its
keys to whichever is stored last.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import structlog

from aggregator.domain.outcome import Failure, Reading
from aggregator.domain.response import Response
from aggregator.domain.source import DueSource, Visits
from aggregator.domain.subscription import LIVE
from aggregator.pipeline.asking import context_of, told
from aggregator.pipeline.follow import distrust, resume
from aggregator.pipeline.keep import keep
from aggregator.pipeline.record import VisitReport
from aggregator.steps.push.trust import delivered

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from aggregator.domain.settings import Configuration
    from aggregator.domain.source import Source
    from aggregator.domain.subscription import Delivery, Subscription
    from aggregator.pipeline.inbox import Inbox
    from aggregator.ports import Clock, Reader, Rooms, Store

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Read:
    delivery: Delivery
    source_id: str  # as which it was read
    future: Future[Reading | Failure]


class Deliveries:
    """Takes deliveries out of the inbox. Not thread-safe: `step` belongs to the writing thread.

    `wake` is called from other threads when there is something for `step`.
    """

    def __init__(
        self,
        *,
        store: Store,
        reader: Reader,
        clock: Clock,
        configuration: Configuration,
        inbox: Inbox,
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._configuration = configuration
        self._sources: dict[str, Source] = {}
        self._reader = reader
        self._clock = clock
        self._inbox = inbox
        self._wake = wake
        self._readings: SimpleQueue[_Read] = SimpleQueue()
        self._unbegun: deque[Delivery] = deque()  # out of the inbox; the store may fail before they are begun
        self._unstored: list[_Read] = []  # the store failed; their hubs were told that all is well

    def step(self, configuration: Configuration) -> list[VisitReport]:
        """Carry deliveries one station further; reports of those that were stored."""
        self._configuration = configuration
        self._sources = {source.id: source for source in configuration.sources}
        self._unbegun.extend(self._inbox.deliveries())
        while self._unbegun:
            self._begin(self._unbegun[0])
            self._unbegun.popleft()
        self._unstored += self._arrived()
        if not self._unstored:
            return []
        with self._store.write() as rooms:  # if that fails as a whole, all of them are stored the next time
            reports = [self._end(rooms, read) for read in self._unstored]
        for read in self._unstored:
            self._inbox.read(read.delivery)
        self._unstored.clear()
        return [report for report in reports if report is not None]

    @property
    def waiting(self) -> int:
        """Deliveries that are not stored yet."""
        return self._inbox.waiting

    def _arrived(self) -> list[_Read]:
        found: list[_Read] = []
        while True:
            try:
                found.append(self._readings.get_nowait())
            except Empty:
                return found

    def _begin(self, delivery: Delivery) -> None:
        """Have it read, unless it came before or its source has gone."""
        with self._store.read() as rooms:
            source = self._source_of(rooms.subscriptions.get(delivery.subscription_id))
            before = rooms.subscriptions.was_delivered(delivery.subscription_id, delivery.digest)
            known = rooms.items.raw_hashes(delivery.source_id if source is None else source.id)
        if before or source is None or not source.enabled:
            log.debug("delivery_ignored", source=delivery.source_id, repeated=before)
            self._inbox.read(delivery)
            return
        response = Response(
            source_id=source.id,
            url=delivery.topic,
            headers=((("content-type", delivery.content_type),) if delivery.content_type else ()),
            body=delivery.body,
            received_at=delivery.at,
        )
        due = DueSource(source=source, visits=Visits(), fence=0)  # read as a visit would be
        context = context_of(due, self._configuration.fetch)
        future = self._reader.read(context, told(due, response), known, delivery.at)
        future.add_done_callback(lambda done: self._came(_Read(delivery=delivery, source_id=source.id, future=done)))

    def _source_of(self, one: Subscription | None) -> Source | None:
        """The source of a live subscription, whatever it is called by now."""
        return None if one is None or one.state not in LIVE else self._sources.get(one.source_id)

    def _came(self, read: _Read) -> None:
        self._readings.put(read)
        self._wake()

    def _end(self, rooms: Rooms, read: _Read) -> VisitReport | None:
        """Store what was read; what cannot be is for the next poll to find."""
        one = rooms.subscriptions.get(read.delivery.subscription_id)
        source = self._source_of(one)
        if one is None or source is None:
            return None
        result = _result(read)
        if result is not None and source.id == read.source_id:
            try:
                with rooms.savepoint():
                    return self._stored(rooms, one, read.delivery, source, result)
            except Exception:  # one delivery's boundary; a store that fails as a whole fails at its commit, too
                log.exception("delivery_not_stored", source=source.id)
        distrust(rooms, one, source, self._configuration, self._clock.now())
        return None

    def _stored(
        self, rooms: Rooms, one: Subscription, delivery: Delivery, source: Source, result: Reading | Failure
    ) -> VisitReport | None:
        now = self._clock.now()
        if not rooms.subscriptions.delivered(one.id, delivery.digest, now):
            return None  # two of the same came at once
        if isinstance(result, Failure):
            log.warning("delivery_unread", source=source.id, code=result.code.value, message=result.message)
            distrust(rooms, one, source, self._configuration, now)
            return None
        due = DueSource(source=source, visits=rooms.sources.visits(source.id) or Visits(), fence=0)
        kept = keep(rooms, due, result, self._configuration, now)
        if source.full_text and kept.new + kept.changed:
            why = "the pages of what was delivered are to be read"
            resume(rooms, one, source, configuration=self._configuration, now=now, why=why)
        if result.truncated:  # its complete entries are kept; what was cut off is for a poll to find
            distrust(rooms, one, source, self._configuration, now)
        else:
            rooms.subscriptions.put(delivered(one, now))  # in a visit's order: two processes lock alike
        log.info("delivery_read", source=source.id, new=kept.new, changed=kept.changed, left_out=kept.left_out)
        return VisitReport(
            source_id=source.id,
            new=kept.new,
            changed=kept.changed,
            left_out=kept.left_out,
            dropped=kept.dropped,
            quiet=kept.quiet,
        )


def _result(read: _Read) -> Reading | Failure | None:
    """What became of the reading; None where it never ended."""
    if read.future.cancelled():
        return None
    try:
        return read.future.result()
    except Exception:  # the one boundary that owns a delivery: a bug of ours costs it alone
        log.exception("delivery_crashed", source=read.source_id)
        return None
