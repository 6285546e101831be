"""The podcast, place and discussion elements of one entry → Supplement.

Apple's podcast tags, podcastindex.org/namespace/1.0, GeoRSS Simple and GML, W3C geo, slash:comments, thr:total
(RFC 4685 §5) and wfw:commentRss.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from aggregator.domain.media import (
    Chapters,
    Discussion,
    Episode,
    License,
    Location,
    Participant,
    Point,
    Soundbite,
    Supplement,
    Transcript,
)
from aggregator.steps.parse import podcast, tree
from aggregator.steps.parse.mediarss import notes
from aggregator.text.plain import one_line
from aggregator.text.urls import absolute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aggregator.domain.media import Value

_DURATION = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6})(?:\.\d+)?", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,3}(?:\.\d{1,15})?|-?\.\d{1,15}", re.ASCII)
NUMBER = re.compile(r"\d{1,6}(?:\.\d{1,3})?", re.ASCII)
SECONDS = re.compile(r"\d{1,6}(?:\.\d{1,6})?", re.ASCII)
_COUNT = "{http://purl.org/syndication/thread/1.0}count"
_FEED_TYPES = frozenset({"application/atom+xml", "application/rss+xml"})
KINDS = frozenset({"full", "trailer", "bonus"})
_EXPLICIT = {"yes": True, "true": True, "explicit": True, "no": False, "false": False, "clean": False}
_MOST = 100  # people, transcripts and soundbites


def supplement(item: Any, base: str, values: tuple[Value, ...] = ()) -> Supplement | None:
    """What players, maps and forums are told; None where nothing is. `values` are the podcast's own."""
    found = Supplement(
        episode=_episode(item, base, values),
        notes=notes(item, base),
        point=_point(item),
        discussion=_discussion(item, base),
    )
    return None if found == Supplement() else found


def seconds(written: str | None) -> int | None:
    """itunes:duration: seconds, M:S or H:M:S."""
    found = _DURATION.fullmatch((written or "").strip())
    return None if found is None else int(found[1] or 0) * 3600 + int(found[2] or 0) * 60 + int(found[3])


def _episode(item: Any, base: str, values: tuple[Value, ...]) -> Episode | None:
    shown = tree.first(item, "episode", tree.PODCAST)
    season = tree.first(item, "season", tree.PODCAST)
    kind = (_itunes(item, "episodetype") or "").lower()
    image = tree.first(item, "image", tree.ITUNES)
    written = _number(tree.text(shown) if shown is not None else None) or _number(_itunes(item, "episode"))
    found = Episode(
        duration=seconds(_itunes(item, "duration")),
        number=written,
        number_shown=_plain(shown.get("display")) if shown is not None else None,
        season=tree.number(tree.text(season) if season is not None else _itunes(item, "season")) or None,
        season_name=_plain(season.get("name")) if season is not None else None,
        kind=kind if kind in KINDS else None,
        explicit=_EXPLICIT.get((_itunes(item, "explicit") or "").lower()),
        image=absolute(image.get("href") or image.get("url") or tree.text(image), base) if image is not None else None,
        title=_plain(_itunes(item, "title")),
        subtitle=_plain(_itunes(item, "subtitle")),
        summary=_plain(_itunes(item, "summary")),
        transcripts=tuple(_transcripts(item, base))[:_MOST],
        chapters=next(
            (
                Chapters(url=url, type=_plain(e.get("type")))
                for e in _podcast(item, "chapters")
                if (url := absolute(e.get("url") or "", base))
            ),
            None,
        ),
        people=tuple(_people(item, base))[:_MOST],
        soundbites=tuple(_soundbites(item))[:_MOST],
        location=next(
            (
                Location(name=name, geo=_plain(e.get("geo")), osm=_plain(e.get("osm")))
                for e in _podcast(item, "location")
                if (name := _plain(tree.text(e)))
            ),
            None,
        ),
        license=next(
            (
                License(name=name, url=absolute(e.get("url") or "", base))
                for e in _podcast(item, "license")
                if (name := _plain(tree.text(e)))
            ),
            None,
        ),
        marks=podcast.marks(item, base),
        values=podcast.values(item, base) or _of_podcast(item, values),
        conversations=podcast.conversations(item, base),
        remarks=podcast.remarks(item),
    )
    return None if found == Episode() else found


