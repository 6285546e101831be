"""A selected story as every format writes it: chosen, cleaned and complete, once for all of them.

The formats agree entry for entry because all of them are written from this.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.domain.entry import Author, Category, Enclosure, Media
from aggregator.domain.settings import Format, Site
from aggregator.domain.times import utc
from aggregator.domain.topic import Content
from aggregator.steps.render.carried import supplement_of
from aggregator.steps.render.documents import topic_path
from aggregator.steps.render.outlets import Other, Outlet, others, outlets
from aggregator.steps.render.plain import (
    address,
    caption,
    email_address,
    excerpt,
    language_tag,
    media_type,
    one_line,
    plain,
    web_address,
)
from aggregator.steps.render.texts import texts

if TYPE_CHECKING:
    from aggregator.domain.item import Item
    from aggregator.domain.media import Supplement
    from aggregator.domain.topic import Selected, Selection, Topic

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # `updated` of a topic that never had an entry: Atom demands one
EXCERPT_LENGTH = 280  # characters of text under a headline on a page

# The types of files that feeds link without saying what they are. Not `mimetypes`: it reads the machine's own
# tables, and a document's bytes must not depend on the machine.
_TYPES = {
    "mp3": "audio/mpeg", "m4a": "audio/mp4", "ogg": "audio/ogg", "opus": "audio/ogg", "wav": "audio/wav",
    "flac": "audio/flac", "mp4": "video/mp4", "m4v": "video/mp4", "webm": "video/webm", "mov": "video/quicktime",
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp",
    "avif": "image/avif", "svg": "image/svg+xml", "pdf": "application/pdf", "epub": "application/epub+zip",
    "zip": "application/zip", "torrent": "application/x-bittorrent",
}  # fmt: skip
_MEDIUMS = frozenset({"image", "audio", "video", "document", "executable"})  # Media RSS 1.5.1
_UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """What a topic's documents say of themselves. `links` are the absolute addresses of its formats."""

    id: str
    feed_id: str
    title: str
    description: str
    page: str
    links: dict[Format, str]
    icon: str | None
    language: str | None
    author: Author
    updated: datetime | None
    hub: str | None = None  # the WebSub hub to subscribe at


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """One entry. Texts hold only permitted characters, addresses are absolute URIs, times whole seconds in UTC.

    `published` is the source's own date, else when we first saw the entry. `content` and `summary` are safe
    HTML. At least one of `link` and `content` is there (RFC 4287 §4.1.2).
    """

    id: str
    title: str
    link: str | None
    guid: str | None
    published: datetime
    updated: datetime
    order_at: datetime
    summary: str | None
    content: str | None
    excerpt: str
    authors: tuple[Author, ...]
    categories: tuple[Category, ...]
    enclosures: tuple[Enclosure, ...]
    media: tuple[Media, ...]
    language: str | None
    rights: str | None
    comments: str | None
    outlet: Outlet
    via: Outlet | None
    credit: Outlet | None
    others: tuple[Other, ...]
    story: str | None = None  # what its own page is found by; stories of public topics have one
    corrected: bool = False  # its words moved since we first saw it
    supplement: Supplement | None = None
    anchor: str | None = None  # of a digest: its period's name
    listed: tuple[Outgoing, ...] = ()  # of a digest: its stories

    @property
    def image(self) -> str | None:
        """A picture of the entry that readers may load: https only."""
        return self.picture("https://")

    def picture(self, *origins: str | None) -> str | None:
        """A picture whose address begins with one of these: of the media, the smaller role first, else an enclosure."""
        media = sorted((m for m in self.media if _is_picture(m)), key=lambda m: m.role != "thumbnail")
        files = (e for e in self.enclosures if (e.type or "").startswith("image/"))
        addresses = (*(m.url for m in media), *(e.url for e in files))
        wanted = tuple(origin for origin in origins if origin)
        return next((url for url in addresses if url.startswith(wanted)), None)


def head(selection: Selection, site: Site, hub: str | None = None) -> Head:
    """The topic's own part of its documents. Only public topics have a hub."""
    topic = selection.topic
    links = {form: f"{site.url}/{topic_path(topic.id, form)}" for form in topic.formats}
    title = caption(topic.title) or topic.id
    return Head(
        id=topic.id,
        feed_id=f"tag:{authority(site.url)},2026:topic:{topic.was or topic.id}",
        title=title,
        description=caption(topic.description),
        page=links.get(Format.HTML, f"{site.url}/"),
        links=links,
        icon=web_address(topic.icon),
        language=language_tag(site.language),
        author=Author(
            name=caption(site.author_name) or caption(site.title) or title, email=email_address(site.author_email)
        ),
        updated=_seconds(selection.updated) if selection.updated else None,
        hub=hub if topic.public else None,
    )


