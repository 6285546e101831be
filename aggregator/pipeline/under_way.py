"""The visits under way: what each of them waits for, and what has come. Waiting itself happens elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from aggregator.pipeline.stations import Waiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aggregator.domain.source import DueSource
    from aggregator.pipeline.articles import Errands
    from aggregator.pipeline.stations import Awaited

AT_ONCE = 64  # visits in one transaction: SQLite's cost a commit is spread, a reader waits little


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """Something a visit waited for has come."""

    due: DueSource
    waited: Waiting


class UnderWay:
    """Belongs to the writing thread, but for `wake` and what futures call."""

    def __init__(self) -> None:
        self._arrivals: SimpleQueue[Arrival | None] = SimpleQueue()
        self._busy: dict[str, Awaited] = {}
        self._errands: dict[str, Errands] = {}  # of those whose articles' pages are under way

    def __len__(self) -> int:
        return len(self._busy)

    @property
    def names(self) -> frozenset[str]:
        """The ids of the sources that are being visited."""
        return frozenset(self._busy)

    def wait(self, due: DueSource, waiting: Waiting) -> None:
        """A visit goes on once its future is done."""
        work, pages, arrivals = waiting.work, waiting.pages, self._arrivals
        self._busy[due.source.id] = waiting.future
        if waiting.errands is not None:
            self._errands[due.source.id] = waiting.errands
        # The future is handed in: a callback that holds its own would keep every body until garbage is collected.
        waiting.future.add_done_callback(
            lambda done: arrivals.put(Arrival(due=due, waited=Waiting(future=done, work=work, pages=pages)))
        )

    def arrived(self, timeout: float) -> Iterator[Arrival]:
        """What has come within so many seconds, one after the other: a list of them would hold all their bodies."""
        for errands in list(self._errands.values()):
            errands.hurry()
        try:
            arrival = self._arrivals.get(timeout=timeout)
            for further in range(AT_ONCE - 1, -1, -1):
                if arrival is not None and self._is_awaited(arrival):
                    yield arrival
                if not further:
                    return
                arrival = self._arrivals.get_nowait()
        except Empty:
            return

    def wake(self) -> None:
        """Let `arrived` return at once; any thread may ask for that."""
        self._arrivals.put(None)

    def give_up(self) -> None:
        """Every visit; what still comes of them counts for nothing."""
        for future in self._busy.values():
            future.cancel()
        self._busy.clear()
        self._errands.clear()

    def _is_awaited(self, arrival: Arrival) -> bool:
        """Whether it was not given up meanwhile; it is waited for no more."""
        name = arrival.due.source.id
        if self._busy.get(name) is not arrival.waited.future:
            return False
        del self._busy[name]
        self._errands.pop(name, None)
        return True
