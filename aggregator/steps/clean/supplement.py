"""Podcast, media, place and discussion fields, believed only as far as they can be published: addresses of the web,
plain texts of bounded length, and nothing that only repeats what the item says already.
"""  # noqa: D205 - one sentence

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

from aggregator.domain.media import Episode, MediaNote, Supplement
from aggregator.steps.clean.podcast import longer
from aggregator.text.language import tag
from aggregator.text.normalise import line
from aggregator.text.urls import clean_link

if TYPE_CHECKING:
    from aggregator.domain.media import (
        Chapters,
        Discussion,
        License,
        Location,
        MediaCredit,
        Participant,
        Soundbite,
        Transcript,
    )

_LONGEST_NAME = 200
_LONGEST_TEXT = 2_000
_LONGEST_DURATION = 7 * 86_400  # seconds
_MOST = 100
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}")
_GEO = re.compile(
    r"geo:-?\d{1,3}(?:\.\d{1,15})?,-?\d{1,3}(?:\.\d{1,15})?(?:,-?\d{1,6}(?:\.\d{1,6})?)?(?:;[a-z]+=[\w.-]{1,20})*",
    re.ASCII,
)
_OSM = re.compile(r"[NWR]\d{1,20}(?:#\d{1,10})?", re.ASCII)


def supplement(found: Supplement | None, title: str, text: str, base: str | None) -> Supplement | None:
    """What is kept of it.

    Args:
        found: as it was read.
        title: of the item: an episode's own title is kept where it is another.
        text: of the item: so are its subtitle and summary.
        base: what relative addresses are relative to.
    """
    if found is None:
        return None
    kept = Supplement(
        episode=_episode(found.episode, title, text, base),
        notes=tuple(n for note in found.notes[:_MOST] if (n := _note(note, title, text, base)) is not None),
        point=found.point,
        discussion=_discussion(found.discussion, base),
    )
    return None if kept == Supplement() else kept


def _episode(found: Episode | None, title: str, text: str, base: str | None) -> Episode | None:
    if found is None:
        return None
    kept = Episode(
        duration=found.duration if found.duration and found.duration <= _LONGEST_DURATION else None,
        number=found.number if found.number and float(found.number) > 0 else None,
        number_shown=_name(found.number_shown),
        season=found.season,
        season_name=_name(found.season_name),
        kind=found.kind,
        explicit=found.explicit,
        image=clean_link(found.image, base) if found.image else None,
        title=_unless(_name(found.title), title),
        subtitle=_unless(_name(found.subtitle), text),
        summary=_unless(_text(found.summary), text),
        transcripts=tuple(t for part in found.transcripts[:_MOST] if (t := _transcript(part, base)) is not None),
        chapters=_chapters(found.chapters, base),
        people=tuple(dict.fromkeys(p for part in found.people[:_MOST] if (p := _participant(part, base)) is not None)),
        soundbites=tuple(_soundbite(part) for part in found.soundbites[:_MOST]),
        location=_location(found.location),
        license=_license(found.license, base),
        **longer(found, base),
    )
    return None if kept == Episode() else kept


def _transcript(found: Transcript, base: str | None) -> Transcript | None:
    url = clean_link(found.url, base)
    if url is None:
        return None
    return dataclasses.replace(
        found,
        url=url,
        type=_type(found.type),
        language=tag(found.language),
        rel="captions" if found.rel == "captions" else None,
    )


def _chapters(found: Chapters | None, base: str | None) -> Chapters | None:
    url = clean_link(found.url, base) if found else None
    return None if found is None or url is None else dataclasses.replace(found, url=url, type=_type(found.type))


def _participant(found: Participant, base: str | None) -> Participant | None:
    name = _name(found.name)
    if name is None:
        return None
    return dataclasses.replace(
        found,
        name=name,
        role=_name(found.role),
        group=_name(found.group),
        image=clean_link(found.image, base) if found.image else None,
        link=clean_link(found.link, base) if found.link else None,
    )


def _soundbite(found: Soundbite) -> Soundbite:
    return dataclasses.replace(found, title=_name(found.title))


def _location(found: Location | None) -> Location | None:
    name = _name(found.name) if found else None
    if found is None or name is None:
        return None
    return dataclasses.replace(
        found,
        name=name,
        geo=found.geo if found.geo and _GEO.fullmatch(found.geo) else None,
        osm=found.osm if found.osm and _OSM.fullmatch(found.osm) else None,
    )


def _license(found: License | None, base: str | None) -> License | None:
    name = _name(found.name) if found else None
    if found is None or name is None:
        return None
    return dataclasses.replace(found, name=name, url=clean_link(found.url, base) if found.url else None)


def _note(found: MediaNote, title: str, text: str, base: str | None) -> MediaNote | None:
    kept = MediaNote(
        group=found.group,
        title=_unless(_name(found.title), title),
        description=_unless(_text(found.description), text),
        credits=tuple(_credit(part) for part in found.credits[:_MOST] if line(part.name)),
        rating=_name(found.rating),
        rating_scheme=_scheme(found.rating_scheme, "urn:simple") if found.rating else None,
        keywords=tuple(word for part in found.keywords[:_MOST] if (word := _name(part))),
        player=clean_link(found.player, base) if found.player else None,
    )
    return None if kept == MediaNote(group=found.group) else kept


def _credit(found: MediaCredit) -> MediaCredit:
    return dataclasses.replace(
        found, name=line(found.name)[:_LONGEST_NAME], role=_name(found.role), scheme=_scheme(found.scheme, "urn:ebu")
    )


def _discussion(found: Discussion | None, base: str | None) -> Discussion | None:
    if found is None:
        return None
    kept = dataclasses.replace(found, feed=clean_link(found.feed, base) if found.feed else None)
    return None if kept.count is None and kept.feed is None else kept


def _scheme(written: str | None, usual: str) -> str | None:
    """The scheme of a word, but where it is the one that counts anyway (Media RSS 1.5.1)."""
    found = _name(written)
    return None if found is None or found.lower() == usual else found


def _name(written: str | None) -> str | None:
    return line(written or "")[:_LONGEST_NAME].strip() or None


def _text(written: str | None) -> str | None:
    return line(written or "")[:_LONGEST_TEXT].strip() or None


def _type(written: str | None) -> str | None:
    kind = (written or "").partition(";")[0].strip().lower()
    return kind if _TYPE.fullmatch(kind) else None


def _unless(written: str | None, already: str) -> str | None:
    """The text, but where the item's own begins with it."""
    return None if written is None or line(already[: 4 * _LONGEST_TEXT]).startswith(written) else written
