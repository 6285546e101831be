"""A news source, and what the store remembers of visiting it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime, timedelta
    from pathlib import Path

    from aggregator.domain.outcome import Failure
    from aggregator.domain.query import Query
    from aggregator.domain.response import Validators
    from aggregator.domain.subscription import PushReport


class SourceKind(StrEnum):
    """What stands behind a source's address."""

    FEED = "feed"  # RSS, Atom, RDF or JSON Feed, detected from the content
    FILE = "file"  # a feed in a local file
    PAGE = "page"  # a web page without a feed, read by CSS selectors
    SITEMAP = "sitemap"  # a sitemap, an index of sitemaps, a news sitemap


@dataclass(frozen=True, kw_only=True, slots=True)
class PageSelectors:
    """Where a page's entries are: CSS selectors, `a@href` for an attribute; all but `entry` within an entry.

    `next` is looked for in the whole page.
    """

    entry: str
    title: str | None = None
    link: str = "a@href"
    summary: str | None = None
    date: str | None = None
    image: str | None = None
    next: str | None = None


class SourceStatus(StrEnum):
    """The word `status` shows for a source."""

    NEW = "new"
    OK = "ok"
    FAILING = "failing"
    GONE = "gone"
    PAUSED = "paused"


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """HTTP Basic credentials; never shown."""

    user: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class ClientCertificate:
    """A certificate by which a source's server knows us: PEM files, absolute; `key` None is in the same file."""

    certificate: Path
    key: Path | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One entry of `sources:`. Secrets are expanded in `url`, `headers` and `auth`, and kept out of repr.

    `shown_url` is the address as written in the file, user-info cut: the one for logs, pages and feeds.
    """

    id: str
    url: str = field(repr=False)
    shown_url: str
    was: str | None = None
    title: str | None = None
    tags: tuple[str, ...] = ()
    rank: int = 0
    every: timedelta | None = None
    language: str | None = None
    timezone: str | None = None
    encoding: str | None = None
    enabled: bool = True
    kind: SourceKind = SourceKind.FEED
    path: Path | None = None  # of a file source, absolute
    page: PageSelectors | None = None  # of a page source
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    auth: Credentials | None = field(default=None, repr=False)
    cookies: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    user_agent: str | None = None
    verify_tls: bool = True
    proxy: str | None = field(default=None, repr=False)  # with its credentials
    client_certificate: ClientCertificate | None = None
    full_text: bool = False  # each new entry's page is read, and the article in it kept
    only: Query | None = None  # only entries that match are stored
    drop: Query | None = None  # entries that match are not
    only_text: str = ""
    drop_text: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Visits:
    """What the store remembers of visiting a source.

    `failures` counts consecutive ones, `failing_since` is the first of them. `held_until` is the server's
    Retry-After. `hints` are the feed's own wishes at its last good reading. `gone_at` is the first 410.
    """

    validators: Validators | None = None
    body_hash: bytes | None = None
    last_visit: datetime | None = None
    last_success: datetime | None = None
    next_visit: datetime | None = None
    next_visit_reason: str = ""
    failures: int = 0
    failing_since: datetime | None = None
    failure: Failure | None = None
    failed_at: datetime | None = None
    held_until: datetime | None = None
    gone_at: datetime | None = None
    gone: bool = False
    moved_to: str | None = None  # once a permanent redirect is believed
    move: Move | None = None
    hints: FeedHints | None = None
    title: str | None = None
    entries_per_day: float | None = None
    pattern: Pattern | None = None

    def validators_of(self, url: str) -> bool:
        """Whether the validators came from that very address."""
        return self.validators is not None and self.validators.url == url


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """A permanent redirect of a source's address, seen `seen` times in a row between `since` and `last`.

    `direct`: the next visit asks the new address itself. `refused`: that may not be visited by itself.
    """

    to: str
    since: datetime
    last: datetime
    seen: int = 1
    direct: bool = False
    refused: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Pattern:
    """When a source publishes: entries by hour (UTC) and by weekday (Monday first), old ones fading.

    `since` is the oldest date that went into it, `at` when it was last added to. `moments` are when the last bursts
    came, the oldest first, in minutes since Monday, 5 January 1970, 00:00 UTC; `burst` is how many minutes one may
    last.
    """

    hours: tuple[float, ...]
    days: tuple[float, ...]
    since: datetime
    at: datetime
    moments: tuple[int, ...] = ()
    burst: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedHints:
    """How often a feed asks to be visited: RSS ttl, skipHours, skipDays, and sy:updatePeriod.

    `ttl` and `update_every` are positive and believable (at most 30 days), or None. `skip_hours` are 0 to 23
    GMT; `skip_days` are 0 (Monday) to 6.
    """

    ttl: timedelta | None = None
    update_every: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class DueSource:
    """A source claimed for one visit. A result written with an older `fence` is refused by the store."""

    source: Source
    visits: Visits
    fence: int
    forced: bool = False  # asked for by a person: due times do not count, Retry-After does


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceReport:
    """One source as `status` shows it; `tags` and `shown_url` come from the configuration."""

    id: str
    title: str | None
    shown_url: str
    status: SourceStatus
    visits: Visits
    items: int
    newest: datetime | None = None  # when its newest item was first seen
    push: PushReport | None = None  # its subscription at a hub


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceDay:
    """What became of a source's visits on one day (UTC). What hubs delivered is no visit."""

    day: date
    visits: int
    failures: int
    items: int  # new ones
