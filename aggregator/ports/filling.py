"""The store of topics that are being filled: a new or edited query asked of what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.domain.filling import Filling, Span
    from aggregator.domain.search import Needed
    from aggregator.domain.story import Reason
    from aggregator.domain.topic import Copy


class FillingStore(Protocol):
    """Items are asked from the newest arrival to the oldest; what is quiet is passed over.

    A topic that is being filled is never stale: it is published once it is whole, and until then shows what its
    older query took. What is stored or changed meanwhile is matched by the new one and kept.
    """

    def begin(self, topic_ids: Sequence[str]) -> None:
        """Ask everything stored for these topics, from the beginning; nothing to do where nothing is stored."""

    def open(self) -> list[Filling]:
        """The topics that are being filled, in the configuration's order."""

    def low(self, needed: Needed | None, below: int | None, size: int) -> int | None:
        """The number of the last of the next `size` items that hold what is needed; None where there are fewer."""

    def candidates(self, span: Span, asked: frozenset[str]) -> list[Copy]:
        """The items of the span, newest first. Of each the fields named in `asked` are read; the others are empty."""

    def kinds(self, span: Span) -> list[Copy]:
        """Each source and language in the span as one copy: what is true of one is true of its kind."""

    def take(self, topic_id: str, reason: Reason, numbers: Sequence[int]) -> None:
        """The topic takes the items of these numbers."""

    def take_all(self, topic_id: str, reason: Reason, span: Span) -> None:
        """The topic takes every item of the span."""

    def advance(self, topic_ids: Sequence[str], below: int | None) -> None:
        """These topics asked everything from that number on; None: everything, and they show it from now on."""

    def has_unshown(self) -> bool:
        """Whether there are matches that no topic shows any more."""

    def sweep(self, size: int) -> bool:
        """Delete so many of the matches that no topic shows any more. Returns whether there may be others."""
