"""An article as its outlet's feed shows it at one moment: addresses absolute, times fixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.app.demo.outlets import Outlet


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A picture or a sound of an article; `length` in bytes."""

    url: str
    type: str
    length: int
    seconds: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Printed:
    """One entry of a feed, dialect aside."""

    slug: str
    guid: str
    link: str
    title: str
    paragraphs: tuple[str, ...]
    author: str
    category: str
    published: datetime
    updated: datetime
    file: File | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Issue:
    """What a feed is made of: the outlet, its addresses and its entries, newest first."""

    outlet: Outlet
    home: str
    address: str
    entries: tuple[Printed, ...]
    updated: datetime
