"""How much of others' text is republished, and what stands where there is none.

Every entry says something: a headline without a word under it is what the feed validator warns of and what several
readers show as an error. The list of other outlets stands here too: what is inside the text shows in every reader.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from aggregator.domain.topic import Content
from aggregator.steps.render.plain import excerpt, plain, xml_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.domain.item import Item
    from aggregator.steps.render.outlets import Other

SUMMARY_LENGTH = 400  # characters, where a summary is wanted and the entry has none

# The list is read as a part of the text, so it speaks the text's language.
_ALSO = {
    "ar": "ذكرته أيضًا", "cs": "Píší také", "de": "Auch berichtet von", "en": "Also reported by",
    "es": "También en", "fa": "همچنین در", "fr": "Également dans", "he": "פורסם גם ב", "id": "Juga diberitakan oleh",
    "it": "Anche su", "ja": "ほかの報道", "ko": "다른 보도", "nl": "Ook gemeld door", "pl": "Piszą też",
    "pt": "Também em", "ru": "Об этом также пишут", "tr": "Bunu da yazanlar", "uk": "Про це також пишуть",
    "vi": "Cũng đưa tin", "zh": "另见报道",
}  # fmt: skip


def texts(
    item: Item, content: Content, *, title: str, link: str | None, outlet: str, also: Sequence[Other]
) -> tuple[str | None, str | None]:
    """Summary and content as safe HTML, as far as the topic republishes others' text; one of them is there.

    Without a link the content is there (RFC 4287 §4.1.1.1), with one at least a summary: a link under its
    outlet's name if nothing else.
    """
    summary, full = _own(item, content)
    if summary is None and full is None:
        pointer = escape(title) if link is None else f'<a href="{escape(link)}">{escape(outlet)}</a>'
        summary = f"<p>{pointer}</p>"
    if link is None and full is None:
        summary, full = None, summary
    if also:
        note = _note(also, item.language)
        return (summary, full + note) if full else (f"{summary}{note}", None)
    return summary, full


def _own(item: Item, content: Content) -> tuple[str | None, str | None]:
    summary, full = xml_text(item.summary or "").strip() or None, xml_text(item.content or "").strip() or None
    if content is Content.LINK:
        return None, None
    if content is Content.SUMMARY:
        return summary or escape(excerpt(item.text or plain(full), SUMMARY_LENGTH)) or None, None
    return (None if summary == full else summary), full


def _note(also: Sequence[Other], language: str | None) -> str:
    words = _ALSO.get((language or "en").partition("-")[0].lower(), _ALSO["en"])
    places = "".join(
        f'<li><a href="{escape(other.link)}" title="{escape(other.title)}">{escape(other.outlet)}</a></li>'
        for other in also
    )
    return f"\n<p>{words}</p>\n<ul>{places}</ul>"
