"""What a feed wrote as a date → an instant in UTC, or None. A wrong date is worse than none.

Each rung reads one family of forms and must match the whole text; nothing is filled in from today, from the
machine's zone or its locale. Years outside 1990 to 2100, impossible days, hours and offsets give None.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from aggregator.steps.parse import date_forms as forms
from aggregator.steps.parse.calendars import gregorian
from aggregator.steps.parse.months import ANY_LANGUAGE, fold_month, months_of, weekday
from aggregator.steps.parse.respell import respelled
from aggregator.steps.parse.zones import default_zone, primary, written_zone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import tzinfo

_LONGEST = 120
_FIRST, _LAST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2101, 1, 1, tzinfo=UTC)
_WIDE = str.maketrans("０１２３４５６７８９：／－．　٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९০১২৩৪৫৬৭৮৯๐๑๒๓๔๕๖๗๘๙",
                      "0123456789:/-. 01234567890123456789012345678901234567890123456789")  # fmt: skip
_SPACES = re.compile(r"[\s\u00a0\u202f]+")
_DIRECTION = re.compile("[\u200e\u200f\u061c]")
_AFTERNOON = frozenset({"下午", "傍晚", "晚上", "晚", "午後", "오후", "PM", "pm"})
_EVENING = frozenset({"傍晚", "晚上", "晚"})
_MORNING = frozenset({"上午", "午前", "오전", "凌晨", "AM", "am"})
_NOON = "中午"
_NO_WEEKDAY = re.compile(
    r"^(?:[^\W\d]+\d|[^\W\d]\b|vol|ver|no|nr|rev|令和|平成|昭和|民[国國])", re.IGNORECASE
)  # R6.1.15, v1.2.24
_YEAR_LEADS = frozenset({"zh", "ja", "ko", "hu"})  # languages in which 24.01.15 is a day of 2024
_DAY_FIRST_LANGUAGES = frozenset({"ar", "vi", "id", "th", "el", "uk", "ro", "bg", "he"})  # wherever they are written
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
    text = _SPACES.sub(" ", _DIRECTION.sub("", text).translate(_WIDE)).strip(" ,;\"'[]")
    if _is_span(text):
        return None
    text = respelled(text, language)
    turned = forms.CLOCK_FIRST.fullmatch(text)
    if turned and ":" not in turned[3]:
        text = f"{turned[3]} {turned[1]}{turned[2] or ''}"
    text = forms.LOOSE_DOTS.sub(r"\1.\2.\3 ", text, count=1).strip(" ,") if "." in text else text
    default = default_zone(language, zone)
    for rung in (_epoch, _iso, _cjk, _ctime, _named, _dotted, _numeric):
        found = rung(text, language)
        if found is not None:
            return _instant(found, language, default)
    return None


def _is_span(text: str) -> bool:
    """Whether a time of day stands with the one at which something ends, which looks like a zone: 10:30-12:00."""
    found = forms.SPAN.search(text)
    return found is not None and (found["far"] != "" or (int(found[1]), found[2]) < (int(found[5]), found[6]))


def _epoch(text: str, _language: str | None) -> Mapping[str, str | None] | None:
    """Seconds or milliseconds since 1970, of 9 to 13 digits."""
    if not forms.EPOCH.fullmatch(text):
        return None
    digits = text.partition(".")[0]
    seconds = int(digits[:-3] if len(digits) > 10 else digits)  # noqa: PLR2004 - milliseconds
    moment = datetime.fromtimestamp(seconds, UTC)
    return {"year": str(moment.year), "month": str(moment.month), "day": str(moment.day), "hour": str(moment.hour),
            "minute": str(moment.minute), "second": str(moment.second), "zone": "Z"}  # fmt: skip


def _iso(text: str, _language: str | None) -> Mapping[str, str | None] | None:
    """ISO 8601 and RFC 3339 with their common corruptions: other separators, no separators, a space for T."""
    found = forms.ISO.fullmatch(text)
    if found is None:
        whole = forms.ISO_MONTH.fullmatch(text)
        return {**whole.groupdict(), "day": "1"} if whole else None
    if not found["dash"] and len(found["month"] + found["day"]) != 4:  # noqa: PLR2004 - 20240115
        return None
    return _with_part(found.groupdict())


def _cjk(text: str, _language: str | None) -> Mapping[str, str | None] | None:
    """2024年1月15日 下午3:05, 2024年1月15日(月) 15時05分, 2024년 1월 15일 오후 3시 5분; 15 tháng 1 năm 2024."""
    found = forms.CJK.fullmatch(text)
    if found is not None:
        return _with_part(found.groupdict())
    found = forms.VIETNAMESE.fullmatch(text)
    return None if found is None else found.groupdict()


def _with_part(groups: dict[str, str | None]) -> dict[str, str | None]:
    """The hour moved by the part of the day that stands before it."""
    part = groups.pop("part")
    hour = int(groups["hour"] or 0)
    if not groups["hour"]:
        return groups
    if part in _EVENING and (hour < 4 or hour == 12):  # noqa: PLR2004 - 晚上12:30 is the night before, or after
        groups["hour"] = "99"
    elif (part in _AFTERNOON and hour < 12) or (part == _NOON and 1 <= hour <= 2):  # noqa: PLR2004 - 午後0時30分 is written
        groups["hour"] = str(hour + 12)
    elif part in _MORNING and hour == 12:  # noqa: PLR2004 - midnight
        groups["hour"] = "0"
    return groups


def _ctime(text: str, language: str | None) -> Mapping[str, str | None] | None:
    found = forms.CTIME.fullmatch(text)
    return None if found is None else _with_month(found.groupdict(), language)


def _named(text: str, language: str | None) -> Mapping[str, str | None] | None:
    """RFC 822 and 850, and dates with the name of the month in the source's language; a bare month is its first day."""
    for form in (forms.DAY_FIRST, forms.MONTH_FIRST, forms.YEAR_FIRST, forms.MONTH_ONLY):
        found = form.fullmatch(text)
        groups = None if found is None else _with_month({"day": "1", **found.groupdict()}, language)
        if groups is not None:
            return groups
    return None


