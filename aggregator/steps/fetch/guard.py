"""Which resolved addresses may be dialled.

A name is looked up once a hop, every address it has is judged, and one bad address condemns the name: whoever mixes
a private address into his answers wants us to find it. What is dialled is exactly a judged address, so a second
answer from the name server (DNS rebinding) never matters, and neither does the spelling of the address in the URL.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import httpx

from aggregator.errors import Code
from aggregator.steps.fetch.errors import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aggregator.steps.fetch.lookup import Lookups, SockAddr

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Special-purpose blocks of the IANA registries that `ipaddress.is_global` calls global on CPython 3.11, and the
# tunnels whose far end cannot be judged (6to4, Teredo, local-use NAT64, IPv4-compatible).
SPECIAL = tuple(
    map(
        ipaddress.ip_network,
        (
            "100.64.0.0/10",
            "192.0.0.0/24",
            "192.88.99.0/24",
            "::/96",
            "64:ff9b:1::/48",
            "100::/64",
            "2001::/23",
            "2001:db8::/32",
            "2002::/16",
            "3fff::/20",
            "5f00::/16",
            "fec0::/10",
        ),
    )
)
# DNS64 networks reach IPv4 through this prefix (RFC 6052 §2.1): what is judged is the IPv4 address inside.
NAT64 = ipaddress.ip_network("64:ff9b::/96")

MAX_PORT = 65535
HostPort = tuple[str, int | None]


@lru_cache(maxsize=4096)
def is_public(text: str) -> bool:
    """Whether an address, as `getaddrinfo` writes it, belongs to the public internet."""
    if "%" in text:  # a scope: link-local by definition
        return False
    address: Address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif address in NAT64:
            address = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if any(address in block for block in SPECIAL if block.version == address.version):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def host_and_port(text: str) -> HostPort | None:
    """`Bücher.example:8080` as `('xn--bcher-kva.example', 8080)`; None if it cannot be read. No port is None."""
    if text.count(":") > 1 and not text.startswith("["):
        text = f"[{text}]"
    try:
        # A scheme httpx has no default port for: a written :80 stays visible.
        url = httpx.URL(f"host://{text}")
    except httpx.InvalidURL:
        return None
    name = plain_host(url)
    if not name or url.userinfo or url.raw_path != b"/" or "%" in name:
        return None
    return name, url.port


def plain_host(url: httpx.URL) -> str:
    """The host as it is compared and dialled: ASCII, lower case, without the root's dot."""
    name = url.raw_host.decode("ascii").lower().rstrip(".")
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name


@dataclass(frozen=True, kw_only=True, slots=True)
class AllowList:
    """`fetch.allow_hosts`, read: hosts as URLs write them, and networks that resolved addresses lie in.

    A host entry opens that host only, not other names of the same address; port None is every port. An entry that
    cannot be read opens nothing (the configuration reports it).
    """

    hosts: frozenset[HostPort] = frozenset()
    networks: tuple[tuple[Network, int | None], ...] = ()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> AllowList:
        """Read `host`, `host:port`, `CIDR`, `CIDR:port`, `[v6]:port` and `[v6 CIDR]:port`."""
        hosts: set[HostPort] = set()
        networks: list[tuple[Network, int | None]] = []
        for entry in map(str.strip, entries):
            if "/" in entry:
                network = _network(entry)
                networks += [network] if network else []
            elif host := host_and_port(entry):
                hosts.add(host)
        return cls(hosts=frozenset(hosts), networks=tuple(networks))

    def names(self, host: str, port: int) -> bool:
        """Whether the list names this host, wherever it is."""
        return (host, port) in self.hosts or (host, None) in self.hosts

    def covers(self, host: str, address: str, port: int) -> bool:
        """Whether the list names this host, or the network this resolved address lies in."""
        if self.names(host, port):
            return True
        if not self.networks:
            return False
        found: Address = ipaddress.ip_address(address.partition("%")[0])
        found = getattr(found, "ipv4_mapped", None) or found
        return any(
            found.version == network.version and found in network and wanted in {None, port}
            for network, wanted in self.networks
        )


def _network(entry: str) -> tuple[Network, int | None] | None:
    """`10.0.0.0/8`, `10.0.0.0/8:8080`, `fd00::/8`, `[fd00::/8]:80` or `[fd00::]/8`."""
    text, port = entry, ""
    if entry.startswith("["):
        inside, _, rest = entry[1:].partition("]")
        if rest.startswith("/"):
            length, _, port = rest.partition(":")
            text = inside + length
        else:
            text, port = inside, rest.removeprefix(":")
    elif entry.count(":") == 1:
        text, _, port = entry.partition(":")
    if port and not (port.isascii() and port.isdigit()):
        return None
    try:
        return ipaddress.ip_network(text, strict=False), int(port) if port else None
    except ValueError:
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """Addresses that may be dialled. `listed`: the allow list covers every one of them."""

    addresses: Sequence[SockAddr]
    listed: bool


class Guard:
    """Resolves a host and judges what comes out."""

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups

    async def unjudged(self, host: str, port: int) -> Sequence[SockAddr]:
        """Every address of a host that is the owner's own word: his proxy.

        Raises:
            OSError: the look-up failed, or found nothing.
        """
        found = list(dict.fromkeys(await self._lookups.find(host, port)))
        if not found:
            raise OSError("no address")
        return _alternating(found)

    async def resolve(self, host: str, port: int, allowed: AllowList) -> Judged:
        """Every address of `host`, all of them judged; IPv6 and IPv4 in turn.

        Raises:
            Trouble: `refused_address`, or `dns` where the name has no address.
            OSError: the look-up failed.
        """
        if not 0 < port <= MAX_PORT:
            raise Trouble(Code.REFUSED_ADDRESS, f"port {port} does not exist; write one from 1 to {MAX_PORT}")
        found = list(dict.fromkeys(await self._lookups.find(host, port)))
        if not found:
            raise Trouble(Code.DNS, f"{host!r} has no address")
        listed = True
        for _, sockaddr in found:
            address = str(sockaddr[0])
            covered = allowed.covers(host, address, port)
            listed = listed and covered
            if not (covered or is_public(address)):
                raise Trouble(Code.REFUSED_ADDRESS, _refusal(host, address, port))
        return Judged(addresses=_alternating(found), listed=listed)


def _refusal(host: str, address: str, port: int) -> str:
    subject = f"{host!r}" if host == address else f"{host!r} is at {address}, which"
    entry = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    verb = "is not a public address" if host == address else "is not public"
    return f"{subject} {verb}: not visited; if the source's own address is meant, add {entry!r} to fetch.allow_hosts"


def _alternating(found: Sequence[SockAddr]) -> list[SockAddr]:
    """The families in turn, as the resolver ordered them: a dead IPv6 costs one attempt, not all."""
    first = [entry for entry in found if entry[0] == found[0][0]]
    other = [entry for entry in found if entry[0] != found[0][0]]
    mixed: list[SockAddr] = []
    for index in range(max(len(first), len(other))):
        mixed += first[index : index + 1] + other[index : index + 1]
    return mixed
