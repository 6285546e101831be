"""What an edited configuration would change against the one applied last: sources, and what each topic shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from aggregator.pipeline.applied import packed, unpacked_topic
from aggregator.pipeline.search import Hit, counted, grouped, light
from aggregator.steps.select import Matcher, needed, select

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from aggregator.domain.settings import Configuration
    from aggregator.domain.source import Source
    from aggregator.domain.topic import Copy, Selected, Topic
    from aggregator.ports import Rooms, Store


TOGETHER = 20  # changed topics; more of them share one reading of everything stored


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceChange:
    """One source: `change` is added, removed, renamed (from `was`) or changed (in `keys`)."""

    id: str
    change: str
    was: str | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TopicChange:
    """One topic: `change` is added, removed, renamed (from `was`), changed (in `keys`) or, by its sources, stories."""

    id: str
    change: str
    was: str | None = None
    keys: tuple[str, ...] = ()
    enters: tuple[Selected, ...] = ()
    leaves: tuple[Selected, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """All that would change; `since` is when the present configuration was applied, None if none ever was."""

    since: datetime | None
    sources: tuple[SourceChange, ...]
    topics: tuple[TopicChange, ...]


def plan(store: Store, edited: Configuration, now: datetime) -> Plan:
    """Compare. Nothing is changed; what the edited file would take is asked of what is stored."""
    with store.read() as rooms:
        known = rooms.applied.get()
        before: Mapping[str, Any] = known[0] if known else {"sources": {}, "topics": {}}
        after = packed(edited)
        renamed = _renamed(edited.sources, before["sources"])
        return Plan(
            since=known[1] if known else None,
            sources=tuple(_sources(before["sources"], after["sources"], renamed)),
            topics=tuple(_topics(rooms, edited, before, after, renamed, now)),
        )


def _renamed(edited: Sequence[Source] | Sequence[Topic], before: Mapping[str, Any]) -> dict[str, str]:
    """Old ids by new ones."""
    ids = {one.id for one in edited}
    return {
        one.id: one.was
        for one in edited
        if one.was is not None and one.was in before and one.was not in ids and one.id not in before
    }


def _sources(before: Mapping[str, Any], after: Mapping[str, Any], renamed: Mapping[str, str]) -> Iterator[SourceChange]:
    for name, settings in after.items():
        was = renamed.get(name)
        if was is None and name not in before:
            yield SourceChange(id=name, change="added")
            continue
        keys = _differing(before[was or name], settings)
        if was or keys:
            yield SourceChange(id=name, change="renamed" if was else "changed", was=was, keys=keys)
    for name in before:
        if name not in after and name not in renamed.values():
            yield SourceChange(id=name, change="removed")


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Keys that both know and that differ: a newer version's further keys are no edit."""
    return tuple(name for name, value in after.items() if name in before and before[name] != value)


def _topics(  # noqa: PLR0917 - the two sides, and what lies between them
    rooms: Rooms,
    edited: Configuration,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    renamed: Mapping[str, str],
    now: datetime,
) -> Iterator[TopicChange]:
    old_topics, new_topics = before["topics"], after["topics"]
    other_sources = bool(before["sources"] != after["sources"])
    called = _renamed(edited.topics, old_topics)
    old_name = {topic.id: called.get(topic.id, topic.id) for topic in edited.topics}
    keys_of = {
        new: tuple(key for key in _differing(old_topics[old], new_topics[new]) if key != "was")
        for new, old in old_name.items()
        if old in old_topics
    }
    changed = [topic for topic in edited.topics if topic.id not in old_topics or keys_of[topic.id] or other_sources]
    found = _found(rooms, changed, edited, renamed)
    for topic in changed:
        name, was = old_name[topic.id], called.get(topic.id)
        old, keys = old_topics.get(name), keys_of.get(topic.id, ())
        shown = _shown(rooms, unpacked_topic(name, old), now) if old is not None else {}
        wanted = _wanted(rooms, topic, edited, renamed, found[topic.id], now)
        enters = tuple(entry for name, entry in wanted.items() if name not in shown)
        leaves = tuple(entry for name, entry in shown.items() if name not in wanted)
        change = "renamed" if was else "added" if old is None else "changed" if keys else "stories"
        if enters or leaves or change != "stories":
            yield TopicChange(id=topic.id, change=change, was=was, keys=keys, enters=enters, leaves=leaves)
    for name, old in old_topics.items():
        if name not in new_topics and name not in called.values():
            leaves = tuple(_shown(rooms, unpacked_topic(name, old), now).values())
            yield TopicChange(id=name, change="removed", leaves=leaves)


def _shown(rooms: Rooms, topic: Topic, now: datetime) -> dict[str, Selected]:
    """What the topic shows today, by id."""
    selection, _ = select(topic, rooms.topics.groups(topic), now)
    return {entry.id: entry for entry in selection.entries}


def _found(
    rooms: Rooms, topics: Sequence[Topic], edited: Configuration, renamed: Mapping[str, str]
) -> dict[str, list[Hit]]:
    """What the edited topics would take of what is stored: few are looked up, many share one reading."""
    sources = {source.id: source for source in edited.sources}
    new_names = {was: name for name, was in renamed.items()}
    found: dict[str, list[Hit]] = {topic.id: [] for topic in topics}
    for together in [topics] if len(topics) > TOGETHER else [[topic] for topic in topics]:
        alone = together[0] if len(together) == 1 else None
        matcher = Matcher(together, sources)
        words = None if alone is None else needed(alone.query)
        asked = _stored_names(alone.source_ids if alone is not None else None, sources, renamed)
        for copy in chain.from_iterable(rooms.search.candidates(words, source_ids=asked)):
            named = _as_named(copy, new_names, sources[new_names.get(_source(copy), _source(copy))].rank)
            for verdict in matcher.match(named):
                found[verdict.topic_id].append(light(Hit(copy=named, verdict=verdict)))
    return found


def _stored_names(
    admitted: frozenset[str] | None, sources: Iterable[str], renamed: Mapping[str, str]
) -> frozenset[str]:
    """The sources' ids as the store has them."""
    return frozenset(renamed.get(name, name) for name in (sources if admitted is None else admitted))


def _wanted(  # noqa: PLR0917 - the topic, and what lies between the two sides
    rooms: Rooms, topic: Topic, edited: Configuration, renamed: Mapping[str, str], found: Sequence[Hit], now: datetime
) -> dict[str, Selected]:
    """What the edited topic would show of what it takes."""
    asked = _stored_names(topic.source_ids, [source.id for source in edited.sources], renamed)
    groups = counted(rooms, topic, grouped(found, topic.same_story), asked)
    selection, _ = select(topic, groups, now)
    return {entry.id: entry for entry in selection.entries}


def _source(copy: Copy) -> str:
    return copy.stored.item.source_id


def _as_named(copy: Copy, new_names: Mapping[str, str], rank: int) -> Copy:
    """A copy under the name and rank its source would have."""
    item = replace(copy.stored.item, source_id=new_names.get(_source(copy), _source(copy)))
    return replace(copy, rank=rank, stored=replace(copy.stored, item=item))
