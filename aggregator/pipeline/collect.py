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

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from aggregator.pipeline.fair import Claim, is_anything_due, lease
from aggregator.pipeline.outage import Outage
from aggregator.pipeline.record import VisitReport, record
from aggregator.pipeline.stations import Stations, Waiting
from aggregator.pipeline.under_way import UnderWay

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from aggregator.domain.outcome import Outcome
    from aggregator.domain.robots import RobotsAnswer
    from aggregator.domain.settings import Configuration
    from aggregator.domain.source import DueSource, SourceKind
    from aggregator.ports import Clock, Fetcher, Reader, Store

log = structlog.get_logger()

LEASE = timedelta(minutes=10)  # longer than a queue for one slow host; a dead owner's lease is freed at once
CLOCK_BACK = timedelta(hours=12)  # set back further than by any zone: what it showed before was wrong


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
        earliest: datetime | None = None,
    ) -> None:
        self.configuration = configuration
        self._store = store
        self._clock = clock
        self._stations = Stations(
            store=store, fetchers=fetchers, reader=reader, clock=clock, configuration=configuration
        )
        self._owner = owner
        self._learnt = learnt  # what hosts' robots.txt said
        self._earliest = earliest  # before then the clock is wrong
        self._told_of_clock = False
        self._under_way = UnderWay()
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
        return len(self._under_way)

    def claim(self, only: frozenset[str] | None = None, *, skip: frozenset[str] = frozenset()) -> list[str]:
        """Lease what is due (or the named sources, due or not) as far as there is room, and start the visits.

        `skip` names sources to leave alone. Returns the ids of the sources now being visited.
        """
        room = 4 * self.configuration.fetch.concurrency - self.busy
        if room <= 0 or (only is not None and not only):
            return []
        now = self._clock.now()
        if self._is_too_early(now):
            return []
        self._adopt_nothing()
        self._follow_clock(now)
        if only is None and not is_anything_due(self._store, now):
            return []
        claim = Claim(owner=self._owner, now=now, lease=LEASE, only=only, skip=skip | self._under_way.names)
        with self._store.write() as rooms:
            claimed = lease(rooms, claim, room, self._under_way.names, self.configuration)
        for due in claimed:
            self._under_way.wait(due, self._stations.first(due))
        return [due.source.id for due in claimed]

    def _adopt_nothing(self) -> None:
        """After the store failed, our leases have no visits behind them: give them back as soon as it works."""
        if self._orphans and not self.busy:
            with self._store.write() as rooms:
                rooms.sources.release(self._owner)
            self._orphans = False

    def _is_too_early(self, now: datetime) -> bool:
        """A machine without a battery begins in 1970: what it stored then would soon be old, and deleted for good."""
        if self._earliest is None or now >= self._earliest:
            return False
        if not self._told_of_clock:
            log.error(
                "clock_wrong", shows=now.isoformat(timespec="seconds"), reason="nothing is visited until it is set"
            )
            self._told_of_clock = True
        return True

    def _follow_clock(self, now: datetime) -> None:
        """A clock that was set back by days would leave every source waiting for the time it had shown."""
        if self._looked is not None and now < self._looked - CLOCK_BACK:
            log.warning("clock_set_back", seconds=(self._looked - now).total_seconds())
            with self._store.write() as rooms:
                rooms.sources.wake(now)
        self._looked = now

    def step(self, timeout: float) -> list[VisitReport]:
        """Wait up to `timeout` seconds for arrivals, and carry them one station further."""
        outcomes: list[tuple[DueSource, Outcome]] = []
        for arrival in self._under_way.arrived(timeout):
            came = self._stations.after(arrival.due, arrival.waited)
            if isinstance(came, Waiting):
                self._under_way.wait(arrival.due, came)
            elif came is not None:
                outcomes.append((arrival.due, came))
        if answers := self._learnt():
            with self._store.write() as rooms:
                rooms.robots.put(answers)
        if not outcomes:
            return []
        self._outage = self._outage or Outage.watch(self._store, self.configuration)
        return record(self._store, outcomes, self._outage, self.configuration, self._clock.now())

    def wake(self) -> None:
        """Let `step` return at once; any thread may ask for that."""
        self._under_way.wake()

    def forget(self) -> None:
        """Give up every visit under way after the store failed."""
        self._orphans = True
        self._under_way.give_up()

    def stop(self) -> None:
        """Give up every visit under way and its lease; whoever comes next visits those sources again."""
        self.forget()
        with self._store.write() as rooms:
            rooms.sources.release(self._owner)
