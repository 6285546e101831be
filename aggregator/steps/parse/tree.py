"""An element of a feed's tree: its names, its text, its base. For what is read past feedparser."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from aggregator.text.urls import absolute

if TYPE_CHECKING:
    from collections.abc import Iterator

ATOM = ("http://www.w3.org/2005/atom", "http://purl.org/atom/ns#", "https://www.w3.org/2005/atom")
CHAPTERS = ("http://podlove.org/simple-chapters", "http://podlove.org/simple-chapters/")
DC = ("http://purl.org/dc/elements/1.1/", "http://purl.org/dc/elements/1.0/", "http://purl.org/dc/terms/")
GEORSS = ("http://www.georss.org/georss", "http://www.georss.org/georss/10")
GML = ("http://www.opengis.net/gml",)
ITUNES = ("http://www.itunes.com/dtds/podcast-1.0.dtd", "http://example.com/dtds/podcast-1.0.dtd")
MEDIA = ("http://search.yahoo.com/mrss/", "http://search.yahoo.com/mrss")
PODCAST = (
    "https://podcastindex.org/namespace/1.0",
    "http://podcastindex.org/namespace/1.0",
    "https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
)
RSS = ("", "http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/", "http://backend.userland.com/rss2",
       "http://channel.netscape.com/rdf/simple/0.9/", "http://blogs.law.harvard.edu/tech/rss",
       "http://www.rssboard.org/rss-specification")  # fmt: skip
SLASH = ("http://purl.org/rss/1.0/modules/slash/",)
THREAD = ("http://purl.org/syndication/thread/1.0",)
W3C_GEO = ("http://www.w3.org/2003/01/geo/wgs84_pos#",)
WFW = ("http://wellformedweb.org/commentapi/",)
BASE = "{http://www.w3.org/XML/1998/namespace}base"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def elements(element: Any) -> Iterator[Any]:
    """The element and its descendants that are elements."""
    return (e for e in element.iter() if isinstance(e.tag, str))


def split(element: Any) -> tuple[str, str]:
    """Namespace and local name; both in lower case, as so many write them wrong."""
    return _parts(str(element.tag))


@lru_cache(maxsize=2048)
def _parts(tag: str) -> tuple[str, str]:
    namespace, _, name = tag.rpartition("}")
    return namespace.removeprefix("{").lower(), name.lower()


def local(element: Any) -> str:
    """The local name in lower case."""
    return split(element)[1]


def named(element: Any, name: str, namespaces: tuple[str, ...]) -> bool:
    """Whether the element is of that local name (lower case) in one of the namespaces."""
    if not isinstance(element.tag, str):
        return False
    namespace, own = split(element)
    return own == name and namespace in namespaces


def first(holder: Any, name: str, namespaces: tuple[str, ...]) -> Any | None:
    """The first child of that name; None where there is none."""
    return next((e for e in holder if named(e, name, namespaces)), None)


def text(element: Any) -> str:
    """All the text in it, without white space at its ends."""
    return "".join(element.itertext()).strip()


def said(holder: Any, name: str, namespaces: tuple[str, ...]) -> str | None:
    """The text of the first child of that name that has one."""
    return next((found for e in holder if named(e, name, namespaces) and (found := text(e))), None)


def base_of(element: Any, document: str) -> str:
    """xml:base, inherited (XML Base §4.1)."""
    base = document
    for ancestor in reversed([element, *element.iterancestors()]):
        base = absolute(ancestor.get(BASE), base) or base if ancestor.get(BASE) else base
    return base


def number(written: str | None, most: int = 99_999) -> int | None:
    """A whole number up to `most`, or None."""
    digits = (written or "").strip().removesuffix("px")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 and int(digits) <= most else None  # noqa: PLR2004
