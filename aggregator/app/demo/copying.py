"""How outlets copy each other. Entry point: `copied`."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import opencc

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aggregator.app.demo.outlets import Article, Copying, Library

CUT = 120  # characters a cut copy keeps


def copied(copying: Copying, library: Library) -> Article:
    """The copy as it stands in the copying outlet."""
    original = library.articles[copying.of]
    credit = library.outlets[original.outlet].title
    plain = replace(
        original,
        outlet=copying.outlet,
        title=copying.title or original.title,
        canonical=f"{copying.outlet}/{original.slug}",
        corrected=None,
        author=library.outlets[copying.outlet].title,
    )
    match copying.how:
        case "link":
            return replace(plain, canonical=original.canonical, copied_link=True, author=original.author)
        case "reprint":
            return replace(plain, paragraphs=(*original.paragraphs, _credit(credit, original)))
        case "cut":
            return replace(plain, paragraphs=(original.paragraphs[0][:CUT].rstrip() + "…",))
        case "traditional":
            return replace(
                plain, title=_traditional(plain.title), paragraphs=tuple(map(_traditional, plain.paragraphs))
            )
        case "farm":
            return _farmed(plain, credit, library.pinyin)
        case other:
            raise ValueError(f"copies.toml: no way of copying is called {other!r}")


def _credit(name: str, original: Article) -> str:
    chinese = re.search(r"[\u4e00-\u9fff]", original.title) is not None
    return f"来源：{name}" if chinese else f"Source: {name}"


def _farmed(plain: Article, credit: str, pinyin: Mapping[str, str]) -> Article:
    """Traditional script, pinyin in parentheses, and the credit as such pages write it."""
    after = str.maketrans({character: f"{character}({sound})" for character, sound in pinyin.items()})
    lines = [f"來源:{credit}", *plain.paragraphs]
    return replace(
        plain,
        title=_traditional(plain.title),
        paragraphs=tuple(_traditional(line).replace("，", ",").translate(after) for line in lines),
    )


def _traditional(text: str) -> str:
    return str(_converter().convert(text))


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")
