"""A web page without a feed → ParsedFeed, by the owner's CSS selectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from aggregator.domain.entry import FeedInfo, Media, ParsedFeed, Text
from aggregator.errors import Code, ParseError
from aggregator.steps.parse.dates import read_date
from aggregator.steps.parse.digest import with_hash
from aggregator.text.floods import DEEPEST, MOST_TAGS, is_tag_flood, without_attribute_floods
from aggregator.text.language import tag
from aggregator.text.normalise import encodable, line
from aggregator.text.urls import absolute

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

    from aggregator.domain.entry import Entry
    from aggregator.domain.outcome import ReadContext
    from aggregator.domain.source import PageSelectors


@dataclass(frozen=True, slots=True)
class Selector:
    """`a.more@href`: a CSS selector, and the attribute that is meant; `@href` alone is the entry's own attribute."""

    css: str
    attribute: str

    @classmethod
    def read(cls, written: str) -> Selector:
        """Split `css@attribute` and try the selector.

        Raises:
            ValueError: what is wrong with it, and what to write instead.
        """
        css, at, attribute = (part.strip() for part in written.rpartition("@")) if "@" in written else (written, "", "")
        if at and not attribute.replace("-", "").isalnum():
            raise ValueError(f"after @ stands the name of an attribute, such as a@href, not {attribute!r}")
        if not css and not at:
            raise ValueError("needs a CSS selector, such as article.card or a@href")
        if css:
            try:
                LexborHTMLParser("<p>").css(css)
            except SelectolaxError as error:
                raise ValueError(f"{css!r} is no CSS selector; write one such as article.card or h2 > a") from error
        return cls(css, attribute.lower())

    def found(self, node: LexborNode) -> LexborNode | None:
        """The first element it means, within `node` or `node` itself."""
        return node.css_first(self.css) if self.css else node

    def value(self, node: LexborNode, *defaults: str) -> str | None:
        """The attribute's value, else that of the first default there is, else the text; None where blank."""
        found = self.found(node)
        if found is None:
            return None
        for name in (self.attribute,) if self.attribute else defaults:
            if (said := found.attributes.get(name)) is not None:
                return line(encodable(said)) or None
        return None if self.attribute else line(encodable(found.text(deep=True, separator=" "))) or None


def read_page(text: str, encoding: str, base: str, context: ReadContext) -> ParsedFeed:
    """Read a page's entries; `wants` is the next page of the list.

    Raises:
        ParseError: `empty` where the selectors find nothing: the page has changed; `parse_limit` where it is a flood.
    """
    selectors = context.page
    if selectors is None:
        raise ParseError(context.source_id, Code.INTERNAL, f"source {context.source_id!r}: a page without selectors")
    text = without_attribute_floods(text)
    if is_tag_flood(text):
        message = f"source {context.source_id!r}: the page has over {MOST_TAGS} tags, or over {DEEPEST} in each other"
        raise ParseError(context.source_id, Code.PARSE_LIMIT, message)
    tree = LexborHTMLParser(encodable(text))
    base = _base(tree, base)
    language = tag(_attribute(tree, "html", "lang")) or tag(context.language)
    cards = tree.css(Selector.read(selectors.entry).css)
    entries = tuple(e for e in (_entry(card, selectors, base, language, context) for card in cards) if e is not None)
    if not entries:
        raise ParseError(context.source_id, Code.EMPTY, _nothing(context.source_id, selectors, len(cards)))
    title = tree.css_first("title")
    following = _address(tree.root, selectors.next, base) if selectors.next else None
    return ParsedFeed(
        info=FeedInfo(title=line(encodable(title.text())) or None if title else None, link=base, language=language),
        entries=entries,
        version="page",
        encoding=encoding,
        wants=(following,) if following else (),
    )


def _entry(
    card: LexborNode, selectors: PageSelectors, base: str, language: str | None, context: ReadContext
) -> Entry | None:
    title = Selector.read(selectors.title).value(card) if selectors.title else None
    link = _address(card, selectors.link, base)
    if title is None and selectors.link:
        anchor = Selector.read(selectors.link).found(card)
        title = line(encodable(anchor.text(deep=True, separator=" "))) or None if anchor is not None else None
    if link is None or title is None:
        return None
    image = _address(card, selectors.image, base, "src") if selectors.image else None
    written = Selector.read(selectors.date).value(card, "datetime") if selectors.date else None
    return with_hash(
        link=link,
        title=Text(value=title, kind="text", base=base, language=language),
        summary=_summary(card, selectors.summary, base, language) if selectors.summary else None,
        published=read_date(written, language, context.timezone) if written else None,
        media=(Media(role="thumbnail", url=image, medium="image"),) if image else (),
        language=language,
    )


def _summary(card: LexborNode, written: str, base: str, language: str | None) -> Text | None:
    selector = Selector.read(written)
    if selector.attribute:
        value = selector.value(card)
        return Text(value=value, kind="text", base=base, language=language) if value else None
    found = selector.found(card)
    value = encodable(found.inner_html or "").strip() if found is not None else ""
    return Text(value=value, kind="html", base=base, language=language) if value else None


def _address(node: LexborNode | None, written: str, base: str, default: str = "href") -> str | None:
    value = Selector.read(written).value(node, default) if node is not None else None
    url = absolute(value, base) if value else None
    return url if url and url.startswith(("http://", "https://")) else None


def _base(tree: LexborHTMLParser, base: str) -> str:
    return absolute(_attribute(tree, "base[href]", "href") or "", base) or base


def _attribute(tree: LexborHTMLParser, css: str, name: str) -> str | None:
    found = tree.css_first(css)
    return found.attributes.get(name) if found is not None else None


def _nothing(source_id: str, selectors: PageSelectors, cards: int) -> str:
    if not cards:
        what = f"nothing on the page matches page.entry {selectors.entry!r}"
    else:
        what = f"{cards} elements match page.entry, but none has a title and an address (page.title, page.link)"
    return f"source {source_id!r}: {what}; the page may have changed, look at it and edit its selectors"
