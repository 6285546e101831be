"""What became of a visit, and when the next one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.domain.source import SourceKind

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from aggregator.domain.entry import FeedInfo
    from aggregator.domain.item import Item
    from aggregator.domain.response import NotModified, Response
    from aggregator.domain.source import PageSelectors
    from aggregator.errors import Code, SourceError


@dataclass(frozen=True, kw_only=True, slots=True)
class PageSurvey:
    """Where a page leads that came instead of a feed, in absolute addresses.

    `sent_on` is what it sends every visitor on to, `announced` are its feeds, `selectors` read the list on it.
    """

    sent_on: str | None = None
    announced: tuple[str, ...] = ()
    selectors: PageSelectors | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A visit that failed: the stable code, and a message for people without secrets.

    `fresh_for` is how long the server says its answer holds (Cache-Control, Expires), or None.
    """

    code: Code
    message: str
    status: int | None = None
    retry_at: datetime | None = None
    fresh_for: timedelta | None = None
    survey: PageSurvey | None = None  # between a reading and the visit's end; never stored

    @classmethod
    def of(cls, error: SourceError) -> Failure:
        """What an error says, as it is stored."""
        return cls(
            code=error.code,
            message=error.message,
            status=error.status,
            retry_at=error.retry_at,
            fresh_for=error.fresh_for,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadContext:
    """What reading needs to know of a source: plain, picklable, without secrets."""

    source_id: str
    language: str | None
    timezone: str | None
    encoding: str | None
    max_entries: int
    max_text: int = 1_000_000  # characters a field may have
    kind: SourceKind = SourceKind.FEED
    page: PageSelectors | None = None
    explore: bool = False  # of what is no feed it is told where its feeds are, and what would read it
    item: Item | None = None  # whose own pages are read, instead of a source's document


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A response read.

    `items` are new or changed, oldest first; `unchanged` are the raw hashes of entries that were known
    already. `left_out` counts entries over `max_entries`, `beyond` are the newest of them that are not known.
    `truncated` means the validators must not be kept.
    """

    info: FeedInfo
    items: tuple[Item, ...]
    unchanged: tuple[bytes, ...] = ()
    left_out: int = 0
    beyond: tuple[Item, ...] = ()
    truncated: bool = False
    version: str = ""
    encoding: str = ""
    wants: tuple[str, ...] = ()  # further addresses without which the reading is not whole
    newest: tuple[datetime, ...] = ()  # believed dates of all entries, newest first: the source's rhythm


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """A body came and was read."""

    response: Response
    body_hash: bytes
    reading: Reading
    late: tuple[Item, ...] = ()  # stored at earlier visits: their pages were asked for now


@dataclass(frozen=True, kw_only=True, slots=True)
class Unchanged:
    """Nothing new: a 304, or a body whose hash is the stored one."""

    answer: NotModified | Response
    body_hash: bytes | None = None
    late: tuple[Item, ...] = ()  # as in Fetched


Outcome = Fetched | Unchanged | Failure


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """When a source is visited next, and the rule that won, in words."""

    at: datetime
    reason: str
