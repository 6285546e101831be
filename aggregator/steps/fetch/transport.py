"""One request over one guarded connection: httpx's transport, h11's protocol, asyncio's sockets.

There is no pool: a feed is asked once an hour, and half of what httpx's own pool costs in CPU was for keeping
connections nobody came back to (facts: 1.4 ms of 2.5 a visit). Every connection is judged, used once and cut.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import h11
import httpx

from aggregator.errors import Code
from aggregator.steps.fetch import socks
from aggregator.steps.fetch.ask import DEFAULT_PORTS
from aggregator.steps.fetch.dial import dial
from aggregator.steps.fetch.errors import Trouble
from aggregator.steps.fetch.guard import AllowList, plain_host
from aggregator.steps.fetch.proxy import OTHER_CREDENTIALS, Proxy, judged, refusal, targets, trouble
from aggregator.steps.fetch.tls import Contexts
from aggregator.steps.fetch.wire import Wire

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import AsyncIterator, Mapping, Sequence

    from aggregator.steps.fetch.guard import Guard, Judged
    from aggregator.steps.fetch.tls import Wanted

MAX_HEAD = 65_536  # bytes of status line and headers, and of one chunk's line
MAX_HEADERS = 500
MAX_INTERIM = 10  # 1xx answers before the one that counts
OK = 200


class GuardedTransport(httpx.AsyncBaseTransport):
    """Asks once, over a connection of its own.

    Request extensions: `timeout` as httpx has it (`connect` and `read`, in seconds), `allowed` (the `AllowList` for
    this hop), `max_wire` (bytes that may come in, framing included), `verify` (False: any certificate will do),
    `certificate` (the client's own), `proxy` (its address, with credentials). The response's extension `listed` says
    whether the allow list covers the address that answered.

    Foreign exceptions come out as they are: `errors.fetch_error` maps those of httpx, h11, ssl and the system.
    """

    def __init__(self, guard: Guard, tls: ssl.SSLContext) -> None:
        self._guard = guard
        self._contexts = Contexts(tls)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request`; the response's stream is raw (content codings kept) and must be closed."""
        url, limits = request.url, request.extensions
        if url.scheme not in DEFAULT_PORTS or not url.host:
            raise httpx.UnsupportedProtocol(url.scheme)
        times = limits.get("timeout", {})
        protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
        proxy = Proxy.read(limits["proxy"]) if limits.get("proxy") else None
        # Built before dialling: what cannot be sent costs the server nothing.
        data = _request_bytes(protocol, request, proxy)
        host, port = plain_host(url), url.port or DEFAULT_PORTS[url.scheme]
        async with asyncio.timeout(times.get("connect")):
            if proxy is None:
                target = await self._guard.resolve(host, port, limits.get("allowed") or AllowList())
                context = self._contexts.of(**_wanted(limits))  # first: one that cannot be made leaves no socket open
                sock = await dial(target.addresses)
                wire = await self._secure(sock, host if url.scheme == "https" else None, context)
            else:
                wire, target = await self._through(proxy, request, host, port)
        answer = _Answer(protocol, wire, read_timeout=times.get("read"), max_wire=limits.get("max_wire"))
        try:
            wire.send(data)
            head = await answer.head()
            _not_of_the_proxy(proxy, head)
        except BaseException:
            wire.cut()
            raise
        return httpx.Response(
            head.status_code,
            headers=head.headers.raw_items(),
            stream=answer,
            request=request,
            extensions={"listed": target.listed},
        )

    async def _through(self, proxy: Proxy, request: httpx.Request, host: str, port: int) -> tuple[Wire, Judged]:
        """A connection to the proxy; for https a tunnel through it, with TLS inside. SOCKS is always a tunnel."""
        limits, secure = request.extensions, request.url.scheme == "https"
        target = await judged(proxy, self._guard, host, port, limits.get("allowed") or AllowList())
        context = self._contexts.of(**_wanted(limits))
        wire = await (self._carried(proxy, targets(proxy, host, target), port) if proxy.is_socks else self._at(proxy))
        try:
            if secure:
                if not proxy.is_socks:
                    await self._tunnel(proxy, wire, host, port)
                await wire.secure(host, context)
        except BaseException:
            wire.cut()
            raise
        return wire, target

    async def _at(self, proxy: Proxy) -> Wire:
        """A connection to the proxy itself."""
        try:
            sock = await dial(await self._guard.unjudged(proxy.host, proxy.port))
            return await self._secure(sock, proxy.host if proxy.secured else None, self._contexts.of())
        except Exception as error:
            raise trouble(error) from error

    async def _carried(self, proxy: Proxy, hosts: Sequence[str], port: int) -> Wire:
        """A way through a SOCKS proxy to the first of these that it reaches; each needs a connection of its own."""
        for number, host in enumerate(hosts, 1):
            wire = await self._at(proxy)
            try:
                await socks.open_way(wire, proxy.credentials, host, port)
            except socks.RefusedError as refused:
                wire.cut()
                if number == len(hosts) or refused.reply not in socks.ANOTHER_MAY_DO:
                    raise
            except BaseException as error:
                wire.cut()
                if isinstance(error, Exception):
                    raise trouble(error) from error
                raise
            else:
                return wire
        raise Trouble(Code.DNS, "there is no address")

    @staticmethod
    async def _tunnel(proxy: Proxy, wire: Wire, host: str, port: int) -> None:
        protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
        wire.send(proxy.connect(protocol, host, port))
        try:
            head = await _Answer(protocol, wire, read_timeout=None, max_wire=MAX_HEAD).head()
        except h11.RemoteProtocolError as error:
            raise Trouble(Code.PROTOCOL, "the proxy's answer is not HTTP") from error
        if not OK <= head.status_code < OK + 100:
            raise refusal(head.status_code)
        if protocol.trailing_data[0]:
            raise Trouble(Code.PROTOCOL, "the proxy spoke before the handshake")

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


def _not_of_the_proxy(proxy: Proxy | None, head: h11.Response) -> None:
    if proxy is not None and not proxy.is_socks and head.status_code == OTHER_CREDENTIALS:
        raise refusal(head.status_code)


def _wanted(limits: Mapping[str, Any]) -> Wanted:
    return {"verify": limits.get("verify", True), "certificate": limits.get("certificate")}


def _request_bytes(protocol: h11.Connection, request: httpx.Request, proxy: Proxy | None) -> bytes:
    headers = [*request.headers.raw, (b"Connection", b"close")]
    target = request.url.raw_path
    if proxy is not None and not proxy.is_socks and request.url.scheme == "http":  # RFC 9112 §3.2.2
        target = f"http://{request.url.netloc.decode('ascii')}".encode() + target
        headers += proxy.headers()
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
