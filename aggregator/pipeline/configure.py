"""A configuration → the store's rows: sources to visit, topics to match."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from aggregator.pipeline.applied import packed
from aggregator.steps.select import Matcher, digest, needed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from aggregator.domain.settings import Configuration
    from aggregator.domain.source import Source
    from aggregator.domain.topic import Copy, Topic, Verdict
    from aggregator.ports import Rooms, Store

log = structlog.get_logger()

BATCH = 500  # items matched at a time: memory stays small whatever is stored
ONE_BY_ONE = 20  # topics that are looked up in the index; more of them share one reading of all items


def configure(store: Store, configuration: Configuration, now: datetime) -> None:
    """Make the store agree with the configuration.

    One transaction: a topic that matches differently now is emptied and filled again from all stored items, or
    none of it happened.
    """
    sources = {source.id: source for source in configuration.sources}
    with store.write() as rooms:
        rooms.sources.sync(configuration.sources, now)
        digests = {topic.id: digest(topic, sources) for topic in configuration.topics}
        again = rooms.topics.sync(configuration.topics, digests)
        rooms.applied.put(packed(configuration), now)
        if again:
            _fill(rooms, configuration, again)
    log.info("configured", sources=len(sources), topics=len(configuration.topics), matched_again=len(again))


def _fill(rooms: Rooms, configuration: Configuration, topic_ids: Sequence[str]) -> None:
    """Match stored items again: those the index finds, or all of them where that is less work."""
    wanted = frozenset(topic_ids)
    topics = [topic for topic in configuration.topics if topic.id in wanted]
    sources = {source.id: source for source in configuration.sources}
    needs = {topic.id: needed(topic.query) for topic in topics} if len(topics) <= ONE_BY_ONE else {}
    together = [topic for topic in topics if needs.get(topic.id) is None]
    if together:
        _match(rooms, together, sources, rooms.topics.all_copies(BATCH))
    for topic in topics:
        if topic not in together:
            _match(rooms, [topic], sources, rooms.search.candidates(needs[topic.id], size=BATCH))


def _match(
    rooms: Rooms, topics: Sequence[Topic], sources: Mapping[str, Source], batches: Iterable[Sequence[Copy]]
) -> None:
    matcher = Matcher(topics, sources)
    for copies in batches:
        verdicts: dict[str, dict[int, Verdict]] = {topic.id: {} for topic in topics}
        for copy in copies:
            for verdict in matcher.match(copy):
                verdicts[verdict.topic_id][copy.stored.id] = verdict
        for topic_id, found in verdicts.items():
            if found:
                rooms.topics.fill(topic_id, found)
