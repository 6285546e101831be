"""What feedgen 1.0.0 cannot write, or writes wrongly, put right by one extension; nothing of it is patched.

Each mend has a test that fails the day feedgen does it by itself (tests/steps/render/test_mends.py):

- an Atom entry's links lose rel, type, title and length (lkiesow/python-feedgen#135, #143);
- `atom:source` holds a title and a link only;
- an RSS author without an e-mail address is dropped: `dc:creator`;
- RSS takes one enclosure: the others become `media:content`;
- no xml:lang on entries, no media:, no rights and no original id in RSS;
- no mark on the pages of an archive (RFC 5005), and of RSS's atom:links only self: no WebSub hub;
- RSS dates are written by switching the whole process's locale, which no thread may do: they are written here.

feedgen's Atom elements carry no namespace in its tree (xmlns is a plain attribute there): bare names here.
"""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml.etree import SubElement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.domain.entry import Enclosure, Media
    from aggregator.steps.render.outgoing import Outgoing
    from aggregator.steps.render.outlets import Outlet

ATOM = "http://www.w3.org/2005/Atom"
DC = "http://purl.org/dc/elements/1.1/"
HISTORY = "http://purl.org/syndication/history/1.0"
MEDIA = "http://search.yahoo.com/mrss/"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_HTML = "text/html"


class Unwritten(datetime):
    """A time that feedgen takes and leaves out: by itself it writes the present as lastBuildDate."""

    def __bool__(self) -> bool:
        """False is how feedgen knows an absent value."""
        return False


class MendedFeed(BaseExtension):  # type: ignore[misc] # feedgen has no types
    """The channel's and the feed's own part.

    `built` is its newest change, None while it never had any; `archived` is told of a frozen page of an archive;
    `hub` is where to subscribe.
    """

    def __init__(self) -> None:
        self.built: datetime | None = None
        self.archived = False
        self.hub: str | None = None

    def extend_ns(self) -> dict[str, str]:
        """The prefixes that entries use too: feedgen asks only here."""
        return {"dc": DC, "media": MEDIA} | ({"fh": HISTORY} if self.archived else {})

    def extend_atom(self, feed: Any) -> Any:
        """Mark a page of an archive that never changes again (RFC 5005 §4)."""
        if self.archived:
            SubElement(feed, f"{{{HISTORY}}}archive")
        return feed

    def extend_rss(self, feed: Any) -> Any:
        """Write the hub, and lastBuildDate, RFC 822 with a four-digit year, whatever the locale."""
        if self.hub is not None:
            _element(feed[0], f"{{{ATOM}}}link", rel="hub", href=self.hub)
        if self.built is not None:
            _text(feed[0], "lastBuildDate", _rfc822(self.built))
        return feed


class MendedEntry(BaseEntryExtension):  # type: ignore[misc] # feedgen has no types
    """One entry's part; `entry` is set before anything is written."""

    entry: Outgoing

    def extend_atom(self, entry: Any) -> Any:
        """Write links and source in full, the language, media and the original id."""
        said = self.entry
        if said.language:
            entry.set(_LANG, said.language)
        for broken in entry.findall("link"):
            entry.remove(broken)
        _atom_links(entry, said)
        _atom_source(entry, said.outlet, said.updated)
        if said.guid:
            _text(entry, f"{{{DC}}}identifier", said.guid)
        _media(entry, said.media)
        return entry

    def extend_rss(self, item: Any) -> Any:
        """Write dates, credits, language, rights, media, further enclosures and the original id."""
        said = self.entry
        _text(item, "pubDate", _rfc822(said.published))
        _text(item, f"{{{ATOM}}}updated", said.updated.isoformat())
        for author in () if item.find("author") is not None else said.authors:
            _text(item, f"{{{DC}}}creator", author.name or author.email)
        _text(item, f"{{{DC}}}language", said.language)
        _text(item, f"{{{DC}}}rights", said.rights)
        _text(item, f"{{{DC}}}identifier", said.guid)
        _media(item, said.media, said.enclosures[1:])
        return item


def _atom_links(entry: Any, said: Outgoing) -> None:
    if said.link:
        _element(entry, "link", rel="alternate", type=_HTML, hreflang=said.language, href=said.link)
    for file in said.enclosures:
        _element(entry, "link", rel="enclosure", type=file.type, length=file.length, title=file.title, href=file.url)
    for other in said.others:
        _element(entry, "link", rel="related", type=_HTML, hreflang=other.language, title=other.outlet, href=other.link)
    if said.comments:  # RFC 4685 §4
        _element(entry, "link", rel="replies", type=_HTML, href=said.comments)
    if said.via and said.via.feed_url:
        _element(entry, "link", rel="via", title=said.via.title, href=said.via.feed_url)


def _atom_source(entry: Any, outlet: Outlet, updated: datetime) -> None:
    """RFC 4287 §4.2.11. The author keeps the entry from being credited to us where it names none (§4.2.1)."""
    source = _element(entry, "source")
    if outlet.language:
        source.set(_LANG, outlet.language)
    _text(source, "id", outlet.id or f"urn:x-aggregator:{outlet.name}")
    _text(source, "title", outlet.title)
    _text(source, "updated", (outlet.updated or updated).isoformat())
    _text(_element(source, "author"), "name", outlet.title)
    if outlet.link:
        _element(source, "link", rel="alternate", type=_HTML, href=outlet.link)
    if outlet.feed_url:
        _element(source, "link", rel="self", href=outlet.feed_url)
    _text(source, "icon", outlet.icon)
    _text(source, "rights", outlet.rights)


def _media(parent: Any, media: Sequence[Media], files: Sequence[Enclosure] = ()) -> None:
    """Media RSS 1.5.1, both in RSS and in Atom."""
    told = {m.url for m in media if m.role != "thumbnail"}
    for file in files:
        if file.url not in told:
            _element(
                parent,
                f"{{{MEDIA}}}content",
                url=file.url,
                fileSize=file.length,
                type=file.type,
                duration=file.duration,
            )
    for m in media:
        if m.role == "thumbnail":
            _element(parent, f"{{{MEDIA}}}thumbnail", url=m.url, width=m.width, height=m.height)
            continue
        content = _element(
            parent, f"{{{MEDIA}}}content", url=m.url, type=m.type, medium=m.medium, width=m.width, height=m.height
        )
        _text(content, f"{{{MEDIA}}}description", m.description)
        _text(content, f"{{{MEDIA}}}credit", m.credit)


def _element(parent: Any, name: str, **attributes: str | int | None) -> Any:
    return SubElement(parent, name, {key: str(value) for key, value in attributes.items() if value is not None})


def _text(parent: Any, name: str, value: str | None) -> None:
    if value:
        SubElement(parent, name).text = value


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment)
