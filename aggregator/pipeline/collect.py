"""Sources that are due → stored items and stories, and the next visit.

::

    claim()   due sources are leased, each visit is queued                      (the store, then the fetch loop)
    step()    a response arrived   → 304 or known body: nothing to read
                                   → else it is read in a worker process
              a reading arrived    → it wants further addresses: they are visited, and all is read again
              full_text            → the pages of what is new are visited, each is read by itself (articles.py)
                                   → else known keys, candidates → decide → apply    (one transaction, many visits,
              every outcome        → the next visit, validators last             each in a savepoint)

Waiting happens in the fetcher, computing in the reader's processes; everything here runs in one thread, the only one
that writes. The stations between a response and its outcome are in stations.py. A visit whose result cannot be stored
keeps its lease until that runs out: it is visited again, and nothing of it is half stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

import structlog

from aggregator.domain.outcome import Failure, Outcome
from aggregator.errors import Code, FetchError, StorageError
from aggregator.pipeline.fair import Claim, lease
from aggregator.pipeline.outage import Outage
from aggregator.pipeline.record import VisitReport, record
from aggregator.pipeline.stations import Stations, Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from aggregator.domain.robots import RobotsAnswer
    from aggregator.domain.settings import Configuration
    from aggregator.domain.source import DueSource, SourceKind
    from aggregator.pipeline.articles import Errands
    from aggregator.pipeline.stations import Awaited
    from aggregator.ports import Clock, Fetcher, Reader, Store

log = structlog.get_logger()

LEASE = timedelta(minutes=10)  # longer than a queue for one slow host; a dead owner's lease is freed at once
CLOCK_BACK = timedelta(hours=12)  # set back further than by any zone: what it showed before was wrong
BATCH = 64  # visits in one transaction: SQLite's cost a commit is spread, a reader waits little


@dataclass(frozen=True, kw_only=True, slots=True)
class _Arrival:
    """Something a visit waited for has come."""

    due: DueSource
    waited: Waiting


class Collector:
    """Collects from sources. Not thread-safe: `claim`, `step` and `stop` belong to the writing thread."""

    def __init__(
        self,
        *,
        store: Store,
        fetchers: Mapping[SourceKind, Fetcher],
        reader: Reader,
        clock: Clock,
        configuration: Configuration,
        owner: str,
        learnt: Callable[[], Sequence[RobotsAnswer]] = tuple,
    ) -> None:
        self.configuration = configuration
        self._store = store
        self._clock = clock
        self._stations = Stations(
            store=store, fetchers=fetchers, reader=reader, clock=clock, configuration=configuration
        )
        self._owner = owner
        self._learnt = learnt  # what hosts' robots.txt said
        self._arrivals: SimpleQueue[_Arrival | None] = SimpleQueue()
        self._busy: dict[str, Awaited] = {}
        self._errands: dict[str, Errands] = {}  # of those whose articles' pages are under way
        self._outage: Outage | None = None
        self._orphans = False  # whether leases of ours may have no visit behind them
        self._looked: datetime | None = None

    def configure(self, configuration: Configuration) -> None:
        """Go on with an edited configuration; visits under way end as they began."""
        self.configuration = self._stations.configuration = configuration
        self._outage = None

    @property
    def busy(self) -> int:
        """Visits under way."""
        return len(self._busy)

    def claim(self, only: frozenset[str] | None = None, *, skip: frozenset[str] = frozenset()) -> list[str]:
        """Lease what is due (or the named sources, due or not) as far as there is room, and start the visits.

        `skip` names sources to leave alone. Returns the ids of the sources now being visited.
        """
        room = 4 * self.configuration.fetch.concurrency - len(self._busy)
        if room <= 0 or (only is not None and not only):
            return []
        now = self._clock.now()
        self._adopt_nothing()
        self._follow_clock(now)
        if only is None:
            with self._store.read() as rooms:
                first = rooms.sources.next_due()
            if first is None or first > now:
                return []
        claim = Claim(owner=self._owner, now=now, lease=LEASE, only=only, skip=skip | frozenset(self._busy))
        with self._store.write() as rooms:
            claimed = lease(rooms, claim, room, self._busy, self.configuration)
        for due in claimed:
            self._wait(due, self._stations.first(due))
        return [due.source.id for due in claimed]

    def _adopt_nothing(self) -> None:
        """After the store failed, our leases have no visits behind them: give them back as soon as it works."""
        if self._orphans and not self._busy:
            with self._store.write() as rooms:
                rooms.sources.release(self._owner)
            self._orphans = False

    def _follow_clock(self, now: datetime) -> None:
        """A clock that was set back by days would leave every source waiting for the time it had shown."""
        if self._looked is not None and now < self._looked - CLOCK_BACK:
            log.warning("clock_set_back", seconds=(self._looked - now).total_seconds())
            with self._store.write() as rooms:
                rooms.sources.wake(now)
        self._looked = now

    def step(self, timeout: float) -> list[VisitReport]:
        """Wait up to `timeout` seconds for arrivals, and carry them one station further."""
        for errands in list(self._errands.values()):
            errands.hurry()
        if answers := self._learnt():
            with self._store.write() as rooms:
                rooms.robots.put(answers)
        outcomes: list[tuple[DueSource, Outcome]] = []
        for arrival in self._take(timeout):
            if self._busy.get(arrival.due.source.id) is not arrival.waited.future:
                continue  # given up meanwhile
            del self._busy[arrival.due.source.id]
            self._errands.pop(arrival.due.source.id, None)
            outcome = self._advance(arrival)
            if outcome is not None:
                outcomes.append((arrival.due, outcome))
        if not outcomes:
            return []
        if self._outage is None:
            with self._store.read() as rooms:
                answered = rooms.sources.last_answer()
            self._outage = Outage(self.configuration.sources, self.configuration.fetch.timeout, answered)
        return record(self._store, outcomes, self._outage, self.configuration, self._clock.now())

    def wake(self) -> None:
        """Let `step` return at once; any thread may ask for that."""
        self._arrivals.put(None)

    def forget(self) -> None:
        """Give up every visit under way after the store failed."""
        self._orphans = True
        for future in self._busy.values():
            future.cancel()
        self._busy.clear()
        self._errands.clear()

    def stop(self) -> None:
        """Give up every visit under way and its lease; whoever comes next visits those sources again."""
        self.forget()
        with self._store.write() as rooms:
            rooms.sources.release(self._owner)

    def _wait(self, due: DueSource, waiting: Waiting) -> None:
        work, pages, arrivals = waiting.work, waiting.pages, self._arrivals
        self._busy[due.source.id] = waiting.future
        if waiting.errands is not None:
            self._errands[due.source.id] = waiting.errands
        # The future is handed in: a callback that holds its own would keep every body until garbage is collected.
        waiting.future.add_done_callback(
            lambda done: arrivals.put(_Arrival(due=due, waited=Waiting(future=done, work=work, pages=pages)))
        )

    def _take(self, timeout: float) -> Iterator[_Arrival]:
        """One after the other: a list of them would hold all their bodies."""
        try:
            arrival = self._arrivals.get(timeout=timeout)
            for _ in range(BATCH - 1):
                if arrival is not None:
                    yield arrival
                arrival = self._arrivals.get_nowait()
        except Empty:
            return
        if arrival is not None:
            yield arrival

    def _advance(self, arrival: _Arrival) -> Outcome | None:
        """The outcome, or None when the visit goes on (or was cancelled)."""
        due = arrival.due
        if arrival.waited.future.cancelled():
            return None
        try:
            step = self._stations.after(due, arrival.waited, arrival.waited.future.result())
        except FetchError as error:
            return Failure.of(error)
        except StorageError:
            raise  # nothing can go on
        except Exception as error:  # the one boundary that owns a source: a bug of ours costs this source only
            log.exception("visit_crashed", source=due.source.id)
            return Failure(code=Code.INTERNAL, message=f"a bug of ours: {type(error).__name__}; see the log")
        if isinstance(step, Waiting):
            self._wait(due, step)
            return None
        return step
