"""Whether others can follow an address, as it is written: a hub calls ours back, and readers are sent to hubs."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

# Names that mean something in one house only, or nothing at all (RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`).
_AT_HOME = ("localhost", "local", "internal", "home.arpa", "lan", "home", "corp", "test", "invalid", "onion")


def is_public(url: str) -> bool:
    """Whether an http or https address may be one of the public internet; no name is looked up."""
    host = _host(url)
    if not host:
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not any(host.endswith(f".{name}") for name in _AT_HOME)


def is_loopback(url: str) -> bool:
    """Whether an http or https address is, as written, one of this machine."""
    host = _host(url)
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_web(url: str) -> bool:
    """Whether it is an http or https address with a host, of a length that can be meant."""
    return bool(_host(url)) and len(url) <= _LONGEST


_LONGEST = 2_000  # characters


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").lower()
    except ValueError:
        return ""
    return host if parts.scheme in {"http", "https"} else ""
