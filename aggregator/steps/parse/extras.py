"""What feedparser loses of a document, read from its tree: repeated and grouped elements, and texts as written.

feedparser keeps the last of repeated elements, flattens media:group, lets media:description overwrite the
description, and resolves guids as if they were addresses. Here they are read with lxml, entities off, from the
same mended text; entries answer to feedparser's by their order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lxml import etree

from aggregator.domain.entry import Category, Text
from aggregator.steps.parse import tree
from aggregator.steps.parse.mediarss import media
from aggregator.steps.parse.modules import supplement
from aggregator.steps.parse.people import authors
from aggregator.steps.parse.podcast import values
from aggregator.text.normalise import line
from aggregator.text.own import tag_uri
from aggregator.text.plain import one_line
from aggregator.text.urls import absolute

if TYPE_CHECKING:
    from aggregator.domain.entry import Author, Media
    from aggregator.domain.media import Supplement, Value

_SYNDICATION = ("http://purl.org/rss/1.0/modules/syndication/",)
_RSS11 = ("http://purl.org/net/rss1.1#", "http://purl.org/rss/1.0")
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
_WEB = re.compile(r"https?://\S", re.IGNORECASE)
_CONTENTS = frozenset({"encoded", "content", "body"})
_MOST_INHERITED = 3  # podcast:value
_PAGES = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, kw_only=True, slots=True)
class Extra:
    """What the tree says of one entry. `title` and `description` are the entry's own, where others may hide them.

    `link` is the first that is a web address, `relative_link` the first of all where it is relative to nothing that the
    document names; `enclosure` is the file's own address before a feed proxy's. `categories` are there where one holds
    markup, of which feedparser keeps the last piece.
    """

    guid: str | None = None
    title: Text | None = None
    permalink: bool = False
    link: str | None = None
    relative_link: str | None = None
    authors: tuple[Author, ...] = ()
    media: tuple[Media, ...] = ()
    description: str | None = None
    media_description: str | None = None
    media_descriptions: frozenset[str] = frozenset()
    language: str | None = None
    original_link: str | None = None
    enclosure: str | None = None
    comments: str | None = None
    identifier: str | None = None
    supplement: Supplement | None = None
    base: str | None = None
    categories: tuple[Category, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Extras:
    """The tree's answer: one `Extra` an entry in document order, and what stands beside the entries.

    `authors` are those of all entries that name none (RFC 4287 §4.2.1).
    """

    entries: tuple[Extra, ...] = ()
    id: str | None = None
    title: str | None = None
    subtitle: str | None = None
    icon: str | None = None
    authors: tuple[Author, ...] = ()
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
    channel = next((e for e in tree.elements(root) if tree.local(e) == "channel"), root)
    beside = [e for e in channel if isinstance(e.tag, str)]
    everyone = authors((e for e in beside if not tree.named(e, "author", tree.RSS)), tree.base_of(channel, base))
    # Told again with each episode: no more of them than podcasts have, and no parts, which only an episode has.
    paid = tuple(replace(value, splits=()) for value in values(beside, base)[:_MOST_INHERITED] if value.recipients)
    return Extras(
        entries=tuple(_extra(e, base, everyone, paid) for e in root.iter("{*}item", "{*}entry") if _is_entry(e)),
        id=next((line(tree.text(e)) for e in beside if tree.named(e, "id", tree.ATOM)), None) or None,
        title=_plain(beside, ("title",), (*tree.RSS, *tree.ATOM)),
        subtitle=_plain(beside, ("summary", "subtitle"), tree.ITUNES) or _plain(beside, ("description",), tree.DC),
        icon=_icon(root, beside, base),
        authors=everyone,
        skip_hours=_under(beside, "skiphours"),
        skip_days=_under(beside, "skipdays"),
        update_period=tree.said(beside, "updateperiod", _SYNDICATION),
        update_frequency=tree.said(beside, "updatefrequency", _SYNDICATION),
        language=next((e.get(tree.LANG) for e in (channel, root) if e.get(tree.LANG)), None)
        or tree.said(beside, "language", (*tree.RSS, *tree.DC)),
    )


def _is_entry(element: Any) -> bool:
    return tree.split(element)[0] in (*tree.RSS, *tree.ATOM, *_RSS11)


def _plain(holder: list[Any], names: tuple[str, ...], namespaces: tuple[str, ...]) -> str | None:
    for name in names:
        if found := one_line(tree.said(holder, name, namespaces) or "", markup=True):
            return found
    return None


def _under(holder: list[Any], name: str) -> tuple[str, ...]:
    return tuple(tree.text(e) for parent in holder if tree.named(parent, name, tree.RSS) for e in parent)


def _icon(root: Any, beside: list[Any], base: str) -> str | None:
    """Atom's icon before its logo, the image of RSS (beside its channel in RSS 1.0), the podcast's cover, a picture."""
    for name in ("icon", "logo"):
        if (found := tree.first(beside, name, tree.ATOM)) is not None and tree.text(found):
            return absolute(tree.text(found), tree.base_of(found, base))
    for holder in (beside, root):
        image = tree.first(holder, "image", tree.RSS)
        if image is not None and (written := tree.said(image, "url", tree.RSS)):
            return absolute(written, tree.base_of(image, base))
    cover = tree.first(beside, "image", tree.ITUNES)
    if cover is not None and (found := absolute(cover.get("href") or "", tree.base_of(cover, base))):
        return found
    picture = next((e for e in beside if _is_picture(e)), None)
    return None if picture is None else absolute(picture.get("url") or "", tree.base_of(picture, base))


def _is_picture(element: Any) -> bool:
    """media:thumbnail, or a media:content that is an image."""
    if tree.named(element, "thumbnail", tree.MEDIA):
        return True
    kind = f"{element.get('medium') or ''} {element.get('type') or ''}".lower()
    return tree.named(element, "content", tree.MEDIA) and "image" in kind


def _extra(item: Any, base: str, everyone: tuple[Author, ...], paid: tuple[Value, ...]) -> Extra:
    children = [e for e in item if isinstance(e.tag, str)]
    base = tree.base_of(item, base)
    guid = next((e for e in children if tree.named(e, "guid", tree.RSS) or tree.named(e, "id", tree.ATOM)), None)
    about = item.get(_ABOUT)
    own = tree.first(children, "description", tree.RSS)
    described = [e for e in tree.elements(item) if tree.named(e, "description", tree.MEDIA)]
    links = [u for e in children if (u := _address(e))]
    others = described or tree.first(children, "summary", tree.ITUNES) is not None
    identifier = next((e for e in children if tree.named(e, "identifier", tree.DC) and tree.text(e)), None)
    return Extra(
        guid=(tree.text(guid) if guid is not None else about or "").strip()
        or (tree.text(identifier) if identifier is not None else None),
        title=_title(item, children, base),
        permalink=_is_permalink(guid) if guid is not None else about is not None,
        link=next((u for u in links if _WEB.match(u)), None),
        relative_link=links[0] if links and not _SCHEME.match(links[0]) and tree.base_of(item, "") == "" else None,
        authors=authors(children, base) or _inherited(children, base, everyone),
        media=media(item, base),
        description=tree.text(own) or None if others and own is not None and not len(own) else None,
        media_description=next((found for e in described if (found := tree.text(e))), None),
        media_descriptions=frozenset(map(tree.text, described)) if not any(map(_is_content, children)) else frozenset(),
        language=item.get(tree.LANG) or tree.said(children, "language", (*tree.DC, *tree.RSS)),
        original_link=next((tree.text(e) for e in children if tree.local(e) == "origlink"), None),
        enclosure=next((tree.text(e) for e in children if tree.local(e) == "origenclosurelink"), None),
        comments=_comments(children),
        identifier=next(
            (name for e in children if tree.named(e, "identifier", tree.DC) and (name := tag_uri(tree.text(e)))), None
        ),
        supplement=supplement(item, base, paid),
        base=base,
        categories=_categories(children),
    )


def _categories(children: list[Any]) -> tuple[Category, ...]:
    found = [e for e in children if tree.named(e, "category", (*tree.RSS, *tree.ATOM))]
    if not any(len(e) for e in found):
        return ()
    said = ((e, one_line(e.get("term") or tree.text(e), markup=True)) for e in found)
    made = (
        Category(term=term, scheme=line(e.get("domain") or e.get("scheme") or "") or None, label=e.get("label"))
        for e, term in said
        if term
    )
    return tuple(dict.fromkeys(made))


def _is_content(element: Any) -> bool:
    return tree.local(element) in _CONTENTS and tree.split(element)[0] not in tree.MEDIA


def _is_permalink(guid: Any) -> bool:
    """An id of Atom is one where it is an address; of RSS, where it is not said to be none."""
    return tree.named(guid, "id", tree.ATOM) or (
        tree.named(guid, "guid", tree.RSS) and (guid.get("isPermaLink") or "true").strip().lower() == "true"
    )


def _address(element: Any) -> str:
    """Where RSS's or Atom's link to the entry's page leads, as it is written; '' for every other element."""
    if tree.named(element, "link", tree.ATOM):
        alternate = (element.get("rel") or "alternate").strip().lower() == "alternate"
        return (element.get("href") or "").strip() if alternate else ""
    return tree.text(element) if tree.named(element, "link", tree.RSS) else ""


