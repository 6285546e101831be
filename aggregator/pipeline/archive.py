"""What leaves a topic → pages of its archive (RFC 5005), in the store.

::

    left      stories that the topic showed and shows no more, and still holds, get the next places, oldest first
    behind    so do stories that came in older than those it shows; the first time that is all its past.
              One that waits (`settle`, `min_sources`) is looked at again until it is in or too late
    freeze    a hundred places are a page: its bytes are written once and never again
    grow      the page that is not full yet follows its stories until it is

A new subscriber who follows `prev-archive` from the topic's Atom feed reads back to the beginning.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from aggregator.domain.archive import PAGE_SIZE, PastStory
from aggregator.domain.settings import Format
from aggregator.domain.topic import Order
from aggregator.steps.render import render_archive
from aggregator.steps.select import select

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from aggregator.domain.document import Document
    from aggregator.domain.settings import Configuration, Site
    from aggregator.domain.topic import Selection, Topic
    from aggregator.ports import Rooms

PAGES_AT_ONCE = 25  # a long past is written in several publications; a page takes 40 ms


@dataclass(frozen=True, kw_only=True, slots=True)
class Archived:
    """`newest` is the last page there is, None without any; `more` means that the past is not written whole yet."""

    newest: int | None = None
    changed: tuple[Document, ...] = ()
    more: bool = False


def archive(
    rooms: Rooms,
    selection: Selection,
    configuration: Configuration,
    now: datetime,
    *,
    digest: Callable[[Selection], bytes],
) -> Archived:
    """Bring a topic's archive up to date with what it shows now; `digest` is over what documents are made of."""
    site = configuration.site
    topic = selection.topic
    if Format.ATOM not in topic.formats:
        return Archived()
    _give_places(rooms, selection, configuration, now)
    state = rooms.archives.state(topic.id)
    full = state.stories // PAGE_SIZE
    changed: list[Document] = []
    for page in range(state.frozen + 1, min(full, state.frozen + PAGES_AT_ONCE) + 1):
        changed += _page(rooms, topic, site, now, page=page)
    more = full > state.frozen + PAGES_AT_ONCE
    if not more and state.stories % PAGE_SIZE:
        changed += _growing(rooms, topic, site, now, page=full + 1, digest=digest)
    pages = rooms.archives.state(topic.id).pages
    return Archived(newest=pages[-1] if pages else None, changed=tuple(changed), more=more)


def _give_places(rooms: Rooms, selection: Selection, configuration: Configuration, now: datetime) -> None:
    topic, store = selection.topic, rooms.archives
    until = now - topic.settle
    open_since = now - configuration.stories.window if topic.min_sources > 1 else None
    shown = [PastStory(id=entry.id, item=entry.shown.stored.id, order_at=entry.order_at) for entry in selection.entries]
    names = {story.id for story in shown}
    left = store.shown(topic.id, shown)
    # What was withdrawn, or became a part of a story that is still shown, is in no page.
    held = _stories(rooms, topic, [story.item for story in left], now).entries if left else ()
    behind = _behind(topic, store.past(topic, store.state(topic.id).seen, until), selection, now)
    past = [PastStory(id=entry.id, item=entry.shown.stored.id, order_at=entry.order_at) for entry in held]
    fresh = [story for story in (*past, *behind) if story.id not in names]
    store.append(topic.id, sorted(fresh, key=_oldest_first), until=until, open_since=open_since)


def _behind(topic: Topic, past: Sequence[PastStory], selection: Selection, now: datetime) -> list[PastStory]:
    """The stories that would be shown if the topic showed more."""
    if len(selection.entries) < topic.limit and not topic.per_source:
        return []  # all of them are shown
    first = now - topic.max_age if topic.max_age is not None else None
    young = [story for story in past if first is None or story.order_at > first]
    if topic.order is not Order.NEWEST or topic.per_source:
        return young  # what is shown is not the newest: newer stories may never be
    last = min(entry.order_at for entry in selection.entries)
    return [story for story in young if story.order_at <= last]


def _stories(rooms: Rooms, topic: Topic, items: Sequence[int], now: datetime) -> Selection:
    """These stories as the topic would show them, newest first."""
    groups = rooms.archives.groups(topic, items)
    groups.sort(key=lambda group: group.copies[0].stored.public_id)
    groups.sort(key=lambda group: group.copies[0].stored.order_at, reverse=True)
    every = replace(topic, limit=len(groups), max_age=None, order=Order.NEWEST, per_source=0, settle=timedelta(0))
    return select(every, groups, now)[0]


def _page(rooms: Rooms, topic: Topic, site: Site, now: datetime, *, page: int) -> list[Document]:
    """Freeze a page; one whose stories are all gone by now stays unwritten."""
    selection = _stories(rooms, topic, rooms.archives.members(topic.id, page), now)
    state = rooms.archives.state(topic.id)
    written = None
    if selection.entries:
        written = render_archive(selection, site, page=page, previous=page - 1 in state.pages, frozen=True)
    return rooms.archives.put(topic.id, page, written, now, digest=None)


def _growing(
    rooms: Rooms,
    topic: Topic,
    site: Site,
    now: datetime,
    *,
    page: int,
    digest: Callable[[Selection], bytes],
) -> list[Document]:
    selection = _stories(rooms, topic, rooms.archives.members(topic.id, page), now)
    state = rooms.archives.state(topic.id)
    previous = page - 1 in state.pages
    made_of = digest(selection) + bytes([previous])
    if made_of == state.digest and (page in state.pages) == bool(selection.entries):
        return []
    written = None
    if selection.entries:
        written = render_archive(selection, site, page=page, previous=previous, frozen=False)
    return rooms.archives.put(topic.id, page, written, now, digest=made_of)


def _oldest_first(story: PastStory) -> tuple[datetime, str]:
    return story.order_at, story.id
