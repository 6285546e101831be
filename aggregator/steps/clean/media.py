"""Enclosures, media, people and labels of an entry, believed only as far as they can be published."""

from __future__ import annotations

import dataclasses
import mimetypes
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.domain.entry import Author
from aggregator.text.language import tag
from aggregator.text.normalise import line
from aggregator.text.urls import clean_link

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aggregator.domain.entry import Category, Enclosure, Media, Origin

_MOST_BYTES = 10**12
_LONGEST_DURATION = 7 * 86_400  # seconds
_LONGEST_NAME = 200
_MIME = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}")
_EMAIL = re.compile(r"[^\s@<>()\",;]{1,64}@[^\s@<>()\"',;]{1,190}\.[^\s@<>()\"',;.]{2,24}")
# What the standard library's table (of the machine, so not used) calls differently or does not know.
_TYPES = {
    "mp3": "audio/mpeg", "m4a": "audio/mp4", "m4b": "audio/mp4", "aac": "audio/aac", "ogg": "audio/ogg",
    "oga": "audio/ogg", "opus": "audio/ogg", "flac": "audio/flac", "wav": "audio/wav", "mp4": "video/mp4",
    "m4v": "video/mp4", "mov": "video/quicktime", "webm": "video/webm", "mkv": "video/x-matroska",
    "avi": "video/x-msvideo", "ts": "video/mp2t", "m3u8": "application/vnd.apple.mpegurl", "jpg": "image/jpeg",
    "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp", "avif": "image/avif",
    "svg": "image/svg+xml", "pdf": "application/pdf", "epub": "application/epub+zip", "zip": "application/zip",
    "torrent": "application/x-bittorrent",
}  # fmt: skip
_KNOWN = mimetypes.MimeTypes(filenames=())


def enclosures(found: Iterable[Enclosure], base: str | None) -> tuple[Enclosure, ...]:
    """Files with a web address, each once; a missing type is told by the name, an absurd length is none."""
    kept: dict[str, Enclosure] = {}
    for enclosure in found:
        url = clean_link(enclosure.url, base)
        if url is None or url in kept:
            continue
        kept[url] = dataclasses.replace(
            enclosure,
            url=url,
            type=_type(enclosure.type, url),
            length=enclosure.length if enclosure.length and 0 < enclosure.length <= _MOST_BYTES else None,
            title=line(enclosure.title or "")[:_LONGEST_NAME] or None,
            duration=enclosure.duration if enclosure.duration and 0 < enclosure.duration <= _LONGEST_DURATION else None,
        )
    return tuple(kept.values())


def media(found: Iterable[Media], base: str | None) -> tuple[Media, ...]:
    """Pictures, sounds and films with a web address, each once in each group."""
    kept: dict[tuple[str, str, int | None], Media] = {}
    for medium in found:
        url = clean_link(medium.url, base)
        if url is None or (medium.role, url, medium.group) in kept or (medium.width == 1 and medium.height == 1):
            continue
        kind = _type(medium.type, url)
        kept[medium.role, url, medium.group] = dataclasses.replace(
            medium,
            url=url,
            type=kind,
            medium=medium.medium or ((kind or "").partition("/")[0] if kind and kind[:5] in _SHOWN else None),
            description=line(medium.description or "")[:2000] or None,
            credit=line(medium.credit or "")[:_LONGEST_NAME] or None,
            title=line(medium.title or "")[:_LONGEST_NAME] or None,
            language=tag(medium.language),
            duration=medium.duration if medium.duration and medium.duration <= _LONGEST_DURATION else None,
            bitrate=medium.bitrate or None,
            size=medium.size or None,
        )
    return tuple(kept.values())


_SHOWN = frozenset({"image", "audio", "video"})


def _type(declared: str | None, url: str) -> str | None:
    """The declared media type if it is one, else by the address's extension."""
    kind = (declared or "").partition(";")[0].strip().lower()
    if _MIME.fullmatch(kind) and kind not in {"application/octet-stream", "binary/octet-stream"}:
        return kind
    extension = urlsplit(url).path.rpartition("/")[2].rpartition(".")[2].lower()
    return (
        _TYPES.get(extension) or _KNOWN.types_map[1].get(f".{extension}") or (kind if _MIME.fullmatch(kind) else None)
    )


def authors(found: Iterable[Author], base: str | None) -> tuple[Author, ...]:
    """People with a name, a possible mail address or a page."""
    kept: list[Author] = []
    for author in found:
        email = line(author.email or "")
        # What cannot be mailed to (`me@localhost`) is the name of one who has no other.
        person = Author(
            name=line(author.name or ("" if _EMAIL.fullmatch(email) else email))[:_LONGEST_NAME] or None,
            email=email if _EMAIL.fullmatch(email) else None,
            uri=clean_link(author.uri, base) if author.uri else None,
        )
        if person != Author() and person not in kept:
            kept.append(person)
    return tuple(kept)


def categories(found: Iterable[Category]) -> tuple[Category, ...]:
    """Labels on one line, each once."""
    cut = (
        dataclasses.replace(
            c,
            term=line(c.term)[:_LONGEST_NAME],
            label=line(c.label or "")[:_LONGEST_NAME] or None,
            scheme=line(c.scheme or "")[:2000] or None,
        )
        for c in found
    )
    return tuple(dict.fromkeys(c for c in cut if c.term))


def origin(found: Origin | None) -> Origin | None:
    """The source an aggregator named, its addresses checked."""
    if found is None:
        return None
    kept = dataclasses.replace(
        found,
        id=line(found.id or "")[:2000] or None,
        title=line(found.title or "")[:_LONGEST_NAME] or None,
        link=clean_link(found.link) if found.link else None,
        feed_url=clean_link(found.feed_url) if found.feed_url else None,
        rights=line(found.rights or "")[:2000] or None,
        icon=clean_link(found.icon) if found.icon else None,
    )
    return kept if any(getattr(kept, f.name) for f in dataclasses.fields(kept)) else None
