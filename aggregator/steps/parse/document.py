"""The text of an XML document made fit for any parser: what is certain is mended, what is dangerous is gone.

Without a document type there is no entity to expand and no address to open; without lone surrogates, huge
references and controls no parser raises; with bare ampersands and HTML entities mended, most broken feeds are
well-formed again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.entities import html5
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
_SURROGATES = re.compile(r"&#[xX]([dD][89abAB][0-9a-fA-F]{2});&#[xX]([dD][c-fC-F][0-9a-fA-F]{2});")
_DECLARATION = re.compile(r"<\?xml\b[^<]*?\?>")  # no `<` within: a million that never end are each looked at once
_DOCTYPE = re.compile(r"<!DOCTYPE\b[^<>\[]*(?:\[(?P<subset>.*?)\]\s*)?>", re.DOTALL | re.IGNORECASE)
_DEFINED = re.compile(r"""<!ENTITY\s+([\w.-]{1,40})\s+(?:"([^"&%<]{0,32})"|'([^'&%<]{0,32})')\s*>""")
_CDATA = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|$)|<!--.*?(?:-->|$)|<\?.*?(?:\?>|$))", re.DOTALL)
_LOOSE = re.compile(
    r"&(?!(?:#[0-9]+|#[xX][0-9a-fA-F]+|amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{0,40};)?|<(?![A-Za-z_:/!?])"
)
_START = re.compile(r"<((?:[\w.-]+:)?([A-Za-z_][\w.-]*))(?=[\s/>])[^<]*?(/?)>")
_ITEM_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>|<(?:[\w.-]+:)?(?:item|entry)\b[^<>]{0,500}/>", re.IGNORECASE)
_FEED_ROOTS = frozenset({"rss", "rdf", "feed", "channel"})
_EMBEDDED = re.compile(r"<\?xml\b|<rss\b|<(?:\w+:)?RDF\b|<(?:\w+:)?feed\b[^>]*xmlns", re.IGNORECASE)
# What a page must show to be a feed that a template wrapped.
_WRAPPED = re.compile(r"<rss\s+version\s*=|<feed\s[^<>]*xmlns\s*=\s*[\"']http://www\.w3\.org/2005/Atom", re.IGNORECASE)
_WITHIN = dict.fromkeys(("b", "br", "pre", "font", "p", "div", "span", "center"), _EMBEDDED) | {"html": _WRAPPED}
_BOX = 20_000  # characters of a server's own complaint before the feed
# feedparser's search for an address in an author is quadratic (its issue 562): 16 kB take two seconds.
_AUTHOR = re.compile(
    r"(<(?:\w+:)?(?:author|creator|managingEditor|webMaster|owner|publisher|contributor|name|email)\b[^<>]*>\s*(?:<!\[CDATA\[)?)"
    r"([^<\]]{500})[^<\]]+",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)  # open ones to the end: each is looked at once
_LIVE = re.compile(r"<(/?)(?:[\w.-]+:)?liveItem\b([^<>]{0,2000}>)")
_ENDED = re.compile(r"\bstatus\s*=\s*[\"']\s*ended\b", re.IGNORECASE)
_PROLOG = 100_000  # characters in which a document type begins and ends
_KNOWN_PREFIXES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "georss": "http://www.georss.org/georss",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "psc": "http://podlove.org/simple-chapters",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "thr": "http://purl.org/syndication/thread/1.0",
    "wfw": "http://wellformedweb.org/CommentAPI/",
}
_REPLACEMENT = "\ufffd"
_MARKUP = "<>&\"'"


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """`root` is the local name of the root element in lower case, '' where there is none."""

    text: str
    root: str
    truncated: bool


def prepare(text: str) -> Prepared:
    """Mend and defuse an XML document, and find its root and whether its end is missing."""
    text = _ILLEGAL.sub("", _REFERENCE.sub(_reference, _SURROGATES.sub(_pair, text)))
    text = _AUTHOR.sub(r"\1\2", _DECLARATION.sub("", text, count=1))
    text, entities = _without_doctype(text)
    start = _root(text)
    if start is not None and (within := _WITHIN.get(start[2].lower())):
        embedded = within.search(text, start.start(), _BOX)
        if embedded:
            text = _DECLARATION.sub("", text[embedded.start() :], count=1)
            start = _root(text)
    if start is None:
        return Prepared(text="", root="", truncated=False)
    root = start[2].lower()
    body = text[start.start() :]
    if root not in _FEED_ROOTS:
        return Prepared(text=body, root=root, truncated=False)
    body = _declared(_mend(_with_live(body), entities), start[1])
    if body.rstrip().endswith(f"</{start[1]}"):
        body = f"{body.rstrip()}>"
    if start[3] or re.search(rf"</{re.escape(start[1])}\s*>", body, re.IGNORECASE):
        return Prepared(text=body, root=root, truncated=False)
    return Prepared(text=_complete_part(body, start[1]), root=root, truncated=True)


