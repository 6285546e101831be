"""A page without a feed → the selectors that read its list: what repeats on it, and what each repetition holds.

::

    entries   every class and place that elements with a link share is tried as a selector; counted is how many
              there are, how much their headlines say, whether they bear dates, whether they stand in a menu
    fields    within the best: headline, link, date, teaser and picture, by what most of them have
    next      the link to the next page
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from aggregator.domain.source import PageSelectors
from aggregator.steps.parse.charset import decode
from aggregator.steps.parse.fields import date_in, image_in, summary_in, title_in
from aggregator.text.normalise import CJK_LETTER, encodable, line
from aggregator.text.urls import absolute

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from selectolax.lexbor import LexborNode

    from aggregator.domain.response import Response

_LONGEST = 3_000_000  # characters of a page
_MOST_LINKS = 1_500
_MOST_SELECTORS = 400
_LEAST, _LEAST_TITLE = 3, 8  # entries; letters of a headline
_DEEP = 5  # ancestors of a link that may be its entry
_FULL_TITLE = 40  # letters: a longer headline counts no more
_MANY_LINKS = 4  # addresses in one entry: a card has its headline's, its picture's, its author's
_NAME = re.compile(r"-?[A-Za-z_][\w-]*")
_ASIDE = re.compile(
    r"(?:^|[-_])(?:nav|navbar|menu|foot|footer|side|sidebar|aside|crumb|breadcrumbs?|related|hot|rank|ranking|links?|friend|"
    r"banner|header|top|tags?|share|comments?|pag(?:e|er|ination)s?|lang)(?:$|[-_])",
    re.IGNORECASE,
)
_ASIDE_TAGS = frozenset({"nav", "footer", "aside"})
_STATE = re.compile(
    r"^(?:active|current|selected|first|last|odd|even|hover|on|clearfix|cf|fl|fr)$|\d{3,}", re.IGNORECASE
)
_NEXT = re.compile(
    r"(?:下一?[页頁]|次(?:の|へ).{0,4}|다음|next(?: page)?|older(?: posts?| entries)?|weiter|suivante?|"
    r"siguiente)\s*[>›»→]*",
    re.IGNORECASE,
)
_TRIED = (".next", ".nextpage", ".next-page", ".pagination-next", ".older-posts")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Cards:
    css: str
    nodes: tuple[LexborNode, ...]
    score: float


def propose(response: Response, language: str | None = None) -> PageSelectors | None:
    """Selectors for the list on a page; None where nothing on it looks like one."""
    text = decode(response.body, response.header("content-type"), language=language, url=response.url).text
    tree = LexborHTMLParser(encodable(text[:_LONGEST]))
    tree.strip_tags(["script", "style", "noscript", "template"], recursive=True)
    base = response.url
    best = max(_tried(tree, base), key=lambda cards: cards.score, default=None)
    if best is None:
        return None
    title, link = title_in(best.nodes)
    return PageSelectors(
        entry=best.css,
        title=title,
        link=link,
        summary=summary_in(best.nodes),
        date=date_in(best.nodes, language),
        image=image_in(best.nodes),
        next=_next(tree, base),
    )


def _tried(tree: LexborHTMLParser, base: str) -> Iterator[_Cards]:
    seen: set[tuple[int, ...]] = set()
    counted = Counter(css for link in _links(tree, base) for css in dict.fromkeys(_names(link)))
    for css, count in counted.most_common(_MOST_SELECTORS):
        if count < _LEAST:
            break
        nodes = tuple(tree.css(css))
        members = tuple(node.mem_id for node in nodes)
        if members in seen:
            continue
        seen.add(members)
        score = _score(nodes, base)
        if score > 0:
            yield _Cards(css=css, nodes=nodes, score=score)


def _links(tree: LexborHTMLParser, base: str) -> list[LexborNode]:
    """Links that may be headlines: on this site or another, with words."""
    found = [node for node in tree.css("a[href]") if _weight(_words(node)) >= _LEAST_TITLE and _address(node, base)]
    return found[:_MOST_LINKS]


def _names(link: LexborNode) -> Iterator[str]:
    """Selectors of what may be the link's entry: the link itself and what it stands in."""
    node: LexborNode | None = link
    for _ in range(_DEEP + 1):
        if node is None or node.tag in {"body", "html"}:
            return
        own = node.tag or ""
        for name in _classes(node):
            yield f"{own}.{name}"
        yield from (f"{place} > {own}" for place in _places(node.parent))
        node = node.parent


