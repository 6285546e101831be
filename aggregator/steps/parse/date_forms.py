"""The forms in which feeds write dates, as patterns for the whole text. Data for dates.py."""

from __future__ import annotations

import re

_HALF = r"(?:\s*(?P<half>[AaPp])\.?\s?[Mm](?![A-Za-z])\.?)?"
_CLOCK = rf"(?P<hour>\d{{1,2}})(?:[:.h](?P<minute>\d{{2}})(?::(?P<second>\d{{1,2}})(?:[.,:]\d+)?)?)?{_HALF}"
_ZONE = (
    r"(?:\s*(?P<zone>(?:(?:GMT|UTC?)\s*)?[+\u2212-]\s?\d{1,2}:?\d{0,2}|[A-Za-z]{1,5}(?![A-Za-z/])|[A-Za-z_]+/[A-Za-z_/]+)"
    r"(?:\s*\([^()]{1,40}\))?Z?)?"
)
_AT = r"at|um|à|a las|en|alle|às|om|ob|kl\.?|klo|la|v|u|o|в|у|о|@"
_TIME = rf"(?:[\sT,;\u2014-]*(?:(?:{_AT})(?=[\s\d]))?\s*(?:{_CLOCK}(?:\s*(?:Uhr|hrs?|h|ч\.?|часов))?)?{_ZONE})?"
_WEEKDAY = r"(?:(?P<weekday>[^\W\d]{1,20})\.?\s*[,،]?\s*)?"
_YEAR = r"(?P<year>\d{4}|\d{2}(?!\d))"
_PART = r"(?P<part>凌晨|早上|清晨|上午|中午|下午|傍晚|晚上|晚|午前|午後|오전|오후|AM|PM|am|pm)?"

ISO = re.compile(
    _WEEKDAY
    + r"(?P<year>\d{4})(?P<dash>[-/.\u2013]?)(?P<month>\d{1,2}|0\d{2}(?=-))(?P=dash)(?P<day>\d{1,2})"
    + rf"(?:(?:[Tt\s_,-]+|(?<=\d)(?=$)){_PART}\s*"
    + rf"(?:(?P<hour>\d{{1,2}}):?(?P<minute>\d{{2}})(?::?(?P<second>\d{{1,2}})(?:[.,:]\d+)?)?{_HALF})?{_ZONE})?"
)
ISO_MONTH = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})")
CJK = re.compile(
    r"(?P<year>\d{4})\s*[年년]\s*(?P<month>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})\s*[日号號일]?"
    r"(?:\s*[(（]?\s*(?:星期|周|週|礼拜|禮拜)?[一二三四五六日天月火水木金土월화수목금토일]?(?:曜日?|요일)?\s*[)）]?)?[,，\s]*"
    + _PART
    + r"\s*"
    r"(?:(?P<hour>\d{1,2})\s*[:时時点點시]\s*(?:(?P<minute>\d{1,2})\s*[分분]?)?(?:\s*:?\s*(?P<second>\d{1,2})\s*[秒초]?)?)?"
    r"(?P<half>)" + _ZONE
)
VIETNAMESE = re.compile(
    rf"{_WEEKDAY}(?:ngày\s+)?(?P<day>\d{{1,2}})\s+tháng\s+(?P<month>\d{{1,2}}),?\s+(?:năm\s+)?(?P<year>\d{{4}}),?{_TIME}",
    re.IGNORECASE,
)
DAY_FIRST = re.compile(
    r"(?:[^\W\d]{1,20}\.?\s*[,،]?\s*(?:den\s|le\s|el\s)?\s*)?(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|ª|\.)?[\s/-]*(?:de\s|of\s|d')?\s*"
    r"(?P<name>[^\W\d_]+(?:\s[^\W\d_]+)??)\.?[\s,/-]*(?:de\s|del\s|г\.\s?)?\s*"
    + _YEAR
    + r"(?:\s*(?:г\.?|года|р\.))?\.?,?"
    + _TIME
)
MONTH_FIRST = re.compile(
    r"(?:[^\W\d]{1,20}\.?,?\s+)?(?P<name>[^\W\d_]{3,12})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?\s*,?\s+(?P<year>\d{4}),?"
    + _TIME
)
YEAR_FIRST = re.compile(r"(?P<year>\d{4})[\s.,/-]+(?P<name>[^\W\d_]+)\.?[\s.,/-]+(?P<day>\d{1,2})(?!\d)\.?,?" + _TIME)
MONTH_ONLY = re.compile(r"(?P<name>[^\W\d_]{3,12})\.?,?\s+(?P<year>\d{4})")
# ctime and date(1): Mon Jan 15 10:00:00 [UTC] 2024
CTIME = re.compile(
    r"[A-Za-z]{3},?\s+(?P<name>[A-Za-z]{3})\s+(?P<day>\d{1,2})\s+(?P<hour>\d{1,2}):(?P<minute>\d{2}):(?P<second>\d{2})"
    r"(?P<half>)(?:\s+(?P<zone>(?:GMT|UTC)?[+-]\d{2}:?\d{2}|[A-Z]{1,5}))?\s+(?P<year>\d{4})"
)
DOTTED = re.compile(rf"{_WEEKDAY}(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.{_YEAR},?{_TIME}")
NUMERIC = re.compile(rf"{_WEEKDAY}(?P<one>\d{{1,2}})(?P<mark>[/ -])(?P<two>\d{{1,2}})(?P=mark){_YEAR},?{_TIME}")
# 15 . 01. 2024. at 10:00, as it is written from Croatia to Korea.
LOOSE_DOTS = re.compile(r"(?<!\d)(\d{1,4})\s*\.\s*(\d{1,2})\s*\.\s*(\d{4}|\d{2})(?!\d)\s*\.?\s*(?![:.])")
CLOCK_FIRST = re.compile(
    r"(\d{1,2}(?::\d{2}){1,2}(?:\s*[AaPp]\.?\s?[Mm]\.?)?|\d{1,2}\s*[AaPp]\.?\s?[Mm]\.?)(\s+[A-Z]{2,4}(?=[\s,]))?[\s,|-]+(\D*\d.*)"
)
# An ISO time with T may have its zone right behind the minutes.
SPAN = re.compile(
    r"(?<![\d:.T])(\d{1,2})[:.](\d{2})(?:\s?[ap]\.?m\.?)?\s*(-|\u2212)(?P<far>\s*)(\d{1,2}):(\d{2})(?![\d:])",
    re.IGNORECASE,
)
EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}")
