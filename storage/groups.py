"""A topic's stories in order, read as far as somebody asks.

The order is that of each story's first item in the topic, and an item's place never changes. So the matches are
walked in their own order by their index, and an item is passed over if an earlier one of its story is in the
topic too: the first fifty of a topic of a hundred thousand cost fifty small look-ups, not a grouping of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, literal, or_, select, true

from aggregator.domain.archive import PastStory
from aggregator.domain.settings import SameStory
from aggregator.domain.topic import Group, Order
from storage.published import published
from storage.reading import STORED, Copies
from storage.session import chunks
from storage.story_names import names as story_names
from storage.tables import identities, items, sources, stories, topic_items, topics

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, FromClause, Row, Select

    from aggregator.domain.topic import Copy, Topic
    from storage.session import Session

FIRST_PAGE = 64  # a little more than the usual limit of a topic
LAST_PAGE = 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class _View:
    """A topic's number and its edition's, the sources it shows (None: all configured), what counts as one story."""

    topic: int
    edition: int
    shown: Sequence[int] | None
    same: SameStory
    counts: bool  # whether it matters how many sources carry a story
    least: int  # so many of them must

    def group(self, row: Row[Any]) -> object:
        """What the items of one group have in common."""
        if self.same is SameStory.OFF:
            return row.pk
        return (row.story, row.source) if self.same is SameStory.WITHIN_SOURCE else row.story

    def allows(self, table: FromClause) -> ColumnElement[bool]:
        """Whether the item's source is shown."""
        if self.shown is not None:
            return table.c.source.in_(self.shown)
        configured = sources.alias()
        return exists().where(configured.c.pk == table.c.source, configured.c.configured == true())


def groups(session: Session, topic: Topic) -> Iterator[Group]:
    """The topic's matched stories by its `same_story`, newest first, then id."""
    row = session.row(select(topics.c.pk, topics.c.edition, topics.c.changes).where(topics.c.id == topic.id))
    if row is None:
        return
    session.read_at[topic.id] = session.memory.read_at[topic.id] = row.changes
    view = _of(session, row, topic)
    copies = Copies(session)
    query, size = _firsts(view), FIRST_PAGE
    page = session.rows(query.limit(size))
    while page:
        yield from _whole(session, view, page, copies)
        if len(page) < size:
            return
        size = min(4 * size, LAST_PAGE)
        page = session.rows(query.where(_after(page[-1])).limit(size))


def firsts_after(session: Session, topic: Topic, after: int, until: datetime) -> list[PastStory]:
    """The topic's stories whose first item has a number over `after` and came by `until`; no texts are read."""
    view = _view(session, topic)
    if view is None:
        return []
    query = _firsts(view).join(stories, stories.c.pk == items.c.story).add_columns(stories.c.public_id.label("name"))
    # Without the order the newest items are read by number, not the whole topic by date.
    query = query.where(topic_items.c.item > after, items.c.first_seen <= until).order_by(None)
    rows = session.rows(query)
    across = view.same is SameStory.ACROSS_SOURCES
    renamed = _renamed(session, view, {row.story for row in rows})
    return [
        PastStory(id=renamed.get(row.story, row.name) if across else row.public_id, item=row.pk, order_at=row.order_at)
        for row in rows
    ]


def groups_holding(session: Session, topic: Topic, numbers: Sequence[int]) -> list[Group]:
    """The topic's groups that hold an item of these numbers, each once; not those it holds no more."""
    view = _view(session, topic)
    if view is None:
        return []
    rows: list[Row[Any]] = []
    for part in chunks(numbers):
        query = select(literal(0).label("carriers"), items.c.pk, items.c.story, items.c.source)
        query = query.where(items.c.pk.in_(part))
        rows += session.rows(query)
    # A copy may have left the topic while others of its story stay: the group decides, and is empty or not.
    return [group for group in _whole(session, view, rows, Copies(session)) if group.copies]


def _view(session: Session, topic: Topic) -> _View | None:
    row = session.row(select(topics.c.pk, topics.c.edition).where(topics.c.id == topic.id))
    return None if row is None else _of(session, row, topic)


