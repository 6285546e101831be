"""Zones of the clock as feeds write them → tzinfo. An unknown one is None: the hour would be a guess."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# RFC 822 §5.1 and the names in use, minutes east. Names that mean several zones (CST, IST, BST, AST) are not here
# unless one meaning rules in feeds; CST is settled by language.
_NAMES = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "zulu": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "mez": 60, "cest": 120,
    "mesz": 120, "met": 60, "mest": 120, "eet": 120, "eest": 180, "msk": 180, "msd": 240, "trt": 180, "sast": 120,
    "est": -300, "edt": -240, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "akst": -540,
    "akdt": -480, "hst": -600, "hkt": 480, "sgt": 480, "jst": 540, "kst": 540, "aest": 600, "aedt": 660, "acst": 570,
    "acdt": 630,
    "awst": 480,
    "nzst": 720, "nzdt": 780, "brt": -180, "art": -180, "pkt": 300, "wib": 420, "ict": 420,
}  # fmt: skip
# Americans write these for the clock on the wall, summer and winter alike.
_WALL_CLOCKS = {
    "et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles",
    "at": "America/Halifax",
}  # fmt: skip
# Languages written in one zone of the clock: where a date has no zone, theirs is certain enough. Minutes east.
_OF_LANGUAGE = {"zh": 480, "ja": 540, "ko": 540}
# What CST means where it is not the central zone of America.
_CST = {"zh": 480}
_CST_AMERICA = -360
_WEST, _EAST = timedelta(hours=-12), timedelta(hours=14)
# Those that are no whole hours; 10:30-11:30 is no zone but the end of an event.
_WESTERN_HALVES = frozenset({"0230", "0330", "0430", "0930"})
_PARTS_OF_HOURS = frozenset({0, 30, 45})


def written_zone(written: str, language: str | None) -> tzinfo | None:
    """The zone a date carries; None where it is unknown or absurd."""
    name = re.sub(r"^(?:GMT|UTC?)\s*(?=[+\u2212-])", "", written.strip(), flags=re.IGNORECASE).replace("\u2212", "-")
    if "/" in name:
        return _named(name)
    if name[0] not in "+-":
        folded = name.lower()
        if folded in _WALL_CLOCKS:
            return _named(_WALL_CLOCKS[folded])
        minutes = _CST.get(primary(language), _CST_AMERICA) if folded == "cst" else _NAMES.get(folded)
        return None if minutes is None else timezone(timedelta(minutes=minutes))
    digits = re.sub(r"\D", "", name)
    hours, rest = (digits, "0") if len(digits) < 3 else (digits[:-2], digits[-2:])  # noqa: PLR2004
    west, part = name[0] == "-", int(rest)
    offset = timedelta(hours=int(hours), minutes=part) * (-1 if west else 1)
    if not _WEST <= offset <= _EAST or part not in _PARTS_OF_HOURS:
        return None
    if west and part and f"{int(hours):02}{part:02}" not in _WESTERN_HALVES:
        return None
    return timezone(offset)


def default_zone(language: str | None, zone: str | None) -> tzinfo:
    """What counts where a date carries none: the source's, else the language's only one, else UTC."""
    named = _named(zone) if zone else None
    if named is not None:
        return named
    minutes = _OF_LANGUAGE.get(primary(language))
    return UTC if minutes is None else timezone(timedelta(minutes=minutes))


def primary(language: str | None) -> str:
    """The language of a tag without script and region: zh of zh-Hant-TW; '' for None."""
    return (language or "").lower().replace("_", "-").partition("-")[0]


@lru_cache(maxsize=1000)  # a feed may name any number of zones
def _named(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
