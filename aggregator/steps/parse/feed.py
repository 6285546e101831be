"""RSS, RDF and Atom of every version → ParsedFeed, by feedparser over a text that is clean already.

feedparser is given a stream of UTF-8, never bytes or str: those it would try to open as a file or an address. What
it loses comes from the tree (extras.py), its dates are never used (dates.py), its sanitiser is off (nh3 cleans
later), and `version` decides what is a feed, never its `bozo`.
"""

from __future__ import annotations

import io
import re
import warnings
from typing import TYPE_CHECKING, Any

import feedparser
from feedparser.api import PREFERRED_XML_PARSERS

from aggregator.domain.entry import FeedInfo, ParsedFeed
from aggregator.errors import Code, ParseError
from aggregator.steps.parse import sax
from aggregator.steps.parse.dates import read_date
from aggregator.steps.parse.document import prepare
from aggregator.steps.parse.entries import Surroundings, read_entry, relation
from aggregator.steps.parse.extras import Extra, read_extras
from aggregator.steps.parse.hints import read_hints
from aggregator.steps.parse.html import refuse
from aggregator.text.language import tag
from aggregator.text.plain import one_line
from aggregator.text.urls import absolute

if TYPE_CHECKING:
    from aggregator.domain.outcome import ReadContext
    from aggregator.steps.parse.extras import Extras

# feedparser's own means to choose the reader; the one it prefers by itself is Python 2's.
PREFERRED_XML_PARSERS[:] = [sax.__name__]
_HEAD = 2_000  # characters in which a root declares its namespaces
_CUT = re.compile(r"(?:<\?xml[^>]*>?\s*)?(?:<(?:rss|feed|rdf|channel|\w+:feed)\b[^>]*)?$", re.IGNORECASE)
_FEEDS = frozenset({"rss", "rdf", "feed", "channel"})
# An Atom document may be a single entry (RFC 4287 §2).
_ENTRY = re.compile(r"<(?:\w+:)?entry\b[^<>]*[\"'](?:http://www\.w3\.org/2005/Atom|http://purl\.org/atom/ns#)[\"']")
_RDF = re.compile(r"http://(?:purl\.org/rss/1\.0|(?:my|channel)\.netscape\.com/rdf/simple/0\.9)/")

# A channel of Microsoft's (Channel Definition Format, W3C note of 1997) may have no items yet.
_CDF = re.compile(r"<channel\s[^<>]{0,2000}?\bhref\s*=", re.IGNORECASE)


def read_feed(text: str, encoding: str, base: str, context: ReadContext) -> ParsedFeed:
    """Read the decoded text of an XML document.

    Raises:
        ParseError: not_a_feed, truncated (no complete entry), parse_failed or parse_limit.
    """
    document = prepare(text)
    if document.root == "entry" and _ENTRY.match(document.text):
        document = prepare(f'<feed xmlns="http://www.w3.org/2005/Atom">{document.text}</feed>')
    cut_in_root = not document.root and _CUT.match(text)
    if document.root not in _FEEDS and not cut_in_root:
        raise refuse(context.source_id, text, document.root, base)
    if cut_in_root or (document.truncated and not document.text):
        raise ParseError(
            context.source_id,
            Code.TRUNCATED,
            f"source {context.source_id!r}: the document ends before its first entry does; it is asked for again",
        )
    parsed = _feedparser(document.text, base, context)
    if not (
        parsed.get("version") or parsed.entries or _RDF.search(document.text, 0, _HEAD) or _CDF.match(document.text)
    ):
        raise refuse(context.source_id, text, document.root, base)
    extras = read_extras(document.text, base)
    info = _info(parsed.feed, extras, base, context)
    language = info.language or context.language
    atom = str(parsed.get("version") or "").startswith("atom")
    # Only where both parsers saw the same entries does the order tell which belong together.
    matched = extras.entries if extras and len(extras.entries) == len(parsed.entries) else ()
    around = Surroundings(base=base, page=info.link, language=language, zone=context.timezone, atom=atom)
    entries = tuple(
        read_entry(entry, matched[i] if matched else Extra(), around) for i, entry in enumerate(parsed.entries)
    )
    return ParsedFeed(
        info=info,
        entries=entries,
        version=str(parsed.get("version") or document.root),
        encoding=encoding,
        truncated=document.truncated,
    )


def _feedparser(text: str, base: str, context: ReadContext) -> Any:
    """Run feedparser; whatever it raises becomes a ParseError here."""
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": base}
    stream = io.BytesIO(text.encode("utf-8", "replace"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return feedparser.parse(stream, response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except RecursionError as error:
        message = f"source {context.source_id!r}: the document is nested too deeply to be read"
        raise ParseError(context.source_id, Code.PARSE_LIMIT, message) from error
    except MemoryError:
        raise
    except Exception as error:
        message = f"source {context.source_id!r}: the document could not be read ({type(error).__name__})"
        raise ParseError(context.source_id, Code.PARSE_FAILED, message) from error


def _info(feed: Any, extras: Extras | None, base: str, context: ReadContext) -> FeedInfo:
    links = [link for link in feed.get("links", ()) if link.get("href")]
    language = tag(str(feed.get("language") or "") or (extras.language if extras else None))
    image = feed.get("image") or {}
    return FeedInfo(
        id=(extras.id if extras else None) or str(feed.get("id") or "") or None,
        title=_plain(feed, "title") or (extras.title if extras else None),
        subtitle=_plain(feed, "subtitle") or (extras.subtitle if extras else None),
        link=_link(links, "alternate", base)
        or (None if feed.get("guidislink") else absolute(feed.get("link") or "", base)),
        self_link=_link(links, "self", base),
        hubs=tuple(dict.fromkeys(h for h in (absolute(x["href"], base) for x in links if relation(x) == "hub") if h)),
        language=language,
        icon=(extras.icon if extras else None) or absolute(str(image.get("href") or ""), base),
        rights=_plain(feed, "rights"),
        updated=read_date(_string(feed, "updated") or _string(feed, "published"), language, context.timezone),
        hints=read_hints(_string(feed, "ttl"), extras),
    )


def _link(links: list[Any], rel: str, base: str) -> str | None:
    found = [link for link in links if relation(link) == rel]
    found.sort(key=lambda link: "html" not in str(link.get("type") or "html"))
    return absolute(str(found[0]["href"]), base) if found else None


def _plain(feed: Any, name: str) -> str | None:
    value = _string(feed, name)
    if value is None:
        return None
    kind = str((feed.get(f"{name}_detail") or {}).get("type") or "")
    return one_line(value, markup=kind != "text/plain") or None


def _string(feed: Any, name: str) -> str | None:
    """The raw value: feedparser's own getter stands in `published` for a missing `updated`."""
    value = dict.get(feed, name)
    return value.strip() or None if isinstance(value, str) else None
