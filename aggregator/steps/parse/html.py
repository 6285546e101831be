"""What came instead of a feed, said so that the owner knows what to write."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

from aggregator.errors import Code, ParseError
from aggregator.text.normalise import line

_LINK = re.compile(r"<link\b[^>]{1,1000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(rel|type|href)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_HEAD = 200_000  # characters looked at
_FEED_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "application/json"}
)
_SITEMAP = ("a sitemap", "write `kind: sitemap`")
_KINDS = {
    "urlset": _SITEMAP,
    "sitemapindex": _SITEMAP,
    "opml": ("an OPML list", "save it, and take its feeds in with `aggregator import FILE.opml`"),
    "svg": ("an image", "give a feed's address"),
}


def announced(page: str) -> str | None:
    """The first feed a page announces with `<link rel="alternate">` (or rel="feed"), as it is written there."""
    for found in _LINK.finditer(page, 0, _HEAD):
        said = {m[1].lower(): unescape(m[2] or m[3] or m[4] or "").strip() for m in _ATTRIBUTE.finditer(found[0])}
        rel = said.get("rel", "").lower().split()
        if said.get("href") and ("feed" in rel or ("alternate" in rel and said.get("type", "").lower() in _FEED_TYPES)):
            return line(said["href"])[:500]
    return None


def refuse(source_id: str, text: str, root: str, base: str) -> ParseError:
    """The error for a document that is no feed. Nothing of the source's own address is told: it may be a secret."""
    subject = f"source {source_id!r}: "
    if root == "html" or re.match(r"\s*(?:<!--.*?-->\s*)*<!doctype\s+html", text[:5000], re.IGNORECASE | re.DOTALL):
        href = announced(text)
        cure = f"the page announces its feed at {_shown(href, base)}" if href else "it announces no feed"
        return ParseError(source_id, Code.NOT_A_FEED, f"{subject}a web page came instead of a feed; {cure}")
    if not root:
        return ParseError(
            source_id, Code.NOT_A_FEED, f"{subject}what came is neither XML nor JSON; give a feed's address"
        )
    kind, cure = _KINDS.get(root, (f"an XML document <{line(root)[:40]}>", "give a feed's address"))
    return ParseError(source_id, Code.NOT_A_FEED, f"{subject}{kind} came instead of a feed; {cure}")


def _shown(href: str, base: str) -> str:
    """Absolute where that needs no more of our address than its host."""
    if not href.startswith("/"):
        return href
    parts = urlsplit(base)
    return urljoin(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/", href)
