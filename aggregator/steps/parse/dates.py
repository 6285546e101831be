"""What a feed wrote as a date → an instant in UTC, or None. A wrong date is worse than none.

Each rung reads one family of forms and must match the whole text; nothing is filled in from today, from the
machine's zone or its locale. Years outside 1990 to 2100, impossible days, hours and offsets give None.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aggregator.steps.parse.months import (
    ANY_LANGUAGE,
    CST,
    CST_AMERICA,
    LANGUAGE_ZONE,
    ZONES,
    fold_month,
    months_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LONGEST = 120
_FIRST, _LAST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2101, 1, 1, tzinfo=UTC)
_WIDE = str.maketrans("０１２３４５６７８９：／－．　٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "0123456789:/-. 01234567890123456789")
_SPACES = re.compile(r"[\s\u00a0\u200e\u200f\u202f]+")

_CLOCK = (
    r"(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2})(?::(?P<second>\d{1,2})(?:[.,:]\d+)?)?)?"
    r"(?:\s*(?P<half>[AaPp])\.?\s?[Mm]\.?)?"
)
_ZONE = (
    r"(?:\s*(?P<zone>(?:(?:GMT|UTC?)\s*)?[+\u2212-]\s?\d{1,2}:?\d{0,2}|[A-Za-z]{1,5}(?![A-Za-z/])|[A-Za-z_]+/[A-Za-z_/]+)"
    r"(?:\s*\([^()]{1,40}\))?Z?)?"
)
_TIME = (
    rf"(?:[\sT,;\u2014-]*(?:at|um|à|a las|alle|às|om|kl\.?|в|klo)?\s*{_CLOCK}(?:\s*(?:Uhr|hrs?|h|ч\.?|часов))?{_ZONE})?"
)

_ISO = re.compile(
    r"(?P<year>\d{4})(?P<dash>[-/.\u2013]?)(?P<month>\d{1,2})(?P=dash)(?P<day>\d{1,2})"
    r"(?:(?:[Tt\s_,-]+|(?<=\d)(?=$))(?:(?P<hour>\d{1,2}):?(?P<minute>\d{2})(?::?(?P<second>\d{1,2})(?:[.,:]\d+)?)?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?)?" + _ZONE + r")?"
)
_ISO_MONTH = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})")
_CJK = re.compile(
    r"(?P<year>\d{4})\s*[年년]\s*(?P<month>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})\s*[日号號일]?"
    r"(?:\s*[(（]?\s*(?:星期|周|週|礼拜|禮拜)?[一二三四五六日天月火水木金土월화수목금토일]?(?:曜日?|요일)?\s*[)）]?)?[,，\s]*"
    r"(?P<part>凌晨|早上|清晨|上午|中午|下午|傍晚|晚上|晚|午前|午後|오전|오후|AM|PM|am|pm)?\s*"
    r"(?:(?P<hour>\d{1,2})\s*[:时時点點시]\s*(?:(?P<minute>\d{1,2})\s*[分분]?)?(?:\s*:?\s*(?P<second>\d{1,2})\s*[秒초]?)?)?"
    r"(?P<half>)" + _ZONE
)
_DAY_FIRST = re.compile(
    r"(?:[^\W\d]+\.?\s*[,،]?\s*(?:den\s|le\s|el\s)?\s*)?(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|ª|\.)?[\s/-]*(?:de\s|of\s|d')?\s*"
    r"(?P<name>[^\W\d_]+(?:\s[^\W\d_]+)??)\.?[\s,/-]*(?:de\s|del\s|г\.\s?)?\s*(?P<year>\d{4}|\d{2})(?:\s*(?:г\.?|года|р\.))?,?"
    + _TIME
)
_MONTH_FIRST = re.compile(
    r"(?:[^\W\d]+\.?,?\s+)?(?P<name>[^\W\d_]{3,12})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?\s*,?\s+(?P<year>\d{4}),?"
    + _TIME
)
# ctime and date(1): Mon Jan 15 10:00:00 [UTC] 2024
_CTIME = re.compile(
    r"[A-Za-z]{3},?\s+(?P<name>[A-Za-z]{3})\s+(?P<day>\d{1,2})\s+(?P<hour>\d{1,2}):(?P<minute>\d{2}):(?P<second>\d{2})"
    r"(?P<half>)(?:\s+(?P<zone>(?:GMT|UTC)?[+-]\d{2}:?\d{2}|[A-Z]{1,5}))?\s+(?P<year>\d{4})"
)
_DOTTED = re.compile(
    r"(?:[^\W\d]+\.?,?\s+)?(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>\d{4}|\d{2}),?" + _TIME
)
_SLASHED = re.compile(
    r"(?:[^\W\d]+\.?,?\s+)?(?P<one>\d{1,2})(?P<mark>[/-])(?P<two>\d{1,2})(?P=mark)(?P<year>\d{4}),?" + _TIME
)
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}")
_AFTERNOON = frozenset({"下午", "傍晚", "晚上", "晚", "午後", "오후", "PM", "pm"})
_NOON = "中午"
_DAY_FIRST_COUNTRIES = frozenset(
    ["gb", "uk", "au", "nz", "ie", "in", "za", "de", "fr", "es", "it", "pt", "br", "nl", "be", "ch", "at", "pl", "cz",
     "ru",
     "tr", "gr", "se", "no", "dk", "fi"]
)  # fmt: skip


def read_date(text: str | None, language: str | None = None, zone: str | None = None) -> datetime | None:
    """The instant a feed wrote, in UTC.

    Args:
        text: the element's text as it stands in the feed.
        language: BCP 47 tag, for the names of months and for what 'CST' means.
        zone: IANA name for dates that carry no zone; without one the language's only zone, else UTC.
    """
    if not text or len(text) > _LONGEST:
        return None
    text = _SPACES.sub(" ", text.translate(_WIDE)).strip(" ,;\"'[]")
    default = _default_zone(language, zone)
    for rung in (_epoch, _iso, _cjk, _ctime, _named, _dotted, _slashed):
        found = rung(text, language)
        if found is not None:
            return _instant(found, language, default)
    return None


def _epoch(text: str, _language: str | None) -> Mapping[str, str | None] | None:
    """Seconds or milliseconds since 1970, of 9 to 13 digits."""
    if not _EPOCH.fullmatch(text):
        return None
    seconds = int(text[:10] if len(text) == 13 else text[:9] if len(text) == 12 else text.partition(".")[0])  # noqa: PLR2004
    moment = datetime.fromtimestamp(seconds, UTC)
    return {"year": str(moment.year), "month": str(moment.month), "day": str(moment.day), "hour": str(moment.hour),
            "minute": str(moment.minute), "second": str(moment.second), "zone": "Z"}  # fmt: skip


def _iso(text: str, _language: str | None) -> Mapping[str, str | None] | None:
    """ISO 8601 and RFC 3339 with their common corruptions: other separators, no separators, a space for T."""
    found = _ISO.fullmatch(text)
    if found is None:
        whole = _ISO_MONTH.fullmatch(text)
        return {**whole.groupdict(), "day": "1"} if whole else None
    if not found["dash"] and len(found["month"] + found["day"]) != 4:  # noqa: PLR2004 - 20240115
        return None
    # A Jalali or Buddhist year with slashes is no error of ours to guess: the range of years refuses it.
    return found.groupdict()


def _cjk(text: str, _language: str | None) -> Mapping[str, str | None] | None:
    """2024年1月15日 下午3:05, 2024年1月15日(月) 15時05分, 2024년 1월 15일 오후 3시 5분."""
    found = _CJK.fullmatch(text)
    if found is None:
        return None
    groups: dict[str, str | None] = found.groupdict()
    part = groups.pop("part")
    hour = int(groups["hour"] or 0)
    if groups["hour"] and ((part in _AFTERNOON and 1 <= hour < 12) or (part == _NOON and 1 <= hour <= 2)):  # noqa: PLR2004
        groups["hour"] = str(hour + 12)
    elif part in {"上午", "午前", "오전", "凌晨", "AM", "am"} and hour == 12:  # noqa: PLR2004 - midnight
        groups["hour"] = "0"
    return groups


def _ctime(text: str, language: str | None) -> Mapping[str, str | None] | None:
    found = _CTIME.fullmatch(text)
    return None if found is None else _with_month(found.groupdict(), language)


def _named(text: str, language: str | None) -> Mapping[str, str | None] | None:
    """RFC 822 and 850, and dates with the name of the month in the source's language."""
    for form in (_DAY_FIRST, _MONTH_FIRST):
        found = form.fullmatch(text)
        groups = None if found is None else _with_month(found.groupdict(), language)
        if groups is not None:
            return groups
    return None


