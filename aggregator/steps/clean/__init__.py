"""Entry → item: `clean(entry, keys, context, info)` makes what a feed said safe, absolute, plain and comparable.

markup.py makes safe HTML, title.py the title, media.py checks files and people, credit.py finds the outlet a text
came from, pinyin.py takes out what content farms put in, article.py puts an item's page in the place of its text.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

from aggregator.domain.item import Item
from aggregator.steps.clean import media
from aggregator.steps.clean.credit import find_credit, stamp, without_heading
from aggregator.steps.clean.markup import safe
from aggregator.steps.clean.pinyin import without_pinyin
from aggregator.steps.clean.supplement import supplement
from aggregator.steps.clean.title import title_of
from aggregator.text.language import language_of
from aggregator.text.normalise import CJK, fold, line
from aggregator.text.plain import paragraphs
from aggregator.text.urls import clean_link

if TYPE_CHECKING:
    from aggregator.domain.entry import Entry, FeedInfo
    from aggregator.domain.item import Keys
    from aggregator.domain.outcome import ReadContext

__all__ = ["clean", "count_words", "text_hash"]

_FIRST, _LAST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2101, 1, 1, tzinfo=UTC)
_LONGEST_LINE = 2_000
_CJK = re.compile(f"[{CJK}]")
_WORD = re.compile(f"[^\\W_{CJK}]+(?:['’.,-][^\\W_{CJK}]+)*")
_BETWEEN_WORDS = re.compile(r"[\W_]+")


def clean(entry: Entry, keys: Keys, context: ReadContext, info: FeedInfo) -> Item:
    """Make an item of an entry.

    Args:
        entry: what the feed said.
        keys: what it is recognised by.
        context: the source; `max_text` limits each text's source.
        info: the feed, for what the entry leaves out: base of links, language.

    Returns:
        An item in which no address is anything but http(s) (or mailto and tel in links of its HTML), no text holds
        a control character, and `published` falls back on `updated`, then on the date in a heading line.
    """
    link = clean_link(entry.link, info.link) if entry.link else None
    base = link or info.link
    summary, summary_cut = safe(entry.summary, base, context.max_text)
    content, content_cut = safe(entry.content, base, context.max_text)
    summary, content = (None if html is None else without_pinyin(html) for html in (summary, content))
    summary_text, content_text = paragraphs(summary or ""), paragraphs(content or "")
    if summary_text == content_text and content is not None:
        summary = None
    fuller = content_text if len(content_text) >= len(summary_text) else summary_text
    text, heading = without_heading(fuller)
    title, untitled, title_cut = title_of(entry.title, text, link)
    language = language_of(
        f"{title}\n{text}", _own_language(entry), info.language, context.language
    )  # declared, by descending authority
    return Item(
        source_id=context.source_id,
        keys=keys,
        raw_hash=entry.raw_hash,
        text_hash=text_hash(title, text),
        guid=line(entry.guid or "")[:_LONGEST_LINE] or None,
        link=link,
        title=title,
        untitled=untitled,
        summary=summary,
        content=content,
        text=text,
        words=count_words(text),
        authors=media.authors(entry.authors, base),
        categories=media.categories(entry.categories),
        published=_believed(entry.published) or _believed(entry.updated) or stamp(heading, context.timezone, language),
        updated=_believed(entry.updated),
        language=language,
        enclosures=media.enclosures(entry.enclosures, base),
        media=media.media(entry.media, base),
        rights=line(entry.rights or "")[:_LONGEST_LINE] or None,
        comments=clean_link(entry.comments, base) if entry.comments else None,
        origin=media.origin(entry.origin),
        identifier=entry.identifier,
        supplement=supplement(entry.supplement, title, text, base),
        credit=find_credit(f"{heading}\n{text}" if heading else text, content or summary),
        truncated=summary_cut or content_cut or title_cut,
    )


def _own_language(entry: Entry) -> str | None:
    texts = (entry.content, entry.summary, entry.title)
    return entry.language or next((t.language for t in texts if t is not None and t.language), None)


def _believed(moment: datetime | None) -> datetime | None:
    return moment if moment is not None and _FIRST <= moment < _LAST else None


def count_words(text: str) -> int:
    """The words of a text; two characters of a script without spaces are about one."""
    return sum(1 for _ in _WORD.finditer(text)) + sum(1 for _ in _CJK.finditer(text)) // 2


def text_hash(title: str, text: str) -> bytes:
    """16 bytes over the words of title and text: markup, punctuation, case, width and script do not move it."""
    words = _BETWEEN_WORDS.sub(" ", fold(f"{title}\n{text}")).strip()
    return blake2b(words.encode("utf-8"), digest_size=16).digest()
