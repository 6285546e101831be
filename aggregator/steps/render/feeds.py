"""RSS 2.0 and Atom 1.0 (RFC 4287), written by feedgen with our extension."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from aggregator.domain.settings import Format
from aggregator.steps.render.documents import BARE_TYPES
from aggregator.steps.render.mends import MendedEntry, MendedFeed, Unwritten
from aggregator.steps.render.outgoing import EPOCH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.steps.render.outgoing import Head, Outgoing

# No version: a document's bytes do not change with the program that wrote it.
GENERATOR = "aggregator"


@dataclass(frozen=True, kw_only=True, slots=True)
class Paging:
    """Where a document stands in a topic's archive (RFC 5005 §4); addresses are absolute.

    `archived` marks a page that never changes again. What readers subscribe to has `previous` alone.
    """

    itself: str | None = None
    previous: str | None = None
    following: str | None = None
    current: str | None = None
    archived: bool = False

    def links(self) -> list[tuple[str, str]]:
        """Relation and address of each link."""
        said = (("prev-archive", self.previous), ("next-archive", self.following), ("current", self.current))
        return [(rel, href) for rel, href in said if href]


def atom(head: Head, entries: Sequence[Outgoing], paging: Paging = Paging()) -> bytes:
    """The topic as Atom 1.0, or a page of its archive."""
    feed = _feed(head, entries, Format.ATOM, paging.itself)
    if head.hub:
        feed.link(href=head.hub, rel="hub")
    for rel, href in paging.links():
        feed.link(href=href, rel=rel, type=BARE_TYPES[Format.ATOM])
    feed.mends.archived = paging.archived
    feed.id(head.feed_id)
    feed.updated(head.updated or EPOCH)
    feed.author(name=head.author.name, email=head.author.email)
    if head.description:
        feed.subtitle(head.description)
    if head.icon:
        feed.icon(head.icon)
    for entry in entries:
        feed.add_entry(_atom_entry(entry), order="append")
    return bytes(feed.atom_str(pretty=True))


def rss(head: Head, entries: Sequence[Outgoing]) -> bytes:
    """The topic as RSS 2.0."""
    feed = _feed(head, entries, Format.RSS)
    feed.updated(Unwritten.fromtimestamp(0, EPOCH.tzinfo))
    feed.mends.built = head.updated
    feed.mends.hub = head.hub
    feed.description(head.description or head.title)
    if head.icon:
        feed.image(url=head.icon, title=head.title, link=head.page)
    for entry in entries:
        feed.add_entry(_rss_entry(entry), order="append")
    return bytes(feed.rss_str(pretty=True))


def _feed(head: Head, entries: Sequence[Outgoing], form: Format, itself: str | None = None) -> Any:
    feed = FeedGenerator()
    feed.register_extension("mends", MendedFeed, MendedEntry)
    feed.mends.head, feed.mends.entries = head, entries
    feed.title(head.title)
    feed.generator(GENERATOR)
    if head.language:
        feed.language(head.language)
    if address := itself or head.links.get(form):
        feed.link(href=address, rel="self", type=BARE_TYPES[form])
    feed.link(href=head.page, rel="alternate", type="text/html")  # the last one is RSS's channel link
    return feed


def _entry(entry: Outgoing) -> Any:
    made = FeedEntry()
    made.register_extension("mends", MendedEntry)
    made.mends.entry = entry
    made.id(entry.id)
    made.title(entry.title)
    if entry.link:
        made.link(href=entry.link, rel="alternate")
    if entry.summary:
        made.summary(entry.summary, type="html")
    if entry.content:
        made.content(entry.content, type="html")
    for category in entry.categories:
        said = {"term": category.term, "scheme": category.scheme, "label": category.label}
        made.category({key: value for key, value in said.items() if value})
    return made


def _atom_entry(entry: Outgoing) -> Any:
    made = _entry(entry)
    made.updated(entry.updated)
    made.published(entry.published)
    for author in entry.authors:
        made.author(name=author.name or author.email, email=author.email, uri=author.uri)
    if entry.rights:
        made.rights(entry.rights)
    return made


def _rss_entry(entry: Outgoing) -> Any:
    made = _entry(entry)
    # RSS has one <author>, an e-mail address with a name behind it; all else is dc:creator, never both.
    if len(entry.authors) == 1 and (author := entry.authors[0]).email and author.name:
        made.author(name=author.name, email=author.email)
    if url := entry.outlet.feed_url or entry.outlet.link:
        made.source(url=url, title=entry.outlet.title)
    if entry.comments:
        made.comments(entry.comments)
    if entry.enclosures:
        first = entry.enclosures[0]
        made.link(href=first.url, rel="enclosure", type=first.type, length=str(first.length or 0))
    return made
