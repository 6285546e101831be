"""What an item must hold to be worth a closer look: the part of a query that an index can answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexWord:
    """One word of the index (see `aggregator.text.terms.index_words`), or the beginning of one."""

    text: str
    prefix: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class AllOf:
    """Every part is needed; one part or more."""

    parts: tuple[Needed, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AnyOf:
    """One of the parts is needed; one part or more."""

    parts: tuple[Needed, ...]


Needed = IndexWord | AllOf | AnyOf
