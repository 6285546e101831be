"""The store of topics that are being filled: a new or edited query asked of what is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aggregator.domain.filling import Filling
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

    def candidates(
        self,
        needed: Needed | None,
        asked: frozenset[str],
        *,
        below: int | None,
        source_ids: frozenset[str] | None,
        size: int,
    ) -> tuple[list[Copy], int | None]:
        """The next items of those sources that may be taken, and below which number to go on; None at the end.

        Every item that holds what is needed is among them (`None`: every item). Of each item the fields named in
        `asked` are read; the others are empty.
        """

    def kinds(
        self, *, below: int | None, source_ids: frozenset[str] | None, size: int
    ) -> tuple[list[Copy], int | None]:
        """Each source and language among the next items as one copy, and below which number to go on.

        For queries that ask nothing else: what is true of one is true of its kind.
        """

    def take(self, topic_id: str, taken: Sequence[tuple[Copy, Reason]]) -> None:
        """The topic takes these items, and why."""

    def take_kinds(
        self,
        topic_id: str,
        taken: Mapping[str, tuple[Reason, Sequence[Copy]]],
        *,
        below: int | None,
        low: int | None,
        source_ids: frozenset[str] | None,
    ) -> None:
        """The topic takes all items of these kinds from number `low` up to `below` (None: without that bound).

        Each reason comes with its kinds; an empty list of them means all.
        """

    def advance(self, topic_ids: Sequence[str], below: int | None) -> None:
        """These topics asked everything from that number on; None: everything, and they show it from now on."""
