"""A configuration → the store's rows: sources to visit, topics to match."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from aggregator.steps.select import Matcher, digest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.domain.settings import Configuration
    from aggregator.domain.topic import Verdict
    from aggregator.ports import Rooms, Store

log = structlog.get_logger()

BATCH = 500  # items matched at a time: memory stays small whatever is stored


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
        if again:
            _fill(rooms, configuration, again)
    log.info("configured", sources=len(sources), topics=len(configuration.topics), matched_again=len(again))


def _fill(rooms: Rooms, configuration: Configuration, topic_ids: Sequence[str]) -> None:
    wanted = frozenset(topic_ids)
    topics = [topic for topic in configuration.topics if topic.id in wanted]
    matcher = Matcher(topics, {source.id: source for source in configuration.sources})
    for copies in rooms.topics.all_copies(BATCH):
        verdicts: dict[str, dict[int, Verdict]] = {topic.id: {} for topic in topics}
        for copy in copies:
            for verdict in matcher.match(copy):
                verdicts[verdict.topic_id][copy.stored.id] = verdict
        for topic_id, found in verdicts.items():
            if found:
                rooms.topics.fill(topic_id, found)
