"""A topic's stories → digests of days or weeks that are over.

::

    close    a period ended: each story that arrived in it goes into its digest, under the topic's limit, order and
             shares; a story that came to belong to the topic later (a third outlet carries it, it has settled) goes
             into the digest that is closed next
    past     a new or edited topic puts the stories it finds into the digests of the days they are dated
    show     the newest digests, as they were closed: a correction shows in the text, and announces nothing

Which story went where is stored, so that a restart, another order of arrivals or a pruned story moves no other.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from aggregator.domain.digest import Digest, DigestedStory, DigestState, Period, Rhythm
from aggregator.domain.topic import Order, Selection
from aggregator.steps.render import digest_base
from aggregator.steps.select import fingerprint, period_of, select

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from aggregator.domain.item import StoredItem
    from aggregator.domain.settings import Configuration
    from aggregator.domain.topic import Group, Selected, Topic
    from aggregator.ports import Rooms

SHOWN = {Rhythm.DAILY: 31, Rhythm.WEEKLY: 26}  # digests in a feed: subscribers read back a month, or half a year
DAYS = {Rhythm.DAILY: timedelta(days=1), Rhythm.WEEKLY: timedelta(days=7)}


def digests(
    rooms: Rooms, topic: Topic, configuration: Configuration, now: datetime
) -> tuple[Selection, tuple[Digest, ...], datetime]:
    """What a topic of digests shows, newest first, and when to look again. Periods that are over are closed.

    Args:
        rooms: a writing transaction.
        topic: its `digest` is daily or weekly.
        configuration: the site's time zone, and how long stories are kept.
        now: aware UTC.

    Returns:
        All their stories as a selection whose `updated` is the end of the newest, the digests, and the moment the
        present period ends.
    """
    present = period_of(now, topic.digest, ZoneInfo(configuration.site.timezone))
    since = _since(topic, configuration, now)
    state = _closed(rooms, topic, configuration, present, since)
    found = _shown(rooms, topic, state, since, now)
    entries = tuple(story for digest in found for story in digest.stories)
    mark = blake2b(fingerprint(topic, entries), digest_size=16)
    for digest in found:
        mark.update(f"{digest.id} {digest.period.ends.isoformat()} {len(digest.stories)};".encode())
    updated = found[0].period.ends if found else None
    return Selection(topic=topic, entries=entries, updated=updated, digest=mark.digest()), found, present.ends


def newest_digest(rooms: Rooms, topic: Topic, configuration: Configuration, now: datetime) -> tuple[Selected, ...]:
    """The stories of the newest digest there is. Nothing is closed: a topic may be in the midst of being filled."""
    state = rooms.digests.state(topic.id)
    if state is None:
        return ()
    found = _shown(rooms, topic, state, _since(topic, configuration, now), now)
    return found[0].stories if found else ()


def _since(topic: Topic, configuration: Configuration, now: datetime) -> datetime:
    """When the oldest period may have begun that is shown."""
    present = period_of(now, topic.digest, ZoneInfo(configuration.site.timezone))
    return present.starts - min(DAYS[topic.digest] * SHOWN[topic.digest], configuration.storage.keep_for)


def _closed(rooms: Rooms, topic: Topic, configuration: Configuration, present: Period, since: datetime) -> DigestState:
    """Put the stories of every period that is over into a digest."""
    settings = _settings(topic, configuration)
    before = rooms.digests.state(topic.id)
    if before is not None and before.closed >= present.starts and before.settings == settings:
        return before
    zone = ZoneInfo(configuration.site.timezone)
    known = rooms.digests.stories(topic.id, since - 2 * DAYS[topic.digest])
    periods: dict[Period, list[Group]] = {}
    for group in _undigested(rooms, topic, {one.story for one in known}, since, present.starts):
        anew = before is None or before.settings != settings
        moment = _moment(group.copies[0].stored, before, present, anew=anew)
        if moment is not None:
            periods.setdefault(period_of(moment, topic.digest, zone), []).append(group)
    stories: list[DigestedStory] = []
    for period, groups in periods.items():
        there = [one for one in known if one.period == period.name]
        stories += _places(topic, period, groups, present.starts, there)
    base = before.base if before is not None else digest_base(topic, configuration.site)
    state = DigestState(base=base, closed=present.starts, settings=settings)
    rooms.digests.keep(topic.id, state, stories)
    return state


def _undigested(
    rooms: Rooms, topic: Topic, placed: Collection[str], since: datetime, until: datetime
) -> Iterator[Group]:
    """The stories dated after `since` that came before `until`, belong to the topic by then and are in no digest."""
    for group in rooms.topics.groups(topic):
        first = group.copies[0].stored
        if first.order_at < since:
            return  # all that follow are older
        if first.first_seen >= until:
            continue  # its own day is not over yet
        entries = select(topic, [group], until)[0].entries
        if entries and entries[0].id not in placed:
            yield group


def _moment(first: StoredItem, before: DigestState | None, present: Period, *, anew: bool) -> datetime | None:
    """The moment whose period a story goes into, None where it waits for the next one to end."""
    if before is not None and first.first_seen >= before.closed:
        return first.first_seen
    if anew:
        return first.order_at
    if before is not None and before.closed < present.starts:
        return present.starts - timedelta(microseconds=1)
    return None


def _places(
    topic: Topic, period: Period, groups: Sequence[Group], now: datetime, known: Sequence[DigestedStory]
) -> Iterator[DigestedStory]:
    """The stories in their places behind those that the digest has, and those it has no room for, at 0."""
    last = max((one.place for one in known), default=0)
    room = replace(topic, limit=max(topic.limit - last, 0), max_age=None)
    listed = select(room, groups, now)[0].entries
    places = {entry.id: place for place, entry in enumerate(listed, start=last + 1)}
    for group in groups:
        [entry] = select(_whole(topic), [group], now)[0].entries
        yield DigestedStory(
            story=entry.id,
            item=group.copies[0].stored.id,
            period=period.name,
            starts=period.starts,
            ends=period.ends,
            place=places.get(entry.id, 0),
        )


def _shown(rooms: Rooms, topic: Topic, state: DigestState, since: datetime, now: datetime) -> tuple[Digest, ...]:
    """The digests, newest first, of the stories that are still there; without any left there is no digest."""
    listed = [one for one in rooms.digests.stories(topic.id, since) if one.place]
    by_item: dict[int, Selected] = {}
    for group in rooms.archives.groups(topic, [one.item for one in listed]):
        for entry in select(_whole(topic), [group], now)[0].entries:
            by_item |= {copy.stored.id: entry for copy in group.copies}
    found: list[Digest] = []
    seen: set[str] = set()
    for period, of_period in _periods(listed):
        # Two stories that were found to be one are in the digest that had it first.
        entries = {by_item[one.item].id: by_item[one.item] for one in reversed(of_period) if one.item in by_item}
        stories = tuple(entry for name, entry in reversed(entries.items()) if name not in seen)
        seen |= entries.keys()
        if stories:
            found.append(Digest(id=f"{state.base}:{period.name}", period=period, stories=stories))
    return tuple(reversed(found))


def _periods(listed: Sequence[DigestedStory]) -> list[tuple[Period, list[DigestedStory]]]:
    """The digests' places in order, the oldest digest first.

    The name makes the id: a day that two time zones share by an edit of `site.timezone` is one, with the later end.
    """
    named: dict[str, list[DigestedStory]] = {}
    for one in listed:
        named.setdefault(one.period, []).append(one)
    found = []
    for name, of_period in named.items():
        last = max(of_period, key=lambda one: one.ends)
        period = Period(name=name, starts=last.starts, ends=last.ends)
        found.append((period, sorted(of_period, key=lambda one: one.place)))
    return sorted(found, key=lambda pair: (pair[0].ends, pair[0].name))


def _whole(topic: Topic) -> Topic:
    """The topic without what leaves a story out."""
    return replace(topic, limit=1, max_age=None, order=Order.NEWEST, per_source=0, settle=timedelta(0), min_sources=1)


def _settings(topic: Topic, configuration: Configuration) -> bytes:
    """What decides which stories there are, and where days begin."""
    members = sorted(topic.source_ids) if topic.source_ids is not None else None
    parts = (topic.query_text, members, topic.same_story, topic.min_sources, topic.digest, configuration.site.timezone)
    return blake2b(repr(parts).encode("utf-8", "backslashreplace"), digest_size=16).digest()