def _title(item: Any, children: list[Any], base: str) -> Text | None:
    """The entry's own title where media:title is there too, which feedparser may take for it."""
    own = next((e for e in children if tree.named(e, "title", (*tree.RSS, *tree.ATOM)) and tree.text(e)), None)
    if own is None or len(own) or not any(tree.named(e, "title", tree.MEDIA) for e in tree.elements(item)):
        return None
    plain = tree.named(own, "title", tree.ATOM) and (own.get("type") or "text") == "text"
    return Text(value=tree.text(own), kind="text" if plain else "html", base=base)


def _inherited(children: list[Any], base: str, everyone: tuple[Author, ...]) -> tuple[Author, ...]:
    """The authors of an entry's source, else the feed's (RFC 4287 §4.2.1). A source's own name is the outlet's."""
    source = tree.first(children, "source", tree.ATOM)
    of_source = authors(source, base) if source is not None else ()
    if source is None or not of_source:
        return everyone
    title = _plain(list(source), ("title",), tree.ATOM)
    return tuple(author for author in of_source if author.name != title)


def _comments(children: list[Any]) -> str | None:
    """Where an entry is discussed: Atom's link to replies as a page (RFC 4685 §4), RSS's comments."""
    for element in children:
        if not tree.named(element, "link", tree.ATOM) or (element.get("rel") or "").strip().lower() != "replies":
            continue
        if (element.get("type") or "").strip().lower() in _PAGES and not re.search(r"\s", element.get("href") or ""):
            return str(element.get("href") or "")
    found = tree.said(children, "comments", tree.RSS)
    return found if found and not re.search(r"\s", found) else None
