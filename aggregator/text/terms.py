"""Words, as matching sees them.

`canonical` turns a text into its words with one space between them and one at either end. Latin, Cyrillic, Arabic
and other words that blanks divide stand each for themselves; a run of Chinese, Japanese, Korean, Thai, Lao, Khmer,
Burmese or Tibetan, which blanks do not divide, is one word in which a term may begin and end anywhere; an emoji is
a word of that kind. Punctuation divides and is gone. So `needle(term) in canonical(text)` is the whole question,
at the speed of a substring search.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from aggregator.text.normalise import CJK, encodable, fold, simplified

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_BOPOMOFO = "\u3105-\u312f\u31a0-\u31bf"
_UNSPACED = "\u0e01-\u0e3a\u0e40-\u0e4e\u0e50-\u0e59\u0e81-\u0edf\u0f40-\u0fbc\u1000-\u1049\u1050-\u109f\u1780-\u17d3"
_MARKS = "\u3099\u309a"  # the kana's own, where no precomposed letter exists
_EMOJI = "\u2600-\u27bf\U0001f000-\U0001faff"
_ANYWHERE = CJK + _BOPOMOFO + _UNSPACED + _MARKS + _EMOJI
# Combining marks are no \w to Python's re, but belong to their word; so do all of an Indic script's vowel signs.
_INDIC = "\u0900-\u0963\u0966-\u096f\u0971-\u0df3"
_COMBINING = "\u0300-\u036f\u0483-\u0487\u0610-\u061a\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u1ab0-\u1aff"
_COMBINING += "\u1cd0-\u1cf9\u1dc0-\u1dff\u20d0-\u20f0\u2de0-\u2dff\ufe20-\ufe2f"
_MARK = re.compile(f"[{_INDIC}{_COMBINING}]")


def _words(letter: str, anywhere: str) -> re.Pattern[str]:
    """Runs of unspaced script; "C++" and "C#", which are names; spaced words."""
    runs = f"[{anywhere}]+|" if anywhere else ""
    return re.compile(f"{runs}[a-z](?:\\+\\+|#)(?!{letter})|{letter}+")


# One character class is several times as fast as two: most texts need no more than one of the first two.
_ASCII_WORD = _words("[0-9a-z]", "")
_WORD = _words(f"[^\\W_{_ANYWHERE}]", _ANYWHERE)
_MARKED_WORD = _words(f"(?:[^\\W_{_ANYWHERE}]|[{_INDIC}{_COMBINING}])", _ANYWHERE)
_RUN = re.compile(f"[{_ANYWHERE}]+|[^\\s{_ANYWHERE}]+")
_UNDIVIDED = re.compile(f"[{_ANYWHERE}]+")
_IS_ANYWHERE = re.compile(f"[{_ANYWHERE}]")
_CUT = re.compile(f"[\\s{_ANYWHERE}]")

# Katakana as hiragana; alef, yeh, kaf and heh as one letter each, as Arabic and Persian typists use them.
_ONE_LETTER = str.maketrans(
    {**{chr(code): chr(code - 0x60) for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}}
    | dict.fromkeys("أإآٱ", "ا")
    | dict.fromkeys("ىی", "ي")
    | {"ک": "ك", "ة": "ه"}
    # Digits of every script: ٢٠٢٤, २०२४ and ๒๐๒๔ are the same year.
    | {chr(code): str(unicodedata.decimal(chr(code))) for code in range(0x80, 0x20000) if chr(code).isdecimal()}
)
_HAS_ONE_LETTER = re.compile(f"[{''.join(map(chr, _ONE_LETTER))}]")


# Every ASCII character that divides words as a space. Bytes are translated ten times as fast as words are searched
# for; it is right where neither "C++" nor "C#" may stand, as in most English texts.
_DIVIDED = bytes(code if chr(code).isalnum() else 32 for code in range(128)) + bytes(128)


def canonical(text: str) -> str:
    """The words of a text, folded, each between single spaces; a lone space where there are none."""
    folded = fold(text)
    if folded.isascii():
        if "+" in folded or "#" in folded:
            words = _ASCII_WORD.findall(folded)
        else:
            divided = b" ".join(folded.encode("ascii").translate(_DIVIDED).split())
            return f" {divided.decode('ascii')} " if divided else " "
    else:
        if _HAS_ONE_LETTER.search(folded):
            folded = folded.translate(_ONE_LETTER)
        words = (_MARKED_WORD if _MARK.search(folded) else _WORD).findall(folded)
    return " ".join(("", *words, "")) if words else " "


_INDEXED = 60  # characters of a word that the index keeps; PostgreSQL takes 2046 bytes
INDEX_LIMIT = 900_000  # bytes of an item's index words; PostgreSQL takes 1 MB
INDEX_ANY = "+"  # the one word of an item with more than that, which every search then looks at; no text has it


def index_words(word: str) -> Iterator[str]:
    """The words under which a word of a canonical text stands in the search index.

    A spaced word stands under itself. A run of unspaced script stands under each pair of its characters and under
    its last one: every character then begins a word of the index, and every part of the run is found.
    """
    if not _IS_ANYWHERE.match(word):
        yield word[:_INDEXED]
        return
    yield from map("".join, pairwise(word))
    yield word[-1]


def index_text(values: Iterable[str]) -> str:
    """All index words of canonical texts, each once, with spaces between: letters, digits, "+" and "#" only."""
    words = {word for value in values for word in value.split()}
    text = " ".join(sorted({part for word in words for part in index_words(word)}))
    return text if len(text.encode()) <= INDEX_LIMIT else INDEX_ANY


def index_needs(term: str, *, prefix: bool = False) -> list[tuple[str, bool]]:
    """The index words that stand at every hit of a term, each with whether its beginning is enough."""
    words = canonical(term).split()
    found: dict[tuple[str, bool], None] = {}
    for place, word in enumerate(words):
        if _IS_ANYWHERE.match(word):
            found |= dict.fromkeys([("".join(pair), False) for pair in pairwise(word)] or [(word, True)])
        else:
            found[word[:_INDEXED], prefix and place == len(words) - 1] = None
    return list(found)


_THOROUGH = 20_000  # characters folded one run at a time, at 1 µs each, to show a hit
_LOOKS = 10
_AROUND = 100
_AFTER_WORD = frozenset({".", ",", ". ", ", ", "; ", ": ", "? ", "! "})
_BEHIND = 20  # a hit with more punctuation in it than that is found all the same, later


@dataclass(frozen=True, kw_only=True, slots=True)
class Needle:
    """A term, ready to be looked for in canonical texts.

    `literal` is the substring to find. `pattern` is set instead where words of unspaced script follow each other
    and a text may or may not divide them; `optional` are the places of those spaces in the literal. `word` is set
    where the term is one whole spaced word.
    """

    literal: str
    pattern: re.Pattern[str] | None = None
    word: str | None = None
    optional: tuple[int, ...] = ()

    def find(self, text: str) -> tuple[int, int] | None:
        """Where the first hit begins and ends in a canonical text."""
        if self.pattern:
            hit = self.pattern.search(text)
            return hit.span() if hit else None
        start = text.find(self.literal)
        return None if start < 0 else (start, start + len(self.literal))

    def within(self, text: str) -> bool:
        """Whether a canonical text holds the term."""
        return bool(self.pattern.search(text)) if self.pattern else self.literal in text


@lru_cache(maxsize=10_000)  # visitors search: not every term for ever
def needle(term: str, *, prefix: bool = False) -> Needle | None:
    """What to look for to find a term; None where it holds no letter, digit or emoji.

    Spaced words match whole, the last one's beginning only where `prefix`; others match anywhere.
    """
    words = canonical(term).split()
    if not words:
        return None
    loose = [bool(_IS_ANYWHERE.match(word)) for word in words]
    literal = " ".join(words)
    literal = literal if loose[0] else f" {literal}"
    literal = literal if loose[-1] or prefix else f"{literal} "
    if not any(a and b for a, b in pairwise(loose)):
        return Needle(
            literal=literal, word=literal.strip() if len(words) == 1 and not loose[0] and not prefix else None
        )
    gap = [" ?" if a and b else " " for a, b in zip(loose, [*loose[1:], False], strict=True)]
    joined = "".join(re.escape(word) + between for word, between in zip(words, gap, strict=True))
    start, end = "" if loose[0] else " ", "" if loose[-1] or prefix else " "
    optional, place = [], len(start) - 1
    for word, between in zip(words, gap, strict=True):
        place += len(word) + 1
        if between == " ?":
            optional.append(place)
    return Needle(literal=literal, pattern=re.compile(start + joined.removesuffix(" ") + end), optional=tuple(optional))


def written(text: str, term: Needle, *, near: float = 0.0) -> str | None:
    """A hit of a term as the text writes it ("Industrial‑Internet"), for people; None if not found.

    `near` says where to look first, as a part of the whole: a hit's place in the canonical text tells.
    """
    for place, start, end in _promising(text, term.literal):
        hit = _alone(text, place, term) or _written(text[start:end], term)
        if hit:
            return hit
    if _is_undivided(term) and len(same := simplified(encodable(text))) == len(text):
        place = same.find(term.literal)
        if place >= 0:
            return text[place : place + len(term.literal)]
    stretches = _stretches(text[:_THOROUGH], max(_AROUND, 2 * len(term.literal)))
    for start, end in sorted(stretches, key=lambda stretch: abs(sum(stretch) / 2 - near * len(text))):
        if term.within(canonical(text[start:end])) and (hit := _written(text[start:end], term)):
            return hit
    return None


def _stretches(text: str, overlap: int) -> Iterator[tuple[int, int]]:
    """The whole text in stretches that overlap, none of which begins or ends inside a word.

    To fold one at a time is many times as fast as run after run, which only the stretch with the hit then costs.
    """
    starts = [run.start() for run in _RUN.finditer(text)]
    start = end = 0
    while starts and end < len(text):
        place = bisect_left(starts, start + 5 * overlap)
        end = starts[place] if place < len(starts) else len(text)
        yield start, end
        start = max(starts[bisect_right(starts, end - overlap) - 1], start + 1)


def _promising(text: str, literal: str) -> Iterator[tuple[int, int, int]]:
    """Where the term's first word stands, but for accents and variants, and the stretch around: a cheap first look."""
    # Exactly as long as the text: casefold makes two letters of one (ß), and every place behind it would be another.
    low, word = text.replace("İ", "i").lower(), literal.split(maxsplit=1)[0]
    # First between spaces, as it is: a short word is found inside ten others before.
    place = low.find(literal) + literal.index(word)
    for look in range(_LOOKS):
        if look or place < literal.index(word):
            place = low.find(word, place + 1 if look else 0)
        if place < 0:
            return
        start = max(text.rfind(" ", 0, place), place - _AROUND, 0)
        yield place, start, _end_of_word(text, place + 2 * len(literal) + _BEHIND)


