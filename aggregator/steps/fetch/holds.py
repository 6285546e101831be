"""How far a Retry-After reaches: for the address that got it, and for the host once a second one is refused too.

The address itself is kept by the store (`held_until`). What is learnt of hosts lives as long as the fetcher: after a
restart one address more is asked, which teaches it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.steps.fetch.pace import Host

ENOUGH = 2  # refused addresses of a host that speak for all of it


class Holds:
    """Which hosts asked to be left alone."""

    def __init__(self) -> None:
        self._refused: dict[Host, dict[str, datetime]] = {}

    def refused(self, host: Host, address: str, until: datetime) -> None:
        """An address of this host was refused until then."""
        self._refused.setdefault(host, {})[address] = until

    def answered(self, host: Host, address: str) -> None:
        """An address answered: the host does not refuse everybody."""
        if host in self._refused:
            self._refused[host].pop(address, None)
            if not self._refused[host]:
                del self._refused[host]

    def until(self, host: Host, now: datetime) -> datetime | None:
        """When the host may be asked again; None if it may be now."""
        refused = {address: until for address, until in self._refused.get(host, {}).items() if until > now}
        if host in self._refused:
            self._refused[host] = refused
            if not refused:
                del self._refused[host]
        # The longest may be one address's own affair: the host is held while a second one is.
        return sorted(refused.values())[-ENOUGH] if len(refused) >= ENOUGH else None
