"""SOCKS 5 (RFC 1928, RFC 1929): a way through a proxy that carries bytes, whatever they are. Tor, `ssh -D`.

::

    socks5://     the name is resolved and judged here; the proxy is given an address
    socks5h://    the proxy is given the name, and nobody here is asked for it: what a Tor user wants
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from aggregator.errors import Code
from aggregator.steps.fetch.errors import Trouble

if TYPE_CHECKING:
    from aggregator.steps.fetch.wire import Wire

VERSION, PASSWORD_VERSION = 5, 1
NO_PASSWORD, PASSWORD, NONE_OF_THESE = 0, 2, 0xFF
CONNECT = 1
IPV4, NAME, IPV6 = 1, 3, 4
LENGTHS = {IPV4: 4, IPV6: 16}
LONGEST = 255  # bytes of a name, a user, a password
SUCCEEDED = 0
REPLIES = {
    1: "it failed",
    2: "its rules forbid this connection",
    3: "the network cannot be reached",
    4: "the server cannot be reached, or its name is not known",
    5: "the server refused the connection",
    6: "the server is too far away",
    7: "it makes no connections",
    8: "it does not know this kind of address",
}
ANOTHER_MAY_DO = frozenset({3, 4, 5, 6, 8})  # where the server has several addresses


class RefusedError(Trouble):
    """The proxy made no connection; `reply` is its own word for why."""

    def __init__(self, reply: int) -> None:
        super().__init__(Code.CONNECT, f"the proxy made no connection: {REPLIES.get(reply, f'its code {reply}')}")
        self.reply = reply


async def open_way(wire: Wire, credentials: tuple[bytes, bytes] | None, host: str, port: int) -> None:
    """Have the proxy connect to `host`, a name or an address; from then on the wire is the server's.

    Raises:
        RefusedError: it made no connection.
        Trouble: it is no SOCKS 5 proxy, or wants other credentials.
        OSError: the connection to it broke.
    """
    where = destination(host) + port.to_bytes(2, "big")
    replies = _Replies(wire)
    methods = bytes([NO_PASSWORD, PASSWORD] if credentials else [NO_PASSWORD])
    wire.send(bytes([VERSION, len(methods)]) + methods)
    method = (await replies.take(2))[1]
    if method == PASSWORD and credentials:
        user, password = credentials
        wire.send(bytes([PASSWORD_VERSION, len(user)]) + user + bytes([len(password)]) + password)
        if (await replies.take(2, PASSWORD_VERSION))[1] != SUCCEEDED:
            raise Trouble(Code.CONNECT, "the proxy wants other credentials")
    elif method != NO_PASSWORD:
        wanted = "other credentials" if method in {PASSWORD, NONE_OF_THESE} else "a kind of credentials it has not got"
        raise Trouble(Code.CONNECT, f"the proxy wants {wanted}")
    wire.send(bytes([VERSION, CONNECT, 0]) + where)
    _, reply, _, kind = await replies.take(4)
    if reply != SUCCEEDED:
        raise RefusedError(reply)
    length = (await replies.take(1, None))[0] if kind == NAME else LENGTHS.get(kind)
    if length is None:
        raise _no_socks()
    await replies.take(length + 2, None)  # where it connects from
    if replies.left:
        raise Trouble(Code.PROTOCOL, "the proxy spoke before it was asked")


def destination(host: str) -> bytes:
    """An address or a name, as the protocol writes it.

    Raises:
        Trouble: the name is too long.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = host.encode("ascii")
        if len(name) > LONGEST:
            raise Trouble(Code.DNS, f"a name of over {LONGEST} characters is none") from None
        return bytes([NAME, len(name)]) + name
    return bytes([IPV4 if address.version == 4 else IPV6]) + address.packed  # noqa: PLR2004 - the version's own name


class _Replies:
    """The proxy's words, so many bytes at a time."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._bytes = bytearray()

    @property
    def left(self) -> bool:
        return bool(self._bytes)

    async def take(self, count: int, version: int | None = VERSION) -> bytes:
        while len(self._bytes) < count:
            data = await self._wire.receive()
            if not data:
                raise Trouble(Code.CONNECT, "the proxy ended the connection")
            self._bytes += data
            if version is not None and self._bytes[0] != version:
                raise _no_socks()
        taken = bytes(self._bytes[:count])
        del self._bytes[:count]
        return taken


def _no_socks() -> Trouble:
    return Trouble(Code.PROTOCOL, "the proxy's answer is not SOCKS 5")
