"""Media RSS 1.5.1 of one entry: its files and pictures, alone and in groups, and what is said of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from aggregator.domain.entry import Media
from aggregator.domain.media import MediaCredit, MediaNote
from aggregator.steps.parse import tree
from aggregator.steps.parse.people import person
from aggregator.text.plain import one_line
from aggregator.text.urls import absolute

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST = 50  # files, and names and keywords of a note
_MOST_BYTES = 10**12
_SIZE = re.compile(r"([^\s,]\S{0,2000})\s+(\d{1,5})w(?=\s*(?:,|$))")
_LONGEST_SET = 20_000  # characters
_EXPRESSIONS = frozenset({"full", "sample", "nonstop"})


def media(item: Any, base: str) -> tuple[Media, ...]:
    """media:content and media:thumbnail, in groups too, the episode's image and podcast:alternateEnclosure."""
    groups = _groups(item)
    found: list[Media] = []
    for element in tree.elements(item):
        if tree.named(element, "images", tree.PODCAST) or tree.named(element, "image", tree.PODCAST):
            found += _pictures(element, base)[: _MOST - len(found)]
        if tree.named(element, "alternateenclosure", tree.PODCAST) and (other := _alternate(element, item, base)):
            found.append(other)
        name = next((n for n in ("content", "thumbnail") if tree.named(element, n, tree.MEDIA)), None)
        if name is None and tree.named(element, "image", tree.ITUNES):
            name = "image"
        written = element.get("url") or element.get("href") or (tree.text(element) if name == "image" else "")
        url = absolute(written, base) if name else None
        if not name or not url or len(found) == _MOST:
            continue
        found.append(_medium(name, url, element, item, _group(element, groups)))
    return tuple(dict.fromkeys(found))


def _alternate(element: Any, item: Any, base: str) -> Media | None:
    """Another form of the episode (podcastindex.org/namespace/1.0): what the enclosure already names is none."""
    sources = (absolute(e.get("uri") or "", base) for e in element if tree.named(e, "source", tree.PODCAST))
    url = next((found for found in sources if found and found.startswith(("http://", "https://"))), None)
    if url is None or any(absolute(e.get("url") or "", base) == url for e in item if tree.local(e) == "enclosure"):
        return None
    kind = (element.get("type") or "").strip().lower() or None
    bits = tree.number((element.get("bitrate") or "").partition(".")[0], 10**10)
    return Media(
        role="content",
        url=url,
        type=kind,
        medium=kind.partition("/")[0] if kind and kind.startswith(("audio/", "video/")) else None,
        height=tree.number(element.get("height")),
        bitrate=bits // 1000 if bits else None,
        size=tree.number(element.get("length"), _MOST_BYTES),
        language=(element.get("lang") or "").strip() or None,
        title=one_line(element.get("title") or "", markup=True) or None,
    )


def _pictures(element: Any, base: str) -> list[Media]:
    """podcast:images with its srcset (HTML §4.8.4.2.1), and podcast:image."""
    sizes = [(m[1], m[2]) for m in _SIZE.finditer((element.get("srcset") or "")[:_LONGEST_SET])]
    described = one_line(element.get("alt") or "", markup=True) or None
    sizes = sizes or [(element.get("href") or "", element.get("width") or "")]
    return [
        Media(role="thumbnail", url=url, medium="image", width=tree.number(width), description=described)
        for written, width in sizes
        if (url := absolute(written, base)) and url.startswith(("http://", "https://"))
    ]


def notes(item: Any, base: str) -> tuple[MediaNote, ...]:
    """What stands in each group beside its files, and beside the groups."""
    groups = _groups(item)
    alone = [e for group in _all_groups(item) if group not in groups for e in group]
    found = [_note(None, [e for e in (*item, *alone) if isinstance(e.tag, str)], base)]
    found += [_note(number, list(group), base) for number, group in enumerate(groups, start=1)]
    return tuple(note for note in found if note != MediaNote(group=note.group))


def _groups(item: Any) -> list[Any]:
    """Groups of alternatives: a single file in a group stands by itself."""
    return [g for g in _all_groups(item) if sum(tree.named(e, "content", tree.MEDIA) for e in g) > 1]


def _all_groups(item: Any) -> list[Any]:
    return [e for e in tree.elements(item) if tree.named(e, "group", tree.MEDIA)][:_MOST]


def _group(element: Any, groups: list[Any]) -> int | None:
    return next((groups.index(ancestor) + 1 for ancestor in element.iterancestors() if ancestor in groups), None)


def _medium(name: str, url: str, element: Any, item: Any, group: int | None) -> Media:
    written = (element.get("isDefault") or "").strip().lower()
    expression = (element.get("expression") or "").strip().lower()
    return Media(
        role="content" if name == "content" else "thumbnail",
        url=url,
        type=(element.get("type") or "").strip().lower() or None,
        medium="image" if name == "image" else (element.get("medium") or "").strip().lower() or None,
        width=tree.number(element.get("width")),
        height=tree.number(element.get("height")),
        description=_near(element, item, "description"),
        credit=_near(element, item, "credit"),
        group=group,
        default={"true": True, "false": False}.get(written),
        bitrate=tree.number((element.get("bitrate") or "").partition(".")[0], 10**7),
        duration=tree.number((element.get("duration") or "").partition(".")[0], 10**7),
        size=tree.number(element.get("fileSize"), _MOST_BYTES),
        expression=expression if expression in _EXPRESSIONS else None,
        language=(element.get("lang") or "").strip() or None,
        title=_own(element, "title") if name == "content" else None,
    )


def _near(element: Any, item: Any, name: str) -> str | None:
    """A description or credit inside the element, else in its group (Media RSS 1.5.1, optional elements)."""
    for holder in (element, element.getparent()):
        if holder is None or holder is item:
            break
        if tree.first(holder, name, tree.MEDIA) is not None:
            return _own(holder, name)
    return None


def _own(holder: Any, name: str) -> str | None:
    found = tree.first(holder, name, tree.MEDIA)
    return None if found is None else one_line(tree.text(found), markup=True) or None


def _note(group: int | None, holder: Iterable[Any], base: str) -> MediaNote:
    children = list(holder)
    rating = tree.first(children, "rating", tree.MEDIA)
    player = tree.first(children, "player", tree.MEDIA)
    keywords = one_line(tree.said(children, "keywords", tree.MEDIA) or "", markup=True)
    return MediaNote(
        group=group,
        title=_own(children, "title"),
        description=_own(children, "description"),
        credits=tuple(_credit(e) for e in children if tree.named(e, "credit", tree.MEDIA) and tree.text(e))[:_MOST],
        rating=one_line(tree.text(rating), markup=True) or None if rating is not None else None,
        rating_scheme=(rating.get("scheme") or "").strip() or None if rating is not None else None,
        keywords=tuple(dict.fromkeys(word for part in keywords.split(",") if (word := part.strip())))[:_MOST],
        player=absolute(player.get("url") or "", base) if player is not None else None,
    )


def _credit(element: Any) -> MediaCredit:
    written = one_line(tree.text(element), markup=True)
    return MediaCredit(
        name=person(written).name or written,
        role=(element.get("role") or "").strip().lower() or None,
        scheme=(element.get("scheme") or "").strip() or None,
    )
