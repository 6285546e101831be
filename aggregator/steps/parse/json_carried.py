"""What JSON Feed has no word for and this program's own documents say in `_` extensions, read back.

`_media`, `_media_notes`, `_podcast` and `_discussion` are objects whose members are named as in the domain; others may
write anything under the same names, so that each member is believed only where it has the form it must have.
"""

from __future__ import annotations

import dataclasses
import types
from functools import cache
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from aggregator.domain.entry import Category, Media
from aggregator.domain.media import (
    Discussion,
    Episode,
    Mark,
    MediaNote,
    Point,
    Soundbite,
    Supplement,
    TimeSplit,
    Value,
)
from aggregator.steps.parse.modules import KINDS, NUMBER, SECONDS
from aggregator.steps.parse.podcast import DECIMAL, MOST_MARKS, NORMAL_TIME
from aggregator.text.normalise import encodable

if TYPE_CHECKING:
    import re

_MOST = 100  # of media, notes and categories
_LONGEST = 5_000  # characters of a text
_LARGEST = 10**12
_FORMS: dict[tuple[type, str], re.Pattern[str]] = {
    (Episode, "number"): NUMBER,
    (Mark, "start"): NORMAL_TIME,
    (Soundbite, "start"): SECONDS,
    (Soundbite, "duration"): SECONDS,
    (Value, "suggested"): DECIMAL,
    **{(TimeSplit, name): DECIMAL for name in ("start", "duration", "remote_start", "remote_percentage")},
}


def media(item: Any) -> tuple[Media, ...]:
    """`_media`."""
    found = item.get("_media")
    renamed = ((m, m.get("duration_in_seconds"), m.get("size_in_bytes")) for m in _list(found) if isinstance(m, dict))
    made = (_made(Media, {**m, "duration": duration, "size": size}) for m, duration, size in renamed)
    return tuple(m for m in made if m is not None and m.role in {"content", "thumbnail"})


def categories(item: Any) -> tuple[Category, ...]:
    """`_categories`: what a tag alone cannot say."""
    made = (_made(Category, one) for one in _list(item.get("_categories")))
    return tuple(dict.fromkeys(c for c in made if c is not None))


def supplement(item: Any) -> Supplement | None:
    """`_podcast`, `_media_notes`, `_geo` and `_discussion`."""
    episode = _made(Episode, item.get("_podcast"))
    if episode is not None and episode.kind not in KINDS:
        episode = dataclasses.replace(episode, kind=None)
    found = Supplement(
        episode=None if episode == Episode() else episode,
        notes=tuple(n for one in _list(item.get("_media_notes")) if (n := _made(MediaNote, one)) is not None),
        point=_point(item.get("_geo")),
        discussion=_made(Discussion, item.get("_discussion")),
    )
    return None if found == Supplement() else found


def _list(value: Any) -> list[Any]:
    return value[:_MOST] if isinstance(value, list) else []


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _made(kind: type, value: Any) -> Any:
    """A dataclass of an object; None where the object lacks what must be there."""
    if not isinstance(value, dict):
        return None
    said: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        found = _member(_hints(kind)[field.name], value.get(field.name))
        form = _FORMS.get((kind, field.name))
        if form is not None and found is not None and not form.fullmatch(found):
            found = None
        if found is None and field.default is dataclasses.MISSING:
            return None
        if found is not None:
            said[field.name] = found
    return kind(**said)


def _member(hint: Any, value: Any) -> Any:
    """The value where it is of that type, else None."""
    if get_origin(hint) is tuple:
        parts = value[:MOST_MARKS] if isinstance(value, list) else []
        return tuple(one for part in parts if (one := _member(get_args(hint)[0], part)) is not None)
    if isinstance(hint, types.UnionType):
        hint = next(one for one in get_args(hint) if one is not types.NoneType)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _made(hint, value)
    if hint is int:
        whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST
        return value if whole else None
    if hint is str:
        return encodable(value[:_LONGEST]).strip() or None if isinstance(value, str) else None
    return value if isinstance(value, hint) else None


def _point(value: Any) -> Point | None:
    if not isinstance(value, list) or len(value) != 2:  # noqa: PLR2004 - latitude, longitude
        return None
    if not all(
        isinstance(v, int | float) and not isinstance(v, bool) and abs(v) <= most
        for v, most in zip(value, (90, 180), strict=True)
    ):
        return None
    return Point(latitude=_decimal(value[0]), longitude=_decimal(value[1]))


def _decimal(value: float) -> str:
    written = repr(value)
    return written if "e" not in written else f"{value:.15f}".rstrip("0").rstrip(".")