def _places(parent: LexborNode | None) -> Iterator[str]:
    """How an element without a class of its own is found: by what it stands in."""
    way = ""
    for _ in range(3):
        if parent is None or parent.tag in {"body", "html"}:
            return
        name = parent.attributes.get("id")
        if name and _NAME.fullmatch(name) and not _STATE.search(name):
            yield f"#{name}{way}"
        for name in _classes(parent)[:2]:
            yield f"{parent.tag}.{name}{way}"
        way = f" > {parent.tag}{way}"
        parent = parent.parent


def _classes(node: LexborNode) -> list[str]:
    names = (node.attributes.get("class") or "").split()
    return [name for name in names if _NAME.fullmatch(name) and not _STATE.search(name)][:4]


def _score(nodes: Sequence[LexborNode], base: str) -> float:
    """How much these look like the entries of a list; 0 where they do not."""
    titles: list[float] = []
    addresses: list[str] = []
    dated = full = 0
    for node in nodes[:200]:
        links = node.css("a[href]") if node.tag != "a" else [node]
        urls = {url for link in links if (url := _address(link, base))}
        words = max((_weight(_words(link)) for link in links), default=0.0)
        if not urls or len(urls) > _MANY_LINKS or words < _LEAST_TITLE:
            continue
        main = max(links, key=lambda link: _weight(_words(link)))
        addresses.append(_address(main, base) or "")
        titles.append(min(words, _FULL_TITLE))
        dated += date_in([node]) is not None
        full += bool(node.css_first("p, img, h1, h2, h3, h4"))
    count = len(set(addresses))
    if count < _LEAST or count < 0.7 * len(nodes):
        return 0.0
    share = count / len(nodes)
    aside = sum(map(_is_aside, nodes[:20])) / len(nodes[:20])
    worth = (1 + 1.5 * dated / len(titles) + 0.5 * full / len(titles)) * share * (1 - 0.9 * aside)
    return float(min(count, 30) ** 0.5 * (sum(titles) / len(titles)) * worth)


def _is_aside(node: LexborNode) -> bool:
    """Whether it stands in a menu, a footer or a box beside the list."""
    place: LexborNode | None = node
    while place is not None and place.tag not in {"body", "html"}:
        told = f"{place.attributes.get('class') or ''} {place.attributes.get('id') or ''}".split()
        if place.tag in _ASIDE_TAGS or any(_ASIDE.search(name) for name in told):
            return True
        place = place.parent
    return False


def _next(tree: LexborHTMLParser, base: str) -> str | None:
    for css in (
        'a[rel~="next"]',
        'link[rel~="next"]',
        *(f"a{name}" for name in _TRIED),
        *(f"{name} a" for name in _TRIED),
    ):
        found = tree.css_first(css)
        if found is not None and _address(found, base):
            return f"{css}@href"
    for node in tree.css("a[href]"):
        words = _words(node)
        if words and _NEXT.fullmatch(words) and _address(node, base):
            own = next((f"a.{name}" for name in _classes(node) if len(tree.css(f"a.{name}")) == 1), None)
            word = re.sub(r"[\s>›»→]+$", "", words)
            return f"{own}@href" if own else f'a:lexbor-contains("{word}")@href'
    return None


def _address(node: LexborNode, base: str) -> str | None:
    """Where a link leads, if to another page; on the front page of a site there is no news."""
    url = absolute(node.attributes.get("href") or "", base)
    if not url or not url.startswith(("http://", "https://")):
        return None
    page = url.partition("#")[0]
    parts = urlsplit(page)
    return page if page != base.partition("#")[0] and (parts.path not in {"", "/"} or parts.query) else None


def _words(node: LexborNode) -> str:
    return line(encodable(node.attributes.get("title") or "")) or line(encodable(node.text(deep=True, separator=" ")))


def _weight(text: str) -> float:
    return len(text) + 1.5 * sum(1 for _ in CJK_LETTER.finditer(text))
