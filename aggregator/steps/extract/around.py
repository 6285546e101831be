"""What stands round an article on its page: the credited source, the language, the base of links, the next part."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from aggregator.text.language import tag
from aggregator.text.normalise import encodable, line
from aggregator.text.urls import absolute

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_LONGEST_CREDIT = 200  # characters of the line that names a source
_MOST_CREDITS = 5
_CREDITED = re.compile(
    r"(?:来源|來源|稿源|出处|出處|出典|引用元|출처)\s*[:：]\s*\S|(?:转载自|轉載自|转自|轉自|摘自)\s*[:：]?\s*\S"
    r"|^\s*[(\[]?\s*(?:Source|Sources|Via|Credit|Quelle|Fuente|Fonte|Bron|Источник|Джерело|Kaynak|المصدر)\s*[:：]?\s+\S",
    re.IGNORECASE,
)
_HOLDERS = "span, p, div, a, em, i, b, strong, li, td, dd, section, address, small, font, h4, h5, h6"
_ELSEWHERE = ("script", "style", "nav", "footer", "aside", "figure", "noscript", "template", "select", "form")
_META_SOURCES = ('meta[name="ContentSource"]', 'meta[name="contentsource"]', 'meta[name="source"]')
_NEXT = re.compile(
    r"(?:下一?[页頁]|次(?:の|へ)?(?:ページ)?へ?|다음(?: ?페이지)?|next(?: page)?|nächste seite|weiter|page suivante|"
    r"página siguiente|siguiente|следующая(?: страница)?)?\s*[>›»→]*",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?:[_\-/](?:p|page)?[_\-=/]?|p|page)(\d{1,3})", re.IGNORECASE)
_PARAMETER = re.compile(r"(?:^|&)(?:p|page|pn|pageno|pageindex|paged)=(\d{1,3})(?=&|$)", re.IGNORECASE)
_EXTENSION = re.compile(r"\.[A-Za-z]{2,5}$")
_OTHER_THAN_HTML = re.compile(r"\s*(?:%PDF-|\{|\[|<\?xml[^>]*>\s*<(?!!doctype html|html)|<rss|<feed)", re.IGNORECASE)
_LONGEST_REFERENCE = 200_000  # characters in which such a page says where to go
_REFRESH = re.compile(r"(\d{1,3})(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?[\"']?\s*([^\"']{1,2000}?)\s*[\"']?", re.IGNORECASE)
_AT_ONCE = 10  # seconds: a page that reloads later is read by people first
_HTML_TYPES = ("text/html", "application/xhtml+xml")
_UNSAID = ("", "text/plain", "application/octet-stream", "unknown/unknown", "text/xml", "application/xml")


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One page as it came: decoded text, and the address its links are relative to."""

    text: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Around:
    """What stands round the article. `credits` are short pieces of HTML; `links` are the texts of the page's links."""

    base: str
    language: str | None
    credits: tuple[str, ...]
    following: str | None
    links: frozenset[str]


def refers(page: Page) -> str | None:
    """The other address that a page without an article sends its reader on to at once; None where it does not.

    HTML §4.2.5.3, `http-equiv="refresh"`: link shorteners and portals answer 200 and this. What only browsers without
    JavaScript are sent to is no article.
    """
    tree = LexborHTMLParser(page.text[:_LONGEST_REFERENCE])
    base = absolute(_attribute(tree, "base[href]", "href") or "", page.url) or page.url
    tree.strip_tags(["noscript", "template"], recursive=True)
    for node in tree.css("meta[http-equiv]"):
        if (node.attributes.get("http-equiv") or "").strip().lower() != "refresh":
            continue
        found = _REFRESH.fullmatch(encodable(node.attributes.get("content") or "").strip())
        url = absolute(found[2].strip(), base) if found and int(found[1]) <= _AT_ONCE else None
        if url and url.startswith(("http://", "https://")) and url.partition("#")[0] != page.url.partition("#")[0]:
            return url.partition("#")[0]
    return None


