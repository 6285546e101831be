"""Whether a source's own address is written in `fetch.allow_hosts`: then no shortest interval protects it.

Only what is written counts here, no name is looked up. Whether an address may be visited is not decided here but at
the connection (steps/fetch/guard.py).
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

_PORTS = {"http": 80, "https": 443}


def allowed(url: str, allow_hosts: Iterable[str]) -> bool:
    """True if host, host:port, CIDR or CIDR:port of the list names the host of `url` as it is written."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return False
    return bool(host) and any(_names(entry.strip().lower(), host, port) for entry in allow_hosts)


def _names(entry: str, host: str, port: int | None) -> bool:
    subject, wanted = _split(entry)
    if wanted and wanted != str(port):
        return False
    if "/" not in subject:
        return _same(subject.rstrip("."), host)
    try:
        network, address = ipaddress.ip_network(subject, strict=False), ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.version == network.version and address in network


def _split(entry: str) -> tuple[str, str]:
    """`[::1]:80` → ('::1', '80'), `[fd00::]/8` → ('fd00::/8', ''), `a:80` → ('a', '80'), `::1` → ('::1', '')."""
    if entry.startswith("["):
        inside, _, rest = entry[1:].partition("]")
        length, _, port = rest.partition(":")
        return inside + length, port
    subject, _, port = entry.partition(":")
    return (subject, port) if entry.count(":") == 1 else (entry, "")


def _same(one: str, other: str) -> bool:
    try:
        return ipaddress.ip_address(one) == ipaddress.ip_address(other)
    except ValueError:
        return _ascii(one) == _ascii(other)


def _ascii(name: str) -> str:
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name
