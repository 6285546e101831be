"""What the store remembers of each source by day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from aggregator.domain.source import SourceDay


class DayStore(Protocol):
    """How often each source was visited, how often that failed, and what it brought, by day (UTC)."""

    def add(self, visits: Iterable[tuple[str, bool, int]], now: datetime) -> None:
        """Count visits made now: each source's id, whether it failed, and the new items it brought."""

    def of(self, source_id: str, now: datetime, days: int) -> list[SourceDay]:
        """The last `days` days of a source, today the last; those without a visit too."""

    def prune(self, before: datetime) -> None:
        """Forget the days before that one."""
