"""What the server counted → the store, in batches; and the sum → the servers that are visited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aggregator.app.web.audience import ReaderCount
    from aggregator.ports import Clock, Store


class Recount:
    """Called by the writing thread now and then. `tell` gets the number of subscribers when it is another."""

    def __init__(self, store: Store, counter: ReaderCount, clock: Clock, tell: Callable[[int], None]) -> None:
        self._store = store
        self._counter = counter
        self._clock = clock
        self._tell = tell
        self._told = 0

    def __call__(self) -> None:
        """Store what is new.

        Raises:
            StorageError: the store failed; what was counted is kept for the next time.
        """
        now, tally = self._clock.now(), self._counter.take()
        try:
            if tally.counts or tally.tokens:
                with self._store.write() as rooms:
                    rooms.audience.put(tally.counts)
                    rooms.audience.used(tally.tokens, now)
        except StorageError:
            self._counter.give_back(tally)
            raise
        with self._store.read() as rooms:
            everybody = sum(audience.told for audience in rooms.audience.now(now).values())
        if everybody != self._told:
            self._tell(everybody)
            self._told = everybody
