"""A source's own proxy: where it is, what it may be told, and which targets it may be asked for.

The proxy's address is the owner's word and is not judged. Targets are: an address as it is written always, a name as
far as it can be resolved here. A name that only the proxy can resolve is left to it, but for those that mean a
private network by themselves. The proxy resolves the name again: what it may reach is for its owner to say.
"""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote

import h11
import httpx

from aggregator.errors import Code
from aggregator.steps.fetch.ask import DEFAULT_PORTS
from aggregator.steps.fetch.errors import Trouble
from aggregator.steps.fetch.guard import AllowList, Judged, is_public, plain_host

if TYPE_CHECKING:
    from aggregator.steps.fetch.guard import Guard

LOOKED_UP = 3.0  # seconds for a name of the target: behind a proxy there is often no name server at all
OTHER_CREDENTIALS = 407
# RFC 6761, RFC 6762, RFC 8375 and the draft for `internal`: names of this machine or network.
PRIVATE_SUFFIXES = ("localhost", "local", "internal", "home.arpa", "lan", "intranet", "corp", "home", "private")


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy as a source names it."""

    url: httpx.URL

    @classmethod
    def read(cls, written: str) -> Proxy:
        """An http or https address, perhaps with user and password."""
        return cls(httpx.URL(written))

    @property
    def host(self) -> str:
        """Its name or address."""
        return plain_host(self.url)

    @property
    def port(self) -> int:
        """Its port."""
        return self.url.port or DEFAULT_PORTS[self.url.scheme]

    @property
    def secured(self) -> bool:
        """Whether the way to it is TLS."""
        return self.url.scheme == "https"

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Its credentials (RFC 7617), for it alone: sent with CONNECT, or with a request it reads itself."""
        if not self.url.userinfo:
            return []
        user, password = map(unquote, self.url.userinfo.decode("ascii").partition(":")[::2])
        packed = base64.b64encode(f"{user}:{password}".encode("utf-8", "surrogateescape"))
        return [(b"Proxy-Authorization", b"Basic " + packed)]

    def connect(self, protocol: h11.Connection, host: str, port: int) -> bytes:
        """The request for a tunnel (RFC 9110 §9.3.6)."""
        target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        headers = [(b"Host", target.encode()), *self.headers()]
        head = protocol.send(h11.Request(method="CONNECT", target=target, headers=headers))
        return (head or b"") + (protocol.send(h11.EndOfMessage()) or b"")


async def judged(guard: Guard, host: str, port: int, allowed: AllowList) -> Judged:
    """The target of a visit through a proxy; no addresses where only the proxy can resolve it.

    Raises:
        Trouble: `refused_address`.
    """
    try:
        async with asyncio.timeout(LOOKED_UP):
            return await guard.resolve(host, port, allowed)
    except Trouble as trouble:
        if trouble.code is not Code.DNS:
            raise
    except OSError:  # no answer, or none in time
        pass
    for address in _numeric(host):  # whoever hangs our look-ups must not get a private address past us
        if not (allowed.covers(host, address, port) or is_public(address)):
            raise Trouble(Code.REFUSED_ADDRESS, f"{host!r} is not a public address")
    if "." not in host or host.endswith(tuple(f".{suffix}" for suffix in PRIVATE_SUFFIXES)):
        raise Trouble(Code.REFUSED_ADDRESS, f"{host!r} is a name of a private network, which cannot be resolved here")
    return Judged(addresses=(), listed=False)


def _numeric(host: str) -> list[str]:
    """The addresses that a host means without any name server, in whatever spelling: 127.1 and 0x7f.1 too."""
    try:
        return [str(info[4][0]) for info in socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)]
    except (OSError, UnicodeError):
        return []


def trouble(error: Exception) -> Exception:
    """What went wrong on the way to the proxy, said of the proxy; never where it is."""
    match error:
        case Trouble() | TimeoutError():
            return error
        case socket.gaierror():
            return Trouble(Code.DNS, "the proxy's name cannot be resolved")
        case ssl.SSLError():
            return Trouble(Code.TLS, "the TLS handshake with the proxy failed")
        case OSError():
            # The system's words by their number: asyncio's own name the address.
            words = os.strerror(error.errno) if error.errno else type(error).__name__
            return Trouble(Code.CONNECT, f"the proxy cannot be reached: {words}")
    return error


def refusal(status: int) -> Trouble:
    """What a proxy's answer to CONNECT means where it is no tunnel."""
    if status == OTHER_CREDENTIALS:
        return Trouble(Code.CONNECT, "the proxy wants other credentials (HTTP 407)")
    return Trouble(Code.CONNECT, f"the proxy opened no way to the server (HTTP {status})")
