"""OPML 2.0 (http://opml.org/spec2.opml): lists of feeds that readers take in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml.etree import Element, SubElement, tostring

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscription:
    """One feed of a list. `version` is OPML's word: RSS, or ATOM1 as readers know it."""

    title: str
    feed_url: str
    page_url: str | None = None
    description: str = ""
    version: str = "RSS"


def opml(title: str, subscriptions: Sequence[Subscription]) -> bytes:
    """The list as a document, without a date: its bytes are a function of the list."""
    root = Element("opml", version="2.0")
    SubElement(SubElement(root, "head"), "title").text = title
    body = SubElement(root, "body")
    for feed in subscriptions:
        outline = SubElement(body, "outline", type="rss", text=feed.title, title=feed.title)
        if feed.description:
            outline.set("description", feed.description)
        outline.set("xmlUrl", feed.feed_url)
        if feed.page_url:
            outline.set("htmlUrl", feed.page_url)
        outline.set("version", feed.version)
    return bytes(tostring(root, pretty_print=True, encoding="UTF-8", xml_declaration=True))
