"""Which hub our feeds announce, and which of our addresses are topics: the one place that decides it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.domain.settings import Format
from aggregator.steps.push.hub import ascii_address
from aggregator.steps.push.reach import is_public
from aggregator.steps.render.documents import topic_path

if TYPE_CHECKING:
    from aggregator.domain.settings import Configuration

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
    paths = (
        topic_path(topic.id, form)
        for topic in configuration.topics
        if topic.public
        for form in topic.formats
        if form in FEEDS
    )
    site = configuration.site.url
    # A header holds ASCII alone, a document holds what feeds.yaml says: both are read by subscribers.
    return {f"{base}/{path}": path for path in paths for base in dict.fromkeys((site, ascii_address(site)))}


def is_topic(configuration: Configuration, path: str) -> bool:
    """Whether the document at that path can be subscribed to: a feed of a public topic."""
    name, dot, form = path.removeprefix("topics/").partition(".")
    if not (path.startswith("topics/") and dot and form in FEEDS):
        return False
    return any(topic.public and topic.id == name and form in topic.formats for topic in configuration.topics)
