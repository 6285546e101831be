"""What an item must hold to be worth a closer look, and what a database decides by itself: parts of queries."""

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Holds:
    """A canonical text (see `aggregator.text.terms.canonical`) holds those characters: "title", "text" or either."""

    literal: str
    fields: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """The number of words compares so: `op` is one of < <= > >= =."""

    op: str
    number: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Lacks:
    """The part is not met."""

    part: Condition


@dataclass(frozen=True, kw_only=True, slots=True)
class Every:
    """All parts are met; without parts always."""

    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Some:
    """One of the parts is met; without parts never."""

    parts: tuple[Condition, ...] = ()


Condition = Holds | Counts | Lacks | Every | Some
