"""Rules that what is stored speaks against: those that never match, always match, or change nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aggregator.pipeline.preview import asked
from aggregator.steps.select import needed, sense

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aggregator.domain.settings import Configuration
    from aggregator.domain.topic import Topic
    from aggregator.ports import Store

FEWEST = 50  # stored items of a topic's sources; fewer prove nothing
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


def doubts(
    store: Store, configuration: Configuration, now: datetime, *, clock: Callable[[], float], seconds: float
) -> Iterator[tuple[int, str]]:
    """Each doubt with its topic's place in the configuration; those that can be told in that time."""
    until = clock() + seconds
    with store.read() as rooms:
        counts = {report.id: report.items for report in rooms.sources.reports()}
    for place, topic in enumerate(configuration.topics):
        if clock() > until:
            return
        of_sources = sum(n for name, n in counts.items() if topic.source_ids is None or name in topic.source_ids)
        # A query that the index cannot answer would be asked of everything stored; one that is senseless was told of.
        chosen = [one for one in configuration.sources if topic.source_ids is None or one.id in topic.source_ids]
        if of_sources >= FEWEST and needed(topic.query) is not None and not list(sense(topic.query, chosen)):
            for message in _of(store, configuration, topic, now, of_sources):
                yield place, message


def _of(store: Store, configuration: Configuration, topic: Topic, now: datetime, count: int) -> Iterator[str]:
    found, effects = asked(store, configuration, topic, now, _EVER)
    if not found:
        yield f"takes none of the {count} items stored of its sources"
    elif len(found) >= count:
        yield f"takes every one of the {count} items stored of its sources, as it would without a query"
    else:
        for effect in effects:
            if not (effect.adds or effect.removes or effect.alone):
                yield f"{effect.clause} changes nothing among the {count} items stored of its sources"
