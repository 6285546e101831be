"""Which of the claimed sources may be visited now, so that one slow host keeps nobody else waiting.

A host answers one visit after the other. Were all its sources claimed at once they would fill the room there is,
and their leases would run out in the queue. A host that told two of its addresses to wait is left alone altogether;
the fetcher knows that too, but only what it has seen itself: not what came before a restart, or to another machine.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.domain.outcome import Failure
from aggregator.errors import Code
from aggregator.steps.due import after, postponed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, timedelta

    from aggregator.domain.settings import Configuration, FetchSettings
    from aggregator.domain.source import DueSource, Source, Visits
    from aggregator.ports import Rooms, Store

HELD = 2  # refused addresses of a host that speak for all of it
QUEUED = 4  # visits of a host under way or waiting, for each it may have at once: enough to keep it busy


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """Who claims what: `only` names sources wanted due or not, `skip` those to leave alone."""

    owner: str
    now: datetime
    lease: timedelta
    only: frozenset[str] | None
    skip: frozenset[str]


def is_anything_due(store: Store, now: datetime) -> bool:
    """Whether there is something to claim; nothing is written, nobody waits."""
    with store.read() as rooms:
        first = rooms.sources.next_due()
    return first is not None and first <= now


def lease(rooms: Rooms, claim: Claim, room: int, busy: Iterable[str], configuration: Configuration) -> list[DueSource]:
    """Up to `room` sources, of one host no more than keep it busy; the rest is left for later."""
    configured = {source.id: source for source in configuration.sources}
    under_way = [configured[name] for name in busy if name in configured]
    leased: list[DueSource] = []
    full: frozenset[str] = frozenset()
    while len(leased) < room:
        waiting = {name for name, source in configured.items() if host(source) in full} if full else set()
        found = rooms.sources.claim_due(
            claim.now,
            owner=claim.owner,
            lease=claim.lease,
            limit=room - len(leased),
            busy=claim.skip | waiting | {due.source.id for due in leased},
            only=claim.only,
        )
        free = _welcome(rooms, claim, found, configuration)
        kept, surplus, enough = share(free, [*under_way, *(due.source for due in leased)], configuration.fetch)
        leased += kept
        full |= enough
        rooms.sources.give_back(surplus)
        if not surplus and len(free) == len(found):
            break
    return leased


def _welcome(
    rooms: Rooms, claim: Claim, found: Sequence[DueSource], configuration: Configuration
) -> Sequence[DueSource]:
    """Those who may be asked now; the others' next visit is when they may.

    A host is held by two Retry-After of its addresses. A visit that is late may have come into skipped hours.
    """
    ends = _held_hosts(rooms, claim, configuration) if found else {}
    free: list[DueSource] = []
    for due in found:
        until = ends.get(host(due.source))
        if until is not None:
            told = Failure(code=Code.HTTP_STATUS, message="not asked: its host wants no visit", retry_at=until)
            later: Visits | None = after(due, told, configuration.fetch, claim.now)
        else:
            later = postponed(due, claim.now)
        if later is None:
            free.append(due)
        else:
            rooms.sources.record(due, later)
    return free


def _held_hosts(rooms: Rooms, claim: Claim, configuration: Configuration) -> dict[str, datetime]:
    """The hosts that want no visit at all, and until when."""
    configured = {source.id: source for source in configuration.sources}
    holds: dict[str, list[datetime]] = {}
    for name, end in rooms.sources.held(claim.now).items():
        if name in configured:
            holds.setdefault(host(configured[name]), []).append(end)
    # The longest may be one address's own affair: the host is held while a second one is.
    return {name: sorted(untils)[-HELD] for name, untils in holds.items() if len(untils) >= HELD}


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
