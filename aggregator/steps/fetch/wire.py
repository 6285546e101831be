"""Bytes over one connection: a small asyncio protocol with a bounded buffer."""

from __future__ import annotations

import asyncio
import ssl
from typing import cast

BUFFERED = 131_072  # bytes held before the peer is made to wait


class Wire(asyncio.Protocol):
    """One connection as its reader sees it. asyncio's streams would do, at twice the memory and CPU a visit."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._waiter: asyncio.Future[None] | None = None
        self._error: Exception | None = None
        self._paused = False
        self.ended = False

    async def secure(self, name: str, context: ssl.SSLContext) -> None:
        """TLS over the connection, from now on: inside a proxy's tunnel.

        Raises:
            OSError: the handshake failed, or the peer spoke before it.
        """
        if self._transport is None or self._buffer:
            raise OSError("the peer spoke before the handshake")
        try:
            secured = await self._loop.start_tls(self._transport, self, context, server_hostname=name)
        except ValueError as error:
            raise ssl.SSLError("this name cannot have a certificate") from error
        if secured is None:
            raise ConnectionResetError("the connection was closed within the handshake")
        self._transport = secured

    def send(self, data: bytes) -> None:
        """Hand bytes to the connection."""
        if self._transport is not None:
            self._transport.write(data)

    async def receive(self) -> bytes:
        """What came since the last call, waiting for something; b'' at the end.

        Raises:
            OSError: the connection broke.
        """
        if not self._buffer and not self.ended:
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        if self._buffer:
            data = bytes(self._buffer)
            self._buffer.clear()
            if self._paused and self._transport is not None and not self._transport.is_closing():
                self._paused = False
                self._transport.resume_reading()
            return data
        if self._error is not None:
            raise self._error
        return b""

    def cut(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None  # breaks the cycle with the transport: memory goes with the visit
        self._buffer.clear()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio: the connection stands, over TLS if there is TLS."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """asyncio: bytes came."""
        self._buffer += data
        if len(self._buffer) > BUFFERED and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """asyncio: the peer sends no more."""
        self.ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio: the connection is over, in peace (None) or not."""
        self.ended = True
        self._error = exc
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
