"""Long work in slices, each a transaction of its own, and between them a moment for who else wants to write.

SQLite keeps no queue: who finds it busy looks again after a sleep of up to 25 ms, later 100 ms, and never gets in where
one transaction follows on another. Beside a filling of 20,000 matches another program's write waited 3.8 s without
these pauses.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SHARE = 3  # a slice's time for one pause
SHORTEST, LONGEST = 0.002, 0.03


def by_turns(
    seconds: float | None = None,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Callable[[], bool]:
    """A `go_on`, to be asked after every slice: it pauses, and says whether the time is up (None: never)."""
    began = last = clock()

    def go_on() -> bool:
        nonlocal last
        sleep(min(max((clock() - last) / SHARE, SHORTEST), LONGEST))
        last = clock()
        return seconds is None or last - began < seconds

    return go_on
