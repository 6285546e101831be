"""A query as a test that a prepared item passes or not: compiled once, asked often."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING

from aggregator.domain.query import Age, And, Everything, Field, Has, Not, Or, Query, Regex, Term, Words
from aggregator.steps.select.atoms import EXACT, compiled
from aggregator.steps.select.prepared import Prepared, host_form
from aggregator.text.normalise import fold
from aggregator.text.terms import needle

if TYPE_CHECKING:
    from datetime import datetime

Test = Callable[[Prepared], bool]

COMPARE: dict[str, Callable[[int | float, int | float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq,
}  # fmt: skip
_LONG = frozenset({Field.ANY, Field.TITLE, Field.TEXT})  # where a set of words pays


def compile_query(query: Query) -> Test:
    """The test for a whole query. Parts stand in the order they are written in."""
    match query:
        case Everything():
            return lambda _: True
        case Not():
            part = compile_query(query.part)
            return lambda item: not part(item)
        case And():
            parts = tuple(map(compile_query, query.parts))
            return lambda item: all(part(item) for part in parts)
        case Or():
            parts = tuple(map(compile_query, query.parts))
            return lambda item: any(part(item) for part in parts)
        case Term():
            return _name(query) if query.field in EXACT else _words(query)
    return _measured(query)


def _measured(query: Regex | Has | Words | Age) -> Test:
    match query:
        case Regex(field=field):
            search = compiled(query.pattern).search
            return lambda item: any(search(value) for value in item.values(field))
        case Has(thing=thing):
            return lambda item: thing in item.things
        case Words(number=number):
            compare = COMPARE[query.op]
            return lambda item: compare(item.item.words, number)
        case Age():
            older, limit = COMPARE[query.op], query.age.total_seconds()
            return lambda item: older((_now(item) - item.copy.stored.order_at).total_seconds(), limit)


def _now(item: Prepared) -> datetime:
    if item.now is None:
        raise ValueError("a query with 'age' is matched without a time; give the matcher its `now`")
    return item.now


def _words(term: Term) -> Test:
    """A word, phrase or prefix, looked for in running text."""
    wanted, field = needle(term.text, prefix=term.prefix), term.field
    if wanted is None:
        return lambda _: False
    if wanted.word is not None and field in _LONG:
        word, spaced = wanted.word, wanted.literal
        return lambda item: item.holds(field, word, spaced)
    if wanted.pattern is None:
        literal = wanted.literal
        return lambda item: item.plainly(field, literal) or literal in item.searchable(field)
    search = wanted.pattern.search
    return lambda item: search(item.searchable(field)) is not None


def wanted_name(term: Term) -> str:
    """What a term of a field that is compared as a whole compares with."""
    if term.field is Field.SITE:
        return host_form(term.text)
    wanted = fold(term.text).strip()
    return wanted.replace("_", "-") if term.field is Field.LANG else wanted


def names_it(term: Term, value: str) -> bool:
    """Whether a value, as the item has it, is what a term of such a field asks for; a source may have another name."""
    if term.field in {Field.SITE, Field.SOURCE}:
        return True
    wanted, name = wanted_name(term), fold(value).strip()
    if term.prefix:
        return name.startswith(wanted)
    return name == wanted or (term.field is Field.LANG and name.startswith(wanted + "-"))


def _name(term: Term) -> Test:
    """A term compared as a whole: source, tag, language (and its subtags), site (and all below it)."""
    field, wanted = term.field, wanted_name(term)
    if field is Field.SITE:
        return lambda item: item.host == wanted or item.host.endswith("." + wanted)
    if term.prefix:
        return lambda item: any(name.startswith(wanted) for name in item.names(field))
    if field is Field.LANG:
        return lambda item: any(name == wanted or name.startswith(wanted + "-") for name in item.names(field))
    return lambda item: wanted in item.names(field)
