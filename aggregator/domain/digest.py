"""Digests: a topic's stories of a day or a week as one entry."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.domain.topic import Selected


class Rhythm(StrEnum):
    """How often a topic publishes its stories as one entry."""

    NONE = "none"  # each story is an entry of its own
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """A day or a week, from the midnight it begins at up to the one it ends at, in UTC; half open.

    `name` is that of its first day ("2026-11-22") or of the week (ISO 8601: "2026-W47").
    """

    name: str
    starts: datetime
    ends: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """A period that is over, and its stories in order. `id` is fixed for good."""

    id: str
    period: Period
    stories: tuple[Selected, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestedStory:
    """Where a story went: `place` counts from 1 in the digest of that period; 0: it was left out of it.

    `item` is the number of the story's first item. A story goes into one digest and stays there.
    """

    story: str
    item: int
    period: str
    starts: datetime
    ends: datetime
    place: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestState:
    """How far a topic's digests are: periods that ended by `closed` have theirs.

    `base` is what their ids begin with. `settings` are those by which stories were put into them.
    """

    base: str
    closed: datetime
    settings: bytes
