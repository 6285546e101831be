"""A configuration → the store's rows: sources to visit, topics to fill."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from aggregator.pipeline.applied import asked_otherwise, packed
from aggregator.steps.select import digest

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.domain.settings import Configuration
    from aggregator.ports import Store

log = structlog.get_logger()


def configure(store: Store, configuration: Configuration, now: datetime) -> None:
    """Make the store agree with the configuration, in one transaction.

    A topic that matches differently now is marked to be filled from what is stored: see `fill`.
    """
    sources = {source.id: source for source in configuration.sources}
    with store.write() as rooms:
        rooms.sources.sync(configuration.sources, now)
        digests = {topic.id: digest(topic, sources) for topic in configuration.topics}
        again = rooms.topics.sync(configuration.topics, digests)
        before, after = rooms.applied.get(), packed(configuration)
        if before is not None:  # whoever has just written the password does not wait for hours
            rooms.sources.ask_again(asked_otherwise(before[0], after), now)
        rooms.applied.put(after, now)
        rooms.filling.begin(again)
    log.info("configured", sources=len(sources), topics=len(configuration.topics), to_fill=len(again))
