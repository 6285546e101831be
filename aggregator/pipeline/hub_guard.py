"""Which callbacks our hub would call at all: the early refusal. The last word has the guard of each connection."""

from __future__ import annotations

import ipaddress
import posixpath
import socket
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from aggregator.domain.hub import Reply
from aggregator.pipeline.hub_link import HUB_PATH
from aggregator.steps.fetch.guard import AllowList, host_and_port, is_public

if TYPE_CHECKING:
    from collections.abc import Sequence
    from urllib.parse import SplitResult

_PORTS = {"http": 80, "https": 443}
_OURS = (HUB_PATH, "websub")  # below site.url: deliveries to them would go round in circles


def callback_place(callback: str) -> tuple[str, int] | None:
    """The host's name as it is compared and counted, and the port; None if they cannot be read."""
    parts = urlsplit(callback)
    found = host_and_port(parts.netloc)
    return (found[0], _port(parts)) if found else None


def refusal(callback: str, site_url: str, allow_hosts: Sequence[str]) -> Reply | None:
    """Why this callback is not called, as far as its spelling tells; names are judged when they are resolved."""
    parts = urlsplit(callback)
    place = callback_place(callback)
    if place is None:
        return Reply(status=400, text="hub.callback has no host that could be called")
    host, port = place
    literal = _literal_address(host)
    allowed = AllowList.parse(allow_hosts)
    local = host == "localhost" or host.endswith(".localhost")
    if local and not allow_hosts:
        return Reply(status=403, text="hub.callback is not a public address")
    if literal is not None and not is_public(literal) and not allowed.covers(host, literal, port):
        return Reply(status=403, text="hub.callback is not a public address")
    if _is_ours(parts, host, port, site_url):
        return Reply(status=403, text="hub.callback is an address of this very site")
    return None


def _literal_address(host: str) -> str | None:
    """The address that a host is by itself, in any spelling that resolvers take (`127.1`, `0x7f000001`); or None."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host)) if host.isascii() and host else None
    except OSError:
        return None


def _is_ours(parts: SplitResult, host: str, port: int, site_url: str) -> bool:
    site = urlsplit(site_url)
    own = host_and_port(site.netloc)
    if own is None or own[0] != host:
        return False
    if _port(site) != port and not {_port(site), port} <= set(_PORTS.values()):
        return False
    path = posixpath.normpath(unquote(parts.path) or "/").lstrip("/")
    base = site.path.strip("/")
    return any(f"{path}/".startswith(f"{base}/{name}/".lstrip("/")) for name in _OURS)


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS.get(parts.scheme, 0)
