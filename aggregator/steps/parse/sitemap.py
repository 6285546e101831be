"""Sitemaps, their indexes and news sitemaps → ParsedFeed.

sitemaps.org/protocol.html; Google's news extension (schemas/sitemap-news/0.9): title, publication date, language,
keywords. A sitemap may hold 50,000 addresses in any order: the newest are read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lxml import etree

from aggregator.domain.entry import Category, FeedInfo, Media, ParsedFeed, Text
from aggregator.errors import Code, ParseError
from aggregator.steps.parse.dates import read_date
from aggregator.steps.parse.digest import with_hash
from aggregator.steps.parse.document import prepare
from aggregator.text.language import tag
from aggregator.text.normalise import line
from aggregator.text.urls import absolute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aggregator.domain.entry import Entry
    from aggregator.domain.outcome import ReadContext

MOST_MAPS = 5  # of an index, the newest: the others hold what was published long ago
_MOST_KEYWORDS = 30
_LINES = re.compile(r"\s*https?://\S+\s*(?:\n|$)")
_SLUG = re.compile(r"(?:\.[a-z]{2,5})?/?$")
_WORDS = re.compile(r"[-_+.]+")


def read_sitemap(text: str, encoding: str, base: str, context: ReadContext) -> ParsedFeed:
    """Read a sitemap of any kind; `wants` are the newest maps of an index.

    Raises:
        ParseError: not_a_feed (no sitemap), truncated.
    """
    if _LINES.match(text):
        found = [{"loc": address} for address in text.split()[: context.max_entries]]
        return ParsedFeed(
            info=FeedInfo(), entries=_entries(found, base, context), version="sitemap-text", encoding=encoding
        )
    document = prepare(text)
    if document.root not in {"urlset", "sitemapindex"}:
        message = f"source {context.source_id!r}: a sitemap was expected; write `kind: feed` or `kind: page` for others"
        raise ParseError(context.source_id, Code.NOT_A_FEED, message)
    if not re.search(rf"</(?:[\w.-]+:)?{document.root}\s*>\s*(?:<!--.*?-->\s*)*$", document.text[-2000:], re.DOTALL):
        message = f"source {context.source_id!r}: the sitemap's end is missing; it is asked for again"
        raise ParseError(context.source_id, Code.TRUNCATED, message)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, remove_comments=True,
        remove_pis=True, encoding="utf-8",
    )  # fmt: skip
    root = etree.fromstring(document.text.encode("utf-8", "replace"), parser)
    rows = sorted(_rows(root), key=lambda row: row.get("publication_date") or row.get("lastmod") or "", reverse=True)
    if document.root == "sitemapindex":
        maps = (absolute(row["loc"], base) for row in rows[:MOST_MAPS])
        wants = tuple(found for found in maps if found)
        return ParsedFeed(info=FeedInfo(), entries=(), version="sitemapindex", encoding=encoding, wants=wants)
    title = next((row["publication"] for row in rows if row.get("publication")), None)
    entries = _entries(rows[: context.max_entries], base, context)
    return ParsedFeed(info=FeedInfo(title=title), entries=entries, version="sitemap", encoding=encoding)


def _rows(root: Any) -> Iterator[dict[str, str]]:
    """Each <url> or <sitemap>: its leaves by local name, the first of each; images under `image`."""
    for element in root if root is not None else ():
        row: dict[str, str] = {}
        for leaf in element.iter("{*}*"):
            space, _, name = str(leaf.tag).rpartition("}")
            if len(leaf) or not (leaf.text or "").strip():
                continue
            if "image" in space or "video" in space:
                name = "image" if name == "loc" and "image" in space else f"media:{name}"
            elif "news" in space and name == "name":
                name = "publication"
            row.setdefault(name, line(leaf.text))
        if row.get("loc"):
            yield row


def _entries(rows: list[dict[str, str]], base: str, context: ReadContext) -> tuple[Entry, ...]:
    return tuple(e for e in (_entry(row, base, context) for row in rows) if e is not None)


def _entry(row: dict[str, str], base: str, context: ReadContext) -> Entry | None:
    link = absolute(row["loc"], base)
    if link is None or not link.startswith(("http://", "https://")):
        return None
    language = tag(row.get("language")) or tag(context.language)
    keywords = (word.strip() for word in row.get("keywords", "").split(","))
    image = absolute(row.get("image", ""), base)
    return with_hash(
        link=link,
        title=Text(value=row.get("title") or _from_address(link), kind="text", base=base, language=language),
        categories=tuple(Category(term=word) for word in list(dict.fromkeys(filter(None, keywords)))[:_MOST_KEYWORDS]),
        published=read_date(row.get("publication_date"), language, context.timezone),
        updated=read_date(row.get("lastmod"), language, context.timezone),
        media=(Media(role="thumbnail", url=image, medium="image"),) if image else (),
        language=language,
    )


def _from_address(link: str) -> str:
    """Words for a reader where the map has no title: the last part of the address, else all of it."""
    slug = _SLUG.sub("", link.partition("?")[0]).rpartition("/")[2]
    words = _WORDS.sub(" ", slug).strip()
    return words.capitalize() if any(c.isalpha() for c in words) and "://" not in words else link