def _alone(text: str, place: int, term: Needle) -> str | None:
    """The words at that place, where they are the whole term and plainly stand for themselves: most hits do."""
    literal, word = term.literal, term.word
    if _is_undivided(term):
        return literal if text.startswith(literal, place) else None
    if word is None or not word.isascii() or (place and text[place - 1] not in " \n"):
        return None
    end = place + len(word)
    rest = text[end : end + 2]
    found = text[place:end]
    return found if found.lower() == word and (not rest or rest[0] in " \n" or rest in _AFTER_WORD) else None


def _is_undivided(term: Needle) -> bool:
    """Whether it is one run of unspaced script."""
    return term.pattern is None and _UNDIVIDED.fullmatch(term.literal) is not None


def _end_of_word(text: str, place: int) -> int:
    """The first place from there on where a text may be cut: a space, or a character that is a word by itself."""
    cut = _CUT.search(text, place)
    return cut.start() if cut else len(text)


def _written(text: str, term: Needle) -> str | None:
    """The same, by folding run after run and keeping account of where each came from."""
    words: list[str] = []
    places: list[tuple[int, int]] = []
    for run in _RUN.finditer(text):
        found = _words_of(run.group())
        exact = len(found) == 1 and len(found[0]) == len(run.group())
        for word in found:
            letters = exact and bool(_IS_ANYWHERE.match(word))
            # A place for every character of the canonical form, and for the space before each word.
            places.extend([(run.start(), run.end())] * (1 if letters else len(word) + 1))
            if letters:
                places.extend((run.start() + i, run.start() + i + 1) for i in range(len(word)))
            words.append(word)
    hit = term.find(" ".join(("", *words, "")))
    if hit is None:
        return None
    literal = term.literal
    first = places[hit[0] + literal.startswith(" ")]
    last = places[min(hit[1], len(places)) - 1 - literal.endswith(" ") * (hit[1] <= len(places))]
    return _trimmed(text[first[0] : last[1]])


@lru_cache(maxsize=20_000)  # language repeats its words, and folding one costs 2 to 10 µs
def _words_of(run: str) -> tuple[str, ...]:
    return tuple(canonical(run).split())


def _trimmed(text: str) -> str:
    """Without the punctuation around it, which belongs to no word; "C++" keeps its own."""
    return (
        re.sub(r"^[^\w\u2600-\u27bf\U0001f000-\U0001faff]+|[^\w+#\u2600-\u27bf\U0001f000-\U0001faff]+$", "", text)
        or text
    )