def _of_podcast(item: Any, values: tuple[Value, ...]) -> tuple[Value, ...]:
    """What is paid for an episode that says nothing of it; what has no file is no episode."""
    return values if values and tree.first(item, "enclosure", tree.RSS) is not None else ()


def _itunes(item: Any, name: str) -> str | None:
    return tree.said(item, name, tree.ITUNES)


def _podcast(item: Any, name: str) -> Iterator[Any]:
    return (e for e in item if tree.named(e, name, tree.PODCAST))


def _plain(written: str | None) -> str | None:
    return one_line(written or "", markup=True) or None


def _number(written: str | None) -> str | None:
    found = (written or "").strip()
    return found if NUMBER.fullmatch(found) else None


def _transcripts(item: Any, base: str) -> Iterator[Transcript]:
    for element in _podcast(item, "transcript"):
        if url := absolute(element.get("url") or "", base):
            yield Transcript(
                url=url,
                type=_plain(element.get("type")),
                language=_plain(element.get("language")),
                rel=_plain(element.get("rel")),
            )


def _people(item: Any, base: str) -> Iterator[Participant]:
    for element in _podcast(item, "person"):
        if name := _plain(tree.text(element)):
            yield Participant(
                name=name,
                role=_plain(element.get("role")),
                group=_plain(element.get("group")),
                image=absolute(element.get("img") or "", base),
                link=absolute(element.get("href") or "", base),
            )


def _soundbites(item: Any) -> Iterator[Soundbite]:
    for element in _podcast(item, "soundbite"):
        start, length = ((element.get(name) or "").strip() for name in ("startTime", "duration"))
        if SECONDS.fullmatch(start) and SECONDS.fullmatch(length):
            yield Soundbite(start=start, duration=length, title=_plain(tree.text(element)))


def _point(item: Any) -> Point | None:
    """The entry's one point: georss:point, gml:pos, then W3C geo."""
    for element in tree.elements(item):
        if tree.named(element, "point", tree.GEORSS) or tree.named(element, "pos", tree.GML):
            parts = tree.text(element).replace(",", " ").split()
            if len(parts) == 2 and (found := _degrees(*parts)):  # noqa: PLR2004 - latitude, longitude
                return found
    latitude, longitude = (
        next((tree.text(e) for e in tree.elements(item) if tree.named(e, name, tree.W3C_GEO)), "")
        for name in ("lat", "long")
    )
    return _degrees(latitude, longitude)


def _degrees(latitude: str, longitude: str) -> Point | None:
    if not (_DECIMAL.fullmatch(latitude) and _DECIMAL.fullmatch(longitude)):
        return None
    inside = abs(float(latitude)) <= 90 and abs(float(longitude)) <= 180  # noqa: PLR2004
    return Point(latitude=latitude, longitude=longitude) if inside else None


def _discussion(item: Any, base: str) -> Discussion | None:
    links = [e for e in item if tree.named(e, "link", tree.ATOM) and (e.get("rel") or "").lower() == "replies"]
    written = (
        tree.said(item, "comments", tree.SLASH),
        tree.said(item, "total", tree.THREAD),
        *(link.get(_COUNT) for link in links),
    )
    count = next((n for text in written if (n := tree.number(text, 10**9)) is not None), None)
    feeds = (link.get("href") for link in links if (link.get("type") or "").lower() in _FEED_TYPES)
    feed = tree.said(item, "commentrss", tree.WFW) or next(feeds, None)
    found = Discussion(count=count, feed=absolute(feed, base) if feed else None)
    return None if found == Discussion() else found
