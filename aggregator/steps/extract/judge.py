"""Whether what was found on a page is the article of an entry, or a menu, a wall, a notice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from aggregator.text.normalise import CJK, fold, line
from aggregator.text.plain import paragraphs, unescaped

if TYPE_CHECKING:
    from collections.abc import Iterator

_CJK = re.compile(f"[{CJK}]")
_TAG_OR_LINE = re.compile(r"<[^<>]*>|\n")
_LEAST = 100  # letters; a Chinese character counts as two and a half
_CJK_WEIGHT = 2.5
_LINKED = 0.4  # of the text in lines that are the page's links: a menu
_LEAST_COVERED = 0.2  # of the words of headline and teaser in the text
_TELLING = 3  # words that tell: with fewer nothing is told
_SHORT = 1_500  # letters: a wall is no longer
_WALL = re.compile(
    r"\b(?:we|this (?:web)?site|our partners) (?:and our partners )?(?:value|use|store)s? (?:your privacy|cookies)|"
    r"accept all|cookie (?:settings|preferences|policy|consent)|(?:enable|turn on|requires?) (?:javascript|cookies)|"
    r"(?:subscribe|sign in|log in|register) to (?:continue|read|keep)|already a subscriber|are you a robot|"
    r"verify (?:that )?you are (?:a )?human|access denied|page not found|404 not found|wir verwenden cookies|"
    r"cookies akzeptieren|nous utilisons des cookies|utilizamos cookies|utilizziamo i cookie|"
    r"(?:开启|启用|打开|啟用|開啟)\s*(?:javascript|js|cookie)|请(?:先)?登[录陆]|登[录陆]后(?:查看|阅读)|安全验证|访问(?:过于频繁|被拒绝)|"
    r"页面不存在|頁面不存在|您访问的页面|扫码(?:下载|打开).{0,12}(?:阅读|查看)|下载app.{0,12}(?:阅读|查看)",
    re.IGNORECASE,
)
_WORD = re.compile(rf"[^\W_{CJK}]{{3,}}")
_RUN = re.compile(f"[{CJK}]{{2,}}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """What the feed says of the article: its headline, and its own text, plain."""

    title: str
    text: str = ""


def fault(markup: str, links: frozenset[str], expected: Expected, *, rest: bool = False) -> str:
    """Why this is not the article, in words; '' where it is. `rest`: a later part of one, of which less is asked."""
    text = paragraphs(markup)
    reasons = _faults(text, markup, links)
    return next(reasons if rest else chain(reasons, _too_short(text), _not_expected(text, expected)), "")


def _too_short(text: str) -> Iterator[str]:
    if weight(text) < _LEAST:
        yield f"only {len(text)} characters of text were found"


def _faults(text: str, markup: str, links: frozenset[str]) -> Iterator[str]:
    size = weight(text)
    # Between tags and at line ends: an answer without structure has the page's lines in one paragraph.
    pieces = (line(unescaped(piece, 1)) for piece in _TAG_OR_LINE.split(markup))
    if sum(weight(piece) for piece in pieces if piece in links) > _LINKED * size:
        yield "a list of links was found instead of a text"
    if size < _SHORT and _WALL.search(text):
        yield "a notice or a wall was found instead of a text"


def _not_expected(text: str, expected: Expected) -> Iterator[str]:
    if weight(text) <= weight(expected.text):
        yield "it says no more than the feed"
    told = [share for said in (expected.title, expected.text) if (share := _covered(said, text)) is not None]
    if told and max(told) < _LEAST_COVERED:
        yield "its text has hardly a word of the headline"


def weight(text: str) -> float:
    """How much a text says, in letters."""
    characters = sum(not c.isspace() for c in text)
    return characters + (_CJK_WEIGHT - 1) * sum(1 for _ in _CJK.finditer(text))


def _covered(said: str, text: str) -> float | None:
    """The share of the words of `said` that occur in `text`; None where it has too few to tell."""
    wanted = _words(said[:2000])
    return len(wanted & _words(text)) / len(wanted) if len(wanted) >= _TELLING else None


def _words(text: str) -> set[str]:
    """Words of three letters and more; of scripts without spaces each pair of characters."""
    folded = fold(text)
    pairs = {run[0][i : i + 2] for run in _RUN.finditer(folded) for i in range(len(run[0]) - 1)}
    return pairs | {word[0] for word in _WORD.finditer(folded)}
