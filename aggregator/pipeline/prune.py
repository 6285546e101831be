"""Old items go; their identity stays, so that nothing is announced twice."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.domain.settings import Configuration
    from aggregator.ports import Store

log = structlog.get_logger()

# An entry that left its feed may come back with it (a restored backup, a returning archive): a year is long
# enough for that, and a key costs some 60 bytes.
REMEMBERED = timedelta(days=365)
DROPS = 5000  # of a source: a feed of a million entries leaves no million behind
AUDIENCE = timedelta(days=30)  # how long the daily numbers of readers are kept
DAYS = timedelta(days=90)  # how long it is kept how often a source was visited
ROBOTS = timedelta(days=60)  # what a host said that nobody asks for any more


def prune(store: Store, configuration: Configuration, now: datetime) -> int:
    """Delete items older than `storage.keep_for`. Returns how many went."""
    keep = configuration.storage.keep_for
    with store.write() as rooms:
        rooms.stories.forget(now - configuration.stories.window)
        rooms.drops.prune(now - keep, DROPS)
        gone = rooms.items.prune(now - keep, forget_before=now - max(REMEMBERED, 2 * keep))
        rooms.archives.prune()
        rooms.audience.prune(now - AUDIENCE)
        rooms.days.prune(now - DAYS)
        rooms.robots.prune(now - ROBOTS)
    log.info("pruned", items=gone, older_than=now - keep)
    return gone
