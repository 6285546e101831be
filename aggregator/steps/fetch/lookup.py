"""Name look-ups in threads of their own.

`getaddrinfo` blocks and cannot be interrupted. asyncio's default executor has cpu+4 threads, so six dead name servers
would stall every visit (measured: 60 look-ups of 0.3 s took 3.05 s, with 64 threads 0.35 s), and it waits for them at
the end of the program. These threads are daemons: an unanswered look-up never delays `close()` or the exit.

A thread whose look-up was given up still waits for a dead name server, for half a minute or for ever. Another takes
its place, so that the names of dead servers never stand before those of live ones; only the sum of all is bounded.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any

SockAddr = tuple[int, tuple[str | int, ...]]
# What `socket.getaddrinfo` gives: (family, type, protocol, canonical name, sockaddr).
AddressInfo = tuple[Any, ...]
Resolver = Callable[[str, int], Iterable[AddressInfo]]

THREADS = 64  # that work for somebody
MOST_THREADS = 512  # with those that wait for what nobody wants any more: 50 kB each


def system_resolver(host: str, port: int) -> Iterable[AddressInfo]:
    """The machine's own resolver.

    Raises:
        OSError: the name has no address or nobody answers.
    """
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:  # a label that is empty or longer than 63 characters
        raise socket.gaierror(socket.EAI_NONAME, "not a valid name") from error


class Lookups:
    """Up to `threads` look-ups at once, each awaited from an event loop; threads start as they are needed."""

    def __init__(self, resolver: Resolver = system_resolver, *, threads: int = THREADS) -> None:
        self._resolver = resolver
        self._threads = threads
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._started = 0
        self._given_up = 0  # threads whose look-up nobody waits for
        self._waiting = 0  # threads that wait for a job, less jobs that wait for a thread

    async def find(self, host: str, port: int) -> list[SockAddr]:
        """The addresses of a host, in the resolver's order; cancelling abandons the look-up.

        Raises:
            OSError: the look-up failed.
        """
        job = _Job(host, port)
        with self._lock:
            self._waiting -= 1
            self._help()
        self._jobs.put(job)
        try:
            return await job.answer
        except asyncio.CancelledError:
            with self._lock:
                if job.begun and not job.given_up:
                    job.given_up = True
                    self._given_up += 1
                    self._help()
            raise

    def _help(self) -> None:
        """Start a thread where a job waits for one and there may be more."""
        if self._waiting < 0 and self._started - self._given_up < self._threads and self._started < MOST_THREADS:
            self._started += 1
            self._waiting += 1
            threading.Thread(target=self._work, name=f"lookup-{self._started}", daemon=True).start()

    def close(self) -> None:
        """Let idle threads end; busy ones end with their look-up."""
        for _ in range(self._started):
            self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            with self._lock:
                job.begun = not job.answer.cancelled()
            if job.begun:
                job.run(self._resolver)
            with self._lock:
                job.begun = False
                self._given_up -= job.given_up
                if self._started - self._given_up > self._threads:
                    self._started -= 1  # another took its place
                    return
                self._waiting += 1


class _Job:
    """One look-up on its way between the loop and a thread."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self.begun = self.given_up = False  # a thread is at it; nobody waits for it any more
        self.loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[list[SockAddr]] = self.loop.create_future()

    def run(self, resolver: Resolver) -> None:
        found: list[SockAddr] | Exception
        try:
            found = [(int(info[0]), tuple(info[4])) for info in resolver(self.host, self.port)]
        except Exception as error:  # noqa: BLE001 - carried to the visit that asked, which maps it
            found = error
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile: nobody waits any more
            self.loop.call_soon_threadsafe(self._deliver, found)

    def _deliver(self, found: list[SockAddr] | Exception) -> None:
        if self.answer.done():
            return
        if isinstance(found, Exception):
            self.answer.set_exception(found)
        else:
            self.answer.set_result(found)
