"""One request over one guarded connection: httpx's transport, h11's protocol, asyncio's sockets.

There is no pool: a feed is asked once an hour, and half of what httpx's own pool costs in CPU was for keeping
connections nobody came back to (facts: 1.4 ms of 2.5 a visit). Every connection is judged, used once and cut.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

import h11
import httpx

from aggregator.errors import Code
from aggregator.steps.fetch.ask import DEFAULT_PORTS
from aggregator.steps.fetch.errors import Trouble
from aggregator.steps.fetch.guard import AllowList, plain_host
from aggregator.steps.fetch.tls import unverified_context
from aggregator.steps.fetch.wire import Wire

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Sequence

    from aggregator.steps.fetch.guard import Guard
    from aggregator.steps.fetch.lookup import SockAddr

MAX_HEAD = 65_536  # bytes of status line and headers, and of one chunk's line
MAX_HEADERS = 500
MAX_INTERIM = 10  # 1xx answers before the one that counts
MAX_ADDRESSES = 4
EARLY_ATTEMPT = 3.0  # seconds for an address while others are left to try


class GuardedTransport(httpx.AsyncBaseTransport):
    """Asks once, over a connection of its own.

    Request extensions: `timeout` as httpx has it (`connect` and `read`, in seconds), `allowed` (the `AllowList` for
    this hop), `max_wire` (bytes that may come in, framing included), `verify` (False: any certificate will do). The
    response's extension `listed` says whether the allow list covers the address that answered.

    Foreign exceptions come out as they are: `errors.fetch_error` maps those of httpx, h11, ssl and the system.
    """

    def __init__(self, guard: Guard, tls: ssl.SSLContext) -> None:
        self._guard = guard
        self._tls = tls
        self._unverified: ssl.SSLContext | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request`; the response's stream is raw (content codings kept) and must be closed."""
        url, limits = request.url, request.extensions
        if url.scheme not in DEFAULT_PORTS or not url.host:
            raise httpx.UnsupportedProtocol(url.scheme)
        times = limits.get("timeout", {})
        protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
        # Built before dialling: what cannot be sent costs the server nothing.
        data = _request_bytes(protocol, request)
        host, port = plain_host(url), url.port or DEFAULT_PORTS[url.scheme]
        async with asyncio.timeout(times.get("connect")):
            judged = await self._guard.resolve(host, port, limits.get("allowed") or AllowList())
            sock = await _dial_one_of(judged.addresses)
            context = self._context(verify=limits.get("verify", True))
            wire = await self._secure(sock, host if url.scheme == "https" else None, context)
        answer = _Answer(protocol, wire, read_timeout=times.get("read"), max_wire=limits.get("max_wire"))
        try:
            wire.send(data)
            head = await answer.head()
        except BaseException:
            wire.cut()
            raise
        return httpx.Response(
            head.status_code,
            headers=head.headers.raw_items(),
            stream=answer,
            request=request,
            extensions={"listed": judged.listed},
        )

    def _context(self, *, verify: bool) -> ssl.SSLContext:
        if verify:
            return self._tls
        if self._unverified is None:
            self._unverified = unverified_context()
        return self._unverified

    @staticmethod
    async def _secure(sock: socket.socket, tls_name: str | None, context: ssl.SSLContext) -> Wire:
        try:
            loop = asyncio.get_running_loop()
            tls = context if tls_name else None
            _, wire = await loop.create_connection(Wire, sock=sock, ssl=tls, server_hostname=tls_name)
        except BaseException as error:
            sock.close()
            if isinstance(error, ValueError) and not isinstance(error, OSError):
                raise Trouble(Code.TLS, "this name cannot have a certificate") from error
            raise
        return wire


async def _dial_one_of(addresses: Sequence[SockAddr]) -> socket.socket:
    """A connection to the first judged address that takes one.

    Raises:
        OSError: the last one's error.
    """
    *early, last = addresses[:MAX_ADDRESSES]
    for address in early:
        with contextlib.suppress(OSError):  # TimeoutError too: the next address may answer
            async with asyncio.timeout(EARLY_ATTEMPT):
                return await _dial(address)
    return await _dial(last)


async def _dial(address: SockAddr) -> socket.socket:
    family, sockaddr = address
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(sock, sockaddr)
    except BaseException:
        sock.close()
        raise
    return sock


def _request_bytes(protocol: h11.Connection, request: httpx.Request) -> bytes:
    headers = [*request.headers.raw, (b"Connection", b"close")]
    target = request.url.raw_path
    head = protocol.send(h11.Request(method=request.method, target=target, headers=headers))
    body = protocol.send(h11.Data(data=request.content)) if request.content else None
    return (head or b"") + (body or b"") + (protocol.send(h11.EndOfMessage()) or b"")


class _Answer(httpx.AsyncByteStream):
    """The head, then the body as it comes, until the connection is cut."""

    def __init__(
        self, protocol: h11.Connection, wire: Wire, *, read_timeout: float | None, max_wire: int | None
    ) -> None:
        self._protocol = protocol
        self._wire = wire
        self._read_timeout = read_timeout
        self._max_wire = max_wire
        self._received = 0
        self._declared = False  # by Content-Length

    async def head(self) -> h11.Response:
        """The final status and headers."""
        for _ in range(MAX_INTERIM):
            event = await self._next()
            if isinstance(event, h11.InformationalResponse):
                continue
            if not isinstance(event, h11.Response):
                break
            if not event.http_version.startswith(b"1."):
                raise Trouble(Code.PROTOCOL, "the answer is not HTTP/1.0 or HTTP/1.1")
            if len(event.headers) > MAX_HEADERS:
                raise Trouble(Code.PROTOCOL, f"the answer has over {MAX_HEADERS} headers")
            names = {name for name, _ in event.headers}
            self._declared = b"content-length" in names and b"transfer-encoding" not in names
            return event
        raise Trouble(Code.PROTOCOL, "the server sent no final answer")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            try:
                event = await self._next()
            except h11.RemoteProtocolError as error:
                if self._declared and self._wire.ended:
                    raise Trouble(Code.TRUNCATED, "the body is shorter than its Content-Length") from error
                raise
            except OSError as error:
                if isinstance(error, TimeoutError):
                    raise
                raise Trouble(Code.TRUNCATED, "the connection broke within the body") from error
            if not isinstance(event, h11.Data):
                return
            yield bytes(event.data)

    async def aclose(self) -> None:
        self._wire.cut()

    async def _next(self) -> object:
        while (event := self._protocol.next_event()) is h11.NEED_DATA:
            async with asyncio.timeout(self._read_timeout):
                data = await self._wire.receive()
            self._received += len(data)
            if self._max_wire is not None and self._received > self._max_wire:
                raise Trouble(Code.TOO_LARGE, f"the server sent over {self._max_wire} bytes")
            self._protocol.receive_data(data)
        return event
