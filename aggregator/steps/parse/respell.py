# ruff: noqa: E501 - a language a line reads as the table it is
"""What a language writes in a way of its own, put into the forms that dates.py reads.

Eras, halves of the day, calendars with month names of their own, words between the numbers. Only what is certain:
whatever is left over keeps a date from being read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aggregator.steps.parse.months import weekday
from aggregator.steps.parse.zones import primary

if TYPE_CHECKING:
    from collections.abc import Callable

    _Mend = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]

# Names written with marks that are no letters to a pattern.
_ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_RESPELLED = {
    "th": "มกราคม/ม.ค. กุมภาพันธ์/ก.พ. มีนาคม/มี.ค. เมษายน/เม.ย. พฤษภาคม/พ.ค. มิถุนายน/มิ.ย. กรกฎาคม/ก.ค. สิงหาคม/ส.ค. กันยายน/ก.ย. "
    "ตุลาคม/ต.ค. พฤศจิกายน/พ.ย. ธันวาคม/ธ.ค.",
    "hi": "जनवरी/जन॰ फ़रवरी/फरवरी/फ़र॰ मार्च अप्रैल मई जून जुलाई/जुल॰ अगस्त/अग॰ सितंबर/सितम्बर/सित॰ अक्टूबर/अक्तूबर/अक्टू॰ नवंबर/नवम्बर/नव॰ दिसंबर/दिसम्बर/दिस॰",
    "bn": "জানুয়ারী/জানুয়ারি/জানু ফেব্রুয়ারী/ফেব্রুয়ারি/ফেব মার্চ এপ্রিল মে জুন জুলাই আগস্ট/আগষ্ট/আগ সেপ্টেম্বর/সেপ অক্টোবর/অক্টো নভেম্বর/নভে ডিসেম্বর/ডিসে",
}
_SOLAR = ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"]
_ERAS = {"令和": 2018, "平成": 1988}


def _era(found: re.Match[str]) -> str:
    count = 1 if found[2] == "元" else int(found[2])
    return f"{_ERAS[found[1]] + count}{found[3]}"


def _minguo(found: re.Match[str]) -> str:
    """The years of the Republic, counted from 1912; without its name only those that can be no others."""
    return f"{1911 + int(found[1])}年"


def _solar(found: re.Match[str]) -> str:
    return f"{found[3]}/{_SOLAR.index(found[2]) + 1}/{found[1]}"


def _buddhist(found: re.Match[str]) -> str:
    """Two digits of a Buddhist year: 67 is 2567."""
    return f"{found[1]} 25{found[2]}"


_CJK_DAY = re.compile(r"\s*[(（](?:周|週|星期)?[一二三四五六日月火水木金土월화수목금토일](?:曜日?|요일)?[)）]\s*")
_LABEL = re.compile(
    r"^(?:发布时间|發布時間|发布日期|發布日期|发布于|發佈於|发表于|發表於|发表时间|更新时间|更新時間|时间|時間|日期|公開日|更新日|投稿日|掲載日|配信|입력|등록|수정|기사입력|최초입력|게시)\s*[:：]?\s*(?=\d|令|平|民)"
)
_EVERYWHERE: tuple[_Mend, ...] = (
    (re.compile(r"\((?:GMT|UTC)\s*([+-]\d{1,2}(?::?\d{2})?)\)"), r"\1"),
    (re.compile(r"(?<=\d)\s*г\.?(?=$|,\s*[^\W\d]+$)"), ""),
)
_OWN: dict[str, tuple[_Mend, ...]] = {
    "zh": (
        (_LABEL, ""),
        (re.compile(r"(?:中華)?民[國国]\s*(\d{2,3})\s*年"), _minguo),
        (_CJK_DAY, " "),
    ),
    "ja": (
        (_LABEL, ""),
        (re.compile(r"(令和|平成)\s*(\d{1,2}|元)\s*(年)"), _era),
        (_CJK_DAY, " "),
    ),
    "ko": (
        (_LABEL, ""),
        (re.compile(r"^(\d{4})\s*\.\s*(\d{1,2})\s*\.\s*(\d{1,2})\s*\.?(?=\s|$|\()"), r"\1-\2-\3"),
        (_CJK_DAY, " "),
    ),
    "ar": ((re.compile(r"(?<=\d)\s*ص(?:باحا)?(?=\s|$)"), " AM"), (re.compile(r"(?<=\d)\s*م(?:ساء)?(?=\s|$)"), " PM")),
    "bn": (
        (re.compile(r"[\u0980-\u09ff]*বার(?=[\s,]|$)|(?<![\u0980-\u09ff])(?:সোম|মঙ্গল|বুধ|বৃহস্পতি|শুক্র|শনি|রবি|সাল)(?![\u0980-\u09ff])"), ""),
        (re.compile(r"(?<=\d)(?:লা|রা|ঠা|ই|শে)(?=\s)"), ""),
    ),
    "ca": ((re.compile("d\u2019(?=[^\\W\\d])"), "d'"),),
    "el": ((re.compile(r"\s*π\.?\s?μ\.?(?=\s|$)"), " AM"), (re.compile(r"\s*μ\.?\s?μ\.?(?=\s|$)"), " PM")),
    "fa": (
        (re.compile("[\u200c\u0654]"), ""),
        (re.compile(r"^(?:(?:یک|دو|سه|چهار|پنج)?\s?شنبه|جمعه)\s*[،,]?\s*"), ""),
        (re.compile(rf"(?<!\d)(\d{{1,2}})\s*({'|'.join(_SOLAR)})\s*(?:ماه)?\s*(1[34]\d\d)(?!\d)"), _solar),
        (re.compile(r"\s*[،,-]?\s*ساعت\s*"), " "),
    ),
    "he": (
        (re.compile(r"^יום\s+[^\s,]+,?\s*"), ""),
        (re.compile("(?<=[\u05d0-\u05ea])[\u05f3'](?=\\s)"), ""),
    ),
    "hi": (
        (re.compile(r"^(?:[\u0900-\u097f]*वार|सोम|मंगल|बुध|गुरु|शुक्र|शनि|रवि)[\s,]+"), ""),
        (re.compile(r"\s*पूर्वाह्न"), " AM"),
        (re.compile(r"\s*अपराह्न"), " PM"),
    ),
    "hu": ((re.compile(r"(?<=\d)\.,"), ".,"),),
    "ka": ((re.compile(r"(?<=\d)\s*(?:წლის|წ\.)\s*"), " "), (re.compile(r"^[\u10d0-\u10ff]+,\s*(?=\d)"), "")),
    "lt": ((re.compile(r"(?<=\d{4})\s*m\."), ""), (re.compile(r"(?<=\s\d\d)\s*d\.|(?<=\s\d)\s*d\."), "")),
    "lv": ((re.compile(r"(?<=\d{4})\.?\s*gada\s+(\d{1,2})\.\s*([^\W\d]+)\.?"), r" \2 \1"),),
    "pt": ((re.compile(r"-feira\b", re.IGNORECASE), ""),),
    "th": (
        (re.compile("เวลา|น\\.|พ\\.ศ\\.|ค\\.ศ\\.|เดือน|วัน[\u0e00-\u0e7f]+(?:ที่)?"), " "),
        (re.compile(r"^(\d{1,2}\s+[A-Z][a-z]{2})\s+(\d{2})(?!\d|:)"), _buddhist),
    ),
    "vi": (
        (re.compile(r"^(?:Thứ\s+[^\W\d]+|Thứ\s+\d|Th\s\d|Chủ\s+nhật|CN)\s*,?\s*", re.IGNORECASE), ""),
        (re.compile(r"\bthg\b", re.IGNORECASE), "tháng"),
    ),
}  # fmt: skip
# 113年1月5日 in Taiwan: no year of Christ has three digits in the news.
_TAIWAN = re.compile(r"^(1[0-4]\d)年")
_LAST_WORD = re.compile(r"[\s,]+([^\W\d]{3,20})$")


def respelled(text: str, language: str | None) -> str:
    """A date in its language's own manner, in a manner that all languages have; every other text as it is."""
    spoken = primary(language)
    if spoken in _RESPELLED and not text.isascii():
        text = _with_english_month(text, spoken)
    if spoken == "zh":
        text = _TAIWAN.sub(_minguo, text)
    for form, instead in (*_OWN.get(spoken, ()), *_EVERYWHERE):
        text = form.sub(instead, text).strip()
    last = _LAST_WORD.search(text)
    if last and weekday(last[1]) is not None:
        text = text[: last.start()]
    return " ".join(text.split()).strip(" ,")


def _with_english_month(text: str, spoken: str) -> str:
    names = {
        form: english
        for forms, english in zip(_RESPELLED[spoken].split(), _ENGLISH, strict=True)
        for form in forms.split("/")
    }
    for name in sorted(names, key=len, reverse=True):  # มี.ค. before ค.
        if name in text:
            return text.replace(name, f" {names[name]} ", 1)
    return text
