"""Many queries, one pass: which of them an item can match at all.

Of each query a few keys are taken, one of which every item it takes must have: words of its text, or the name of its
source, tag, language or site. The words of all queries stand in one Aho-Corasick automaton for each field, so that a
text is read once, however many queries there are. A query without such keys ("everything", a regular expression,
`-word` alone) is asked of every item.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick

from aggregator.domain.query import And, Field, Or, Query, Term
from aggregator.steps.select.atoms import EXACT
from aggregator.steps.select.clauses import wanted_name
from aggregator.text.normalise import CJK_LETTER
from aggregator.text.terms import needle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from aggregator.steps.select.prepared import Prepared

Keys = dict[tuple[Field, str], float]

# What a key is thought to cost: how many items have it, by a rule of thumb. Two Latin letters are in every text, a
# Chinese character says as much as three of them; a language or tag is shared by half of all items.
_NAMES = {Field.SOURCE: 2.0, Field.SITE: 2.0, Field.TAG: 500.0, Field.LANG: 1000.0}
_ONE_LETTER = 1000.0


class Narrowing:
    """Queries by their place in the sequence; `always` are those that every item is asked for."""

    def __init__(self, queries: Sequence[Query]) -> None:
        self.always: list[int] = []
        words: dict[Field, dict[str, list[int]]] = {}
        self._names: dict[Field, dict[str, list[int]]] = {}
        for place, query in enumerate(queries):
            keys = _keys(query)
            if keys is None:
                self.always.append(place)
                continue
            for field, text in keys:
                into = self._names if field in EXACT else words
                into.setdefault(field, {}).setdefault(text, []).append(place)
        self._words = {field: _Words(by_text) for field, by_text in words.items()}

    def places(self, item: Prepared) -> set[int]:
        """The queries that may take the item, but for those of `always`."""
        found: set[int] = set()
        for field, words in self._words.items():
            found.update(*words.places(item.searchable(field)))
        for field, by_name in self._names.items():
            found.update(*(by_name[name] for name in _names(item, field) if name in by_name))
        return found


class _Words:
    """Literals of canonical texts, all looked for at once."""

    def __init__(self, by_text: Mapping[str, list[int]]) -> None:
        self._automaton = AhoCorasick(list(by_text), store_patterns=False)
        self._places = list(by_text.values())

    def places(self, text: str) -> list[list[int]]:
        hits = {hit[0] for hit in self._automaton.find_matches_as_indexes(text, overlapping=True)}
        return [self._places[number] for number in hits]


def _names(item: Prepared, field: Field) -> Iterable[str]:
    """Every name under which a query may know the item: `en-gb` is `en` too, `news.example.org` is `example.org`."""
    if field is Field.SITE:
        parts = item.host.split(".")
        return [".".join(parts[place:]) for place in range(len(parts))]
    if field is not Field.LANG:
        return item.names(field)
    tags = [name.split("-") for name in item.names(field)]
    return ["-".join(parts[: place + 1]) for parts in tags for place in range(len(parts))]


def _keys(query: Query) -> Keys | None:
    """Keys of which every item that the query takes has one; None where there are none."""
    match query:
        case Term():
            return _term(query)
        case And():
            found = [keys for keys in map(_keys, query.parts) if keys is not None]
            return min(found, key=lambda keys: sum(keys.values()), default=None)
        case Or():
            parts = [_keys(part) for part in query.parts]
            joined: Keys = {}
            for keys in parts:
                if keys is None:
                    return None
                joined |= keys
            return joined
    return None


def _term(term: Term) -> Keys | None:
    if term.field in EXACT:
        return None if term.prefix else {(term.field, wanted_name(term)): _NAMES[term.field]}
    wanted = needle(term.text, prefix=term.prefix)
    if wanted is None:
        return {}
    field = Field.ANY if term.field is Field.TEXT else term.field  # one reading of the text serves both
    literal = wanted.literal
    if wanted.pattern is not None:  # with a gap that a text may not have: its longest word
        literal = max(literal.split(), key=_letters)
    return {(field, literal): _ONE_LETTER / max(1, _letters(literal)) ** 2}


def _letters(text: str) -> int:
    return sum(3 if CJK_LETTER.match(letter) else letter != " " for letter in text)
