"""Is this a text in a language that is written so? Decides between encodings of one byte a letter.

What windows-1250, windows-1252 and ISO 8859-13 read of the same bytes are letters all; but `pøed` is no word of any
language, and `před` is one of Czech. A language is known here by its common words (letters.py): which letters it
has, which of them stand side by side, and which of its words need no marks.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from aggregator.steps.parse.letters import CYRILLIC, GREEK, SEMITIC, WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FITTED = {
    **dict.fromkeys(
        ("cp1250", "iso8859_2", "cp1252", "iso8859_15", "cp1254", "cp1257", "iso8859_13"), tuple(WORDS)
    ),
    **dict.fromkeys(("cp1251", "koi8_r", "koi8_u", "cp866", "iso8859_5", "mac_cyrillic"), tuple(CYRILLIC)),
    **dict.fromkeys(("cp1253", "iso8859_7"), tuple(GREEK)),
    **dict.fromkeys(("cp1255", "iso8859_8"), ("he",)),
    **dict.fromkeys(("cp1256", "iso8859_6"), ("ar", "fa")),
}  # fmt: skip
_ALL = WORDS | CYRILLIC | GREEK | SEMITIC
_MARKUP = re.compile(r'<[^<>]{0,2000}>|\b(?:https?|mailto):[^\s<>"]+|&#?\w{1,30};')
_WORD = re.compile(r"[^\W\d_]+")
_SURROUNDINGS = re.compile(r"(?=(.[^\x00-\x7f].))", re.DOTALL)  # each such character between its neighbours
_CLOSING = re.compile(r"(?<=[^\W\d_])\u00bb")
_ENOUGH = 60_000  # characters of a document that are looked at
_JUDGED = 20_000  # of its text that are judged
_MOST_SEEN = 1_500
_TYPOGRAPHY = frozenset(
    "\u00a0\u00ab\u00bb\u2018\u2019\u201a\u201c\u201d\u201e\u2013\u2014\u2026\u20ac\u2116\u00a7\u00b0\u2022\u00a9\u00ae\u2122"
    "\u00bf\u00a1\u00ba\u00aa\u00ad\u2039\u203a\u00b4\u00a3\u00b7"
)
_BETWEEN_LETTERS = frozenset("\u2019\u00a0\u00b7\u00ad\u2013\u2014")
_WESTERN = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüýßœ")  # of languages without a line in the tables
_FOREIGN = -2.0  # a letter that the language has not
_BESIDE = (-0.4, 0.3, 1.0)  # one that it has: by how many of its two neighbours it is found beside
_INSIDE_WORD = -2.0  # ¹, ¾ or a quotation mark between letters
_MARK = 0.6
_ODD = -0.7
_UNREAD = -3.0
_GLUED = -1.5  # two alphabets in a word
_CAPITAL_INSIDE = -1.5
_WESTERN_WORTH = 0.25
_MOST_WORDS = 0.3
_FEW_WORDS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class _Language:
    letters: frozenset[str]
    pairs: frozenset[str]
    plain: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fit:
    """How well a reading is a text of the language it fits best: about 0.8 for one, under 0.2 for none."""

    score: float
    language: str


def fit(text: str, languages: Iterable[str], spoken: Mapping[str, float]) -> Fit:
    """Judge what one encoding makes of a document.

    Args:
        text: the document as that encoding reads it.
        languages: that are written in the encoding.
        spoken: what speaks for languages by other evidence, added to their scores.
    """
    plain = _MARKUP.sub(" ", text[:_ENOUGH])
    if "\u00bb" in plain and "\u00ab" not in plain:  # closes nothing: in ISO 8859-2 it is the end of hlasova\u0165
        plain = _CLOSING.sub("\u00a4", plain)
    seen = dict(Counter(_SURROUNDINGS.findall(f" {plain[:_JUDGED]} ")).most_common(_MOST_SEEN))
    total = sum(seen.values())
    if not total:
        return Fit(score=0.0, language="")
    scores = {name: _score(seen, name) / total + spoken.get(name, 0.0) for name in (*languages, "")}
    best = max(scores, key=lambda name: scores[name])
    return Fit(score=scores[best], language=best)


def spoken_by_words(text: str) -> dict[str, float]:
    """What the words without marks say of the language: up to 0.3 for the one with the most of its common words."""
    found = Counter(word for word in map(str.lower, _WORD.findall(_MARKUP.sub(" ", text[:_ENOUGH]))) if word.isascii())
    hits = {name: sum(found[word] for word in _language(name).plain) for name in WORDS}
    most = max(hits.values())
    worth = _MOST_WORDS * min(1.0, most / _FEW_WORDS)
    return {name: worth * count / most for name, count in hits.items() if count} if most else {}


def _score(seen: Mapping[str, int], name: str) -> float:
    return sum(_worth(three, name) * count for three, count in seen.items())


@lru_cache(maxsize=100_000)  # a hostile document has any three characters
def _worth(three: str, name: str) -> float:
    """What one character between its neighbours says for a language."""
    before, here, after = three[0], three[1], three[2]
    if not here.isalpha():
        return _sign(before, here, after)
    capital = _CAPITAL_INSIDE if here.isupper() and before.islower() else 0.0
    letter = here.lower()
    if not name:
        return capital + (_WESTERN_WORTH if letter in _WESTERN else _FOREIGN)
    known = _language(name)
    if letter not in known.letters:
        return capital + _FOREIGN
    if name not in WORDS and any(side.isascii() and side.isalpha() for side in (before, after)):
        return _GLUED
    left, right = (side.lower() if side.isalpha() else " " for side in (before, after))
    return capital + _BESIDE[(left + letter in known.pairs) + (letter + right in known.pairs)]


def _sign(before: str, here: str, after: str) -> float:
    """What a character that is no letter says: nothing for a space, something for typography in its place."""
    if "\x80" <= here < "\xa0" or "\u2500" <= here <= "\u25a0" or here == "\ufffd":  # no character, or drawn lines
        return _UNREAD
    inside = before.isalpha() and after.isalpha()
    if here in _TYPOGRAPHY and (here in _BETWEEN_LETTERS or not inside):
        return 0.0 if here.isspace() else _MARK
    return _INSIDE_WORD if inside else _ODD


@cache
def _language(name: str) -> _Language:
    words = [word.lower() for word in _ALL[name].split()]
    padded = [f" {word} " for word in words]
    pairs = {word[at : at + 2] for word in padded for at in range(len(word) - 1)}
    return _Language(
        letters=frozenset(c for word in words for c in word if not c.isascii()),
        pairs=frozenset(pair for pair in pairs if not pair.isascii()),
        plain=frozenset(word for word in words if word.isascii() and len(word) > 1),
    )
