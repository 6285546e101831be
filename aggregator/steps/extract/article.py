"""Trafilatura's answer where it is an article, else readability's.

Measured on made-up pages of Chinese papers: trafilatura keeps images, tables and all paragraphs of a long article in
9 ms, and answers a short one with the site's menu; readability then has the text.
"""

from __future__ import annotations

import importlib
import logging
import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from aggregator.steps.extract.around import Page, around, refers
from aggregator.steps.extract.judge import fault
from aggregator.text.floods import without_attribute_floods
from aggregator.text.normalise import encodable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.steps.extract.judge import Expected

NOTHING = "no text was found"
_LONGEST = 3_000_000  # characters of a page that are read
# A newspaper's page has 2,000 tags, one with 1,000 comments 30,000. Pages made of nothing else, deeply nested or not,
# took the parsers 10 s and 500 MB.
_MOST_TAGS, _MOST_UNCLOSED = 40_000, 3_000
_MOST_SIGNS = 400_000  # `<` and `&`, of tags or not: three million took 3 s, a page of character references has 370,000
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,300}\?>")
_DUMP = re.compile(r"<p>(?:[^<\n]*\n){10,}[^<]*</p>")  # trafilatura's last resort: all lines of the page
_SHELL = re.compile(r"</?(?:html|body)\b[^>]*>", re.IGNORECASE)


class NoArticleError(Exception):
    """There is no article to be had from this page: the reason, in words that hold nothing of the page."""


class ElsewhereError(NoArticleError):
    """The page has no article and sends its reader on to `url`, which is to be had as the next page."""

    def __init__(self, url: str) -> None:
        super().__init__("its page sends readers on to another, which was not followed so far")
        self.url = url


@dataclass(frozen=True, kw_only=True, slots=True)
class Extracted:
    """An article: HTML as the page has it, nothing in it safe yet; `base` resolves its links."""

    markup: str
    base: str
    language: str | None
    credits: tuple[str, ...]
    following: str | None
    by: str
    parts: int = 1


def installed() -> bool:
    """Whether the extra `fulltext` is there."""
    return all(find_spec(name) is not None for name in ("trafilatura", "readability", "lxml_html_clean"))


def extract(pages: Sequence[Page], expected: Expected) -> Extracted:
    """The article that one page holds, or several pages in parts; before them may stand pages that sent us on.

    Raises:
        NoArticleError: with the reason, of the first page; a later page without a part ends the article.
        ElsewhereError: where the last page sends its reader on.
    """
    parts: list[str] = []
    first = by = ""
    stands = None
    passed = 0
    for place, page in enumerate(pages, 1):
        text = without_attribute_floods(encodable(_DECLARATION.sub("", page.text[:_LONGEST])))
        if _is_flood(text):
            if stands is None:
                raise NoArticleError(
                    f"its page has over {_MOST_TAGS} tags, {_MOST_UNCLOSED} that nothing closes, or {_MOST_SIGNS} signs"
                )
            break
        first = first or page.url
        here = around(Page(text=text, url=page.url), first, place - passed)
        try:
            markup, how = _found(text, here.links, expected, rest=bool(parts))
        except NoArticleError:
            if stands is not None:
                break
            further = refers(page)
            if further is None or further in {earlier.url for earlier in pages[:place]}:
                raise
            if place == len(pages):
                raise ElsewhereError(further) from None
            first, passed = "", place
            continue
        parts.append(markup)
        if stands is None:
            stands, by = here, how
        following = here.following
    if stands is None:
        raise NoArticleError("there is no page")
    markup = "\n".join(parts)
    return Extracted(
        markup=markup,
        base=stands.base,
        language=stands.language,
        credits=stands.credits,
        following=following,
        by=by,
        parts=len(parts),
    )


def _is_flood(text: str) -> bool:
    if max(text.count("<"), text.count("&")) > _MOST_SIGNS:
        return True
    unclosed = 0
    for tags, tag in enumerate(_TAG.finditer(text), 1):
        unclosed += -1 if tag[1] else tag[2].lower() not in _VOID
        if tags > _MOST_TAGS or unclosed > _MOST_UNCLOSED:
            return True
    return False


def _found(text: str, links: frozenset[str], expected: Expected, *, rest: bool) -> tuple[str, str]:
    """The first answer that holds, and whose it is. Of a later part neither length nor headline are asked for."""
    wrong = ""
    for name, ask in (("trafilatura", _trafilatura), ("readability", _readability)):
        markup = _SHELL.sub("", ask(text)).strip()
        why = NOTHING if not markup or _DUMP.fullmatch(markup) else fault(markup, links, expected, rest=rest)
        if not why:
            return markup, name
        wrong = why if wrong in {"", NOTHING} else wrong
    raise NoArticleError(wrong)


def _trafilatura(text: str) -> str:
    found = _library("trafilatura").extract(
        text, output_format="html", include_images=True, include_links=True, include_tables=True,
        include_formatting=True, include_comments=False, deduplicate=False,
    )  # fmt: skip
    return found or ""


def _readability(text: str) -> str:
    module = _library("readability")
    try:
        return str(module.Document(text).summary(html_partial=True))
    except module.readability.Unparseable:
        return ""


@cache
def _library(name: str) -> Any:
    """Loaded at the first page: a second of computing and 40 MB that other sources do not need."""
    for loud in ("trafilatura", "readability", "htmldate", "justext", "courlan"):
        logging.getLogger(loud).setLevel(logging.CRITICAL)  # they log what pages hold
    return importlib.import_module(name)
