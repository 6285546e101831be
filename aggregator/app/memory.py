"""Memory that is freed goes back to the system: what a large document took does not stay with the process."""

from __future__ import annotations

import contextlib
import ctypes
import sys

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # mallopt(3)
_LARGE = 200_000  # bytes


def give_back() -> None:
    """Have glibc map large blocks by themselves, always, and keep few arenas for threads.

    By itself it raises that threshold to 32 MB with the first large block that is freed, and from then on fragments
    its heap with them: a fetcher that had met a dozen hostile servers kept 50 MB for nothing. Elsewhere it does
    nothing.
    """
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # another C library
            mallopt = ctypes.CDLL(None).mallopt
            mallopt(_M_MMAP_THRESHOLD, _LARGE)
            mallopt(_M_ARENA_MAX, 2)
