"""Bytes of which nothing certain is said → the encoding that makes a text of them, or None where several do.

Every usual encoding reads the document; `fit` (letters of a language) or `plausibility` (two bytes a character) says
what each made of it. Witnesses are the declaration, the languages that source, document and the address's country
name, and the common words that need no marks. A wrong text is worse than a damaged one: the best reading must be
ahead of every other that gives another text.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.steps.parse.fit import FITTED, fit, spoken_by_words
from aggregator.steps.parse.labels import OF_COUNTRY, OF_LANGUAGE
from aggregator.steps.parse.plausible import plausibility
from aggregator.text.language import tag

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TWO_BYTES = frozenset({"gb18030", "big5hkscs", "cp932", "euc_jp", "cp949"})
_USUAL = ("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949", "cp1251", "koi8_r", "cp1252", "cp1253", "cp1255",
          "cp1256", "cp874", "cp866", "koi8_u", "iso8859_5", "iso8859_6", "iso8859_7", "cp1250", "iso8859_2", "cp1254",
          "cp1257", "iso8859_15")  # fmt: skip
_SAMPLE = 60_000  # bytes judged; encodings do not change on the way
_LANGUAGE_SAID = re.compile(
    rb"""<(?:dc:)?language>\s*([\w-]{2,12})\s*<|\b(?:xml:)?lang=["']([\w-]{2,12})["']|"language"\s*:\s*"([\w-]{2,12})\"""",
    re.IGNORECASE,
)
_LANGUAGE_WORTH = 0.4
_COUNTRY_WORTH = 0.3
_HINTED_WORTH = 0.2  # for an encoding of two bytes
_LITTLE_WORTH = 2.0  # a witness says of one character as much as of this many and itself
_SAID_WORTH = 0.25
_CHOSEN_WORTH = 0.15  # nobody writes windows-1250 without meaning it
_LITTLE_SAID = 0.4
_DEFAULT = "cp1252"
_USUAL_WORTH = {_DEFAULT: 0.5, "cp1251": 0.3}  # of one character: what most undeclared texts are
_LITTLE = 20_000  # characters
_GOOD = 0.4
_BELIEVED = 0.25  # below, text is rather wrong than right
_NOT_WRONG = -0.1  # two bytes a character that all fit say much by themselves
_CLOSE = 0.1
_LITTLE_CLOSE = 0.5
_APART = 1.1  # the lead of one reading over another of the same alphabet, summed over the characters
_LITTLE_APART = 0.5  # over what only HTTP says
_FAR_APART = 4.0  # over what the document itself declares


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What is said of a document: codecs declared in it and by HTTP, the source's language, its address."""

    inside: tuple[str, ...] = ()
    http: tuple[str, ...] = ()
    language: str | None = None
    url: str = ""

    @property
    def encodings(self) -> tuple[str, ...]:
        """The declared codecs, the document's own first."""
        return tuple(dict.fromkeys((*self.inside, *self.http)))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reading:
    score: float  # with every bonus
    bare: float  # without what is declared
    place: int
    name: str
    text: str
    foreign: int  # characters that are not ASCII, 1 at least


def guess(body: bytes, said: Said) -> str | None:
    """The codec of the best reading, or None where it is not certain enough."""
    sample = body[:_SAMPLE]
    if (declared := next(iter(said.encodings), None)) and declared != _DEFAULT and _reads_well(sample, declared):
        return declared
    tags = _languages(sample, said)
    spoken = spoken_by_words(sample.decode("ascii", "replace"))
    for language, worth in tags.items():
        name = language.partition("-")[0]
        spoken[name] = spoken.get(name, 0.0) + worth
    hints = [name for language in tags for name in for_language(language)]
    evidence = (spoken, hints)
    names = dict.fromkeys([*said.encodings, *hints, *_USUAL])
    readings = [
        _reading(codecs.getincrementaldecoder(name)("replace").decode(sample), name, place, said, evidence)
        for place, name in enumerate(names)
    ]
    best = max(readings, key=lambda found: (found.score, -found.place))
    if best.name == _DEFAULT and _DEFAULT in said.encodings:
        return _instead(best, readings, _LITTLE_APART if _DEFAULT not in said.inside else _FAR_APART)
    if best.name in said.encodings:
        return best.name
    return best.name if best.score > _BELIEVED and not any(_near(best, other) for other in readings) else None


