"""The store of how many read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from aggregator.domain.audience import Audience, Count


class AudienceStore(Protocol):
    """How many read the topics' feeds, and when tokens were last used."""

    def put(self, counts: Iterable[Count]) -> None:
        """Remember these counts. Direct readers of a day never become fewer: a restart forgets who was counted."""

    def used(self, digests: Collection[bytes], now: datetime) -> None:
        """These tokens were used at about this time."""

    def now(self, moment: datetime) -> dict[str, Audience]:
        """Every topic's audience, by id: what each service said last, and the better of today and yesterday."""

    def prune(self, before: datetime) -> None:
        """Forget days that are over for longer."""
