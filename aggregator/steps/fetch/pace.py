"""Who may ask whom, and when: slots per host, a gap between requests to one host, and a total.

A host is scheme, name and port. A visit waits as a small ticket, not as a task, so thousands may queue. Hosts take
turns for the total; within a host it is first come, first served, and a visit that follows a redirect goes first: it
has begun. A host's slot is taken before one of the total is, so a long queue at one host never keeps others out.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from aggregator.domain.settings import FetchSettings
    from aggregator.steps.fetch.guard import HostPort

MOST_WISHES = 10_000
Host = tuple[str, str, int]  # scheme, name, port


@dataclass(eq=False, slots=True)
class Ticket:
    """A place in a host's queue. `start` is called once, when the turn has come."""

    host: Host
    start: Callable[[], None] | None
    started: bool = False


@dataclass(eq=False, slots=True)
class _Queue:
    """One host: who waits, how many are on their way, and when (loop time) the next may start."""

    waiting: deque[Ticket] = field(default_factory=deque)
    active: int = 0
    next_at: float = 0.0
    lined_up: bool = False
    timer: asyncio.TimerHandle | None = None


@dataclass(frozen=True, slots=True)
class _Limit:
    slots: int
    gap: float  # seconds


class Pace:
    """Hands out turns on one event loop. Every method is called on that loop."""

    def __init__(self, settings: FetchSettings, read_host: Callable[[str], HostPort | None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._read_host = read_host
        self._queues: dict[Host, _Queue] = {}
        self._lined_up: deque[Host] = deque()  # hosts with someone who may start as soon as the total allows
        self._active = 0
        self._wishes: dict[Host, float] = {}
        self._apply(settings)

    def reconfigure(self, settings: FetchSettings) -> None:
        """Obey other limits from now on; what is on its way stays so."""
        self._apply(settings)
        for host in list(self._queues):
            self._look_at(host)
        self._hand_out()

    def slow(self, host: Host, seconds: float) -> None:
        """A host's own wish: one request at a time and so long a pause after it. The settings' word on it wins.

        0 takes the wish back.
        """
        if not seconds:
            self._wishes.pop(host, None)
            return
        if len(self._wishes) >= MOST_WISHES:
            self._wishes.clear()
        self._wishes[host] = seconds

    def ask(self, host: Host, start: Callable[[], None], *, first: bool = False) -> Ticket:
        """Queue up; `start` is called once, by the loop, when the turn has come."""
        ticket = Ticket(host, start)
        queue = self._queues.setdefault(host, _Queue())
        if first:
            queue.waiting.appendleft(ticket)
        else:
            queue.waiting.append(ticket)
        self._look_at(host)
        self._hand_out()
        return ticket

    def withdraw(self, ticket: Ticket) -> None:
        """Leave the queue, or give the turn back if it had come."""
        ticket.start = None
        if ticket.started:
            self.done(ticket)

    def done(self, ticket: Ticket) -> None:
        """The request is over: the gap begins."""
        if not ticket.started:
            return
        ticket.started = False
        queue = self._queues[ticket.host]
        queue.active -= 1
        self._active -= 1
        queue.next_at = self._loop.time() + self._limit(ticket.host).gap
        self._look_at(ticket.host)
        self._hand_out()

    async def turn(self, host: Host) -> Ticket:
        """Wait for a turn in the middle of a visit."""
        came = self._loop.create_future()
        ticket = self.ask(host, lambda: None if came.done() else came.set_result(None), first=True)
        try:
            await came
        except BaseException:
            self.withdraw(ticket)
            raise
        return ticket

    def _look_at(self, host: Host) -> None:
        """Line the host up if someone may start there; else set its timer, or forget it."""
        queue = self._queues.get(host)
        if queue is None or queue.lined_up:
            return
        while queue.waiting and queue.waiting[0].start is None:
            queue.waiting.popleft()
        now = self._loop.time()
        if queue.waiting and queue.active < self._limit(host).slots and queue.next_at <= now:
            queue.lined_up = True
            self._lined_up.append(host)
        elif queue.next_at > now:
            if queue.timer is None:
                queue.timer = self._loop.call_at(queue.next_at, self._wake, host)
        elif not queue.waiting and not queue.active:
            del self._queues[host]

    def _wake(self, host: Host) -> None:
        if queue := self._queues.get(host):
            queue.timer = None
            self._look_at(host)
            self._hand_out()

    def _hand_out(self) -> None:
        while self._lined_up and self._active < self._total:
            host = self._lined_up.popleft()
            queue = self._queues[host]
            queue.lined_up = False
            while queue.waiting:
                ticket = queue.waiting.popleft()
                if ticket.start is not None:
                    self._begin(queue, ticket)
                    break
            self._look_at(host)

    def _begin(self, queue: _Queue, ticket: Ticket) -> None:
        queue.active += 1
        self._active += 1
        queue.next_at = self._loop.time() + self._limit(ticket.host).gap
        ticket.started = True
        start, ticket.start = ticket.start, None
        if start is not None:
            # Not at once: it may itself ask, withdraw or end, and the queues are being changed here.
            self._loop.call_soon(start)

    def _apply(self, settings: FetchSettings) -> None:
        self._total = max(1, settings.concurrency)
        self._general = _Limit(max(1, settings.per_host), settings.host_gap.total_seconds())
        self._exceptions: dict[HostPort, _Limit] = {}
        for key, limit in settings.hosts.items():
            if (read := self._read_host(key)) is None:
                continue
            slots = self._general.slots if limit.per_host is None else max(1, limit.per_host)
            gap = self._general.gap if limit.host_gap is None else limit.host_gap.total_seconds()
            self._exceptions[read] = _Limit(slots, gap)

    def _limit(self, host: Host) -> _Limit:
        _, name, port = host
        written = self._exceptions.get((name, port)) or self._exceptions.get((name, None))
        if written is not None or host not in self._wishes:
            return written or self._general
        return _Limit(1, max(self._wishes[host], self._general.gap))
