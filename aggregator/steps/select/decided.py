"""A query → the condition that a database decides from folded texts, counts and kinds, without reading an item.

Words, phrases, prefixes and counts are conditions as they are. The source, its tags and the language are the same for
all items of a kind: for each kind `settled` puts what is true of it in their place. What looks at anything else is
left open: then the condition only narrows, and the query itself is asked of what meets it.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from aggregator.domain.query import And, Everything, Field, Not, Or, Query, Regex, Term, Words
from aggregator.domain.search import Condition, Counts, Every, Holds, Lacks, Some
from aggregator.steps.select.clauses import compile_query
from aggregator.text.terms import needle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aggregator.steps.select.prepared import Prepared
    from aggregator.text.terms import Needle

NOTHING = Not(part=Everything())
_KIND = frozenset({Field.SOURCE, Field.TAG, Field.LANG})
_RUNNING = {
    Field.ANY: frozenset({"title", "text"}),
    Field.TITLE: frozenset({"title"}),
    Field.TEXT: frozenset({"text"}),
}
_MOST = 100  # terms and operators
# SQLite takes an expression a thousand levels deep, where each part of an OR is a level, and its parser a hundred
# symbols on its stack: thirty operators inside each other are too many.
_COMPARISONS = 400
_DEEPEST = 20
_SPELLINGS = 16  # of a term with places where a text may have a blank or none


def by_kind(query: Query) -> bool:
    """Whether the query asks for the source, a tag or the language."""
    return any(isinstance(one, Term | Regex) and one.field in _KIND for one in _nodes(query))


def settled(query: Query, item: Prepared) -> Query:  # noqa: PLR0911 - one case a node
    """The query without what all items of that item's kind answer alike."""
    match query:
        case Term() | Regex() if query.field in _KIND:
            return Everything() if compile_query(query)(item) else NOTHING
        case Not():
            part = settled(query.part, item)
            if isinstance(part, Everything):
                return NOTHING
            return Everything() if part == NOTHING else Not(part=part)
        case And() | Or():
            decides, idle = (NOTHING, Everything()) if isinstance(query, And) else (Everything(), NOTHING)
            parts = tuple(part for part in (settled(part, item) for part in query.parts) if part != idle)
            if decides in parts:
                return decides
            if len(parts) > 1:
                return type(query)(parts=parts)
            return parts[0] if parts else idle
    return query


def decided(query: Query) -> tuple[Condition, bool]:
    """What every item that the query takes meets, and whether it takes every item that meets it."""
    if sum(1 for _ in _nodes(query)) > _MOST:
        return Every(), False
    condition, exact = _decided(query)
    comparisons, depth = _size(condition)
    return (condition, exact) if comparisons <= _COMPARISONS and depth <= _DEEPEST else (Every(), False)


def _size(condition: Condition) -> tuple[int, int]:
    """How many comparisons it is for a database, and how deep."""
    match condition:
        case Holds():
            return len(condition.fields), 1
        case Counts():
            return 1, 1
        case Lacks():
            comparisons, depth = _size(condition.part)
            return comparisons, depth + 1
    sizes = [_size(part) for part in condition.parts]
    return sum(count for count, _ in sizes), 1 + max((depth for _, depth in sizes), default=0)


def _decided(query: Query) -> tuple[Condition, bool]:  # noqa: PLR0911 - one case a node
    match query:
        case Everything():
            return Every(), True
        case Words():
            return Counts(op=query.op, number=query.number), True
        case Term() if query.field in _RUNNING:
            wanted = needle(query.text, prefix=query.prefix)
            spellings = [] if wanted is None else _spellings(wanted)
            if spellings is None:
                return Every(), False
            return _some([Holds(literal=text, fields=_RUNNING[query.field]) for text in spellings]), True
        case Not():
            part, exact = _decided(query.part)
            return (Lacks(part=part), True) if exact else (Every(), False)
        case And() | Or():
            found = [_decided(part) for part in query.parts]
            parts, exact = [part for part, _ in found], all(exact for _, exact in found)
            return (Every(parts=tuple(parts)) if isinstance(query, And) else _some(parts)), exact
    return Every(), False


def _some(parts: list[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else Some(parts=tuple(parts))


def _spellings(wanted: Needle) -> list[str] | None:
    """Every literal that is a hit; None where there are too many."""
    if not wanted.optional:
        return [wanted.literal]
    if 2 ** len(wanted.optional) > _SPELLINGS:
        return None
    parts = [wanted.literal[a + 1 : b] for a, b in zip((-1, *wanted.optional), (*wanted.optional, None), strict=True)]
    return [
        "".join(part + gap for part, gap in zip(parts, (*gaps, ""), strict=True))
        for gaps in product(("", " "), repeat=len(wanted.optional))
    ]


def _nodes(query: Query) -> Iterator[Query]:
    yield query
    match query:
        case Not():
            yield from _nodes(query.part)
        case And() | Or():
            for part in query.parts:
                yield from _nodes(part)
