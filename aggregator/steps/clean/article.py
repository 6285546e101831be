"""An item whose text is that of its own page: what the page says in the place of what the feed says."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from aggregator.domain.entry import Text
from aggregator.steps.clean import count_words, text_hash
from aggregator.steps.clean.credit import find_credit, stamp, without_heading
from aggregator.steps.clean.markup import safe
from aggregator.steps.clean.pinyin import without_pinyin
from aggregator.text.language import language_of
from aggregator.text.normalise import fold
from aggregator.text.plain import one_line, paragraphs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.domain.item import Credit, Item
    from aggregator.domain.outcome import ReadContext

_HEADLINE = re.compile(
    r"^(?:\s|<(?:div|section|article|header|main)[^<>]*>)*<(h[1-3])\b[^<>]*>(.{1,2000}?)</\1>", re.DOTALL
)


def with_page(item: Item, found: Text, named: Sequence[str], context: ReadContext) -> Item | None:
    """The item with its page's text, or None where nothing safe is left of that.

    What names the item stays as it is: its keys, guid, link, title and dates (a missing date is read from the page).

    Args:
        item: what the feed said of it.
        found: the article as the page has it.
        named: what on the page may name a source, as HTML, the likeliest first.
        context: the source.
    """
    content, cut = safe(_without_headline(found, item.title), item.link, context.max_text)
    if content is None:
        return None
    content = without_pinyin(content)
    text, heading = without_heading(paragraphs(content))
    language = language_of(f"{item.title}\n{text}", item.language, found.language, context.language)
    lines = "\n".join(paragraphs(piece) for piece in named)
    return replace(
        item,
        content=content,
        text=text,
        text_hash=text_hash(item.title, text),
        words=count_words(text),
        language=language,
        published=item.published or stamp(heading or lines, context.timezone, language),
        credit=_credited(named, found.base) or find_credit(f"{heading}\n{text}", content) or item.credit,
        truncated=item.truncated or cut,
    )


def _credited(named: Sequence[str], base: str | None) -> Credit | None:
    for piece in named:
        markup, _ = safe(Text(value=piece, base=base), base, 10_000)
        credit = find_credit(paragraphs(markup), markup) if markup else None
        if credit is not None:
            return credit
    return None


def _without_headline(found: Text, title: str) -> Text:
    """The headline over the text is the item's title already."""
    over = _HEADLINE.match(found.value)
    if over is None or fold(one_line(over[2], markup=True)) != fold(title):
        return found
    start, end = over.start(1) - 1, over.end()
    return replace(found, value=found.value[:start] + found.value[end:])
