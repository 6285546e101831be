"""A page of a topic's archive (RFC 5005 §4): what the topic showed before, as Atom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.domain.settings import Format, Site
from aggregator.steps.render.documents import archive_path, feed, stored_path
from aggregator.steps.render.feeds import Paging, atom
from aggregator.steps.render.outgoing import head
from aggregator.steps.render.topic import UNWRITABLE, unwritable, written

if TYPE_CHECKING:
    from aggregator.domain.document import Document
    from aggregator.domain.topic import Selection


def render_archive(selection: Selection, site: Site, *, page: int, previous: bool, frozen: bool) -> Document:
    """Write a page of a topic's archive.

    The bytes are a function of the arguments alone. An entry that cannot be written is left out: it was reported
    when the topic showed it.

    Args:
        selection: the page's stories, newest first.
        site: the publisher.
        page: its number, from 1, oldest first.
        previous: whether the page before it is there.
        frozen: whether it never changes again. It then names the page after it, which is the next to be written.
    """
    about = head(selection, site)
    entries, _ = written(selection)

    def address(number: int) -> str:
        return f"{site.url}/{archive_path(about.id, number)}"

    paging = Paging(
        itself=address(page),
        previous=address(page - 1) if previous else None,
        following=address(page + 1) if frozen else None,
        current=about.links.get(Format.ATOM),
        archived=frozen,
    )
    try:
        body = atom(about, entries, paging)
    except UNWRITABLE:
        body = atom(about, [entry for entry in entries if unwritable(about, entry) is None], paging)
    return feed(stored_path(selection.topic, archive_path(about.id, page)), Format.ATOM, body)
