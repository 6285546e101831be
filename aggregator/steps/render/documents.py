"""Bytes with a name: how every document is made, and where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.domain.document import PRIVATE, Document
from aggregator.domain.settings import Format

if TYPE_CHECKING:
    from aggregator.domain.topic import Topic

# As links name them; JSON Feed's is registered by its own specification, RSS's by nobody.
BARE_TYPES = {
    Format.ATOM: "application/atom+xml",
    Format.RSS: "application/rss+xml",
    Format.JSON: "application/feed+json",
    Format.HTML: "text/html",
}
MEDIA_TYPES = {form: f"{bare}; charset=utf-8" for form, bare in BARE_TYPES.items()}
OPML = "text/x-opml; charset=utf-8"


def feed(path: str, form: Format, body: bytes) -> Document:
    """A feed's document. Those in XML name a style for whom opens them in a browser (xml-stylesheet, W3C 2010)."""
    if form in {Format.ATOM, Format.RSS}:
        declaration, _, rest = body.partition(b"\n")
        up = "../" * path.removeprefix(PRIVATE).count("/")
        style = f'<?xml-stylesheet type="text/css" href="{up}assets/feed.css"?>\n'
        body = declaration + b"\n" + style.encode() + rest
    return Document.of(path, MEDIA_TYPES[form], body)


def archive_path(topic_id: str, page: int) -> str:
    """Where a page of a topic's archive stands below the site's address."""
    return f"topics/{topic_id}/archive/{page}.atom"


def stored_path(topic: Topic, path: str) -> str:
    """Where a topic's document is kept: apart, where only a token opens it."""
    return path if topic.public else f"{PRIVATE}{path}"


def topic_path(topic_id: str, form: Format) -> str:
    """Where a topic's document stands below the site's address."""
    return f"topics/{topic_id}.{form.value}"
