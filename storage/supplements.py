"""The podcast, media, place and discussion fields of an item, out of its `details`."""

from __future__ import annotations

from typing import Any

from aggregator.domain.media import (
    Chapters,
    Conversation,
    Discussion,
    Episode,
    License,
    Location,
    Mark,
    MediaCredit,
    MediaNote,
    Participant,
    Point,
    Recipient,
    Remark,
    RemoteItem,
    Soundbite,
    Supplement,
    TimeSplit,
    Transcript,
    Value,
)

Packed = dict[str, Any]


def supplement(packed: Packed | None) -> Supplement | None:
    """What `storage.rows.pack` made of a Supplement."""
    if packed is None:
        return None
    return Supplement(
        episode=_episode(packed.get("episode")),
        notes=tuple(_note(note) for note in packed.get("notes", ())),
        point=_of(Point, packed.get("point")),
        discussion=_of(Discussion, packed.get("discussion")),
    )


def _of(kind: Any, packed: Packed | None) -> Any:
    return None if packed is None else kind(**packed)


def _episode(packed: Packed | None) -> Episode | None:
    if packed is None:
        return None
    made = {
        "transcripts": tuple(Transcript(**part) for part in packed.get("transcripts", ())),
        "chapters": _of(Chapters, packed.get("chapters")),
        "people": tuple(Participant(**part) for part in packed.get("people", ())),
        "soundbites": tuple(Soundbite(**part) for part in packed.get("soundbites", ())),
        "location": _of(Location, packed.get("location")),
        "license": _of(License, packed.get("license")),
        "marks": tuple(Mark(**part) for part in packed.get("marks", ())),
        "values": tuple(map(_value, packed.get("values", ()))),
        "conversations": tuple(Conversation(**part) for part in packed.get("conversations", ())),
        "remarks": tuple(Remark(**part) for part in packed.get("remarks", ())),
    }
    return Episode(**{**packed, **made})


def _value(packed: Packed) -> Value:
    return Value(
        **{**packed, "recipients": _recipients(packed), "splits": tuple(map(_split, packed.get("splits", ())))}
    )


def _split(packed: Packed) -> TimeSplit:
    made = {"recipients": _recipients(packed), "remote": _of(RemoteItem, packed.get("remote"))}
    return TimeSplit(**{**packed, **made})


def _recipients(packed: Packed) -> tuple[Recipient, ...]:
    return tuple(Recipient(**part) for part in packed.get("recipients", ()))


def _note(packed: Packed) -> MediaNote:
    made = {
        "credits": tuple(MediaCredit(**part) for part in packed.get("credits", ())),
        "keywords": tuple(packed.get("keywords", ())),
    }
    return MediaNote(**{**packed, **made})
