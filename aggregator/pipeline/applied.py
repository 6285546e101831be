"""A configuration as JSON that the store may keep: what decides about sources and topics, and no secret."""

from __future__ import annotations

from dataclasses import asdict, astuple, fields
from datetime import timedelta
from enum import Enum
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from aggregator.domain.settings import SameStory
from aggregator.domain.source import PageSelectors
from aggregator.domain.topic import Order, Topic
from aggregator.steps.select import QueryError, parse_query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aggregator.domain.settings import Configuration
    from aggregator.domain.source import Source

_SOURCE = (
    "title", "tags", "rank", "every", "language", "timezone", "encoding", "enabled", "kind", "page", "full_text",
    "only_text", "drop_text",
)  # fmt: skip
# How a source is asked. Passwords are among it, so two bytes of a digest are kept: enough to notice an edit, and of no
# use to who would try passwords out.
ASKED = "how it is asked"
_NAMES = {
    "shown_url": "url", "query_text": "query", "source_ids": "sources", "only_text": "only", "drop_text": "drop",
}  # fmt: skip


def packed(configuration: Configuration) -> dict[str, Any]:
    """The sources and topics by their ids, in the configuration's order, each with its keys as in feeds.yaml."""
    return {
        "sources": {
            source.id: {
                **{_NAMES.get(name, name): _plain(getattr(source, name)) for name in ("shown_url", *_SOURCE)},
                ASKED: _asked(source),
            }
            for source in configuration.sources
        },
        "topics": {topic.id: _topic(topic) for topic in configuration.topics},
    }


def asked_otherwise(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The sources of two packed configurations whose credentials, headers, proxy or the like differ."""
    old = before["sources"]
    return [
        name
        for name, settings in after["sources"].items()
        if old.get(name, {}).get(ASKED, settings[ASKED]) != settings[ASKED]
    ]


def _asked(source: Source) -> int:
    parts = (
        source.headers,
        source.auth and astuple(source.auth),
        source.cookies,
        source.user_agent,
        source.verify_tls,
        source.proxy,
        source.client_certificate and astuple(source.client_certificate),
    )
    return int.from_bytes(blake2b(repr(parts).encode(), digest_size=2).digest())


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
    if isinstance(value, PageSelectors):
        return asdict(value)
    return [_plain(part) for part in value] if isinstance(value, tuple) else value
