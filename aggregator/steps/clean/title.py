"""A title is one plain line and never empty."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from aggregator.steps.clean.pinyin import without_pinyin
from aggregator.text.normalise import CJK, line
from aggregator.text.plain import one_line

if TYPE_CHECKING:
    from aggregator.domain.entry import Text

LONGEST = 1_000  # characters
_STANDS_IN = 80  # characters of text that stand in for a title
_STANDS_IN_CJK = 30
_SENTENCE = re.compile(r"[。！？!?…]|\.(?=\s|$)")
_CJK = re.compile(f"[{CJK}]")
_SAYS_NOTHING = frozenset(
    {"untitled", "(untitled)", "no title", "(no title)", "[no title]", "无标题", "無標題", "null", "none"}
)


def title_of(title: Text | None, text: str, link: str | None) -> tuple[str, bool, bool]:
    """The title; whether it is not the feed's own; whether it was cut.

    Args:
        title: as the feed wrote it.
        text: plain text of the entry, a line for each paragraph.
        link: of the entry.
    """
    if title is not None:
        # A hostile title can be megabytes of markup: what is read is bounded, then what is kept.
        plain = without_pinyin(one_line(title.value[: LONGEST * 20], markup=title.kind == "html"))
        if plain and plain.lower() not in _SAYS_NOTHING:
            return (
                (plain, False, False) if len(plain) <= LONGEST else (f"{plain[: LONGEST - 1].rstrip()}…", False, True)
            )
    return _first_words(text) or _last_segment(link) or "Untitled", True, False


def _first_words(text: str) -> str:
    """The first sentence, or as much of it as a title holds."""
    first = line(text[:2000].partition("\n")[0])
    limit = _STANDS_IN_CJK if _CJK.search(first[:_STANDS_IN]) else _STANDS_IN
    end = _SENTENCE.search(first)
    if end and end.end() <= limit:
        return first[: end.start()] if end[0] in ".。" else first[: end.end()]
    if len(first) <= limit:
        return first
    cut = first[:limit]
    space = cut.rfind(" ")
    return f"{(cut[:space] if space > limit // 2 else cut).rstrip(' ,;:，、；：')}…"


def _last_segment(link: str | None) -> str:
    """`…/2026/11/some-slug.html` → `some slug`; the host where there is no path."""
    if link is None:
        return ""
    parts = urlsplit(link)
    segment = next((s for s in reversed(parts.path.split("/")) if s), "")
    words = line(re.sub(r"[-_+]+", " ", re.sub(r"\.\w{2,5}$", "", unquote(segment, errors="replace"))))
    return words[:_STANDS_IN] or parts.netloc.rpartition("@")[2]
