"""Whether a request comes from the operator: until there are tokens, whoever sits at this machine."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException

from aggregator.app.web.tokens import OPERATOR, has_tokens, require

if TYPE_CHECKING:
    from starlette.requests import Request

    from aggregator.ports import Store

# Any of them means that a proxy stands between: its address says nothing about who asks.
_FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "forwarded", "via")


def known_operator(request: Request, store: Store) -> bool:
    """Whoever has the operator's token; until there is one, whoever sits at this machine."""
    if not has_tokens(store, OPERATOR):
        return is_operator(request)
    try:
        require(request, store, OPERATOR)
    except HTTPException:
        return False
    return True


def for_operator(request: Request, store: Store) -> None:
    """Let the operator pass.

    Raises:
        HTTPException: 401 where a token is missing; 403 for others than who sits at this machine, until there is one.
    """
    if has_tokens(store, OPERATOR):
        require(request, store, OPERATOR)
    elif not is_operator(request):
        raise HTTPException(403, "This page is for the operator, on the machine itself")


def is_operator(request: Request) -> bool:
    """True for a direct request over loopback to a loopback name.

    The Host is looked at because a web page anywhere can make its own name resolve to 127.0.0.1 in the operator's
    browser (DNS rebinding). HTTP/1.0 is what proxies speak that announce themselves by no header.
    """
    if request.client is None or request.scope.get("http_version") == "1.0":
        return False
    if any(name in request.headers for name in _FORWARDED):
        return False
    return _is_loopback(request.client.host) and _is_loopback(_host(request.headers.get("host", "")))


def _host(header: str) -> str:
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        found = ip_address(host)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return bool((mapped or found).is_loopback)
