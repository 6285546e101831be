"""A topic whose query is being asked of what is stored."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Filling:
    """How far a topic is: items with a number below `below` are still to be asked; None: all.

    `digest` is over the query, as given when it was begun. A `fresh` topic was never published.
    """

    topic_id: str
    digest: bytes
    below: int | None
    fresh: bool
