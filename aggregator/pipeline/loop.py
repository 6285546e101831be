"""Our own news coming back: a source that is one of our topics, and entries that left from here.

::

    the feed    says that it is a document of this site: the visit fails
    an entry    carries a name that was given here, now or before it was taken over elsewhere: it is dropped
    an echo     another site of this program sends an entry that it sent under another name before: it is dropped

The last one stops a ring of sites that show every copy by itself: each round would give the same news a new name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.domain.outcome import Failure, Fetched
from aggregator.domain.story import Reason
from aggregator.errors import Code
from aggregator.pipeline.admit import dropped
from aggregator.text.own import name, own_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from aggregator.domain.drop import Drop
    from aggregator.domain.entry import FeedInfo
    from aggregator.domain.item import Item
    from aggregator.domain.outcome import Outcome
    from aggregator.domain.settings import Configuration
    from aggregator.domain.source import Source
    from aggregator.ports import ItemStore
    from aggregator.text.own import Name

RULE = "loop"


def refuse_own(outcome: Outcome, configuration: Configuration) -> Outcome:
    """The outcome, or a failure where what came is a document of this very site."""
    if not isinstance(outcome, Fetched):
        return outcome
    topic = _own_topic(outcome.reading.info, configuration)
    if topic is None:
        return outcome
    message = (
        f"this is our own feed ({topic}): it names {configuration.site.url} as its publisher; remove the source, or, "
        "if another site of this program answered, give each its own site.url"
    )
    return Failure(code=Code.REFUSED_ADDRESS, message=message)


def without_own(
    items_of: ItemStore, source: Source, items: Sequence[Item], configuration: Configuration, now: datetime
) -> tuple[list[Item], list[Drop]]:
    """The items that are news here, and the others with the reason."""
    names = {item.raw_hash: _names(item) for item in items}
    given = items_of.given({each.text for found in names.values() for each in found})
    foreign = [item for item in items if name(item.guid)]
    echoes = items_of.echoes(source.id, foreign) if foreign else frozenset()
    kept: list[Item] = []
    drops: list[Drop] = []
    for item in items:
        why = _own(item, names[item.raw_hash], given, configuration)
        if why is None and item.keys.primary in echoes:
            why = _because(f"{source.id!r} sent the same news under another name before", item)
        if why is None:
            kept.append(item)
        else:
            drops.append(dropped(item, why, now))
    return kept, drops


def _own_topic(info: FeedInfo, configuration: Configuration) -> str | None:
    """Which document of ours a feed says to be. Its address counts before its name, which sites of a host share."""
    site = configuration.site.url
    if info.self_link is not None:
        return own_document(info.self_link, site)
    said = name(info.id)
    ours = {topic.id for topic in configuration.topics} | {topic.was for topic in configuration.topics}
    return f"topic {said.topic!r}" if said and said.host == _host(configuration) and said.topic in ours else None


def _own(item: Item, names: Sequence[Name], given: frozenset[str], configuration: Configuration) -> Reason | None:
    for each in names:
        if each.text in given or _surely_ours(each, configuration):
            return _because(f"it left from here as {each.text}", item)
    origin = item.origin
    if origin is not None and own_document(origin.feed_url, configuration.site.url):
        return _because("it says that it was taken from a feed of this site", item)
    return None


def _names(item: Item) -> list[Name]:
    """The names an entry has and had, where this program gave them."""
    found = (name(text) for text in dict.fromkeys((item.guid, item.identifier)))
    return [each for each in found if each is not None]


def _surely_ours(each: Name, configuration: Configuration) -> bool:
    """Also what the store has forgotten, or a database before it: our host, and a source or topic of ours.

    Sites on loopback all have one host: there only what is stored counts.
    """
    host = _host(configuration)
    if each.host != host or _local(host):
        return False
    return any(each.source == source.id for source in configuration.sources) or any(
        each.topic == topic.id for topic in configuration.topics
    )


def _because(text: str, item: Item) -> Reason:
    evidence: Mapping[str, str] = {"guid": item.guid} if item.guid else {}
    return Reason(rule=RULE, text=f"our own news coming back: {text}", evidence=evidence)


def _host(configuration: Configuration) -> str:
    return urlsplit(configuration.site.url).hostname or "localhost"


def _local(host: str) -> bool:
    return host == "localhost" or host.startswith("127.") or ":" in host
