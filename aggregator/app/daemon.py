"""The daemon: one process that fetches on schedule, publishes, serves and reloads.

::

    main thread    waits for signals
    scheduler      ticks: collect, publish, look at feeds.yaml, prune at night; a tick only leaves a note
    writer         the one thread that writes (writer.py)
    server         uvicorn; it only reads, but for what is asked of the hub
    hub            verifies who subscribes to us and delivers what was published (hub.py)
"""

from __future__ import annotations

import signal
import threading
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from aggregator.app.hub import HubThread, open_hub
from aggregator.app.recount import Recount
from aggregator.app.web import Health, ReaderCount, Server, create_app
from aggregator.app.web.hub import hub_routes
from aggregator.app.web.websub import websub_elsewhere, websub_routes
from aggregator.app.workers import WorkerPool
from aggregator.app.writer import Writer
from aggregator.errors import ConfigError
from aggregator.pipeline.configure import configure
from aggregator.pipeline.inbox import MOST_BYTES, Inbox
from aggregator.wiring import (
    SystemClock,
    caller,
    look_into_store,
    open_collector,
    open_fetchers,
    open_push,
    open_store,
    reconfigure,
    tell_subscribers,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from aggregator.domain.settings import Configuration

log = structlog.get_logger()

TICKS = {
    "collect": 1.0,  # seconds: how late a due source may start
    "push": 1.0,  # how late a hub is asked
    "publish": 5.0,  # how late news may be in the documents
    "recheck": 60.0,  # how late a story may leave for its age
    "watch": 0.5,  # feeds.yaml is reloaded once it was the same in two looks
}
PRUNE_AT = {"hour": 3, "minute": 30}  # in site.timezone
STOP_WITHIN = 8.0  # seconds: the end must come within ten


class Daemon:
    """`run()` blocks until a signal, `stop()`, or a fatal error."""

    def __init__(
        self, configuration: Configuration, *, host: str, port: int, announce: Callable[[str], None] | None = None
    ) -> None:
        self._configuration = configuration
        self._host = host
        self._port = port
        self._announce = announce or (lambda _: None)
        self._ending = threading.Event()
        self._clock = SystemClock()

    def stop(self) -> None:
        """End `run` from another thread."""
        self._ending.set()

    def run(self) -> None:
        """Serve and collect until SIGINT or SIGTERM.

        Raises:
            ConfigError: the port is busy, or another daemon has this database.
            StorageError: the store cannot be opened.
        """
        configuration = self._configuration
        with ExitStack() as stack:
            store = stack.enter_context(closing(open_store(configuration)))
            lock = store.try_lock("daemon")
            if lock is None:
                raise ConfigError(
                    "another daemon works on this database; stop it, or give this one its own storage.url"
                )
            stack.callback(lock.release)
            store.attach(configuration.sources)
            fetchers = open_fetchers(configuration, self._clock)
            for fetcher in fetchers.values():
                stack.enter_context(closing(fetcher))
            reader = stack.enter_context(closing(WorkerPool()))
            collector = open_collector(configuration, store, fetchers, reader, self._clock)
            most_bytes = max(MOST_BYTES, 3 * configuration.fetch.max_body)  # one subscription may take a third
            inbox = Inbox(collector.wake, closed=self._ending.is_set, most_bytes=most_bytes)
            push = open_push(
                configuration, store, self._clock, inbox, fetchers=fetchers, reader=reader, wake=collector.wake
            )
            counter = ReaderCount(lambda: self._clock.now().date())
            hub = open_hub(store, caller(fetchers), self._clock, lambda: writer.configuration)
            writer = Writer(
                configuration,
                store=store,
                collector=collector,
                clock=self._clock,
                ending=self._ending,
                reconfigure=lambda fresh: reconfigure(fetchers, fresh),
                push=push,
                published=hub.published,
                recount=Recount(
                    store, counter, self._clock, lambda number: tell_subscribers(fetchers, writer.configuration, number)
                ),
                alone=lock.held,
            )
            health = _health(writer, self._clock)
            more = [*websub_routes(store, lambda: writer.configuration, inbox, self._clock), *hub_routes(hub)]
            app = create_app(
                store=store, configuration=lambda: writer.configuration, health=health, more=more, counter=counter
            )
            server = Server(app)
            address = server.start(self._host, self._port)
            stack.callback(server.stop, STOP_WITHIN / 4)
            # Not before the port is ours: a start that is refused changes nothing.
            configure(store, configuration, self._clock.now())
            push[0].start()
            thread = HubThread(hub)
            thread.start()
            stack.callback(thread.stop)
            self._announce(f"aggregator serves {address} from {configuration.path}; Ctrl-C ends it")
            self._work(writer)
        if writer.fatal is not None:
            raise writer.fatal

    def _work(self, writer: Writer) -> None:
        # A daemon: where another program holds the database, its turn may come long after the end must. What it had
        # begun is undone then, and who comes next takes its leases.
        thread = threading.Thread(target=writer.run, name="writer", daemon=True)
        scheduler = _scheduler(writer)
        with _signals(self._ending, lambda: writer.leave("reload")):
            thread.start()
            scheduler.start()
            try:
                self._ending.wait()
            finally:
                self._ending.set()
                scheduler.shutdown(wait=False)
                thread.join(STOP_WITHIN / 2)
        log.info("daemon_ended")


def _scheduler(writer: Writer) -> BackgroundScheduler:
    """APScheduler owns the ticks; what is due stands in the store. A tick that was missed is made up for once."""
    scheduler = BackgroundScheduler(
        timezone=ZoneInfo(writer.configuration.site.timezone),
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    for note, seconds in TICKS.items():
        scheduler.add_job(writer.leave, "interval", args=[note], seconds=seconds, id=note)
    scheduler.add_job(writer.leave, "cron", args=["prune"], id="prune", **PRUNE_AT)
    return scheduler


def _health(writer: Writer, clock: SystemClock) -> Callable[[], Health]:
    started = clock.now()
    return lambda: Health(
        started=started,
        config_error=writer.config_error,
        last_collect=writer.last_collect,
        last_publish=writer.last_publish,
        store_failed=writer.store_failed,
        files_error=writer.files_error,
    )


@contextmanager
def _signals(ending: threading.Event, reload: Callable[[], None]) -> Iterator[None]:
    """SIGINT and SIGTERM end, SIGHUP reloads; the old handlers come back."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(_number: int, _frame: FrameType | None) -> None:
        ending.set()

    def hang_up(_number: int, _frame: FrameType | None) -> None:
        reload()

    wanted = {signal.SIGINT: end, signal.SIGTERM: end, signal.SIGHUP: hang_up}
    old = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


def serve_only(
    configuration: Configuration, *, host: str, port: int, announce: Callable[[str], None] | None = None
) -> None:
    """Serve what is published until SIGINT or SIGTERM; nothing is fetched or written."""
    ending = threading.Event()
    started = SystemClock().now()
    with ExitStack() as stack:
        store = stack.enter_context(closing(look_into_store(configuration)))
        app = create_app(
            store=store,
            configuration=lambda: configuration,
            health=lambda: Health(started=started, fetches=False),
            more=[*websub_elsewhere(), *hub_routes(None)],
        )
        server = Server(app)
        address = server.start(host, port)
        stack.callback(server.stop, STOP_WITHIN / 4)
        if announce is not None:
            announce(f"aggregator serves {address}; Ctrl-C ends it")
        with _signals(ending, lambda: None):
            ending.wait()
