"""A headline → the forms under which other outlets print it.

Outlets put labels in front ("UPDATE 1-", "【…】", "Breaking:") and their names behind ("… - The Paper", "…_Paper").
No list of labels could be whole, so the form decides: short, set off by a mark, and enough headline is left.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from aggregator.steps.dedupe.tokens import CALENDAR
from aggregator.text.normalise import HAN, HANGUL, KANA, fold

if TYPE_CHECKING:
    from collections.abc import Iterator

TELLING = 18  # Latin letters' worth of headline that hardly stand over two different texts by chance
_DENSE = re.compile(f"[{HAN}{KANA}]")
_DENSITY = 2.2  # Latin letters that one Chinese character is worth

_BRACKETED = re.compile(r"\s*[\[【(（〔][^\]】)）〕]{1,16}[\]】)）〕]\s*")
_LABEL = re.compile(
    f"\\s*(?:[^\\W\\d_{HAN}{KANA}{HANGUL}]+(?: [^\\W_]+)?|[{HAN}{KANA}{HANGUL}]{{1,4}})\\s*[:：｜|!！-]\\s*"
)
_LONGEST_LABEL = 24
_NAME = re.compile(r"\s*[|_｜]\s*[^|_｜]{1,40}$|\s+(?:[-–—·•»›]|::)\s+[^-–—|·•»›]{1,40}$")
_FIGURE = re.compile(r"\d")
_WORD = re.compile(f"[{HAN}{KANA}]|[^\\W_{HAN}{KANA}]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Forms:
    """A headline folded: its `own` forms (as printed, and without an outlet's name), and `bare` ones.

    What looks like a label is one only beside a headline that does without it: "Update: Storm nears" and "Storm
    nears" are equal, but "Mill Street: accident" and "High Street: accident" are not. The same holds for a name with
    a figure in it: "… - Channel 4" beside "…", not beside "… - Day 4". So `bare` forms are compared with `own` alone.
    """

    own: tuple[str, ...]
    bare: tuple[str, ...]


def forms(title: str) -> Forms:
    """The forms of a headline; the last of its own ones is the shortest."""
    full = fold(title)
    own: list[str] = [full]
    bare: list[str] = []
    for form in (full, *_without_labels(full)):
        certain = form is full
        shorter = _NAME.sub("", form)
        (own if certain and not _FIGURE.search(form[len(shorter) :]) else bare).append(shorter)
        if not certain:
            bare.append(form)
    return Forms(own=tuple(dict.fromkeys(own)), bare=tuple(form for form in dict.fromkeys(bare) if form not in own))


def _without_labels(text: str) -> Iterator[str]:
    """The headline without its first label, and without its first two: an outlet may put its own before another's."""
    for _ in range(2):
        label = _BRACKETED.match(text) or _LABEL.match(text)
        if label is None or label.end() > _LONGEST_LABEL or weight(text[label.end() :]) < TELLING:
            break
        text = text[label.end() :]
        yield text


def weight(form: str) -> float:
    """How much a headline says, in Latin letters. A day or a month makes a running headline no rarer."""
    words = "".join(word for word in _WORD.findall(form) if word not in CALENDAR)
    dense = len(_DENSE.findall(words))
    return len(words) - dense + dense * _DENSITY


def key(form: str) -> int | None:
    """48 bits of a form's words, whatever stands between them; None where there are none.

    Salted: it never equals a fingerprint but by chance.
    """
    words = " ".join(_WORD.findall(form))
    return int.from_bytes(blake2b(words.encode(), digest_size=6, person=b"headline").digest(), "big") if words else None
