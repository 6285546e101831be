"""A query → what of an item it looks at: the rest need not be read to ask it."""

from __future__ import annotations

from aggregator.domain.query import And, Everything, Field, Has, Not, Or, Query, Regex, Term, Thing, Words

_FIELDS: dict[Field, frozenset[str]] = {
    Field.ANY: frozenset({"title", "text"}),
    Field.TITLE: frozenset({"title"}),
    Field.TEXT: frozenset({"text"}),
    Field.AUTHOR: frozenset({"authors"}),
    Field.CATEGORY: frozenset({"categories"}),
    Field.SOURCE: frozenset(),
    Field.TAG: frozenset(),
    Field.LANG: frozenset({"language"}),
    Field.LINK: frozenset({"link"}),
    Field.SITE: frozenset({"link"}),
}
_FILES = frozenset({"enclosures"})
_MEDIA = _FILES | {"media", "content", "summary"}


def asked(query: Query) -> frozenset[str]:
    """The names of the fields of `Item` that decide whether the query takes an item, and why.

    Beside them the source counts, and nothing else: two items that agree in these get the same verdict.
    """
    match query:
        case Everything():
            return frozenset()
        case Not():
            return asked(query.part)
        case And() | Or():
            return frozenset().union(*map(asked, query.parts))
        case Term() | Regex():
            return _FIELDS[query.field]
        case Words():
            return frozenset({"words"})
        case Has(thing=thing):
            return _FILES if thing is Thing.ENCLOSURE else _MEDIA
    raise ValueError("a query with 'age' is asked in search and preview, which read whole items")
