"""The forms in which the outlets publish. Entry point: `DIALECTS`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from aggregator.app.demo.dialects import atom, jsonfeed, rdf, rss

if TYPE_CHECKING:
    from collections.abc import Callable

    from aggregator.app.demo.printed import Issue


class Dialect(NamedTuple):
    """A feed's file name, its media type and how it is written."""

    name: str
    media_type: str
    write: Callable[[Issue], bytes]


DIALECTS = {
    "rss-summary": Dialect("feed.xml", "application/rss+xml; charset=utf-8", rss.summary),
    "rss-full": Dialect("rss.xml", "application/rss+xml; charset=utf-8", rss.full),
    "rss-091": Dialect("feed.xml", "text/xml; charset=utf-8", rss.minimal),
    "rss-gb18030": Dialect("rss.xml", "text/xml", rss.gb18030),
    "podcast": Dialect("podcast.xml", "application/rss+xml; charset=utf-8", rss.podcast),
    "media-rss": Dialect("pictures.xml", "application/rss+xml; charset=utf-8", rss.media),
    "rdf": Dialect("index.rdf", "application/rdf+xml; charset=utf-8", rdf.write),
    "atom-html": Dialect("atom.xml", "application/atom+xml; charset=utf-8", atom.html),
    "atom-xhtml": Dialect("atom.xml", "application/atom+xml; charset=utf-8", atom.xhtml),
    "json-feed": Dialect("feed.json", "application/feed+json", jsonfeed.write),
}
