"""Response → entries: `parse(response, context)` reads whatever a source answered into a ParsedFeed.

charset.py makes text of bytes, bounded.py cuts what would exhaust us, document.py mends it, feed.py and jsonfeed.py
read it, dates.py reads its dates. page.py reads a web page by selectors, sitemap.py a sitemap. announce.py finds the
feeds of a page, propose.py (with fields.py) selectors for one without.
"""

from __future__ import annotations

import dataclasses
import re
import zlib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from aggregator.domain.entry import FeedInfo, ParsedFeed
from aggregator.domain.source import SourceKind
from aggregator.errors import Code, ParseError
from aggregator.steps.parse.bounded import bounded
from aggregator.steps.parse.charset import decode
from aggregator.steps.parse.feed import read_feed
from aggregator.steps.parse.jsonfeed import read_jsonfeed
from aggregator.steps.parse.page import Selector, read_page
from aggregator.steps.parse.sitemap import read_sitemap
from aggregator.text.language import tag
from aggregator.text.urls import absolute

if TYPE_CHECKING:
    from aggregator.domain.outcome import ReadContext
    from aggregator.domain.response import Response

__all__ = ["Selector", "parse"]

FOLDER = "inode/directory"  # the answer lists the files of a folder
MOST_UNPACKED = 52_428_800  # bytes; what sitemaps.org allows a map
_LINK_HEADER = re.compile(r"<([^<>]{1,2000})>([^<]{0,500})")
_REL = re.compile(r"""\brel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))""", re.IGNORECASE)


def parse(response: Response, context: ReadContext) -> ParsedFeed:
    """Read a response's body as a feed of any kind.

    Raises:
        ParseError: `empty` (nothing in it), `not_a_feed`, `truncated` (not one complete entry), `parse_failed`
            or `parse_limit`.
    """
    if context.kind is SourceKind.FILE and response.header("content-type") == FOLDER:
        listed = tuple(response.body.decode("ascii").split("\n"))
        return ParsedFeed(info=FeedInfo(), entries=(), version="folder", encoding="utf-8", wants=listed)
    body = _unpacked(response.body, context.source_id)
    decoded = decode(body, response.header("content-type"), context.encoding, context.language, response.url)
    del body
    encoding, text = decoded.encoding, decoded.text.lstrip("\ufeff\x00 \t\r\n\x0b\x0c\u00a0\u200b")
    del decoded  # a document of megabytes is not kept beside what is read of it
    if not text:
        message = f"source {context.source_id!r}: the answer was empty; a feed was expected"
        raise ParseError(context.source_id, Code.EMPTY, message)
    base = _public(response.url)
    spoken = _spoken(response)
    told = dataclasses.replace(context, language=context.language or spoken)
    if context.kind is SourceKind.PAGE:
        return read_page(text, encoding, base, context)
    if context.kind is SourceKind.SITEMAP:
        return read_sitemap(text, encoding, base, context)
    if text[0] in "{[":
        parsed = read_jsonfeed(text, encoding, base, told)
    else:
        text = bounded(text, context.source_id, context.max_entries)
        parsed = read_feed(text, encoding, base, told)
    info = _with_links(parsed.info, response, base)
    return dataclasses.replace(parsed, info=dataclasses.replace(info, language=info.language or spoken))


def _unpacked(body: bytes, source_id: str) -> bytes:
    """A document that is itself a gzip file, as sitemaps often are (`sitemap.xml.gz`)."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    inflater = zlib.decompressobj(wbits=31)
    try:
        unpacked = inflater.decompress(body, MOST_UNPACKED)
    except zlib.error:
        message = f"source {source_id!r}: the document is a gzip file that is damaged"
        raise ParseError(source_id, Code.PARSE_FAILED, message) from None
    if inflater.unconsumed_tail:
        message = f"source {source_id!r}: the document is a gzip file of over {MOST_UNPACKED} bytes"
        raise ParseError(source_id, Code.PARSE_LIMIT, message)
    if not inflater.eof:
        message = f"source {source_id!r}: the document is a gzip file whose end is missing; it is asked for again"
        raise ParseError(source_id, Code.TRUNCATED, message)
    return unpacked


def _spoken(response: Response) -> str | None:
    """Content-Language where it names one language (RFC 9110 §8.5): what the document itself says comes before it."""
    said = response.header("content-language").strip()
    return None if "," in said else tag(said)


def _public(url: str) -> str:
    """The document's address as a base: without user and query, which may be secrets and would end up in links."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _with_links(info: FeedInfo, response: Response, base: str) -> FeedInfo:
    """Hubs and self of the Link header (WebSub §4: it comes before the links in the feed)."""
    header = ", ".join(value.decode("latin-1") for name, value in response.headers if name == "link")
    found: dict[str, list[str]] = {"hub": [], "self": []}
    for match in _LINK_HEADER.finditer(header):
        rel = _REL.search(match[2])
        for name in (rel[1] or rel[2] or "").lower().split() if rel else ():
            url = absolute(match[1], base)
            if name in found and url:
                found[name].append(url)
    if not found["hub"]:
        return info
    return dataclasses.replace(
        info,
        hubs=tuple(dict.fromkeys([*found["hub"], *info.hubs])),
        self_link=next(iter(found["self"]), info.self_link),
    )
