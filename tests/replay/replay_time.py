"""Simulated time: an event loop that waits for nothing, and whose connections end at scripted servers.

Everything between the loop's sockets and the store is the program's own: guard, pace, protocol, redirects, limits.
"""

import asyncio
import selectors
import threading
from datetime import UTC, datetime, timedelta
from math import inf

START = datetime(2026, 3, 2, 5, 47, 13, tzinfo=UTC)  # a Monday


class Time:
    """`t` is the true time in seconds since START; our own clock may be wrong by `off`."""

    def __init__(self):
        self.t = 0.0
        self.off = timedelta(0)

    def now(self):
        """Our own clock: `ports.Clock`."""
        return moment(self.t) + self.off


def moment(t):
    """Seconds since START as a time of the day."""
    return START + timedelta(seconds=t)


class Gate:
    """Where the loop's thread rests until the driver of the replay moves the time on."""

    def __init__(self):
        self._changed = threading.Condition()
        self._resting = False
        self._pending = 0
        self.deadline = inf

    def rest(self, deadline):
        with self._changed:
            self._resting, self.deadline = True, deadline
            self._changed.notify_all()

    def wake(self):
        with self._changed:
            self._resting = False

    def add(self, count):
        with self._changed:
            self._pending += count
            self._changed.notify_all()

    def settle(self):
        """Wait until the loop has nothing to do before its next deadline, and give that."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._resting and not self._pending, 60):
                raise TimeoutError("the simulated loop does not come to rest")
            return self.deadline


class _Selector(selectors.DefaultSelector):
    """Never waits for time to pass: it rests until somebody calls."""

    def __init__(self, time, gate):
        super().__init__()
        self._time, self._gate = time, gate

    def select(self, timeout=None):
        found = super().select(0)
        if found or (timeout is not None and timeout <= 0):
            return found
        self._gate.rest(inf if timeout is None else self._time.t + timeout)
        try:
            return super().select(None)
        finally:
            self._gate.wake()


class Loop(asyncio.SelectorEventLoop):
    """An event loop by simulated time, with a network of scripted servers."""

    def __init__(self, time, network):
        self.gate = Gate()
        self._simulated, self._network = time, network
        self._dialled = {}
        super().__init__(_Selector(time, self.gate))

    def time(self):
        return self._simulated.t

    def call_soon_threadsafe(self, callback, *args, context=None):
        def run():
            self.gate.add(-1)
            callback(*args)

        self.gate.add(1)
        return super().call_soon_threadsafe(run, context=context)

    async def sock_connect(self, sock, address):
        await asyncio.sleep(self._network.latency)
        self._network.dial(address)
        self._dialled[sock.fileno()] = address

    async def create_connection(self, protocol_factory, *, sock, ssl=None, server_hostname=None):
        address = self._dialled.pop(sock.fileno())
        sock.close()
        protocol = protocol_factory()
        link = Link(self, protocol, self._network, secure=ssl is not None, address=address)
        protocol.connection_made(link)
        return link, protocol


class Link(asyncio.Transport):
    """Our end of one connection to a scripted server."""

    def __init__(self, loop, protocol, network, *, secure, address):
        super().__init__()
        self._loop, self._protocol, self._network = loop, protocol, network
        self._secure, self._address = secure, address
        self._head = b""
        self._exchange = None
        self._over = False

    def write(self, data):
        self._head += data
        if self._head.endswith(b"\r\n\r\n"):
            self._exchange = self._network.ask(self._head, secure=self._secure, address=self._address)
            reply = self._exchange.reply
            if reply.delay is not None:
                self._loop.call_later(reply.delay, self._deliver, reply.bytes())

    def _deliver(self, data):
        if not self._over:
            self._protocol.data_received(data)
        if not self._over:
            self._protocol.eof_received()

    def abort(self):
        self._over = True
        if self._exchange is not None:
            self._network.ended(self._exchange)

    close = abort

    def is_closing(self):
        return self._over

    def pause_reading(self): ...

    def resume_reading(self): ...
