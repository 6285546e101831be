"""The feed behind an address: the address itself, what its page announces, the usual places.

Where there is none, the page itself may be a source: selectors for its list are proposed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.domain.outcome import Failure, ReadContext, Reading
from aggregator.domain.response import Request, Response
from aggregator.domain.source import SourceKind
from aggregator.errors import AggregatorError, Code, FetchError
from aggregator.steps.parse.announce import usual_places

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from aggregator.domain.item import Item
    from aggregator.domain.source import PageSelectors
    from aggregator.ports import Fetcher, Reader

FEW = 10  # items of a list page that are shown
BEHIND = 2  # feeds tried that a page announces which was announced as a feed
NAME = "add"  # the source's name in requests, while it has none


@dataclass(frozen=True, kw_only=True, slots=True)
class ListPage:
    """A page that lists news: the selectors that read it, and the first items they find."""

    selectors: PageSelectors
    first: tuple[Item, ...]


class NoFeedError(AggregatorError):
    """There is something at the address, and no feed there, announced by it or where feeds usually are.

    `page` is what the page itself would give as a source; None where it lists nothing.
    """

    def __init__(self, message: str, page: ListPage | None = None) -> None:
        super().__init__(message)
        self.page = page


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """Where the feed is, what it is if it is none, and what the owner should know of it."""

    url: str
    note: str = ""
    kind: SourceKind = SourceKind.FEED


def discover(url: str, fetcher: Fetcher, reader: Reader, now: datetime, shown: Callable[[str], str]) -> Found:
    """Visit the address, the feeds its page announces, and the usual places.

    What cannot be visited now is believed as given.

    Args:
        url: what the owner gave.
        fetcher: visits it, politely and guarded as ever.
        reader: reads it, in a process of its own.
        now: the time of the visit.
        shown: an address as it may be told: without credentials.

    Raises:
        NoFeedError: with what came instead.
    """
    return _Search(url, fetcher, reader, now, shown).run()


class _Search:
    """One search: nothing is visited twice."""

    def __init__(self, url: str, fetcher: Fetcher, reader: Reader, now: datetime, shown: Callable[[str], str]) -> None:
        self._url, self._fetcher, self._reader, self._now, self._shown = url, fetcher, reader, now, shown
        self._had = {url}

    def run(self) -> Found:
        response = _visit(self._url, self._fetcher, self._shown)
        if isinstance(response, str):
            return Found(url=self._url, note=f"it could not be visited and stands as given ({response})")
        failure = _read(response, self._reader, self._now)
        if failure is None or failure.code is not Code.NOT_A_FEED:
            return Found(url=self._url, note="" if failure is None else f"it cannot be read now ({failure.message})")
        if _read(response, self._reader, self._now, SourceKind.SITEMAP) is None:
            return Found(url=self._url, note="it is a sitemap", kind=SourceKind.SITEMAP)
        if failure.survey is not None and failure.survey.sent_on is not None:
            sent = self._sent_on(failure.survey.sent_on)
            if isinstance(sent, Found):
                return sent
            response, failure = sent or (response, failure)
        return self._of_page(response, failure)

    def _sent_on(self, url: str) -> Found | tuple[Response, Failure] | None:
        """The feed that a page sends every visitor on to, or the page there; once. None: it cannot be had."""
        self._had.add(url)
        response = _visit(url, self._fetcher, self._shown, listed=_origin(url) == _origin(self._url))
        if isinstance(response, str):
            return None
        failure = _read(response, self._reader, self._now)
        if failure is None:
            return Found(url=url, note=f"the page sends on to its feed at {self._shown(url)}")
        return response, failure

    def _of_page(self, response: Response, failure: Failure) -> Found:
        """What the page announces, else what stands in the usual places."""
        reasons: list[str] = []
        for announced in _announced(failure):
            found = self._followed(announced, reasons)
            if found:
                return Found(url=found, note=f"the page announces its feed at {self._shown(found)}")
        for usual in usual_places(response.url):
            if self._followed(usual, []):
                return Found(url=usual, note=f"the page announces none, but there is a feed at {self._shown(usual)}")
        raise NoFeedError(reasons[0] if reasons else failure.message, self._list_page(response, failure))

    def _followed(self, url: str, reasons: list[str], *, deeper: bool = True) -> str | None:
        """The feed at an address, or the one that a page there announces in its turn."""
        if url in self._had:
            return None
        self._had.add(url)
        # The owner wrote the page's address, not this one: fetch.allow_hosts does not count for it elsewhere.
        response = _visit(url, self._fetcher, self._shown, listed=_origin(url) == _origin(self._url))
        if isinstance(response, str):
            reasons.append(f"the page announces {self._shown(url)}, which cannot be visited: {response}")
            return None
        failure = _read(response, self._reader, self._now)
        if failure is None:
            return url
        reasons.append(f"the page announces {self._shown(url)}, which is no feed: {failure.message}")
        if deeper and failure.code is Code.NOT_A_FEED:
            behind = (self._followed(one, [], deeper=False) for one in _announced(failure)[:BEHIND])
            return next((one for one in behind if one), None)
        return None

    def _list_page(self, response: Response, failure: Failure) -> ListPage | None:
        """What the page gives when it is read by the selectors that it suggests; at least a few items."""
        selectors = failure.survey.selectors if failure.survey is not None else None
        if selectors is None:
            return None
        context = ReadContext(
            source_id=NAME,
            language=None,
            timezone="UTC",  # so that days are shown as they stand on the page
            encoding=None,
            max_entries=FEW,
            kind=SourceKind.PAGE,
            page=selectors,
        )
        reading = self._reader.read(context, response, frozenset(), self._now).result()
        return ListPage(selectors=selectors, first=reading.items) if isinstance(reading, Reading) else None


def _visit(url: str, fetcher: Fetcher, shown: Callable[[str], str], *, listed: bool = True) -> Response | str:
    """What came, or why nothing did."""
    try:
        answer = fetcher.fetch(Request(source_id=NAME, url=url, shown_url=shown(url), listed=listed)).result()
    except FetchError as error:
        return error.message.removeprefix(f"source {NAME!r}: ")
    return answer if isinstance(answer, Response) else "it answered 304 to a first visit"


def _announced(failure: Failure) -> tuple[str, ...]:
    return failure.survey.announced if failure.survey is not None else ()


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.rpartition("@")[2].lower()


def _read(response: Response, reader: Reader, now: datetime, kind: SourceKind = SourceKind.FEED) -> Failure | None:
    context = ReadContext(
        source_id=NAME,
        language=None,
        timezone=None,
        encoding=None,
        max_entries=FEW,
        kind=kind,
        explore=kind is SourceKind.FEED,
    )
    read = reader.read(context, response, frozenset(), now).result()
    return read if isinstance(read, Failure) else None
