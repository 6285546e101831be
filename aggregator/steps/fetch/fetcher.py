"""The fetcher: one event loop in a thread of its own behind a synchronous face."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aggregator.errors import FetchError
from aggregator.steps.fetch.ask import host_of, user_agent, web_address
from aggregator.steps.fetch.call import Calls
from aggregator.steps.fetch.errors import fetch_error
from aggregator.steps.fetch.guard import AllowList, Guard, host_and_port
from aggregator.steps.fetch.holds import Holds
from aggregator.steps.fetch.lookup import Lookups, system_resolver
from aggregator.steps.fetch.pace import Pace
from aggregator.steps.fetch.tls import client_context
from aggregator.steps.fetch.transport import GuardedTransport
from aggregator.steps.fetch.visit import LARGE_AT_ONCE, Visit

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable

    import httpx

    from aggregator.domain.call import Answer, Call
    from aggregator.domain.response import NotModified, Request, Response
    from aggregator.domain.settings import FetchSettings
    from aggregator.ports import Clock
    from aggregator.steps.fetch.lookup import Resolver
    from aggregator.steps.fetch.pace import Host, Ticket
    from aggregator.steps.fetch.robots import Permit

Result = Future["Response | NotModified"]


@dataclass(eq=False, slots=True)
class _Queued:
    """A visit asked for: first a ticket in a queue, then a task, then nothing.

    Once settled it lets go of its result, which knows of it: such a circle would keep every body until the next
    collection of garbage.
    """

    request: Request
    url: httpx.URL
    result: Result | None
    permit: Permit | None = None
    ticket: Ticket | None = None
    task: asyncio.Task[None] | None = None


class HttpFetcher:
    """Visits addresses politely: `ports.Fetcher` over HTTP, and `ports.Caller` under the same guard.

    Args:
        settings: limits, pace and allow list; see `reconfigure`.
        clock: for the times in answers; waiting goes by the loop's monotonic clock.
        user_agent_version: the program's version.
        subscribers: how many people read what is fetched, for the User-Agent; 0 is left out.
        resolver: (host, port) → what `socket.getaddrinfo` gives; it may block.
        tls: how servers are verified.
        loop: makes the event loop: its connections are the network, its time is what waiting goes by.
    """

    def __init__(
        self,
        settings: FetchSettings,
        *,
        clock: Clock,
        user_agent_version: str,
        subscribers: int = 0,
        resolver: Resolver | None = None,
        tls: ssl.SSLContext | None = None,
        loop: Callable[[], asyncio.AbstractEventLoop] | None = None,
    ) -> None:
        self._clock = clock
        self._version = user_agent_version
        self._lookups = Lookups(resolver or system_resolver)
        self._transport = GuardedTransport(Guard(self._lookups), tls or client_context())
        self._adopt(settings, subscribers)
        self._holds = Holds()
        self._visits: set[_Queued] = set()
        self._lock = threading.Lock()
        self._closed = False
        running = threading.Event()
        self._thread = threading.Thread(target=lambda: self._run(running, loop), name="fetch", daemon=True)
        self._thread.start()
        running.wait()

    def fetch(self, request: Request, *, permit: Permit | None = None) -> Result:
        """Queue one visit.

        The future raises FetchError and nothing else. Cancelling it ends the visit; `close` cancels it. `permit` is
        asked about every address that a redirect leads to.
        """
        result: Result = Future()
        try:
            url = web_address(request.url)
        except Exception as error:  # noqa: BLE001 - whatever an address does to its parser fails this source alone
            result.set_exception(fetch_error(error, request.source_id, request.shown_url))
            return result
        queued = _Queued(request, url, result, permit)
        with self._lock:
            if self._closed:
                result.cancel()
                result.set_running_or_notify_cancel()
                return result
            self._loop.call_soon_threadsafe(self._line_up, queued)
        result.add_done_callback(lambda done: self._tell(self._cancelled, queued) if done.cancelled() else None)
        return result

    def slow(self, url: str, seconds: float) -> None:
        """Keep so long a pause between two requests to the host of an address, unless the settings name the host.

        0 ends that.
        """
        self._tell(lambda: self._pace.slow(host_of(web_address(url)), seconds))

    def call(self, call: Call) -> Future[Answer]:
        """Make one call that is no visit; the future raises FetchError and nothing else."""
        result: Future[Answer] = Future()
        with self._lock:
            if self._closed:
                result.cancel()
                result.set_running_or_notify_cancel()
            else:
                self._loop.call_soon_threadsafe(lambda: self._calls.begin(call, self._agent, result))
        return result

    def reconfigure(self, settings: FetchSettings, *, subscribers: int | None = None) -> None:
        """Obey other settings from the next visit on; those on their way end as they began."""
        self._tell(self._reconfigured, settings, subscribers)

    def close(self) -> None:
        """End every visit and the event loop; safe to call twice. Results that are not in are cancelled."""
        self._tell(self._stop)
        with self._lock:
            self._closed = True
        self._thread.join()
        self._lookups.close()

    def _tell(self, call: Callable[..., None], *arguments: object) -> None:
        """Run something on the loop's thread, if there still is one."""
        with self._lock:
            if not self._closed:
                self._loop.call_soon_threadsafe(call, *arguments)

    # What follows runs on the loop's thread.

    def _run(self, running: threading.Event, loop: Callable[[], asyncio.AbstractEventLoop] | None) -> None:
        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(self._serve(running))

    async def _serve(self, running: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)
        self._pace = Pace(self._settings, host_and_port)
        self._calls = Calls(self._transport, self._settings)
        running.set()
        await self._stopped.wait()
        tasks = [visit.task for visit in self._visits if visit.task]
        for visit in list(self._visits):
            if visit.result is not None:
                visit.result.cancel()
            self._end(visit)
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._calls.end()

    def _stop(self) -> None:
        self._stopped.set()

    def _adopt(self, settings: FetchSettings, subscribers: int) -> None:
        self._settings = settings
        self._subscribers = subscribers
        self._allowed = AllowList.parse(settings.allow_hosts)
        self._agent = user_agent(self._version, settings.contact, subscribers)

    def _reconfigured(self, settings: FetchSettings, subscribers: int | None) -> None:
        self._adopt(settings, self._subscribers if subscribers is None else subscribers)
        self._pace.reconfigure(settings)
        self._calls.reconfigure(settings)

    def _line_up(self, queued: _Queued) -> None:
        self._visits.add(queued)
        if queued.result is None or queued.result.cancelled():
            self._end(queued)
            return
        queued.ticket = self._pace.ask(host_of(queued.url), lambda: self._begin(queued))

    def _begin(self, queued: _Queued) -> None:
        if queued in self._visits:
            queued.task = self._loop.create_task(self._visit(queued))

    async def _visit(self, queued: _Queued) -> None:
        visit = Visit(
            request=queued.request,
            start=queued.url,
            settings=_within(self._settings, queued.request.max_body),
            allowed=self._allowed,
            agent=self._agent,
            transport=self._transport,
            holds=self._holds,
            clock=self._clock,
            turn=lambda host: self._turn(queued, host),
            large=self._large,
            permit=queued.permit,
        )
        try:
            answer = await visit.run()
        except Exception as error:  # noqa: BLE001 - the one boundary where a visit's errors become FetchError
            self._end(queued, fetch_error(error, queued.request.source_id, visit.place))
        else:
            self._end(queued, answer)

    @asynccontextmanager
    async def _turn(self, queued: _Queued, host: Host) -> AsyncIterator[None]:
        """A turn at a host: the first is the one the visit was started with."""
        ticket, queued.ticket = queued.ticket, None
        if ticket is None:
            ticket = await self._pace.turn(host)
        try:
            yield
        finally:
            self._pace.done(ticket)

    def _cancelled(self, queued: _Queued) -> None:
        self._end(queued)

    def _end(self, queued: _Queued, outcome: Response | NotModified | FetchError | None = None) -> None:
        """Settle a visit, once; without an outcome its result has been cancelled."""
        if queued not in self._visits:
            return
        self._visits.discard(queued)
        if queued.ticket is not None:
            self._pace.withdraw(queued.ticket)
        if outcome is None and queued.task is not None:
            queued.task.cancel()
        result, queued.result = queued.result, None
        if result is None or not result.set_running_or_notify_cancel():
            return
        if isinstance(outcome, FetchError):
            result.set_exception(outcome)
        elif outcome is not None:
            result.set_result(outcome)


def _within(settings: FetchSettings, max_body: int | None) -> FetchSettings:
    """The settings with a smaller limit, where a request has one."""
    return settings if max_body is None else replace(settings, max_body=min(max_body, settings.max_body))
