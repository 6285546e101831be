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

from aggregator.steps.render.elements import element, text
from aggregator.steps.render.players import MEDIA, namespaces, write_channel, write_entry, write_media

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.steps.render.outgoing import Head, Outgoing
    from aggregator.steps.render.outlets import Outlet

ATOM = "http://www.w3.org/2005/Atom"
DC = "http://purl.org/dc/elements/1.1/"
HISTORY = "http://purl.org/syndication/history/1.0"
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
    `hub` is where to subscribe. `head` and `entries` tell which namespaces are needed, and whether it is a podcast.
    """

    def __init__(self) -> None:
        self.built: datetime | None = None
        self.archived = False
        self.hub: str | None = None
        self.head: Head | None = None
        self.entries: Sequence[Outgoing] = ()

    def extend_ns(self) -> dict[str, str]:
        """The prefixes that entries use too: feedgen asks only here."""
        return {"dc": DC, "media": MEDIA} | ({"fh": HISTORY} if self.archived else {}) | namespaces(self.entries)

    def extend_atom(self, feed: Any) -> Any:
        """Mark a page of an archive that never changes again (RFC 5005 §4)."""
        if self.archived:
            element(feed, f"{{{HISTORY}}}archive")
        self._podcast(feed)
        return feed

    def extend_rss(self, feed: Any) -> Any:
        """Write the hub, and lastBuildDate, RFC 822 with a four-digit year, whatever the locale."""
        if self.hub is not None:
            element(feed[0], f"{{{ATOM}}}link", rel="hub", href=self.hub)
        if self.built is not None:
            text(feed[0], "lastBuildDate", _rfc822(self.built))
        self._podcast(feed[0])
        return feed

    def _podcast(self, channel: Any) -> None:
        if self.head is not None:
            write_channel(channel, self.head, self.entries)


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
            text(entry, f"{{{DC}}}identifier", said.guid)
        write_media(entry, said)
        write_entry(entry, said, atom=True)
        _source_last(entry, said)
        return entry

    def extend_rss(self, item: Any) -> Any:
        """Write dates, credits, language, rights, media, further enclosures and the original id."""
        said = self.entry
        text(item, "pubDate", _rfc822(said.published))
        text(item, f"{{{ATOM}}}updated", said.updated.isoformat())
        for author in () if item.find("author") is not None else said.authors:
            text(item, f"{{{DC}}}creator", author.name or author.email)
        for file in said.enclosures[1:]:
            element(item, f"{{{ATOM}}}link", rel="enclosure", type=file.type, length=file.length, title=file.title,
                    href=file.url)  # fmt: skip
        text(item, f"{{{DC}}}language", said.language)
        text(item, f"{{{DC}}}rights", said.rights)
        text(item, f"{{{DC}}}identifier", said.guid)
        write_media(item, said, said.enclosures[1:])
        write_entry(item, said, atom=False)
        _source_last(item, said)
        return item


def _atom_links(entry: Any, said: Outgoing) -> None:
    if said.link:
        element(entry, "link", rel="alternate", type=_HTML, hreflang=said.language, href=said.link)
    for file in said.enclosures:
        element(entry, "link", rel="enclosure", type=file.type, length=file.length, title=file.title, href=file.url)
    for other in said.others:
        element(entry, "link", rel="related", type=_HTML, hreflang=other.language, title=other.outlet, href=other.link)
    if said.comments:  # RFC 4685 §4
        element(entry, "link", rel="replies", type=_HTML, href=said.comments)
    if said.via and said.via.feed_url:
        element(entry, "link", rel="via", title=said.via.title, href=said.via.feed_url)


def _atom_source(entry: Any, outlet: Outlet, updated: datetime) -> None:
    """RFC 4287 §4.2.11. The author keeps the entry from being credited to us where it names none (§4.2.1)."""
    source = element(entry, "source")
    if outlet.language:
        source.set(_LANG, outlet.language)
    text(source, "id", outlet.id or f"urn:x-aggregator:{outlet.name}")
    text(source, "title", outlet.title)
    text(source, "updated", (outlet.updated or updated).isoformat())
    text(element(source, "author"), "name", outlet.title)
    if outlet.link:
        element(source, "link", rel="alternate", type=_HTML, href=outlet.link)
    if outlet.feed_url:
        element(source, "link", rel="self", href=outlet.feed_url)
    text(source, "icon", outlet.icon)
    text(source, "rights", outlet.rights)


def _source_last(entry: Any, said: Outgoing) -> None:
    """Feedparser takes a media:title behind the source for the entry's own title."""
    source = entry.find("source")
    if source is not None and said.supplement and any(note.title for note in said.supplement.notes):
        entry.append(source)


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment)
