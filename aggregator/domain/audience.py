"""Who reads a topic's feeds: numbers only, nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

DIRECT = ""  # the service of those who read by themselves


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """How many read one feed on one day (UTC): subscribers of a service, or by themselves (`DIRECT`)."""

    topic: str
    form: str  # atom, rss or json
    service: str
    day: date
    readers: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Audience:
    """A topic's subscribers: those that services say they read for, and those who came by themselves in a day."""

    through_services: int = 0
    direct: int = 0

    @property
    def total(self) -> int:
        """Everybody."""
        return self.through_services + self.direct
