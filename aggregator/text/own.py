"""What this program itself has published: which addresses and which names are a site's own.

A name is `tag:HOST,2026:SOURCE/HASH` for a story and `tag:HOST,2026:topic:ID` for a topic (RFC 4151). Two sites on
one host share HOST, so a name alone never proves which of them gave it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_LONGEST = 512  # characters of a name
_STORY = re.compile(r"tag:([^\s,]+),2026:([a-z0-9][a-z0-9-]*)/[0-9a-f]{32}")
_TOPIC = re.compile(r"tag:([^\s,]+),2026:topic:([a-z0-9][a-z0-9-]*)")
_DOCUMENTS = re.compile(
    r"/?|/index\.html|/status(?:\.atom)?|/search(?:\.atom)?|/stories/tag(?::|%3A).*|/topics\.opml|"
    r"/topics/([a-z0-9][a-z0-9-]*)(?:\.(?:atom|rss|json|html)|/archive/\d+\.atom)?"
)
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, kw_only=True, slots=True)
class Name:
    """A tag: URI as this program makes them: `host` gave it, for a story of `source` or for a whole `topic`."""

    text: str
    host: str
    source: str | None = None
    topic: str | None = None


def tag_uri(text: str) -> str | None:
    """The text where it is a tag: URI of believable length, else None."""
    found = text.strip()
    return found if found.startswith("tag:") and len(found) <= _LONGEST else None


def name(text: str | None) -> Name | None:
    """A tag: URI read as one of this program's, whichever site gave it; None for every other text."""
    found = tag_uri(text or "")
    if found is None:
        return None
    if story := _STORY.fullmatch(found):
        return Name(text=found, host=story[1], source=story[2])
    topic = _TOPIC.match(found)
    return Name(text=found, host=topic[1], topic=topic[2]) if topic else None


def own_document(url: str | None, site_url: str) -> str | None:
    """The path below `site_url` that a document of that site stands at; None for every other address.

    http and https are one site here: a proxy in front often speaks both.
    """
    try:
        there, here = urlsplit(url or ""), urlsplit(site_url)
        if _place(there.hostname, there.port, there.scheme) != _place(here.hostname, here.port, here.scheme):
            return None
    except ValueError:
        return None
    base = here.path.rstrip("/")
    path = there.path.removeprefix(base) if there.path.startswith(f"{base}/") or there.path == base else None
    return path if path is not None and _DOCUMENTS.fullmatch(path) else None


def _place(host: str | None, port: int | None, scheme: str) -> tuple[str, int]:
    """Host and port; the two default ports count as one."""
    given = port or _PORTS.get(scheme.lower(), 0)
    return (host or "").rstrip(".").lower(), 443 if given == _PORTS["http"] else given
