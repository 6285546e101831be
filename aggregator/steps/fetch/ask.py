"""What is sent: the headers of one hop, and which of them may leave for another origin."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import unquote

import httpx

from aggregator.steps.fetch import conditional
from aggregator.steps.fetch.guard import plain_host

if TYPE_CHECKING:
    from aggregator.domain.response import Request, Validators
    from aggregator.steps.fetch.pace import Host

DEFAULT_PORTS = {"http": 80, "https": 443}
ACCEPT = b"application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.1"
ACCEPT_PAGE = b"text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.1"
# What a source may not set itself: framing, codings we could not undo, the validators' headers, and a Referer.
RESERVED = frozenset(
    {"host", "connection", "keep-alive", "content-length", "transfer-encoding", "te", "trailer", "upgrade", "expect"}
    | {"accept-encoding", "range", "if-range", "if-match", "if-unmodified-since", "if-none-match"}
    | {"if-modified-since", "referer"}
)


def user_agent(version: str, contact: str | None, subscribers: int) -> str:
    """`aggregator/1.2 (+https://example.org/bot; 40 subscribers)`, without what is not known."""
    notes = [f"+{contact}"] if contact else []
    if subscribers:
        notes.append(f"{subscribers} subscriber{'' if subscribers == 1 else 's'}")
    return f"aggregator/{version}" + (f" ({'; '.join(notes)})" if notes else "")


def web_address(text: str) -> httpx.URL:
    """An address that can be visited, its fragment cut.

    Raises:
        httpx.InvalidURL: it cannot be read.
        httpx.UnsupportedProtocol: it is no http or https address, or has no host.
    """
    return checked(httpx.URL(text).copy_with(fragment=None))


def checked(url: httpx.URL) -> httpx.URL:
    """The address, if it can be visited; raises as `web_address`."""
    if url.scheme not in DEFAULT_PORTS or not url.host:
        raise httpx.UnsupportedProtocol(url.scheme)
    if b"%" in url.raw_host:  # a scope, or what httpx made of characters that no host has
        raise httpx.InvalidURL("the host has a character that none has")
    return url


def host_of(url: httpx.URL) -> Host:
    """Scheme, name and port: what a pace is kept for, and an origin (RFC 6454 §4)."""
    return url.scheme, plain_host(url), url.port or DEFAULT_PORTS.get(url.scheme, 0)


def bare(url: httpx.URL) -> str:
    """The address without user-info and fragment: links resolved against it carry no password."""
    return str(url.copy_with(userinfo=b"", fragment=None))


def carries_credentials(request: Request, url: httpx.URL) -> bool:
    """Whether the source hands out anything that must not cross the wire in the clear."""
    return bool(request.auth or request.headers or url.userinfo or holds_secrets(request))


def holds_secrets(request: Request) -> bool:
    """Whether the address itself has a `${NAME}` in it: then no form of it may be shown."""
    return "${" in request.shown_url


def keeps_origin(start: httpx.URL, url: httpx.URL) -> bool:
    """Whether a hop may see the source's own headers: the same origin, or the same host secured (80 to 443)."""
    here, there = host_of(start), host_of(url)
    return here == there or (here == ("http", here[1], 80) and there == ("https", here[1], 443))


def hop_request(
    request: Request, start: httpx.URL, url: httpx.URL, agent: str, validators: Validators | None
) -> httpx.Request:
    """The GET for one hop: our own headers, the source's where they may go, the validators where they belong."""
    own: list[tuple[bytes, bytes]] = []
    if keeps_origin(start, url):
        own = [(_bytes(n), _bytes(v)) for n, v in request.headers if n.lower() not in RESERVED]
        own += _authorization(request, start, {name.lower() for name, _ in own})
    chosen = {name.lower() for name, _ in own}
    ours = (
        (b"User-Agent", (request.user_agent or agent).encode("latin-1", "replace")),
        (b"Accept", ACCEPT_PAGE if request.page else ACCEPT),
    )
    headers = [(name, value) for name, value in ours if name.lower() not in chosen]
    headers += [(b"Accept-Encoding", b"gzip, deflate"), *own]
    headers += conditional.request_headers(validators) if validators else []
    return httpx.Request("GET", url, headers=headers)


def _authorization(request: Request, start: httpx.URL, chosen: set[bytes]) -> list[tuple[bytes, bytes]]:
    """Basic credentials (RFC 7617) from `auth`, else from the address; a header written by hand wins."""
    if b"authorization" in chosen or not (request.auth or start.userinfo):
        return []
    if request.auth:
        user, password = request.auth.user, request.auth.password
    else:
        user, password = map(unquote, start.userinfo.decode("ascii").partition(":")[::2])
    return [(b"Authorization", b"Basic " + base64.b64encode(_bytes(f"{user}:{password}")))]


def _bytes(text: str) -> bytes:
    """UTF-8; a secret from the environment may hold bytes that are none, and is sent as it is."""
    return text.encode("utf-8", "surrogateescape")
