"""The only module that knows every concrete class."""

from __future__ import annotations

import os
import secrets
import socket
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.domain.source import SourceKind
from aggregator.pipeline.collect import Collector
from aggregator.pipeline.deliver import Deliveries
from aggregator.pipeline.push import Subscriber
from aggregator.steps.fetch import FileFetcher, HttpFetcher, ObedientFetcher
from storage import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aggregator.domain.settings import Configuration
    from aggregator.pipeline.inbox import Inbox
    from aggregator.ports import Caller, Clock, Fetcher, Reader, Store

TOKEN_BYTES = 24  # of callbacks and secrets: 192 bits, 32 letters
VERSION = installed_version("aggregator")


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant in UTC."""
        return datetime.now(UTC)


BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)  # before this program was: a machine that says so has its clock wrong


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands: for `--now` and for tests."""

    moment: datetime

    def now(self) -> datetime:
        """The one instant it knows."""
        return self.moment


def open_store(configuration: Configuration) -> Database:
    """The database of a configuration, made and migrated where needed."""
    return Database.open(configuration.storage.url)


def look_into_store(configuration: Configuration) -> Database:
    """The same for who only asks: nothing is made, migrated or written."""
    store = Database.look(configuration.storage.url)
    store.attach(configuration.sources)
    return store


def open_fetchers(configuration: Configuration, clock: Clock) -> dict[SourceKind, Fetcher]:
    """One fetcher for each kind of source."""
    web = HttpFetcher(configuration.fetch, clock=clock, user_agent_version=VERSION)
    obedient = ObedientFetcher(web, clock)  # one pace for all kinds, one robots.txt a host
    return {
        SourceKind.FEED: web,
        SourceKind.PAGE: obedient,
        SourceKind.SITEMAP: obedient,
        SourceKind.FILE: FileFetcher(configuration.fetch, base=configuration.base, clock=clock),
    }


def caller(fetchers: Mapping[SourceKind, Fetcher]) -> Caller:
    """Who makes calls that are no visits: the web's fetcher, under its guard."""
    web = fetchers[SourceKind.FEED]
    if not isinstance(web, HttpFetcher):
        raise TypeError(f"{type(web).__name__} makes no calls")
    return web


def open_push(
    configuration: Configuration,
    store: Store,
    clock: Clock,
    inbox: Inbox,
    *,
    fetchers: Mapping[SourceKind, Fetcher],
    reader: Reader,
    wake: Callable[[], None],
) -> tuple[Subscriber, Deliveries]:
    """What keeps subscriptions at hubs, and what reads their deliveries. `wake` tells the writer that some came."""
    subscriber = Subscriber(
        store=store,
        caller=caller(fetchers),
        clock=clock,
        configuration=configuration,
        inbox=inbox,
        token=lambda: secrets.token_urlsafe(TOKEN_BYTES),
    )
    deliveries = Deliveries(
        store=store, reader=reader, clock=clock, configuration=configuration, inbox=inbox, wake=wake
    )
    return subscriber, deliveries


def reconfigure(fetchers: Mapping[SourceKind, Fetcher], configuration: Configuration) -> None:
    """Let the fetchers go on with an edited configuration; visits under way end as they began."""
    for fetcher in fetchers.values():
        fetcher.reconfigure(configuration.fetch)


def tell_subscribers(fetchers: Mapping[SourceKind, Fetcher], configuration: Configuration, number: int) -> None:
    """Let the servers that are visited know how many read what is fetched."""
    web = fetchers[SourceKind.FEED]
    if isinstance(web, HttpFetcher):
        web.reconfigure(configuration.fetch, subscribers=number)


def open_collector(
    configuration: Configuration,
    store: Store,
    fetchers: Mapping[SourceKind, Fetcher],
    reader: Reader,
    clock: Clock,
) -> Collector:
    """A collector under a new owner's name, the leases of dead owners on this machine given back."""
    release_dead(store)
    obedient = {id(one): one for one in fetchers.values() if isinstance(one, ObedientFetcher)}
    for one in obedient.values():
        one.remember_in(store)
    return Collector(
        store=store,
        fetchers=fetchers,
        reader=reader,
        clock=clock,
        configuration=configuration,
        owner=owner(),
        learnt=lambda: [answer for one in obedient.values() for answer in one.learnt()],
        earliest=BEGINNING if isinstance(clock, SystemClock) else None,
    )


def owner() -> str:
    """Who holds our leases: `machine/pid/token`. The token tells us from a dead process whose pid we were given."""
    return f"{machine()}/{os.getpid()}/{secrets.token_hex(4)}"


def machine() -> str:
    """Within what a pid means one process: the host, and the kernel's pid namespace (pid_namespaces(7)).

    Containers that share a host's name count their processes each by itself.
    """
    try:
        return f"{socket.gethostname()}.{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:  # no /proc here
        return socket.gethostname()


def release_dead(store: Store) -> None:
    """Give back the leases of processes of this machine that are no more, so that no source waits for a ghost.

    Those of other machines end by themselves: `LEASE` in pipeline/collect.py.
    """
    with store.read() as rooms:
        owners = rooms.sources.owners()
    dead = [name for name in owners if _is_dead(name)]
    if dead:
        with store.write() as rooms:
            for name in dead:
                rooms.sources.release(name)


def _is_dead(name: str) -> bool:
    where, _, rest = name.partition("/")
    pid = rest.partition("/")[0]
    if where != machine() or not pid.isdigit():
        return False
    if int(pid) == os.getpid():
        return True  # our pid, not our token: whoever had the pid before us
    with suppress(PermissionError):
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            return True
    return _is_unburied(int(pid))


def _is_unburied(pid: int) -> bool:
    """Whether a process ended but nobody asked for its exit code: in a container often nobody ever does."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:  # no /proc here, or it went away meanwhile
        return False
    return stat.rpartition(")")[2].split()[:1] in (["Z"], ["X"])
