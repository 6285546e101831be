"""Items stored or changed → which topics take them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import structlog

from aggregator.steps.select import Matcher, digest

if TYPE_CHECKING:
    from aggregator.domain.settings import Configuration
    from aggregator.domain.topic import Copy, Verdict
    from aggregator.ports import Store

log = structlog.get_logger()

BATCH = 500  # items in one transaction


class Same:
    """A configuration that equals itself only: comparing two of ten thousand topics would cost what this spares."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.configuration is self.configuration

    def __hash__(self) -> int:
        return id(self.configuration)


@lru_cache(maxsize=1)
def prepared(same: Same) -> tuple[dict[str, bytes], Matcher]:
    """What is asked of every batch, made once for a configuration: half a second for ten thousand topics."""
    topics = same.configuration.topics
    sources = {source.id: source for source in same.configuration.sources}
    return {topic.id: digest(topic, sources) for topic in topics}, Matcher(topics, sources)


def match(store: Store, configuration: Configuration) -> int:
    """Match what is new or changed against every topic; each batch is one transaction. Returns the items matched.

    Another process may have applied an edited configuration meanwhile: its topics were filled by other queries
    than ours, and an item matched by ours would miss them for good. Then the items wait for whoever knows them.
    """
    with store.read() as rooms:
        if not rooms.topics.unmatched(1):
            return 0
    ours, matcher = prepared(Same(configuration))
    count = 0
    while True:
        with store.read() as rooms:
            if not rooms.topics.unmatched(1):
                return count
        with store.write() as rooms:
            if rooms.topics.match_digests() != ours:
                log.warning("matching_waits", reason="another process applied another configuration")
                return count
            copies = rooms.topics.unmatched(BATCH)
            rooms.topics.matched(copies, {copy.stored.id: _verdicts(matcher, copy) for copy in copies})
        count += len(copies)


def _verdicts(matcher: Matcher, copy: Copy) -> list[Verdict]:
    """The topics that take an item. One that breaks the matcher is in none, and holds nobody up."""
    try:
        return matcher.match(copy)
    except Exception:  # the boundary that owns one item
        log.exception("item_not_matched", item=copy.stored.public_id)
        return []
