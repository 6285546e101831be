"""Documents that wait to be read: large ones on disk, and one of those at a time.

Reading takes five times a document's size. Two of 15 MB at once were half of what the program needed at all.
"""

from __future__ import annotations

import pickle  # only to send
import threading
from collections import deque
from dataclasses import dataclass
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Future
    from datetime import datetime

    from aggregator.domain.outcome import Failure, ReadContext, Reading
    from aggregator.domain.response import Response

PIECE = 256_000  # bytes that go over the wire at once; a document of no more waits in memory
LARGE = 1_000_000  # bytes of a document that is read alone; its process is replaced, for it would keep 20 MB


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """A document to read: `request` is what the process is sent, `future` what became of it."""

    future: Future[Reading | Failure]
    request: IO[bytes]
    large: bool

    def drop(self) -> None:
        """It will not be read."""
        self.future.cancel()
        self.request.close()


class Line:
    """Documents that wait: first come, first served, but only one large one is read at a time."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._small: deque[Task] = deque()
        self._large: deque[Task] = deque()
        self._reading_large = False
        self._closed = False

    def put(self, task: Task) -> None:
        """Join the line."""
        with self._changed:
            (self._large if task.large else self._small).append(task)
            self._changed.notify()

    def take(self) -> Task | None:
        """The next one, when there is one that may be read; None once the line is closed."""
        with self._changed:
            while not self._closed:
                # A large one first: it takes longest, and small ones have another process.
                if self._large and not self._reading_large:
                    self._reading_large = True
                    return self._large.popleft()
                if self._small:
                    return self._small.popleft()
                self._changed.wait()
        return None

    def done(self, task: Task) -> None:
        """It has been read, and the memory that took is free."""
        if task.large:
            with self._changed:
                self._reading_large = False
                self._changed.notify()

    def close(self) -> list[Task]:
        """Nothing is taken any more. Returns those that wait."""
        with self._changed:
            self._closed = True
            waiting = [*self._large, *self._small]
            self._large.clear()
            self._small.clear()
            self._changed.notify_all()
        return waiting


def spooled(context: ReadContext, responses: tuple[Response, ...], known: frozenset[bytes], now: datetime) -> IO[bytes]:
    """A request as it is sent. Large ones wait on disk: a hundred of 15 MB would fill the memory.

    Raises:
        OSError: there is no room on disk.
    """
    large = any(len(response.body) > PIECE for response in responses)
    request: IO[bytes] = TemporaryFile() if large else BytesIO()  # noqa: SIM115 - closed with its task
    try:
        pickle.dump((context, responses, known, now), request, pickle.HIGHEST_PROTOCOL)
    except BaseException:
        request.close()
        raise
    return request
