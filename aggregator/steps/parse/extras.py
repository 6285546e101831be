"""What feedparser loses of a document, read from its tree: repeated and grouped elements, and texts as written.

feedparser keeps the last of repeated elements, flattens media:group, lets media:description overwrite the
description, and resolves guids as if they were addresses. Here they are read with lxml, entities off, from the
same mended text; entries answer to feedparser's by their order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lxml import etree

from aggregator.domain.entry import Author, Media
from aggregator.text.normalise import line
from aggregator.text.own import tag_uri
from aggregator.text.plain import one_line
from aggregator.text.urls import absolute

if TYPE_CHECKING:
    from collections.abc import Iterator

_MEDIA = ("http://search.yahoo.com/mrss/", "http://search.yahoo.com/mrss")
_ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
_DC = "http://purl.org/dc/elements/1.1/"
_ATOM = ("http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#")
_SYNDICATION = "http://purl.org/rss/1.0/modules/syndication/"
_PLAIN_RSS = ("", "http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/", "http://backend.userland.com/rss2",
              "http://channel.netscape.com/rdf/simple/0.9/", "http://blogs.law.harvard.edu/tech/rss",
              "http://www.rssboard.org/rss-specification")  # fmt: skip
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_MAIL_FIRST = re.compile(r"(?:mailto:)?([^\s@()<>]{1,100}@[^\s@()<>]{1,100})\s*(?:[(\[<](.{1,200}?)[)\]>])?")
_NAME_FIRST = re.compile(r"(.{1,200}?)\s*[(\[<](?:mailto:)?([^\s@()<>]{1,100}@[^\s@()<>]{1,100})[)\]>]")
_DURATION = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6})(?:\.\d+)?")
_MOST_MEDIA = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Extra:
    """What the tree says of one entry. `description` is the entry's own, where another one hid it."""

    guid: str | None = None
    permalink: bool = False
    authors: tuple[Author, ...] = ()
    media: tuple[Media, ...] = ()
    duration: int | None = None
    description: str | None = None
    media_description: str | None = None
    language: str | None = None
    original_link: str | None = None
    identifier: str | None = None
    base: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Extras:
    """The tree's answer: one `Extra` an entry in document order, and what stands beside the entries."""

    entries: tuple[Extra, ...] = ()
    id: str | None = None
    skip_hours: tuple[str, ...] = ()
    skip_days: tuple[str, ...] = ()
    update_period: str | None = None
    update_frequency: str | None = None
    language: str | None = field(default=None)