def _with_month(groups: dict[str, str | None], language: str | None) -> dict[str, str | None] | None:
    name = fold_month(groups.pop("name") or "")
    number = next((table[name] for table in months_of(language) if name in table), None) or ANY_LANGUAGE.get(name)
    if number is None:
        return None
    year = groups["year"] or ""
    if len(year) == 2:  # noqa: PLR2004 - RFC 2822 §4.3 for two digits
        groups["year"] = str(int(year) + (2000 if int(year) < 50 else 1900))  # noqa: PLR2004
    return {**groups, "month": str(number)}


def _dotted(text: str, _language: str | None) -> Mapping[str, str | None] | None:
    """15.01.2024 10:00: day first wherever full stops are written."""
    found = _DOTTED.fullmatch(text)
    if found is None:
        return None
    groups: dict[str, str | None] = found.groupdict()
    year = groups["year"] or ""
    return {**groups, "year": f"20{year}" if len(year) == 2 else year}  # noqa: PLR2004


def _slashed(text: str, language: str | None) -> Mapping[str, str | None] | None:
    """15/01/2024 or 01/15/2024: believed where only one order is possible, or the country writes one."""
    found = _SLASHED.fullmatch(text)
    if found is None:
        return None
    groups: dict[str, str | None] = found.groupdict()
    one, two = int(groups.pop("one") or 0), int(groups.pop("two") or 0)
    groups.pop("mark")
    tag = (language or "").lower().replace("_", "-")
    country = tag.rpartition("-")[2]
    if one == two or one > 12 or (two <= 12 and tag != "en" and country in _DAY_FIRST_COUNTRIES):  # noqa: PLR2004
        return {**groups, "day": str(one), "month": str(two)}
    if two > 12 or country == "us":  # noqa: PLR2004
        return {**groups, "day": str(two), "month": str(one)}
    return None