def outgoing(selected: Selected, topic: Topic) -> Outgoing:
    """Choose and clean what is published of one story.

    Raises:
        ValueError: the entry cannot be published: it has no id, or a time without a zone.
    """
    item = selected.shown.stored.item
    if not selected.id or selected.id != one_line(selected.id):
        raise ValueError(f"the id {selected.id!r} is no URI")
    link = address(item.link)
    title = caption(item.title) or link or "Untitled"
    outlet, via = outlets(selected.shown)
    also = others(selected) if topic.also_reported_by else ()
    summary, full = texts(item, topic.content, title=title, link=link, outlet=outlet.title, also=also)
    return Outgoing(
        id=selected.id,
        title=title,
        link=link,
        guid=one_line(item.guid) or None,
        published=_seconds(item.published or selected.first_seen),
        updated=_seconds(selected.updated),
        order_at=utc(selected.order_at),
        summary=summary,
        content=full,
        excerpt=_excerpt(item, topic.content),
        authors=_authors(item),
        categories=_categories(item),
        enclosures=_enclosures(item),
        media=_media(item),
        language=language_tag(item.language),
        rights=caption(item.rights) or None,
        comments=web_address(item.comments),
        outlet=outlet,
        via=via,
        credit=Outlet(title=caption(item.credit.name), link=web_address(item.credit.url)) if item.credit else None,
        others=also,
        story=selected.shown.stored.story if topic.public else None,
        corrected=selected.updated > selected.shown.stored.first_seen,
        supplement=supplement_of(item),
    )


def _excerpt(item: Item, content: Content) -> str:
    """What stands under the headline on a page; nothing where only links are republished."""
    if content is Content.LINK:
        return ""
    return caption(excerpt(item.text or plain(item.summary), EXCERPT_LENGTH))


def _authors(item: Item) -> tuple[Author, ...]:
    """A name that stands in the place of an address is a name."""
    cleaned = (
        Author(name=caption(a.name) or (None if email else caption(a.email)), email=email, uri=web_address(a.uri))
        for a in item.authors
        for email in (email_address(a.email),)
    )
    return tuple(dict.fromkeys(a for a in cleaned if a.name or a.email))


def _categories(item: Item) -> tuple[Category, ...]:
    cleaned = (
        Category(term=caption(c.term), scheme=address(c.scheme), label=caption(c.label) or None)
        for c in item.categories
    )
    return tuple(dict.fromkeys(c for c in cleaned if c.term))


def _enclosures(item: Item) -> tuple[Enclosure, ...]:
    found: dict[str, Enclosure] = {}
    for e in item.enclosures:
        if (url := web_address(e.url)) and url not in found:
            length = e.length if e.length and e.length > 0 else None
            found[url] = replace(e, url=url, type=_type(e.type, url), length=length, title=caption(e.title) or None)
    return tuple(found.values())


def _media(item: Item) -> tuple[Media, ...]:
    found: dict[tuple[str, str, int | None], Media] = {}
    for m in item.media:
        if (url := web_address(m.url)) and (m.role, url, m.group) not in found:
            found[m.role, url, m.group] = replace(
                m,
                url=url,
                type=media_type(m.type),
                medium=m.medium if m.medium in _MEDIUMS else None,
                description=caption(m.description) or None,
                credit=caption(m.credit) or None,
                language=language_tag(m.language),
                title=caption(m.title) or None,
            )
    return tuple(found.values())


def _is_picture(media: Media) -> bool:
    if media.role == "thumbnail" or media.medium == "image":
        return True
    return (media.type or _type(None, media.url)).startswith("image/")


def _type(said: str | None, url: str) -> str:
    """The media type a file is said to have, else the one its name tells: RSS and JSON Feed demand one."""
    return media_type(said) or _TYPES.get(urlsplit(url).path.rpartition(".")[2].lower(), _UNKNOWN_TYPE)


def authority(url: str) -> str:
    """The host of an address as a tag: URI may hold it (RFC 4151 §2.1)."""
    return (urlsplit(url).hostname or "localhost").replace(":", "-")


def _seconds(moment: datetime) -> datetime:
    return utc(moment).replace(microsecond=0)
