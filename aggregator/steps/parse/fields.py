"""Where the entries of a list have their headline, date, teaser and picture: selectors that most of them agree on."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from aggregator.steps.parse.dates import read_date
from aggregator.steps.parse.page import Selector
from aggregator.text.normalise import encodable, line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from selectolax.lexbor import LexborNode

MOST_AGREE = 0.6
_SAMPLE = 40  # entries looked at
_LONGEST_DATE = 40  # characters
_LEAST_TEASER = 30
_DIGITS = re.compile(r"\d.*\d")
_IMAGES = ("data-src", "data-original", "data-lazy-src", "src")
_NAME = re.compile(r"-?[A-Za-z_][\w-]*")


def title_in(nodes: Sequence[LexborNode]) -> tuple[str | None, str]:
    """Selectors of the headline (None: the link's own text) and of the link."""
    sample = nodes[:_SAMPLE]
    if all(node.tag == "a" for node in sample):
        head = _agreed(sample, lambda node: (h for h in ("h1", "h2", "h3", "h4", "h5") if node.css_first(h)))
        return head or ("@title" if _all(sample, "@title") else None), "@href"
    head = _agreed(sample, lambda node: (h for h in ("h1", "h2", "h3", "h4", "h5") if node.css_first(h)))
    main = _agreed(sample, _main_link) or "a"
    if head is not None:
        linked = _all(sample, f"{head} a@href")
        return head, f"{head} a@href" if linked else f"{main}@href"
    return (f"{main}@title" if _longer_titles(sample, main) else main), f"{main}@href"


def _main_link(node: LexborNode) -> Iterable[str]:
    """Selectors of the link that says most, the shortest first, where they find it."""
    links = node.css("a[href]")
    if not links:
        return
    main = max(links, key=lambda link: len(_words(link)))
    for css in (
        "a",
        *(f"a.{name}" for name in _classes(main)),
        *(f"{p.tag} > a" for p in (main.parent,) if p is not None),
    ):
        found = node.css_first(css)
        if found is not None and found.mem_id == main.mem_id:
            yield css


def _longer_titles(nodes: Sequence[LexborNode], css: str) -> bool:
    """Whether the attribute has the whole of headlines that are cut on the page."""
    pairs = [(link.attributes.get("title") or "", _words(link)) for node in nodes if (link := node.css_first(css))]
    return bool(pairs) and all(title for title, _ in pairs) and any(len(title) > len(words) for title, words in pairs)


def date_in(nodes: Sequence[LexborNode], language: str | None = None) -> str | None:
    """Selector of the date."""
    return _agreed(nodes[:_SAMPLE], lambda node: _dates(node, language))


def _dates(node: LexborNode, language: str | None) -> Iterable[str]:
    for place in _within(node, "time, span, em, i, small, div, p, td, dd, b, font, li"):
        written = place.attributes.get("datetime") if place.tag == "time" else None
        text = written or _words(place)
        if (
            not text
            or len(text) > _LONGEST_DATE
            or not _DIGITS.search(text)
            or read_date(text, language, "UTC") is None
        ):
            continue
        for css in _finding(node, place):
            yield f"{css}@datetime" if written else css


def summary_in(nodes: Sequence[LexborNode]) -> str | None:
    """Selector of the teaser: text that is neither headline nor date."""
    return _agreed(nodes[:_SAMPLE], _teasers, share=0.5)


def _teasers(node: LexborNode) -> Iterable[str]:
    for place in _within(node, "p, div, span, dd, td"):
        text = _words(place)
        if len(text) < _LEAST_TEASER or _within(place, "h1, h2, h3, h4, p, div, time"):
            continue
        linked = sum(len(_words(link)) for link in place.css("a"))
        if linked * 2 > len(text):
            continue
        yield from _finding(node, place)


def image_in(nodes: Sequence[LexborNode]) -> str | None:
    """Selector of the picture: where its address really is."""
    return _agreed(
        nodes[:_SAMPLE],
        lambda node: (
            f"img@{name}"
            for img in node.css("img")[:1]
            for name in _IMAGES
            if (img.attributes.get(name) or "data:").strip()[:5] != "data:"
        ),
    )


def _within(node: LexborNode, css: str) -> list[LexborNode]:
    """The elements below a node; a selector would find the node itself as well."""
    return [found for found in node.css(css) if found.mem_id != node.mem_id]


def _finding(node: LexborNode, place: LexborNode) -> Iterable[str]:
    """Selectors that find this place first within its entry, the shortest first."""
    tag, number, before = place.tag or "", 1, place.prev
    while before is not None:
        number += before.tag not in {"-text", "-comment"}
        before = before.prev
    for css in (tag, *(f"{tag}.{name}" for name in _classes(place)), f"{tag}:nth-child({number})"):
        found = node.css_first(css)
        if found is not None and found.mem_id == place.mem_id:
            yield css


def _agreed(
    nodes: Sequence[LexborNode], said: Callable[[LexborNode], Iterable[str]], share: float = MOST_AGREE
) -> str | None:
    """What most of the nodes say; of equals what is said first."""
    votes = Counter(css for node in nodes for css in dict.fromkeys(said(node)))
    css, count = next(iter(votes.most_common(1)), ("", 0))
    return css if css and count >= share * len(nodes) else None


def _all(nodes: Sequence[LexborNode], written: str) -> bool:
    selector = Selector.read(written)
    return sum(selector.value(node) is not None for node in nodes) >= MOST_AGREE * len(nodes)


def _classes(node: LexborNode) -> list[str]:
    return [name for name in (node.attributes.get("class") or "").split() if _NAME.fullmatch(name)][:3]


def _words(node: LexborNode) -> str:
    return line(encodable(node.text(deep=True, separator=" ")))
