"""Why a query takes or refuses an item: the clauses that decided, and the words they found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.domain.query import Age, And, Everything, Field, Has, Not, Or, Query, Regex, Term, Words
from aggregator.domain.story import Reason
from aggregator.steps.select.atoms import EXACT, compiled
from aggregator.steps.select.clauses import compile_query, names_it
from aggregator.steps.select.printing import print_query
from aggregator.text.terms import needle, written

if TYPE_CHECKING:
    from aggregator.steps.select.prepared import Prepared

_SHOWN = 5  # clauses in the sentence; the evidence counts the rest
_LONGEST = 80  # characters of found words
_PLACES = {
    Field.ANY: "in title and text", Field.TITLE: "in the title", Field.TEXT: "in the text",
    Field.AUTHOR: "among the authors", Field.CATEGORY: "among the categories", Field.SOURCE: "in the source's id",
    Field.TAG: "among the source's tags", Field.LANG: "in the language", Field.LINK: "in the link",
    Field.SITE: "in the link's host",
}  # fmt: skip

_NOT_IN = {
    Field.ANY: "neither in the title nor in the text",
    Field.TITLE: "not in the title",
    Field.TEXT: "not in the text",
}
_INSTEAD = {
    Field.AUTHOR: ("not among the authors ({})", "it names no author"),
    Field.CATEGORY: ("not among the categories ({})", "it has no categories"),
    Field.SOURCE: ("the source is {}", "the source is not known"),
    Field.TAG: ("the source's tags are {}", "the source has no tags"),
    Field.LANG: ("the language is {}", "the language is not known"),
    Field.LINK: ("not in the link ({})", "it has no link"),
    Field.SITE: ("the link leads to {}", "it has no link"),
}
_TOLD = {
    Field.SOURCE: "the source is", Field.TAG: "the source has the tag", Field.LANG: "the language is",
    Field.SITE: "the link leads to",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class _Finding:
    """One clause that decided, in words, and what it found."""

    clause: Query
    note: str
    found: str = ""


def reason(query: Query, item: Prepared) -> tuple[bool, Reason]:
    """Whether the query takes the item, and the clauses that decided it."""
    if isinstance(query, Everything):
        return True, Reason(rule="everything", text="the topic has no query: it takes everything from its sources")
    matched, findings = _decide(query, item)
    notes = [f"{print_query(finding.clause)}: {finding.note}" for finding in findings[:_SHOWN]]
    more = len(findings) - len(notes)
    evidence: dict[str, str | int | float] = {
        "clause": " ".join(_clause(finding.clause) for finding in findings[:_SHOWN])
    }
    if words := [finding.found for finding in findings if finding.found]:
        evidence["words"] = ", ".join(dict.fromkeys(words))
    if more:
        evidence["further_clauses"] = more
    return matched, Reason(
        rule="query", text="; ".join(notes) + (f"; and {more} more" if more else ""), evidence=evidence
    )


def _clause(query: Query) -> str:
    return f"({print_query(query)})" if isinstance(query, And | Or) else print_query(query)


def _decide(query: Query, item: Prepared) -> tuple[bool, list[_Finding]]:
    """And: all parts when true, the first that fails when false. Or: the first that holds, or all of them."""
    match query:
        case And() | Or():
            stops_at = isinstance(query, Or)
            findings: list[_Finding] = []
            for part in query.parts:
                matched, found = _decide(part, item)
                if matched is stops_at:
                    return matched, found
                findings += found
            return not stops_at, findings
        case Not():
            refused, found = _decide(query.part, item)
            if not refused:
                absent = "not so" if isinstance(query.part, Words | Age | And) else "not there"
                return True, [_Finding(clause=query, note=f"{absent}, as wanted")]
            return False, [_Finding(clause=query, note=f"excludes it: {one.note}", found=one.found) for one in found]
    matched = compile_query(query)(item)
    return matched, [_leaf(query, item, matched=matched)]


def _leaf(query: Query, item: Prepared, *, matched: bool) -> _Finding:
    match query:
        case Term() | Regex():
            if not matched:
                return _Finding(clause=query, note=_instead(query.field, item))
            found, place = _found(query, item)
            told = _TOLD.get(query.field) if isinstance(query, Term) else None
            return _Finding(clause=query, note=f"{told} {found}" if told else f"“{found}” {place}", found=found)
        case Words():
            return _Finding(clause=query, note=_counted(item.item.words))
        case Age():
            return _Finding(clause=query, note=f"it is of {item.copy.stored.order_at:%Y-%m-%d %H:%M} UTC")
        case Has():
            return _Finding(clause=query, note="there is one" if matched else "there is none")
    return _Finding(clause=query, note="everything matches")


def _found(query: Term | Regex, item: Prepared) -> tuple[str, str]:
    """What was found, as the item writes it, and where."""
    fields = (Field.TITLE, Field.TEXT) if query.field is Field.ANY else (query.field,)
    for field in fields:
        near = _near(query, field, item)
        if near is None:
            continue
        for value in item.values(field):
            hit = _hit(query, value, near)
            if hit:
                return hit if len(hit) <= _LONGEST else f"{hit[: _LONGEST - 1]}…", _PLACES[field]
    # A hit that only the whole text shows (a letter put together from two): the term says it as well.
    return query.text if isinstance(query, Term) else query.pattern, _PLACES[query.field]


def _near(query: Term | Regex, field: Field, item: Prepared) -> float | None:
    """How far into the field the hit is, as a part of the whole; None where it is not there at all.

    The folded text is at hand and searched at once; to fold the text again, piece by piece, is dear.
    """
    wanted = needle(query.text, prefix=query.prefix) if isinstance(query, Term) and field not in EXACT else None
    if wanted is None or (wanted.pattern is None and item.plainly(field, wanted.literal)):
        return 0.0
    folded = item.searchable(field)
    place = wanted.find(folded)
    return None if place is None else place[0] / len(folded)


def _hit(query: Term | Regex, value: str, near: float) -> str | None:
    if isinstance(query, Regex):
        match = compiled(query.pattern).search(value)
        return str(match.group()) if match else None
    if query.field in EXACT:
        return value if names_it(query, value) else None
    wanted = needle(query.text, prefix=query.prefix)
    return written(value, wanted, near=near) if wanted else None


def _instead(field: Field, item: Prepared) -> str:
    """Where it was looked for in vain; of short fields with the value, so that the refusal explains itself."""
    if field in _NOT_IN:
        return _NOT_IN[field]
    known, without = _INSTEAD[field]
    values = ", ".join(item.values(field))
    return known.format(values[:_LONGEST]) if values else without


def _counted(words: int) -> str:
    return "the text has one word" if words == 1 else f"the text has {words} words"
