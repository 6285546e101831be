"""What an item said before its words moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class EarlierVersion:
    """The headline and the figures of an item until they were replaced."""

    item: int
    until: datetime
    title: str
    figures: tuple[str, ...] = ()
