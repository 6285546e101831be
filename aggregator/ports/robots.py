"""The store of what hosts' robots.txt say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.domain.robots import RobotsAnswer


class RobotsStore(Protocol):
    """One answer a host, for every process over the store and after every restart."""

    def get(self, origin: bytes) -> RobotsAnswer | None:
        """What is remembered of a host (`domain.robots.origin_digest`), valid or not."""

    def put(self, answers: Sequence[RobotsAnswer]) -> None:
        """Remember these instead of what was remembered of their hosts; of one host the last counts."""

    def prune(self, before: datetime) -> None:
        """Forget hosts that nobody asked for since then."""
