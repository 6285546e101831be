"""A query → what can be said of it before anything is stored: that it takes nothing, everything, or says a thing twice.

Each distinct clause is true or false; of all combinations those stay that can be: a number of words has one value, a
language or a site too, a source has its own name and tags, and who holds a phrase holds its words. A query that is
false in all of them takes nothing, one that is true in all of them everything, and a clause without which it is the
same in all of them changes nothing.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from aggregator.domain.query import And, Everything, Field, Not, Or, Query, Regex, Term, Words
from aggregator.steps.select.atoms import compiled
from aggregator.steps.select.clauses import COMPARE, wanted_name
from aggregator.steps.select.printing import print_query
from aggregator.text.normalise import fold
from aggregator.text.terms import needle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from aggregator.domain.source import Source

MOST = 10  # distinct clauses: a thousand combinations
_RUNNING = frozenset({Field.ANY, Field.TITLE, Field.TEXT})
_JOINING = {
    "AND": frozenset({"and", "und", "et", "und/oder", "和", "与", "與", "及", "且"}),
    "OR": frozenset({"or", "oder", "ou", "或", "或者", "または", "또는", "или"}),
    "NOT": frozenset({"not", "nicht", "ohne", "sauf", "不", "非", "没有"}),
}
_FOREIGN = frozenset({"near", "adj", "within"})
Combination = dict[Query, bool]


def sense(query: Query, sources: Sequence[Source]) -> Iterator[str]:
    """What its owner hardly meant, in words; nothing where the query is sound."""
    yield from _words(query)
    atoms = list(dict.fromkeys(_one_spelling(leaf) for leaf in _leaves(query)))
    if not atoms or len(atoms) > MOST:
        return
    cases = list(_possible(atoms, sources))
    values = [_value(query, case) for case in cases]
    if not any(values):
        yield "takes nothing, whatever is published: what it asks cannot be true at once"
    elif all(values):
        yield f"takes everything, whatever is published{_empty(query)}; leave it out, or write what the topic is about"
    else:
        for clause, rest in without(query):
            if [_value(rest, case) for case in cases] == values:
                yield f"{_shown(clause)} changes nothing: the query means the same without it"
                return


def without(query: Query) -> Iterator[tuple[Query, Query]]:
    """Every clause but the whole, outermost first, with the query that is left without it."""
    match query:
        case And() | Or():
            kind = type(query)
            for place, part in enumerate(query.parts):
                others = query.parts[:place] + query.parts[place + 1 :]
                yield part, (others[0] if len(others) == 1 else kind(parts=others))
            for place, part in enumerate(query.parts):
                for clause, rest in without(part):
                    yield clause, kind(parts=(*query.parts[:place], rest, *query.parts[place + 1 :]))
        case Not():
            for clause, rest in without(query.part):
                yield clause, Not(part=rest)


def _words(query: Query) -> Iterator[str]:
    """Words that other tools read as operators, and lists."""
    terms = [leaf for leaf in _leaves(query) if isinstance(leaf, Term) and not leaf.phrase]
    for term in terms if len(terms) > 1 else ():
        low = term.text.casefold()
        operator = next((name for name, words in _JOINING.items() if low in words), None)
        if operator is not None:
            yield f"{term.text!r} is looked for as a word; the operator is {operator}, a phrase stands in quotes"
        elif term.text.isupper() and low in _FOREIGN:
            yield f"{term.text!r} is looked for as a word; nothing asks for nearness, a phrase stands in quotes"
        elif term.text[-1] in ",;，、；" and term is not terms[-1]:
            alone = term.text[:-1]
            yield f"the {term.text[-1]!r} after {alone!r} joins nothing: both words are wanted; for one write OR"


def _leaves(query: Query) -> Iterator[Query]:
    match query:
        case Not():
            yield from _leaves(query.part)
        case And() | Or():
            for part in query.parts:
                yield from _leaves(part)
        case Everything():
            return
        case _:
            yield query


def _one_spelling(leaf: Query) -> Query:
    """Two spellings of one clause are one."""
    if isinstance(leaf, Term):
        wanted = (
            None
            if leaf.field not in {*_RUNNING, Field.AUTHOR, Field.CATEGORY}
            else needle(leaf.text, prefix=leaf.prefix)
        )
        return Term(text=wanted.literal if wanted else fold(leaf.text).strip(), field=leaf.field, prefix=leaf.prefix)
    return leaf


def _value(query: Query, case: Combination) -> bool:
    match query:
        case Everything():
            return True
        case Not():
            return not _value(query.part, case)
        case And():
            return all(_value(part, case) for part in query.parts)
        case Or():
            return any(_value(part, case) for part in query.parts)
    return case[_one_spelling(query)]


def _possible(atoms: Sequence[Query], sources: Sequence[Source]) -> Iterator[Combination]:
    """Every combination of clauses that some item could have."""
    groups: dict[object, list[Query]] = {}
    for atom in atoms:
        groups.setdefault(_group(atom), []).append(atom)
    parts = [_of_group(group, members, sources) for group, members in groups.items()]
    for chosen in product(*parts):
        case = {atom: value for part in chosen for atom, value in part.items()}
        if all(case[wider] or not case[narrower] for narrower, wider in _implied(atoms)):
            yield case


def _group(atom: Query) -> object:
    """Clauses of one group are about one value."""
    if isinstance(atom, Words):
        return Words
    if isinstance(atom, Term) and atom.field in {Field.LANG, Field.SITE}:
        return atom.field
    if isinstance(atom, Term) and atom.field in {Field.SOURCE, Field.TAG}:
        return Field.SOURCE
    return atom


def _of_group(group: object, members: Sequence[Query], sources: Sequence[Source]) -> list[Combination]:
    found: Iterable[tuple[bool, ...]]
    if group is Words:
        compared = [member for member in members if isinstance(member, Words)]
        counts = {0, *(count for one in compared for count in (one.number - 1, one.number, one.number + 1))}
        found = {tuple(COMPARE[one.op](count, one.number) for one in compared) for count in counts if count >= 0}
    elif group in {Field.LANG, Field.SITE}:
        names = [wanted_name(member) for member in members if isinstance(member, Term)]
        apart = "-" if group is Field.LANG else "."
        values = ["", *names, *(f"{name}{apart}x" if group is Field.LANG else f"x.{name}" for name in names)]
        found = {tuple(_is_named(member, value, apart) for member in members) for value in values}
    elif group is Field.SOURCE:
        found = {tuple(_of_source(member, source) for member in members) for source in sources}
        found |= {(False,) * len(members)}  # a source that is still to come
    else:
        [only] = members
        always = isinstance(only, Regex) and only.field in _RUNNING and compiled(only.pattern).search("") is not None
        found = {(True,)} if always else {(True,), (False,)}
    return [dict(zip(members, values_, strict=True)) for values_ in found]


def _is_named(member: Query, value: str, apart: str) -> bool:
    if not isinstance(member, Term):
        return False
    name = wanted_name(member)
    if member.prefix:
        return value.startswith(name)
    return value == name or (value.startswith(name + "-") if apart == "-" else value.endswith("." + name))


def _of_source(member: Query, source: Source) -> bool:
    if not isinstance(member, Term):
        return False
    names = (source.id, source.title or "") if member.field is Field.SOURCE else source.tags
    folded = [fold(name).strip() for name in names]
    return any(name.startswith(member.text) for name in folded) if member.prefix else member.text in folded


def _implied(atoms: Sequence[Query]) -> list[tuple[Query, Query]]:
    """Pairs of clauses where who has the first has the second."""
    terms = [atom for atom in atoms if isinstance(atom, Term) and atom.field in _RUNNING]
    return [
        (one, other)
        for one in terms
        for other in terms
        if one is not other and other.field in {Field.ANY, one.field} and other.text in one.text
    ]


def _empty(query: Query) -> str:
    patterns = (leaf for leaf in _leaves(query) if isinstance(leaf, Regex))
    empty: Mapping[str, None] = {p.pattern: None for p in patterns if compiled(p.pattern).search("")}
    return "".join(f" (/{pattern}/ matches where nothing stands, too)" for pattern in list(empty)[:1])


def _shown(clause: Query) -> str:
    return f"({print_query(clause)})" if isinstance(clause, And | Or) else print_query(clause)