def not_html(content_type: str, text: str) -> str:
    """What came instead of a web page, in a word; '' for a web page."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in _HTML_TYPES and kind not in _UNSAID:
        return kind[:80]
    if text[:1024].lstrip().startswith("%PDF-"):
        return "application/pdf"
    if kind not in _HTML_TYPES and (_OTHER_THAN_HTML.match(text[:1024]) or "<" not in text[:4096]):
        return kind or "no HTML"
    return ""


def around(page: Page, first: str, place: int) -> Around:
    """Read a page but for its article.

    Args:
        page: the page.
        first: the address of the article's first page.
        place: which of its pages this is, counted from 1.
    """
    tree = LexborHTMLParser(page.text)
    base = absolute(_attribute(tree, "base[href]", "href") or "", page.url) or page.url
    links = frozenset(words for a in tree.css("a") if (words := line(encodable(a.text(deep=True)))))
    following = _following(tree, base, first, place)
    language = tag(_attribute(tree, "html", "lang")) or tag(_attribute(tree, "html", "xml:lang"))
    return Around(base=base, language=language, credits=_credits(tree), following=following, links=links)


def _credits(tree: LexborHTMLParser) -> tuple[str, ...]:
    """The innermost elements that name a source, in the page's order; then what its head says."""
    said = [_attribute(tree, css, "content") for css in _META_SOURCES]
    tree.strip_tags(list(_ELSEWHERE), recursive=True)
    found: list[str] = []
    for node in tree.css(_HOLDERS):
        if not _credits_somebody(node) or any(map(_credits_somebody, node.css(_HOLDERS)[1:])):
            continue
        found.append(encodable(node.html or ""))
        if len(found) == _MOST_CREDITS:
            break
    found += [f"<p>来源：{escape(line(name))}</p>" for name in said if name and line(name)]
    return tuple(found)


def _credits_somebody(node: LexborNode) -> bool:
    text = node.text(deep=True, separator=" ")
    return len(text) <= _LONGEST_CREDIT and bool(_CREDITED.search(line(encodable(text))))


def _following(tree: LexborHTMLParser, base: str, first: str, place: int) -> str | None:
    """The next part of an article that is spread over several pages; never the next article."""
    for node in tree.css('link[rel~="next"], a[rel~="next"], a'):
        named = "next" in (node.attributes.get("rel") or "").lower().split()
        words = line(encodable(node.text(deep=True)))
        if not named and not (words and len(words) < 20 and _NEXT.fullmatch(words)):  # noqa: PLR2004 - characters
            continue
        found = absolute(node.attributes.get("href") or "", base)
        if found and _is_next_part(first, found, place):
            return found.partition("#")[0]
    return None


def _is_next_part(first: str, other: str, place: int) -> bool:
    """Whether an address is the first page's with the next number: `a.htm` → `a_2.htm`, `a/2`, `a?page=2`.

    Some systems count from 0, so that `a_1.htm` is the second page.
    """
    here, there = urlsplit(first), urlsplit(other)
    if (here.scheme, here.netloc) != (there.scheme, there.netloc):
        return False
    if here.path == there.path:
        found = _PARAMETER.search(there.query)
        rest = _PARAMETER.sub("", there.query).strip("&")
        return bool(found and rest == here.query and int(found[1]) == place + 1)
    stem, of_other = (_EXTENSION.sub("", path.rstrip("/")) for path in (here.path, there.path))
    numbered = _NUMBERED.fullmatch(of_other[len(stem) :]) if stem and of_other.startswith(stem) else None
    return bool(numbered and int(numbered[1]) in {place, place + 1})


def _attribute(tree: LexborHTMLParser, css: str, name: str) -> str | None:
    found = tree.css_first(css)
    value = found.attributes.get(name) if found is not None else None
    return encodable(value) if value else None
