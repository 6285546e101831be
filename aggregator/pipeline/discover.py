"""The feed behind an address: the address itself, or what its page announces with `<link rel="alternate">`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.domain.outcome import Failure, ReadContext
from aggregator.domain.response import Request, Response
from aggregator.errors import AggregatorError, Code, FetchError
from aggregator.steps.parse.announce import announced_feed

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from aggregator.ports import Fetcher, Reader

NAME = "add"  # the source's name in requests, while it has none


class NoFeedError(AggregatorError):
    """There is something at the address, and it is neither a feed nor a page that announces one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """Where the feed is, and what the owner should know of it."""

    url: str
    note: str = ""


def discover(url: str, fetcher: Fetcher, reader: Reader, now: datetime, shown: Callable[[str], str]) -> Found:
    """Visit the address, and the feed its page announces. What cannot be visited now is believed as given.

    Args:
        url: what the owner gave.
        fetcher: visits it, politely and guarded as ever.
        reader: reads it, in a process of its own.
        now: the time of the visit.
        shown: an address as it may be told: without credentials.

    Raises:
        NoFeedError: with what came instead.
    """
    response = _visit(url, fetcher, shown)
    if isinstance(response, str):
        return Found(url=url, note=f"it could not be visited and stands as given ({response})")
    failure = _read(response, reader, now)
    if failure is None or failure.code is not Code.NOT_A_FEED:
        return Found(url=url, note="" if failure is None else f"it cannot be read now ({failure.message})")
    found = announced_feed(response)
    if not found:
        raise NoFeedError(failure.message.removeprefix(f"source {NAME!r}: "))
    # The owner wrote the page's address, not this one: fetch.allow_hosts does not count for it elsewhere.
    second = _visit(found, fetcher, shown, listed=_origin(found) == _origin(url))
    if isinstance(second, str):
        raise NoFeedError(f"the page announces {shown(found)}, which cannot be visited: {second}")
    failure = _read(second, reader, now)
    if failure is not None:
        raise NoFeedError(f"the page announces {shown(found)}, which is no feed: {failure.message}")
    return Found(url=found, note=f"the page announces its feed at {shown(found)}")


def _visit(url: str, fetcher: Fetcher, shown: Callable[[str], str], *, listed: bool = True) -> Response | str:
    """What came, or why nothing did."""
    try:
        answer = fetcher.fetch(Request(source_id=NAME, url=url, shown_url=shown(url), listed=listed)).result()
    except FetchError as error:
        return error.message.removeprefix(f"source {NAME!r}: ")
    return answer if isinstance(answer, Response) else "it answered 304 to a first visit"


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.rpartition("@")[2].lower()


def _read(response: Response, reader: Reader, now: datetime) -> Failure | None:
    context = ReadContext(source_id=NAME, language=None, timezone=None, encoding=None, max_entries=10)
    read = reader.read(context, response, frozenset(), now).result()
    return read if isinstance(read, Failure) else None