def _root(text: str) -> re.Match[str] | None:
    """The first start tag outside comments and instructions."""
    position = 0
    while True:
        found = _START.search(text, position)
        if found is None:
            return None
        hidden = next((m for m in _CDATA.finditer(text, position, found.end()) if m.end() > found.start()), None)
        if hidden is None or hidden.start() > found.start():
            return found
        whole = _CDATA.match(text, hidden.start())
        position = whole.end() if whole else found.end()


def _reference(match: re.Match[str]) -> str:
    """A numeric reference that XML cannot mean: as browsers read it (HTML §13.2.5.80), else U+FFFD."""
    digits = match[1] or match[2]
    digits = digits.lstrip("0") or "0"
    if len(digits) > 7:  # noqa: PLR2004 - digits of U+10FFFF in decimal
        return _REPLACEMENT
    code = int(digits, 16 if match[1] else 10)
    if 0x80 <= code <= 0x9F:  # noqa: PLR2004 - C1: written by those who mean windows-1252
        return bytes([code]).decode("cp1252", "replace")
    if code < 0x20 and code not in {9, 10, 13}:  # noqa: PLR2004 - C0
        return ""
    if 0xD800 <= code <= 0xDFFF or code > 0x10FFFF or code & 0xFFFE == 0xFFFE:  # noqa: PLR2004 - no characters
        return _REPLACEMENT
    return match[0] if match[0].endswith(";") else f"{match[0]};"


def _pair(match: re.Match[str]) -> str:
    """A surrogate pair written as two references is one character."""
    high, low = int(match[1], 16), int(match[2], 16)
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def _without_doctype(text: str) -> tuple[str, Mapping[str, str]]:
    """The text without its document type, and the harmless entities that defined: short, of plain characters."""
    head = _COMMENT.sub(lambda comment: " " * len(comment[0]), text[:_PROLOG])
    found = _DOCTYPE.search(head)
    if found is None or (root := _START.search(text)) is None or root.start() < found.start():
        return text, {}
    defined = {m[1]: m[2] or m[3] or "" for m in _DEFINED.finditer(found["subset"] or "")}
    return text[: found.start()] + text[found.end() :], defined


def _mend(text: str, entities: Mapping[str, str]) -> str:
    """Escape bare `&` and `<`, and turn HTML's entities into characters, outside CDATA and comments."""
    if not _LOOSE.search(text):
        return text

    def certain(match: re.Match[str]) -> str:
        if match[0] == "<":
            return "&lt;"
        name = match[1]
        if name is None:
            return "&amp;"
        if name[:-1] in entities:
            return entities[name[:-1]]
        meant = html5.get(name)
        return f"&amp;{name}" if meant is None or meant in _MARKUP else meant

    parts = _CDATA.split(text)
    parts[::2] = [_LOOSE.sub(certain, part) for part in parts[::2]]
    return "".join(parts)


def _with_live(text: str) -> str:
    """A podcast:liveItem is an item of its channel; one that has ended stands among the episodes, and goes."""
    parts: list[str] = []
    place, ended = 0, False
    for tag in _LIVE.finditer(text) if "liveItem" in text else ():
        if not ended:
            parts.append(text[place : tag.start()])
        closes, ended_before = bool(tag[1]), ended
        ended = not closes and _ENDED.search(tag[2]) is not None
        if not ended and not (closes and ended_before):
            parts.append("</item>" if closes else "<item>")
        place = tag.end()
    return "".join(parts) + text[place:]


def _declared(text: str, root: str) -> str:
    """The document with the namespaces of the prefixes that it uses and forgot to declare."""
    head = text[: text.find(">") + 1]
    missing = [
        f' xmlns:{prefix}="{namespace}"'
        for prefix, namespace in _KNOWN_PREFIXES.items()
        if f"<{prefix}:" in text and f"xmlns:{prefix}" not in text
    ]
    at = len(root) + 1
    return f"{text[:at]}{''.join(missing)}{text[at:]}" if missing and head.startswith(f"<{root}") else text


def _complete_part(text: str, root: str) -> str:
    """A document whose end is missing, cut after its last complete item and closed; '' where none is complete."""
    ends = list(_ITEM_END.finditer(text))
    if not ends:
        return ""
    text = text[: ends[-1].end()]
    opened, closed = len(re.findall(r"<channel\b", text)), text.count("</channel")
    return f"{text}{'</channel>' if opened > closed else ''}</{root}>"
