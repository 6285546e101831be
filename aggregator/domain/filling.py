"""A topic whose query is being asked of what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aggregator.domain.search import Condition, Needed
    from aggregator.domain.topic import Copy


@dataclass(frozen=True, kw_only=True, slots=True)
class Filling:
    """How far a topic is: items with a number below `below` are still to be asked; None: all.

    `digest` is over the query, as given when it was begun. A `fresh` topic was never published.
    """

    topic_id: str
    digest: bytes
    below: int | None
    fresh: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """Stored items from number `low` up to, but without, `below`; None is no bound, and no demand.

    Of them those of the sources and `kinds` (a source and a language each), that hold what is needed and meet the
    condition. Quiet ones are in no span.
    """

    below: int | None = None
    low: int | None = None
    source_ids: frozenset[str] | None = None
    needed: Needed | None = None
    condition: Condition | None = None
    kinds: tuple[Copy, ...] | None = None