def _instant(groups: Mapping[str, str | None], language: str | None, default: tzinfo) -> datetime | None:
    """The parts as an instant, or None where they make none or an absurd one."""

    def number(name: str) -> int:
        return int(groups.get(name) or 0)

    hour, minute, second = number("hour"), number("minute"), number("second")
    half = (groups.get("half") or "").lower()
    if half and not 1 <= hour <= 12:  # noqa: PLR2004 - "13:55 PM" is written; the hour is right
        half = ""
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    extra = timedelta()
    if hour == 24 and minute == second == 0:  # noqa: PLR2004 - ISO 8601-1:2019 §5.3.2: the end of the day
        hour, extra = 0, timedelta(days=1)
    if second == 60:  # noqa: PLR2004 - a leap second
        second, extra = 59, extra + timedelta(seconds=1)
    written = groups.get("zone")
    zone = _zone(written, language) if written else default
    if zone is None:
        return None
    try:
        moment = datetime(number("year"), number("month"), number("day"), hour, minute, second, tzinfo=zone)
        moment = (moment + extra).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if _FIRST <= moment < _LAST else None


def _zone(written: str, language: str | None) -> tzinfo | None:
    """A written zone; None where it is unknown or absurd: the hour would be a guess."""
    name = re.sub(r"^(?:GMT|UTC?)\s*(?=[+\u2212-])", "", written.strip(), flags=re.IGNORECASE).replace("\u2212", "-")
    if "/" in name:
        return _named_zone(name)
    if name[0] not in "+-":
        folded = name.lower()
        minutes = CST.get(_primary(language), CST_AMERICA) if folded == "cst" else ZONES.get(folded)
        return None if minutes is None else timezone(timedelta(minutes=minutes))
    digits = re.sub(r"\D", "", name)
    hours, rest = (digits, "0") if len(digits) < 3 else (digits[:-2], digits[-2:])  # noqa: PLR2004
    if int(hours) > 14 or int(rest) > 59:  # noqa: PLR2004 - no clock is further from Greenwich
        return None
    offset = timedelta(hours=int(hours), minutes=int(rest))
    return timezone(-offset if name[0] == "-" else offset)


def _primary(language: str | None) -> str:
    return (language or "").lower().replace("_", "-").partition("-")[0]


@cache
def _named_zone(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _default_zone(language: str | None, zone: str | None) -> tzinfo:
    named = _named_zone(zone) if zone else None
    if named is not None:
        return named
    minutes = LANGUAGE_ZONE.get(_primary(language))
    return UTC if minutes is None else timezone(timedelta(minutes=minutes))


if TYPE_CHECKING:
    _Rung = Callable[[str, str | None], Mapping[str, str | None] | None]
