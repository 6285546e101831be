"""Who reads a topic's feeds: numbers only, nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

DIRECT = ""  # the service of those who read by themselves
SITES = "aggregator"  # the name that sites of this program visit under


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
    """A topic's subscribers: those that services say they read for, and those who came by themselves in a day.

    `through_sites` of those through services are readers of other sites of this program.
    """

    through_services: int = 0
    direct: int = 0
    through_sites: int = 0

    @property
    def total(self) -> int:
        """Everybody."""
        return self.through_services + self.direct

    @property
    def told(self) -> int:
        """Whom the sources hear of. Two sites that read one another would count each other's readers for ever."""
        return self.total - self.through_sites