def read_extras(text: str, base: str) -> Extras | None:
    """Read the tree of a mended document; None where even a forgiving parser finds none.

    Args:
        text: the document, without declaration and document type.
        base: the document's own address.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, remove_comments=True,
        remove_pis=True, encoding="utf-8",
    )  # fmt: skip
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root is None:
        return None
    channel = next((e for e in _elements(root) if _local(e) == "channel"), root)
    return Extras(
        entries=tuple(_extra(e, base) for e in root.iter("{*}item", "{*}entry") if _is_entry(e)),
        id=next((line(_text(e)) for e in channel if _is(e, "id", _ATOM)), None) or None,
        skip_hours=_under(channel, "skiphours"),
        skip_days=_under(channel, "skipdays"),
        update_period=_first(channel, _SYNDICATION, "updatePeriod"),
        update_frequency=_first(channel, _SYNDICATION, "updateFrequency"),
        language=next((e.get(_LANG) for e in (channel, root) if e.get(_LANG)), None),
    )


def _elements(element: Any) -> Iterator[Any]:
    """The element and its descendants that are elements."""
    return (e for e in element.iter() if isinstance(e.tag, str))


def _split(element: Any) -> tuple[str, str]:
    namespace, _, name = str(element.tag).rpartition("}")
    return namespace.removeprefix("{"), name


def _local(element: Any) -> str:
    return _split(element)[1].lower()


def _is(element: Any, name: str, namespaces: tuple[str, ...]) -> bool:
    if not isinstance(element.tag, str):
        return False
    namespace, local = _split(element)
    return local.lower() == name and namespace in namespaces


def _is_entry(element: Any) -> bool:
    return _split(element)[0] in (*_PLAIN_RSS, *_ATOM, "http://purl.org/net/rss1.1#", "http://purl.org/rss/1.0")


def _text(element: Any) -> str:
    return "".join(element.itertext())


def _under(channel: Any, name: str) -> tuple[str, ...]:
    return tuple(_text(e).strip() for parent in channel if _is(parent, name, _PLAIN_RSS) for e in parent)


def _first(channel: Any, namespace: str, name: str) -> str | None:
    found = channel.find(f"{{{namespace}}}{name}")
    return None if found is None else _text(found).strip()


def _extra(item: Any, base: str) -> Extra:
    children = [e for e in item if isinstance(e.tag, str)]
    base = _base(item, base)
    guid = next((e for e in children if _is(e, "guid", _PLAIN_RSS) or _is(e, "id", _ATOM)), None)
    about = item.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about")
    own = next((e for e in children if _is(e, "description", _PLAIN_RSS)), None)
    others = any(_is(e, "description", _MEDIA) or _is(e, "summary", (_ITUNES,)) for e in _elements(item))
    duration = next((e for e in children if _is(e, "duration", (_ITUNES,))), None)
    language = next((e for e in children if _is(e, "language", (_DC, *_PLAIN_RSS))), None)
    original = next((e for e in children if _local(e) == "origlink"), None)
    return Extra(
        guid=(_text(guid).strip() if guid is not None else about or "").strip() or None,
        permalink=guid is not None
        and _is(guid, "guid", _PLAIN_RSS)
        and guid.get("isPermaLink", "true").lower() != "false",
        authors=_authors(children, base),
        media=_media(item, base),
        duration=_seconds(_text(duration)) if duration is not None else None,
        description=_text(own).strip() if others and own is not None and not len(own) else None,
        media_description=next(
            (_text(e).strip() for e in _elements(item) if _is(e, "description", _MEDIA) and _text(e).strip()), None
        ),
        language=item.get(_LANG) or (_text(language).strip() if language is not None else None) or None,
        original_link=_text(original).strip() if original is not None else None,
        identifier=next((name for e in children if _is(e, "identifier", (_DC,)) and (name := tag_uri(_text(e)))), None),
        base=base,
    )


def _base(element: Any, base: str) -> str:
    """xml:base, inherited (XML Base §4.1)."""
    for ancestor in reversed([element, *element.iterancestors()]):
        base = absolute(ancestor.get(_BASE), base) or base if ancestor.get(_BASE) else base
    return base


def _authors(children: list[Any], base: str) -> tuple[Author, ...]:
    """Every author of the entry, in order and once; dc:creator before the mail address RSS asks for."""
    found: list[Author] = []
    for element in children:
        if _is(element, "author", _ATOM):
            parts = {_local(e): line(_text(e)) for e in element if isinstance(e.tag, str)}
            uri = parts.get("uri") or parts.get("url")
            found.append(
                _author(parts.get("name") or line(element.text or ""), parts.get("email"), uri and absolute(uri, base))
            )
        elif _is(element, "creator", (_DC,)) or _is(element, "author", (*_PLAIN_RSS, _ITUNES, _DC)):
            found.append(person(_text(element)))
    known = [a for a in found if a.name or a.email or a.uri]
    with_names = {a.name for a in known if a.name}
    bare = [a for a in known if a.name or not with_names]  # an address beside names is the same newsroom's
    return tuple(dict.fromkeys(bare))


def _author(name: str | None, email: str | None, uri: str | None) -> Author:
    plain = one_line(name or "", markup=True)
    split = person(plain)
    return Author(name=split.name, email=(email or "").removeprefix("mailto:").strip() or split.email, uri=uri or None)


def person(written: str) -> Author:
    """`jo@example.org (Jo)`, `Jo <jo@example.org>`, an address or a name alone."""
    text = one_line(written[:500], markup=True)
    if found := _MAIL_FIRST.fullmatch(text):
        return Author(name=(found[2] or "").strip() or None, email=found[1])
    if found := _NAME_FIRST.fullmatch(text):
        return Author(name=found[1].strip(" \"'") or None, email=found[2])
    return Author(name=text or None)


def _media(item: Any, base: str) -> tuple[Media, ...]:
    """media:content and media:thumbnail, in groups too, and the episode's image."""
    found: list[Media] = []
    for element in _elements(item):
        name = next((n for n in ("content", "thumbnail") if _is(element, n, _MEDIA)), None)
        if name is None and _is(element, "image", (_ITUNES,)):
            name = "image"
        url = absolute(element.get("url") or element.get("href") or "", base) if name else None
        if not name or not url or len(found) == _MOST_MEDIA:
            continue
        found.append(
            Media(
                role="content" if name == "content" else "thumbnail",
                url=url,
                type=(element.get("type") or "").strip().lower() or None,
                medium="image" if name == "image" else (element.get("medium") or "").strip().lower() or None,
                width=_number(element.get("width")),
                height=_number(element.get("height")),
                description=_near(element, item, "description"),
                credit=_near(element, item, "credit"),
            )
        )
    return tuple(dict.fromkeys(found))


def _near(element: Any, item: Any, name: str) -> str | None:
    """A description or credit inside the element, else in its group (Media RSS 1.5.1, optional elements)."""
    for holder in (element, element.getparent()):
        if holder is None or holder is item:
            break
        found = next((e for e in holder if _is(e, name, _MEDIA)), None)
        if found is not None:
            return one_line(_text(found), markup=True) or None
    return None


def _number(text: str | None) -> int | None:
    digits = (text or "").strip().removesuffix("px")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else None  # noqa: PLR2004 - pixels


def _seconds(text: str) -> int | None:
    """itunes:duration: seconds, M:S or H:M:S."""
    found = _DURATION.fullmatch(text.strip())
    return None if found is None else int(found[1] or 0) * 3600 + int(found[2] or 0) * 60 + int(found[3])
