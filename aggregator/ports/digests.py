"""The store of digests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.domain.digest import DigestedStory, DigestState


class DigestStore(Protocol):
    """Which story went into which digest of a topic: a story goes into one, and stays there until it is pruned."""

    def state(self, topic_id: str) -> DigestState | None:
        """How far the topic's digests are; None before the first."""

    def keep(self, topic_id: str, state: DigestState, stories: Sequence[DigestedStory]) -> None:
        """Put stories that have no digest yet into theirs, and remember how far the topic is."""

    def stories(self, topic_id: str, since: datetime) -> list[DigestedStory]:
        """The stories of digests whose period began then or later, the newest period first, in their places' order.

        Those that were left out are among them, at place 0.
        """
