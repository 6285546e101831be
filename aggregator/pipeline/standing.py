"""A story that a topic takes → whether the topic shows it now, and if not, what keeps it back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from aggregator.domain.digest import Rhythm
from aggregator.domain.topic import Order
from aggregator.steps.select import select

if TYPE_CHECKING:
    from aggregator.domain.topic import Copy, Group, Selected, Topic
    from aggregator.ports import Rooms

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """Where a story stands in a topic that takes it."""

    shown: bool
    rule: str  # shown, digest, filling, min_sources, settle, max_age, per_source, limit or waits
    text: str


def standing(rooms: Rooms, topic: Topic, copy: Copy, now: datetime) -> Standing:
    """Whether the topic shows the story of that copy."""
    if any(filling.topic_id == topic.id for filling in rooms.filling.open()):
        return _kept("filling", "the topic is being filled by the daemon or `aggregator publish`")
    groups = rooms.archives.groups(topic, [copy.stored.id])
    if not groups:
        return _kept("waits", "it is matched with the next publication")
    group = groups[0]
    kept = _kept_back(topic, group, now)
    if kept is not None and kept.rule != "max_age":
        return kept
    if topic.digest is not Rhythm.NONE:
        return _in_digest(rooms, topic, group)
    # What left by its age or by the limit has its place in the topic's past.
    listed = kept or _in_list(topic, group, select(topic, rooms.topics.groups(topic), now)[0].entries, now)
    page = None if listed.shown or group.id is None else rooms.archives.page_of(topic.id, group.id)
    return listed if page is None else replace(listed, text=f"{listed.text}; it is on page {page} of the archive")


def _kept(rule: str, text: str) -> Standing:
    return Standing(shown=False, rule=rule, text=text)


def _kept_back(topic: Topic, group: Group, now: datetime) -> Standing | None:
    first = group.copies[0].stored
    carriers = group.carriers or len({copy.stored.item.source_id for copy in group.copies})
    if carriers < topic.min_sources:
        carry = (
            "one of the topic's sources carries it" if carriers == 1 else f"{carriers} of the topic's sources carry it"
        )
        return _kept("min_sources", f"{carry}, min_sources asks for {topic.min_sources}")
    if now - first.first_seen < topic.settle:
        return _kept("settle", f"it settles until {first.first_seen + topic.settle:%Y-%m-%d %H:%M} UTC")
    if topic.max_age is not None and topic.digest is Rhythm.NONE and now - first.order_at >= topic.max_age:
        return _kept("max_age", f"it is of {first.order_at:%Y-%m-%d %H:%M} UTC, older than the topic's max_age")
    return None


def _in_digest(rooms: Rooms, topic: Topic, group: Group) -> Standing:
    numbers = {copy.stored.id for copy in group.copies}
    for one in rooms.digests.stories(topic.id, _EVER):
        if one.item in numbers:
            if one.place:
                return Standing(shown=True, rule="digest", text=f"in the digest of {one.period}, at place {one.place}")
            return _kept("limit", f"the digest of {one.period} had no room for it (limit, per_source)")
    return _kept("digest", f"it waits for the {topic.digest} digest")


def _in_list(topic: Topic, group: Group, entries: tuple[Selected, ...], now: datetime) -> Standing:
    numbers = {copy.stored.id for copy in group.copies}
    for place, entry in enumerate(entries, start=1):
        if entry.shown.stored.id in numbers:
            return Standing(shown=True, rule="shown", text=f"shown now, at place {place} of {len(entries)}")
    alone = replace(topic, limit=1, max_age=None, order=Order.NEWEST, per_source=0, settle=timedelta(0), min_sources=1)
    [own] = select(alone, [group], now)[0].entries
    source_id = own.shown.stored.item.source_id
    of_source = sum(entry.shown.stored.item.source_id == source_id for entry in entries)
    if topic.per_source and of_source >= topic.per_source:
        others = "another story" if of_source == 1 else f"{of_source} other stories"
        return _kept("per_source", f"the topic shows {others} of {source_id!r}, and per_source allows no more")
    first = "more covered" if topic.order is Order.MOST_COVERED else "newer"
    told = f"{len(entries)} {first} stories fill" if len(entries) > 1 else f"one {first} story fills"
    return _kept("limit", f"{told} the topic's limit")