def _instead(default: _Reading, readings: Sequence[_Reading], lead: float) -> str | None:
    """The default that programs declare of everything, or what is certainly ahead of it; None for neither."""
    best = max(readings, key=lambda found: (found.bare, -found.place))
    if best.text == default.text or (best.bare - default.bare) * default.foreign < lead:
        return default.name
    if any(_near(best, other, bare=True) for other in readings):
        return default.name if (best.bare - default.bare) * default.foreign < _FAR_APART else None
    return best.name


def _reads_well(sample: bytes, name: str) -> bool:
    """Whether what is declared gives such a text that no other needs to be looked at."""
    try:
        text = codecs.getincrementaldecoder(name)().decode(sample)
    except UnicodeDecodeError:
        return False
    return (fit(text, FITTED[name], {}).score if name in FITTED else plausibility(text)) > _GOOD


def fits(body: bytes, name: str) -> bool:
    """Whether all of a document can be read by an encoding, and makes sense."""
    try:
        text = body.decode(name)
    except UnicodeDecodeError:
        return False
    return plausibility(text) > (_NOT_WRONG if name in TWO_BYTES else _BELIEVED)


def for_language(language: str | None) -> tuple[str, ...]:
    """The encodings a language is usually written in, likeliest first."""
    written = (language or "").lower().replace("_", "-")
    return OF_LANGUAGE.get(written) or OF_LANGUAGE.get(written.partition("-")[0], ())


def _languages(sample: bytes, said: Said) -> dict[str, float]:
    """Who names which language. English is what programs write of every feed."""
    found = _LANGUAGE_SAID.search(sample[:_LITTLE])
    inside = tag(next(part for part in found.groups() if part).decode("ascii", "replace")) if found else None
    country = (urlsplit(said.url).hostname or "").rpartition(".")[2] if said.url else ""
    worths: dict[str, float] = {}
    for language, worth in (
        (said.language, _LANGUAGE_WORTH),
        (inside, _LANGUAGE_WORTH),
        (OF_COUNTRY.get(country), _COUNTRY_WORTH),
    ):
        if language and not language.lower().startswith("en"):
            worths[language.lower()] = max(worth, worths.get(language.lower(), 0.0))
    return worths


def _reading(
    text: str, name: str, place: int, said: Said, evidence: tuple[Mapping[str, float], Sequence[str]]
) -> _Reading:
    spoken, hints = evidence
    foreign = max(1, len(text) - len(text.encode("ascii", "ignore")))
    if name in FITTED:
        scale = 1 + _LITTLE_WORTH / foreign
        bare = fit(text, FITTED[name], {language: worth * scale for language, worth in spoken.items()}).score
    else:
        bare = plausibility(text) + (_HINTED_WORTH if name in hints[:1] else 0.0)
    bare += 0.0 if hints else _USUAL_WORTH.get(name, 0.0) / foreign
    score = bare + (_said_worth(text, name) if name in said.encodings else 0.0)
    return _Reading(score=score, bare=bare, place=place, name=name, text=text, foreign=foreign)


def _near(best: _Reading, other: _Reading, *, bare: bool = False) -> bool:
    """Whether another reading is nearly as good and gives another text: then nothing is certain."""
    if other.text == best.text:
        return False
    lead = best.bare - other.bare if bare else best.score - other.score
    if FITTED.get(best.name, ()) == FITTED.get(other.name):
        return lead * best.foreign < _APART
    return lead < _CLOSE + _LITTLE_CLOSE / best.foreign


def _said_worth(text: str, name: str) -> float:
    """What a declaration is worth: more where there is little to judge by, less where it is everybody's default."""
    foreign = sum(not c.isascii() for c in text[:_LITTLE])
    return (0.0 if name == _DEFAULT else _CHOSEN_WORTH) + _SAID_WORTH + min(_LITTLE_SAID, 1 / max(1, foreign))
