"""A source's own proxy: where it is, what it may be told, and which targets it may be asked for.

The proxy's address is the owner's word and is not judged. Targets are: an address as it is written always, a name as
far as it can be resolved here. A name that only the proxy can resolve is left to it, but for those that mean a
private network by themselves. The proxy resolves the name again: what it may reach is for its owner to say.

Of the SOCKS proxies `socks5` is given the address that was judged here, and `socks5h` the name, which is not looked up
here at all (socks.py).
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
from aggregator.steps.fetch.guard import MAX_PORT, AllowList, Judged, is_public, plain_host

if TYPE_CHECKING:
    from aggregator.steps.fetch.guard import Guard

SOCKS_NAMES = "socks5h"
SOCKS = frozenset({"socks5", SOCKS_NAMES})
SOCKS_PORT = 1080
MOST_TARGETS = 3  # addresses of one server that a SOCKS proxy is asked for
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
        """An http, https, socks5 or socks5h address, perhaps with user and password."""
        return cls(httpx.URL(written))

    @property
    def is_socks(self) -> bool:
        """Whether it carries bytes and reads none of them."""
        return self.url.scheme in SOCKS

    @property
    def resolves(self) -> bool:
        """Whether names are its affair alone."""
        return self.url.scheme == SOCKS_NAMES

    @property
    def host(self) -> str:
        """Its name or address."""
        return plain_host(self.url)

    @property
    def port(self) -> int:
        """Its port."""
        return self.url.port or (SOCKS_PORT if self.is_socks else DEFAULT_PORTS[self.url.scheme])

    @property
    def secured(self) -> bool:
        """Whether the way to it is TLS."""
        return self.url.scheme == "https"

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Its credentials (RFC 7617), for it alone: sent with CONNECT, or with a request it reads itself."""
        if not self.credentials:
            return []
        return [(b"Proxy-Authorization", b"Basic " + base64.b64encode(b":".join(self.credentials)))]

    @property
    def credentials(self) -> tuple[bytes, bytes] | None:
        """User and password."""
        if not self.url.userinfo:
            return None
        user, password = map(unquote, self.url.userinfo.decode("ascii").partition(":")[::2])
        return user.encode("utf-8", "surrogateescape"), password.encode("utf-8", "surrogateescape")

    def connect(self, protocol: h11.Connection, host: str, port: int) -> bytes:
        """The request for a tunnel (RFC 9110 §9.3.6)."""
        target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        headers = [(b"Host", target.encode()), *self.headers()]
        head = protocol.send(h11.Request(method="CONNECT", target=target, headers=headers))
        return (head or b"") + (protocol.send(h11.EndOfMessage()) or b"")


async def judged(proxy: Proxy, guard: Guard, host: str, port: int, allowed: AllowList) -> Judged:
    """The target of a visit through a proxy; no addresses where only the proxy can resolve it.

    Raises:
        Trouble: `refused_address`.
        OSError: the look-up failed, and the proxy needs what it finds.
    """
    if proxy.resolves:
        return _judged_by_name(host, port, allowed)
    if proxy.is_socks:
        return await guard.resolve(host, port, allowed)
    try:
        async with asyncio.timeout(LOOKED_UP):
            return await guard.resolve(host, port, allowed)
    except Trouble as trouble:
        if trouble.code is not Code.DNS:
            raise
    except OSError:  # no answer, or none in time
        pass
    _refuse_private(host, port, allowed)  # whoever hangs our look-ups must not get a private address past us
    return Judged(addresses=(), listed=False)


def targets(proxy: Proxy, host: str, found: Judged) -> list[str]:
    """What a SOCKS proxy is told to connect to, one after the other: a name, or addresses that were judged."""
    if proxy.resolves:
        return [host]
    addresses = dict.fromkeys(str(sockaddr[0]) for _, sockaddr in found.addresses)
    return sorted(addresses, key=lambda address: ":" in address)[:MOST_TARGETS]  # many proxies have no IPv6


def _judged_by_name(host: str, port: int, allowed: AllowList) -> Judged:
    """Without a look-up: on the list by its name, or none that means a private network by itself."""
    if not 0 < port <= MAX_PORT:
        raise Trouble(Code.REFUSED_ADDRESS, f"port {port} does not exist; write one from 1 to {MAX_PORT}")
    numeric = _numeric(host)
    listed = allowed.names(host, port) or (bool(numeric) and all(allowed.covers(host, a, port) for a in numeric))
    if not listed:
        _refuse_private(host, port, allowed)
    return Judged(addresses=(), listed=listed)


def _refuse_private(host: str, port: int, allowed: AllowList) -> None:
    """Raises Trouble where a host that was not looked up is no public one by its spelling."""
    numeric = _numeric(host)
    if any(not (allowed.covers(host, address, port) or is_public(address)) for address in numeric):
        raise Trouble(Code.REFUSED_ADDRESS, f"{host!r} is not a public address")
    private = host.endswith(tuple(f".{suffix}" for suffix in PRIVATE_SUFFIXES))
    if not numeric and ("." not in host or private):
        raise Trouble(Code.REFUSED_ADDRESS, f"{host!r} is a name of a private network, which cannot be resolved here")


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
