"""uvicorn in a thread of its own, with limits that uvicorn leaves to a proxy in front."""

from __future__ import annotations

import errno
import logging
import socket
import threading
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from aggregator.errors import AggregatorError, ConfigError

if TYPE_CHECKING:
    import asyncio

    from starlette.applications import Starlette

HEAD_WITHIN = 10.0  # seconds for a request's line and headers
ANSWER_WITHIN = 60.0  # seconds for a client to take an answer
KEEP_ALIVE = 5  # seconds an idle connection stays open
MOST_CONNECTIONS = 1000  # at once; the next one is told 503
LARGEST_HEAD = 32_768  # bytes of a request's line and headers
BACKLOG = 512
_START_WITHIN = 10.0
_HIGHEST_PORT = 65_535
_OPEN_AT = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - named, not bound


class Server:
    """Serves one application from `start` to `stop`; both may be called from any thread."""

    def __init__(
        self, app: Starlette, *, head_within: float = HEAD_WITHIN, answer_within: float = ANSWER_WITHIN
    ) -> None:
        self._app = app
        self._limits = (head_within, answer_within)
        self._server: _Announcing | None = None
        self._thread: threading.Thread | None = None

    def start(self, host: str, port: int) -> str:
        """Bind and serve; returns the address to open. Port 0 takes any free one.

        Raises:
            ConfigError: the address is busy, not ours or not permitted.
        """
        listener = _bind(host, port)
        self._server = _Announcing(self._configuration())
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name="server", daemon=True
        )
        self._thread.start()
        if not self._server.ready.wait(_START_WITHIN) or not self._server.started:
            listener.close()
            raise AggregatorError("the web server did not start; see the log")
        return _address(host, listener)

    def stop(self, timeout: float = 2.0) -> None:
        """End within about `timeout` seconds: answers under way may finish, then connections are cut."""
        if self._server is None or self._thread is None:
            return
        self._server.config.timeout_graceful_shutdown = max(1, round(timeout))
        self._server.should_exit = True
        self._thread.join(timeout)
        if self._thread.is_alive():
            self._server.force_exit = True
            self._thread.join(timeout)
        self._server = self._thread = None

    def _configuration(self) -> uvicorn.Config:
        head_within, answer_within = self._limits

        def protocol(*args: Any, **kwargs: Any) -> Impatient:
            return Impatient(*args, head_within=head_within, answer_within=answer_within, **kwargs)

        return uvicorn.Config(
            self._app,
            http=protocol,  # type: ignore[arg-type] # any callable that makes a protocol is called as one
            ws="none",
            lifespan="off",
            loop="asyncio",
            log_config=None,
            log_level=logging.ERROR,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # who is behind a proxy is decided by the application, without trusting headers
            limit_concurrency=MOST_CONNECTIONS,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE,
            h11_max_incomplete_event_size=LARGEST_HEAD,
        )


class _Announcing(uvicorn.Server):
    """Says when it listens, or that it never will."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen."""
        try:
            await super().startup(sockets)
        finally:
            self.ready.set()


class Impatient(H11Protocol):
    """Cuts connections that take too long over their request or over our answer.

    uvicorn times only the pause between two requests: five hundred clients that send a byte now and then, or read
    none, would hold every connection for good.
    """

    def __init__(self, *args: Any, head_within: float, answer_within: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_within = head_within
        self._answer_within = answer_within
        self._timer: asyncio.TimerHandle | None = None
        self._answering: object = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        """Give the client until `head_within` to ask."""
        super().connection_made(transport)
        # Head and body are two writes: without this the second waits 40 ms for the first one's acknowledgement.
        # asyncio sets it only on sockets that were made with an explicit protocol number, and ours was not.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._arm(self._head_within)

    def data_received(self, data: bytes) -> None:
        """Take bytes of a request."""
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """An answer is out: the next request may come."""
        super().on_response_complete()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """The clock stops."""
        super().connection_lost(exc)
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        """Start the clock anew when a request is complete enough to answer, and when its answer is out."""
        cycle: Any = self.cycle  # None until the first request
        answering = None if cycle is None or cycle.response_complete else cycle
        if answering is not self._answering:
            self._answering = answering
            self._arm(self._head_within if answering is None else self._answer_within)

    def _arm(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(seconds, self._cut)

    def _cut(self) -> None:
        self.transport.abort()


def _bind(host: str, port: int) -> socket.socket:
    """A listening socket. Foreign errors become one line that says what to do."""
    if not 0 <= port <= _HIGHEST_PORT:  # getaddrinfo takes any number and cuts it
        raise ConfigError(f"{port} is no port; give one from 1 to {_HIGHEST_PORT} with --port")
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        raise ConfigError(_cure(host, port, error)) from error


def _cure(host: str, port: int, error: OSError) -> str:
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        return f"{host!r} is no address of this machine; give one with --host, as 127.0.0.1 or 0.0.0.0"
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use; stop the other program or choose another with --port"
    if error.errno == errno.EACCES:
        return f"port {port} needs the rights of root; choose one above 1023 with --port"
    return f"cannot listen on {host}:{port}: {error}; choose another with --host and --port"


def _address(host: str, listener: socket.socket) -> str:
    port = listener.getsockname()[1]
    shown = _OPEN_AT.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}/"
