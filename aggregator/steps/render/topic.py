"""A topic's selection → its documents, one per format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.domain.settings import Format, Site
from aggregator.errors import TopicError
from aggregator.steps.render.digest import written_digests
from aggregator.steps.render.documents import archive_path, feed, stored_path, topic_path
from aggregator.steps.render.feeds import Paging, atom, rss
from aggregator.steps.render.jsonfeed import json_feed
from aggregator.steps.render.outgoing import Head, Outgoing, head, outgoing
from aggregator.steps.render.pages import topic_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.domain.digest import Digest
    from aggregator.domain.document import Document
    from aggregator.domain.topic import Selection

# What feedgen and lxml raise over a value they cannot write; mapped to a problem of one entry.
UNWRITABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError)


def render_topic(
    selection: Selection,
    site: Site,
    *,
    archive: int | None = None,
    hub: str | None = None,
    digests: Sequence[Digest] | None = None,
) -> tuple[list[Document], list[str]]:
    """Write a topic in each of its formats, and say which entries had to be left out and why.

    The bytes are a function of the arguments alone. An entry that cannot be written is left out of every format,
    so that the formats agree. `archive` is the newest page of the topic's archive, which its Atom feed links to;
    `hub` is the WebSub hub that the feeds of a public topic name. With `digests` these are its entries; the
    selection's are the stories in them.

    Raises:
        TopicError: the topic itself cannot be written.
    """
    about = head(selection, site, hub)
    entries, problems = written(selection) if digests is None else written_digests(digests, selection, site, about)
    newest = f"{site.url}/{archive_path(about.id, archive)}" if archive else None
    try:
        return _documents(selection, site, about, entries, newest), problems
    except UNWRITABLE as error:
        reasons = {entry.id: unwritable(about, entry) for entry in entries}
        if not any(reasons.values()):
            raise TopicError(selection.topic.id, f"cannot be written: {error}") from error
    good = [entry for entry in entries if reasons[entry.id] is None]
    left_out = [f"entry {name!r} left out: {reason}" for name, reason in reasons.items() if reason is not None]
    return _documents(selection, site, about, good, newest), problems + left_out


def written(selection: Selection) -> tuple[list[Outgoing], list[str]]:
    """The entries as every format writes them, and which had to be left out and why."""
    entries: dict[str, Outgoing] = {}
    problems = []
    for selected in selection.entries:
        if selected.id in entries:
            problems.append(f"entry {selected.id!r} left out: its id is used twice")
            continue
        try:
            entries[selected.id] = outgoing(selected, selection.topic)
        except UNWRITABLE as error:
            problems.append(f"entry {selected.id!r} left out: {error}")
    return list(entries.values()), problems


def _documents(
    selection: Selection, site: Site, about: Head, entries: list[Outgoing], archive: str | None
) -> list[Document]:
    writers = {
        Format.ATOM: lambda: atom(about, entries, Paging(previous=archive)),
        Format.RSS: lambda: rss(about, entries),
        Format.JSON: lambda: json_feed(about, entries),
        Format.HTML: lambda: topic_page(about, entries, site),
    }
    return [
        feed(stored_path(selection.topic, topic_path(about.id, form)), form, writers[form]())
        for form in dict.fromkeys(selection.topic.formats)
    ]


def unwritable(about: Head, entry: Outgoing) -> str | None:
    """Why one entry cannot be written, or None: each is tried alone only after all together failed."""
    for write in (atom, rss, json_feed):
        try:
            write(about, [entry])
        except UNWRITABLE as error:
            return str(error)
    return None
