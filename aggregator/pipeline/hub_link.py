"""Which hub our feeds announce, and which of our addresses are topics: the one place that decides it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.domain.settings import Format
from aggregator.steps.push.hub import ascii_address
from aggregator.steps.push.reach import is_public
from aggregator.steps.render.documents import topic_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aggregator.domain.settings import Configuration
    from aggregator.domain.topic import Topic

BUILT_IN = "built-in"
HUB_PATH = "hub"
FEEDS = (Format.ATOM, Format.RSS, Format.JSON)


def announced(configuration: Configuration) -> str | None:
    """The hub that feeds of public topics link to; None where `publish.hub` is none or nobody could reach us.

    While site.url is not public there is no link, unless `publish.hub_allow_hosts` says that subscribers are on the
    same network. What holds a secret in an outside hub's address is not announced.
    """
    publish = configuration.publish
    if publish.hub is None:
        return None
    if not (publish.hub_allow_hosts or is_public(configuration.site.url)):
        return None
    if publish.hub == BUILT_IN:
        return f"{configuration.site.url}/{HUB_PATH}"
    return publish.hub_shown or publish.hub


def topics_of(configuration: Configuration) -> dict[str, str]:
    """The address of every feed of a public topic → the path of its document: what can be subscribed to."""
    return _addresses(configuration, ((topic, topic.id) for topic in configuration.topics))


def followed(configuration: Configuration) -> dict[str, str]:
    """The same, and the former addresses of renamed topics: who subscribed there gets the news on."""
    topics = configuration.topics
    names = {topic.id for topic in topics}
    former = ((topic, topic.was) for topic in topics if topic.was is not None and topic.was not in names)
    return _addresses(configuration, former) | topics_of(configuration)


def _addresses(configuration: Configuration, named: Iterable[tuple[Topic, str]]) -> dict[str, str]:
    site = configuration.site.url
    # A header holds ASCII alone, a document holds what feeds.yaml says: both are read by subscribers.
    bases = dict.fromkeys((site, ascii_address(site)))
    return {
        f"{base}/{topic_path(name, form)}": topic_path(topic.id, form)
        for topic, name in named
        if topic.public
        for form in topic.formats
        if form in FEEDS
        for base in bases
    }


def is_topic(configuration: Configuration, path: str) -> bool:
    """Whether the document at that path can be subscribed to: a feed of a public topic."""
    name, dot, form = path.removeprefix("topics/").partition(".")
    if not (path.startswith("topics/") and dot and form in FEEDS):
        return False
    return any(topic.public and topic.id == name and form in topic.formats for topic in configuration.topics)
