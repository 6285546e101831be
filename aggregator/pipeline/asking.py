"""What is asked of a source's address, and what the reader is told of the answer."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from aggregator.domain.outcome import ReadContext
from aggregator.domain.response import Request
from aggregator.domain.source import SourceKind
from aggregator.steps.due import address, allowed

if TYPE_CHECKING:
    from aggregator.domain.response import Response
    from aggregator.domain.settings import FetchSettings
    from aggregator.domain.source import DueSource

LARGEST_PAGE = 3_000_000  # bytes of an article's page


def request(due: DueSource, settings: FetchSettings) -> Request:
    """What to ask of a source's address, or of the one it has moved to."""
    url, listed = address(due.source, due.visits, settings)
    return Request(
        source_id=due.source.id,
        url=url,
        shown_url=due.source.shown_url,
        headers=due.source.headers + _cookies(due.source.cookies),
        auth=due.source.auth,
        validators=due.visits.validators,
        listed=listed,
        user_agent=due.source.user_agent,
        verify_tls=due.source.verify_tls,
        proxy=due.source.proxy,
        certificate=due.source.client_certificate,
        page=due.source.kind is SourceKind.PAGE,
    )


def article_request(due: DueSource, url: str, settings: FetchSettings) -> Request:
    """What to ask of the page of one of a source's entries."""
    asked = further(request(due, settings), url, settings)
    return replace(asked, shown_url=url, page=True, max_body=LARGEST_PAGE)


def further(request: Request, url: str, settings: FetchSettings) -> Request:
    """The request for an address that a document named: the source's own, without its validators.

    On another origin its secrets stay at home, as they did on the way there, and `fetch.allow_hosts` counts only if
    the source's own address is written on it.
    """
    asked = replace(request, url=url, validators=None)
    if origin(url) == origin(request.url):
        return asked
    listed = request.listed and allowed(request.url, settings.allow_hosts)
    return replace(asked, headers=(), auth=None, certificate=None, verify_tls=True, listed=listed)


def origin(url: str) -> tuple[str, str]:
    """Scheme and authority, without user-info; of what is no address, nobody's."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", url
    return parts.scheme, parts.netloc.rpartition("@")[2].lower()


def _cookies(cookies: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Cookies as one header (RFC 6265 §5.4): like every header of a source they stay with its origin."""
    return (("Cookie", "; ".join(f"{name}={value}" for name, value in cookies)),) if cookies else ()


def context_of(due: DueSource, settings: FetchSettings) -> ReadContext:
    """What reading needs to know of the source."""
    return ReadContext(
        source_id=due.source.id,
        language=due.source.language,
        timezone=due.source.timezone,
        encoding=due.source.encoding,
        max_entries=settings.max_entries,
        kind=due.source.kind,
        page=due.source.page,
    )


def told(due: DueSource, response: Response) -> Response:
    """A response as the reader may know it."""
    return replace(response, url=base_address(response.url, due.source.shown_url))


def base_address(url: str, shown_url: str) -> str:
    """What a document's relative links are resolved against: an address without secrets.

    A query never takes part in resolving (RFC 3986 §5.2) but for `#x` and the empty reference, which would
    publish it. Where the file writes a secret into the path, only the host is left of it.
    """
    parts = urlsplit(url)
    path = "/" if "${" in urlsplit(shown_url).path else parts.path
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], path, "", ""))


def body_hash(response: Response) -> bytes:
    """16 bytes over the body: an equal one means there is nothing to read."""
    return blake2b(response.body, digest_size=16).digest()
