"""A topic's past as RFC 5005 pages: what the store remembers of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

PAGE_SIZE = 100  # stories; a page that has them is written for good


@dataclass(frozen=True, kw_only=True, slots=True)
class PastStory:
    """A story that a topic showed or could have shown: its id there, its first item's number, its place in order."""

    id: str
    item: int
    order_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchiveState:
    """How far a topic's archive is.

    `stories` counts those ever given a place: place n (from 1) is on page (n - 1) // PAGE_SIZE + 1. Pages up to
    `frozen` never change; `pages` are those there are. Items up to number `seen` were looked through for stories
    that come in behind those shown; it is 0 again when the topic's settings changed. `digest` is over the last page
    while it still grows.
    """

    stories: int = 0
    frozen: int = 0
    pages: tuple[int, ...] = ()
    seen: int = 0
    digest: bytes | None = None
