"""What hubs send us, from the web server's threads to the writer: bounded, for a hub sends when it likes."""

from __future__ import annotations

import threading
from collections import Counter
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aggregator.domain.subscription import Delivery, Denied, Verified

T = TypeVar("T")
MOST_BYTES = 48_000_000  # of bodies that are being received, wait or are being read: beside all else it stays small
MOST_WAITING = 500  # deliveries, and as many words of hubs
MOST_OF_ONE = 50  # deliveries of one subscription, and a third of the bytes: no hub keeps the others' news out
_SHARE = 3


class Inbox:
    """Any thread puts in, the writer takes out.

    `wake` is called whenever something came. Once `closed` says so nothing is taken: nobody would look at it.
    """

    def __init__(
        self,
        wake: Callable[[], None] = lambda: None,
        *,
        closed: Callable[[], bool] = lambda: False,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._wake = wake
        self._closed = closed
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._bytes: Counter[int] = Counter()  # by subscription
        self._waiting: Counter[int] = Counter()
        self._words: SimpleQueue[Verified | Denied] = SimpleQueue()
        self._deliveries: SimpleQueue[Delivery] = SimpleQueue()

    def take_room(self, size: int, *, of: int) -> bool:
        """Room for `size` more bytes of a subscription's body; given back by whoever drops it or has read it."""
        with self._lock:
            if self._bytes.total() + size > self._most_bytes or self._bytes[of] + size > self._most_bytes // _SHARE:
                return False
            self._bytes[of] += size
            return True

    def give_back(self, size: int, *, of: int) -> None:
        """A body is gone."""
        with self._lock:
            _take_off(self._bytes, of, size)

    def deliver(self, delivery: Delivery) -> bool:
        """Hand a delivery over, for which there is room. False where too many wait, or the end has come."""
        one = delivery.subscription_id
        with self._lock:
            if self._waiting.total() >= MOST_WAITING or self._waiting[one] >= MOST_OF_ONE or self._closed():
                return False
            self._waiting[one] += 1
        self._deliveries.put(delivery)
        self._wake()
        return True

    def read(self, delivery: Delivery) -> None:
        """A delivery that was handed over is done with."""
        with self._lock:
            _take_off(self._waiting, delivery.subscription_id, 1)
            _take_off(self._bytes, delivery.subscription_id, len(delivery.body))

    def tell(self, word: Verified | Denied) -> bool:
        """Hand over what a hub said. False where too much waits, or the end has come."""
        if self._words.qsize() >= MOST_WAITING or self._closed():
            return False
        self._words.put(word)
        self._wake()
        return True

    @property
    def waiting(self) -> int:
        """Deliveries that were handed over and are not done with."""
        with self._lock:
            return self._waiting.total()

    def words(self) -> Iterator[Verified | Denied]:
        """What hubs said since the last time."""
        return _all(self._words)

    def deliveries(self) -> Iterator[Delivery]:
        """What was delivered since the last time."""
        return _all(self._deliveries)


def _take_off(counts: Counter[int], one: int, number: int) -> None:
    counts[one] -= number
    if not counts[one]:
        del counts[one]


def _all(queue: SimpleQueue[T]) -> Iterator[T]:
    while True:
        try:
            yield queue.get_nowait()
        except Empty:
            return
