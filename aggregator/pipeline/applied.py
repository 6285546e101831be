"""A configuration as JSON that the store may keep: what decides about sources and topics, and no secret."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from aggregator.domain.settings import SameStory
from aggregator.domain.topic import Order, Topic
from aggregator.steps.select import QueryError, parse_query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aggregator.domain.settings import Configuration

_SOURCE = ("title", "tags", "rank", "every", "language", "timezone", "encoding", "enabled", "kind")
_NAMES = {"shown_url": "url", "query_text": "query", "source_ids": "sources"}


def packed(configuration: Configuration) -> dict[str, Any]:
    """The sources and topics by their ids, in the configuration's order, each with its keys as in feeds.yaml."""
    return {
        "sources": {
            source.id: {_NAMES.get(name, name): _plain(getattr(source, name)) for name in ("shown_url", *_SOURCE)}
            for source in configuration.sources
        },
        "topics": {topic.id: _topic(topic) for topic in configuration.topics},
    }


def _topic(topic: Topic) -> dict[str, Any]:
    names = [field.name for field in fields(topic) if field.name not in {"id", "query"}]
    return {_NAMES.get(name, name): _plain(getattr(topic, name)) for name in names}


def unpacked_topic(topic_id: str, settings: Mapping[str, Any]) -> Topic:
    """A topic as it was applied, as far as it decides what is shown; what this version does not know is left out."""
    query, sources, max_age = settings.get("query", ""), settings.get("sources"), settings.get("max_age")
    try:
        tree = parse_query(query)
    except QueryError:  # written by a version with another language: matches are in the store all the same
        tree = parse_query("")
    return Topic(
        id=topic_id,
        title=topic_id,
        query=tree,
        query_text=query,
        source_ids=None if sources is None else frozenset(sources),
        limit=settings.get("limit", 50),
        max_age=None if max_age is None else timedelta(seconds=max_age),
        order=Order(settings.get("order", Order.NEWEST)),
        min_sources=settings.get("min_sources", 1),
        per_source=settings.get("per_source", 0),
        settle=timedelta(seconds=settings.get("settle", 0)),
        same_story=SameStory(settings.get("same_story", SameStory.ACROSS_SOURCES)),
    )


def _plain(value: object) -> Any:
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(value)
    return [_plain(part) for part in value] if isinstance(value, tuple) else value
