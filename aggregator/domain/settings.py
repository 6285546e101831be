"""What feeds.yaml says about the program itself, defaults filled in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aggregator.domain.source import Source
    from aggregator.domain.topic import Topic


class Format(StrEnum):
    """A form in which a topic is published; the value is the file's extension."""

    RSS = "rss"
    ATOM = "atom"
    JSON = "json"
    HTML = "html"


class SameStory(StrEnum):
    """Which copies a topic shows as one entry."""

    ACROSS_SOURCES = "across-sources"
    WITHIN_SOURCE = "within-source"
    OFF = "off"


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """The publisher. `url` has no trailing slash and may have a path."""

    url: str = "http://127.0.0.1:8000"
    title: str = "Aggregator"
    author_name: str | None = None
    author_email: str | None = None
    language: str = "en"
    timezone: str = "UTC"
    images: bool = True  # False: no image of others is shown on our pages
    pictures_from: str | None = None  # an origin without TLS whose pictures are shown all the same: the demo's


@dataclass(frozen=True, kw_only=True, slots=True)
class HostLimit:
    """An exception for one host: None keeps the general setting."""

    per_host: int | None = None
    host_gap: timedelta | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FetchSettings:
    """How sources are visited."""

    every: timedelta = timedelta(hours=1)
    min_interval: timedelta = timedelta(minutes=10)
    max_interval: timedelta = timedelta(hours=24)
    concurrency: int = 64
    per_host: int = 1
    host_gap: timedelta = timedelta(seconds=1)
    hosts: Mapping[str, HostLimit] = field(default_factory=dict)
    timeout: timedelta = timedelta(seconds=30)
    max_body: int = 15_000_000  # bytes after decompression
    max_entries: int = 500
    contact: str | None = None
    allow_hosts: tuple[str, ...] = ()  # host, host:port, CIDR or CIDR:port


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishSettings:
    """Where and as what documents are written."""

    directory: Path = Path("var/public")  # absolute once loaded
    formats: tuple[Format, ...] = (Format.RSS, Format.ATOM, Format.JSON, Format.HTML)
    hub: str | None = field(default="built-in", repr=False)  # or a hub's URL (may hold a secret), or None
    hub_shown: str | None = None  # of a hub's URL that holds a secret: what feeds announce of it
    hub_allow_hosts: tuple[str, ...] = ()  # as fetch.allow_hosts, for subscribers' callbacks and an outside hub


@dataclass(frozen=True, kw_only=True, slots=True)
class StorySettings:
    """How copies are shown as one story."""

    same_story: SameStory = SameStory.ACROSS_SOURCES
    window: timedelta = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class StorageSettings:
    """Where the store is. `url` is an SQLAlchemy URL with an absolute path, and a secret."""

    url: str = field(default="sqlite:///var/aggregator.db", repr=False)
    keep_for: timedelta = timedelta(days=90)


@dataclass(frozen=True, kw_only=True, slots=True)
class Configuration:
    """All of feeds.yaml, checked; `path` is the file, absolute."""

    path: Path
    site: Site = Site()
    storage: StorageSettings = StorageSettings()
    fetch: FetchSettings = FetchSettings()
    publish: PublishSettings = PublishSettings()
    stories: StorySettings = StorySettings()
    sources: tuple[Source, ...] = ()
    topics: tuple[Topic, ...] = ()
    included: tuple[Path, ...] = ()  # further files it was read from, absolute

    @property
    def base(self) -> Path:
        """The folder that relative paths start from."""
        return self.path.parent