def _of(session: Session, row: Row[Any], topic: Topic) -> _View:
    return _View(
        topic=row.pk,
        edition=row.edition,
        shown=_shown(session, topic),
        same=topic.same_story,
        counts=topic.min_sources > 1 or topic.order is Order.MOST_COVERED,
        least=topic.min_sources,
    )


def _shown(session: Session, topic: Topic) -> list[int] | None:
    if topic.source_ids is None:
        return None
    query = select(sources.c.pk).where(sources.c.configured == true(), sources.c.id.in_(sorted(topic.source_ids)))
    return [row[0] for row in session.rows(query)]


def _firsts(view: _View) -> Select[Any]:
    """The first item of each group, in the topic's order."""
    carriers = _carriers(view)
    query = (
        select(
            carriers.label("carriers"),
            items.c.pk,
            items.c.story,
            items.c.source,
            topic_items.c.order_at,
            identities.c.public_id,
        )
        .join_from(topic_items, items, items.c.pk == topic_items.c.item)
        .join(identities, identities.c.pk == items.c.pk)
        .where(topic_items.c.edition == view.edition, view.allows(items))
        .order_by(topic_items.c.order_at.desc(), identities.c.public_id)
    )
    if view.least > 1:
        query = query.where(carriers >= view.least)
    if view.same is SameStory.OFF:
        return query
    earlier, taken = items.alias(), topic_items.alias()
    precedes = and_(
        earlier.c.story == items.c.story,
        earlier.c.pk < items.c.pk,
        # Inside, not joined: SQLite would begin with the topic's matches, all of those before this one.
        exists().where(taken.c.edition == view.edition, taken.c.item == earlier.c.pk),
        earlier.c.source == items.c.source if view.same is SameStory.WITHIN_SOURCE else view.allows(earlier),
    )
    return query.where(~exists().where(precedes))


def _carriers(view: _View) -> ColumnElement[int]:
    """How many of the topic's sources carry the item's story; 0 where nobody asks."""
    if not view.counts:
        return literal(0)
    copies = items.alias()
    query = select(func.count(copies.c.source.distinct())).where(copies.c.story == items.c.story, view.allows(copies))
    return query.correlate(items).scalar_subquery()


def _after(last: Row[Any]) -> ColumnElement[bool]:
    """What follows the last one read. The first condition is for the index, the second for ties."""
    order_at = topic_items.c.order_at
    return and_(order_at <= last.order_at, or_(order_at < last.order_at, identities.c.public_id > last.public_id))


def _whole(session: Session, view: _View, firsts: Sequence[Row[Any]], copies: Copies) -> Iterator[Group]:
    """The groups behind their first items, each with all its matched copies."""
    members: dict[object, list[Copy]] = {view.group(first): [] for first in firsts}
    carriers = {view.group(first): first.carriers for first in firsts}
    alone = view.same is SameStory.OFF
    wanted = (items.c.pk if alone else items.c.story).in_({first.pk if alone else first.story for first in firsts})
    taken = exists().where(topic_items.c.edition == view.edition, topic_items.c.item == items.c.pk)
    rows = session.rows(STORED.where(wanted, taken, view.allows(items)).order_by(items.c.pk))
    rows = [row for row in rows if view.group(row) in members]
    for row, copy in zip(rows, copies.of(rows), strict=True):
        members[view.group(row)].append(copy)
    renamed = _renamed(session, view, {row.story for row in rows})
    across = view.same is SameStory.ACROSS_SOURCES
    names: dict[object, str] = {}
    for row in rows:  # in order of arrival: without merging across sources a group has the id of its first item
        names.setdefault(view.group(row), renamed.get(row.story, row.story_id) if across else row.public_id)
    known = published(session, view.topic, names.values())
    for key, group in members.items():
        name = names.get(key)
        before = known.get(name) if name is not None else None
        yield Group(copies=tuple(group), carriers=carriers[key], published=before, id=name)


def _renamed(session: Session, view: _View, numbers: Collection[int]) -> dict[int, str]:
    """The stories that have another id in the topic, by number."""
    return story_names(session, view.topic, numbers) if view.same is SameStory.ACROSS_SOURCES and numbers else {}
