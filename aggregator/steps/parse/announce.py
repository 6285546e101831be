"""The feeds that a page announces, the likeliest first; and where feeds usually are.

What browsers and readers look at: `<link rel="alternate">` of a feed's type, rel="feed", the Link header, and at last
links in the page that look like feeds. The address of a blog's comments comes last.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from aggregator.steps.parse.charset import decode
from aggregator.text.normalise import encodable, line
from aggregator.text.urls import absolute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selectolax.lexbor import LexborNode

    from aggregator.domain.response import Response

MOST = 5  # addresses a page is believed
_HEAD = 1_000_000  # characters looked at
_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json")
_LOOSE_TYPES = ("application/json", "application/xml", "text/xml")  # also of what is no feed: asked for last
_LINK_HEADER = re.compile(r"<([^<>]{1,2000})>([^<]{0,500})")
_LOOKS = re.compile(
    r"(?:^|[/.?&=_-])(?:rss|atom|feed|feeds)(?:[/.?&=_-]|$)|\.(?:rss|atom|rdf)$|/(?:index|rss|feed|atom)\.xml$",
    re.IGNORECASE,
)
_NAMED = re.compile(r"\b(?:rss|atom|xml feed|feed|subscribe)\b|订阅|訂閱|フィード", re.IGNORECASE)
_COMMENTS = re.compile(r"comment|评论|評論|コメント|kommentar|/wp-json/|oembed", re.IGNORECASE)
_NO_FEED = re.compile(r"\.(?:png|jpe?g|gif|svg|css|js|pdf|zip|mp3|ico)$|^(?:mailto|javascript|data):", re.IGNORECASE)
_USUAL = ("feed", "rss", "feed.xml", "rss.xml", "atom.xml", "index.xml")


def announced_feeds(response: Response) -> list[str]:
    """Absolute addresses of what may be the page's feeds, the likeliest first."""
    tree = LexborHTMLParser(
        encodable(decode(response.body, response.header("content-type"), url=response.url).text[:_HEAD])
    )
    node = tree.css_first("base[href]")
    base = absolute(node.attributes.get("href") or "", response.url) if node is not None else None
    base = base or response.url
    ranked = sorted(enumerate(_candidates(tree, response)), key=lambda one: (one[1][0], one[0]))
    urls = (absolute(line(encodable(href)), base) for _, (_, href) in ranked)
    web = [url.partition("#")[0] for url in urls if url and url.startswith(("http://", "https://"))]
    return [url for url in dict.fromkeys(web) if url != response.url.partition("#")[0]][:MOST]


def usual_places(url: str) -> list[str]:
    """Where feeds usually are: below the page's own folder, then at the root of its host."""
    parts = urlsplit(url)
    folder = parts.path if parts.path.endswith("/") else parts.path.rpartition("/")[0] + "/"
    root = f"{parts.scheme}://{parts.netloc}"
    below = [urljoin(f"{root}{folder}", name) for name in _USUAL[:1]] if folder != "/" else []
    return [*below, *(f"{root}/{name}" for name in _USUAL)]


def _candidates(tree: LexborHTMLParser, response: Response) -> Iterator[tuple[int, str]]:
    """(how likely, from 0 down; as written)."""
    header = ", ".join(value.decode("latin-1") for name, value in response.headers if name == "link")
    for found in _LINK_HEADER.finditer(header):
        said = found[2].lower()
        if "alternate" in said and any(kind in said for kind in _TYPES):
            yield 1, found[1]
    for node in tree.css("link[href]"):
        yield from _of_link(node)
    for node in tree.css("a[href]"):
        href = node.attributes.get("href") or ""
        kind = (node.attributes.get("type") or "").partition(";")[0].strip().lower()
        words = f"{node.attributes.get('title') or ''} {node.text(deep=True)[:60]}"
        if _NO_FEED.search(href.partition("?")[0]):
            continue
        if kind in _TYPES or _LOOKS.search(href):
            yield 6 if _COMMENTS.search(f"{href} {words}") else 3 if kind in _TYPES or _NAMED.search(words) else 4, href


def _of_link(node: LexborNode) -> Iterator[tuple[int, str]]:
    attributes = node.attributes
    rels = (attributes.get("rel") or "").lower().split()
    kind = (attributes.get("type") or "").partition(";")[0].strip().lower()
    href = attributes.get("href") or ""
    if "stylesheet" in rels or not ("feed" in rels or "alternate" in rels):
        return
    told = f"{href} {attributes.get('title') or ''}"
    if "feed" in rels or kind in _TYPES:
        yield 2 if _COMMENTS.search(told) else 0, href
    elif kind in _LOOSE_TYPES:
        yield 5 if _COMMENTS.search(told) else 2, href
