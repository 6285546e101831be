"""Which of the claimed sources may be visited now, so that one slow host keeps nobody else waiting.

A host answers one visit after the other. Were all its sources claimed at once they would fill the room there is,
and their leases would run out in the queue.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aggregator.domain.settings import FetchSettings
    from aggregator.domain.source import DueSource, Source

QUEUED = 4  # visits of a host under way or waiting, for each it may have at once: enough to keep it busy


def share(
    claimed: Sequence[DueSource], busy: Iterable[Source], settings: FetchSettings
) -> tuple[list[DueSource], list[DueSource], frozenset[str]]:
    """(To visit now, to give back, hosts that have enough), the first of each host in the order given."""
    counts = Counter(host(source) for source in busy)
    kept: list[DueSource] = []
    surplus: list[DueSource] = []
    for due in claimed:
        name = host(due.source)
        (kept if counts[name] < _room(name, settings) else surplus).append(due)
        counts[name] += 1
    return kept, surplus, frozenset(host(due.source) for due in surplus)


def host(source: Source) -> str:
    """Whom a source's visits wait for: scheme, name and port."""
    parts = urlsplit(source.shown_url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"


def _room(name: str, settings: FetchSettings) -> int:
    netloc = name.partition("://")[2]
    limits = (settings.hosts.get(key) for key in (netloc, netloc.rpartition(":")[0]))
    own = next((limit.per_host for limit in limits if limit and limit.per_host), None)
    return QUEUED * (own or settings.per_host)
