"""A query → what every item it takes must hold: the part that an index of words can answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.domain.query import And, Field, Or, Query, Term
from aggregator.domain.search import AllOf, AnyOf, IndexWord, Needed
from aggregator.text.terms import index_needs

if TYPE_CHECKING:
    from collections.abc import Sequence

_INDEXED = frozenset({Field.ANY, Field.TITLE, Field.TEXT, Field.AUTHOR, Field.CATEGORY})


_DEEPEST = 12  # FTS5's parser takes a hundred symbols on its stack


def needed(query: Query, *, depth: int = 0) -> Needed | None:
    """The words that stand in every item the query takes; None where there is no such word.

    Fields and the order of words are left to the matcher, which is asked of what the index finds.
    """
    if depth > _DEEPEST:
        return None
    match query:
        case Term() if query.field in _INDEXED:
            words = index_needs(query.text, prefix=query.prefix)
            return _all([IndexWord(text=word, prefix=prefix) for word, prefix in words])
        case And():
            return _all([part for part in _parts(query, depth) if part is not None])
        case Or():
            found = _parts(query, depth)
            parts = tuple(dict.fromkeys(part for part in found if part is not None))
            return None if None in found else AnyOf(parts=parts)
    return None


def _parts(query: And | Or, depth: int) -> list[Needed | None]:
    return [needed(part, depth=depth + 1) for part in query.parts]


def _all(parts: Sequence[Needed]) -> Needed | None:
    return AllOf(parts=tuple(dict.fromkeys(parts))) if parts else None