def _with_month(groups: dict[str, str | None], language: str | None) -> dict[str, str | None] | None:
    name = fold_month(groups.pop("name") or "")
    number = next((table[name] for table in months_of(language) if name in table), None) or ANY_LANGUAGE.get(name)
    if number is None:
        return None
    year = groups["year"] or ""
    return {**groups, "year": str(_full(year)), "month": str(number)}


def _full(year: str) -> int:
    """RFC 2822 §4.3 for two digits."""
    return int(year) + (0 if len(year) > 2 else 2000 if int(year) < 50 else 1900)  # noqa: PLR2004


def _dotted(text: str, language: str | None) -> Mapping[str, str | None] | None:
    """15.01.2024 10:00: day first wherever full stops are written, but where the year leads."""
    found = forms.DOTTED.fullmatch(text)
    if found is None:
        return None
    groups: dict[str, str | None] = found.groupdict()
    year, day = groups["year"] or "", groups["day"] or ""
    if len(year) != 2:  # noqa: PLR2004
        strange = primary(language) in _YEAR_LEADS and max(int(day), int(groups["month"] or 0)) <= 12  # noqa: PLR2004
        return None if strange else groups
    if (lead := groups["weekday"]) and weekday(lead) is None and _NO_WEEKDAY.search(text):
        return None
    if primary(language) in _YEAR_LEADS:
        year, day = day.zfill(2), year
    return {**groups, "year": str(_full(year)), "day": day}


def _numeric(text: str, language: str | None) -> Mapping[str, str | None] | None:
    """15/01/2024, 10/30/23: believed where one order makes a day, or the weekday or the country tells which."""
    found = forms.NUMERIC.fullmatch(text)
    if found is None:
        return None
    groups: dict[str, str | None] = found.groupdict()
    one, two, year = (groups.pop(name) or "" for name in ("one", "two", "year"))
    if groups.pop("mark") == " " and len(year) == 2:  # noqa: PLR2004
        return None
    days = _orders(one, two, year)
    named = weekday(groups["weekday"] or "")
    possible = {day for day in days if day.weekday() == named} if named is not None else set()
    possible = possible or set(days)
    if len(possible) > 1 and len(year) == 4:  # noqa: PLR2004
        possible = _by_country(days, language, american=bool(groups["half"])) or possible
    if len(possible) != 1:
        return None
    day = possible.pop()
    return {**groups, "year": str(day.year), "month": str(day.month), "day": str(day.day)}


def _orders(one: str, two: str, year: str) -> list[date]:
    """The days that three numbers can mean: day first, month first, and year first where the year has two digits."""
    full = _full(year)
    read = [(full, int(two), int(one)), (full, int(one), int(two))]
    if len(year) == len(one) == 2:  # noqa: PLR2004
        read.append((_full(one), int(two), int(year)))
    found = []
    for numbers in read:
        try:
            found.append(date(*numbers))
        except ValueError:
            continue
    return found


def _by_country(days: list[date], language: str | None, *, american: bool) -> set[date]:
    """Of two readings, day first before month first, the one that the source's country or language writes.

    An American clock beside it, with AM or PM, makes the language's word doubtful.
    """
    country = (language or "").lower().replace("_", "-").rpartition("-")[2]
    if country == "us":
        return {days[1]}
    if primary(language) in _DAY_FIRST_LANGUAGES and not american:
        return {days[0]}
    return {days[0]} if country in _DAY_FIRST_COUNTRIES else set()


def _instant(groups: Mapping[str, str | None], language: str | None, default: tzinfo) -> datetime | None:
    """The parts as an instant, or None where they make none or an absurd one."""

    def number(name: str) -> int:
        return int(groups.get(name) or 0)

    hour, minute, second = number("hour"), number("minute"), number("second")
    half = (groups.get("half") or "").lower()
    if half and hour > 12:  # noqa: PLR2004 - "13:55 PM" is written; the hour is right. 0:30 PM is 12:30
        half = ""
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    extra = timedelta()
    if hour == 24 and minute == second == 0:  # noqa: PLR2004 - ISO 8601-1:2019 §5.3.2: the end of the day
        hour, extra = 0, timedelta(days=1)
    if second == 60:  # noqa: PLR2004 - a leap second
        second, extra = 59, extra + timedelta(seconds=1)
    written = groups.get("zone")
    zone = written_zone(written, language) if written else default
    if zone is None:
        return None
    try:
        day = gregorian(number("year"), number("month"), number("day"), language)
        moment = (datetime.combine(day, time(hour, minute, second), tzinfo=zone) + extra).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if _FIRST <= moment < _LAST else None


if TYPE_CHECKING:
    _Rung = Callable[[str, str | None], Mapping[str, str | None] | None]
