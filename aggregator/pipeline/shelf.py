"""Bodies that a visit needs again, on disk: an index of sitemaps and its maps are held until the last has come.

In memory they were bounded for one visit only, and sixty sources with maps of some megabytes are nothing unusual.
"""

from __future__ import annotations

import os
import weakref
from dataclasses import dataclass, replace
from tempfile import TemporaryFile
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aggregator.domain.response import Response

SMALL = 64_000  # bytes of a body that may stay in memory


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelved:
    """A response whose body, of `size` bytes, may lie on a shelf; without one `response` has it."""

    response: Response
    size: int
    shelf: Shelf | None = None
    start: int = 0

    def whole(self) -> Response:
        """The response with its body.

        Raises:
            OSError: the disk does not give it back.
        """
        if self.shelf is None:
            return self.response
        return replace(self.response, body=self.shelf.read(self.start, self.size))


class Shelf:
    """The bodies of one visit, in a file without a name that goes with it. Usable from several threads."""

    def __init__(self) -> None:
        self._file: int | None = None
        self._end = 0
        self._lock = Lock()

    def put(self, response: Response) -> Shelved:
        """Lay a response's body aside; one that is small, or that the disk has no room for, stays in memory."""
        size = len(response.body)
        if size > SMALL:
            try:
                with self._lock:
                    start = self._write(response.body)
            except OSError:
                return Shelved(response=response, size=size)
            return Shelved(response=replace(response, body=b""), size=size, shelf=self, start=start)
        return Shelved(response=response, size=size)

    def read(self, start: int, size: int) -> bytes:
        """What lies there.

        Raises:
            OSError: the disk does not give it back.
        """
        parts: list[bytes] = []
        while size and self._file is not None:
            part = os.pread(self._file, size, start)
            if not part:
                raise OSError("a body that was laid aside has gone")
            parts.append(part)
            start, size = start + len(part), size - len(part)
        return b"".join(parts)

    def _write(self, body: bytes) -> int:
        if self._file is None:
            with TemporaryFile() as file:
                self._file = os.dup(file.fileno())
            weakref.finalize(self, os.close, self._file)
        start, left = self._end, memoryview(body)
        while left:
            count = os.pwrite(self._file, left, self._end)
            self._end, left = self._end + count, left[count:]
        return start
