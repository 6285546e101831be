"""Calls whose answers come back to the hub's own thread: whoever asked goes on there, one after the other."""

from __future__ import annotations

from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from aggregator.errors import Code, FetchError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from aggregator.domain.call import Answer, Call
    from aggregator.ports import Caller

    Then = Callable[[Answer | FetchError | None], None]

MOST_AT_ONCE = 200  # answers that are looked at before what they changed is written


class HubCalls:
    """`begin` and `wait` belong to the hub's thread; `nudge` may be called from any."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._done: SimpleQueue[tuple[Then, Future[Answer]] | None] = SimpleQueue()

    def begin(self, call: Call, then: Then) -> None:
        """Make a call; `then` gets its outcome in a later `wait`: None if the program ended it."""
        self._caller.call(call).add_done_callback(lambda future: self._done.put((then, future)))

    def nudge(self) -> None:
        """Let `wait` return at once."""
        self._done.put(None)

    def wait(self, timeout: float) -> None:
        """Wait for an answer or a nudge, up to so many seconds, and carry on with whatever has come."""
        try:
            first = self._done.get(timeout=max(0.0, timeout))
        except Empty:
            return
        self._go_on(first)
        for _ in range(MOST_AT_ONCE):
            try:
                self._go_on(self._done.get_nowait())
            except Empty:
                return

    def _go_on(self, done: tuple[Then, Future[Answer]] | None) -> None:
        if done is not None:
            then, future = done
            then(_outcome(future))


def _outcome(future: Future[Answer]) -> Answer | FetchError | None:
    if future.cancelled():
        return None
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, FetchError):
        return None if error.code is Code.OFFLINE else error
    raise error
