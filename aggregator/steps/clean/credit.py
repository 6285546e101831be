"""The outlet a text says it came from, and the date and time that stand beside it.

"来源：新华社", "（来源：证券时报网）", "转自", "Source: Reuters", "LONDON (Reuters) -". The source of a picture or of
figures is no credit, and a sentence that merely speaks of a source is none.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aggregator.domain.item import Credit

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD, _TAIL = 400, 400  # characters where credits stand
_STOP = (
    r"(?=作者|编辑|編輯|责编|責編|责任编辑|責任編輯|记者|記者|发布|發佈|發布|时间|時間|日期|阅读|浏览|原标题|点击|"
    r"[\s，。,;；|｜()（）【】\[\]<>/]|$)"
)
_NAME_CJK = rf"[《“\"「]?([^\s，。,;；|｜()（）【】\[\]<>“”\"《》「」:：/]{{2,24}}?)[》”\"」]?{_STOP}"
# 来源 directly behind another word is that word's: 图片来源, 数据来源, 收入来源.
_CJK = re.compile(
    r"(?:(?<![\u4e00-\u9fff])(?:来源|來源|稿源)|(?:本文|原文|全文|文章|稿件|新闻|新聞|消息|信息|资讯)(?:来源|來源|出处|出處)|"
    rf"(?<![\u4e00-\u9fff])(?:出处|出處))\s*[:：]\s*(?:https?://\S+\s+)?{_NAME_CJK}"
)
_TAKEN = re.compile(
    rf"(?:转载自|轉載自|转自|轉自|摘自|原载于|原載於)\s*[:：]?\s*(?:微信公众号|公众号)?\s*[:：]?\s*{_NAME_CJK}"
)
_JAPANESE_KOREAN = re.compile(rf"(?:出典|引用元|出処|출처)\s*[:：]\s*{_NAME_CJK}")
_SHORT_NAME = 6  # characters
_OUTLET = re.compile(
    r"[\u4e00-\u9fffA-Za-z0-9]{1,8}?(?:网|網|[日晚早时時晨快周]?[报報](?![道導])|通讯社|通訊社|社(?!会|會)|新闻|新聞|资讯|資訊|"
    r"时讯|時訊|头条|頭條|要闻|要聞|在线|在線|周刊|週刊|杂志|雜誌|电视台|電視台|中国|中國)"
)
_OF_OUTLET = re.compile(r".{0,2}版|客户端|客戶端|官网|官微|微博|公众号|频道|网|網|社|中心|周刊|联播|聯播|$")
_LABELS = r"Source|Sources|Via|Credit|Quelle|Fuente|Fonte|Bron|Źródło|Источник|Джерело|Kaynak|المصدر"
_LATIN = re.compile(
    rf"(?:^|\n|[(\[])\s*(?:{_LABELS}|Originally (?:published|appeared) (?:by|on|in|at))\s*[:：]?\s+"
    r"((?:the\s)?[A-ZÀ-ÞА-ЯЁ\u0621-\u064a][^\n()\[\]|;]{1,60}?)\s*[.)\]]?\s*(?=$|\n|[|;])",
    re.MULTILINE,
)
_AGENCIES = (
    "Reuters|AP|AFP|Xinhua|dpa|DPA|ANSA|EFE|Bloomberg|TASS|Interfax|Kyodo|Yonhap|UPI|AAP|PTI|ANI|IANS|CNS|CNW|APA|"
    "SDA|Lusa|Belga|ANP|NTB|TT|Ritzau|STT|PAP|CTK|MTI|AA|Anadolu|WAM|SPA|PA Media|Associated Press|Agence France-Presse"
)
# A dateline: a place, or nothing, then the agency in parentheses, then a dash (Reuters Handbook, "Datelines").
_DATELINE = re.compile(rf"^(?:[A-ZÀ-Þ][^\n()]{{1,60}}?\s)?\(({_AGENCIES})\)\s*[-–—]")
_DATELINE_CHINESE = re.compile(
    r"^[【（(]?\s*(?:据)?(新华社|新華社|中新社|中新网|中央社|央视新闻|央视网|人民网|新华网|路透社|法新社|美联社|彭博社|塔斯社|共同社|韩联社)"
    r"[^\n。，]{0,12}?(?:\d{1,2}月)?\d{1,2}日(?:电|電|讯|訊|消息|报道)"
)
_STAMP = r"(20\d\d|19\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})日?\s+(\d{1,2})[:：](\d{2})(?:[:：](\d{2}))?"
_LEADING = re.compile(
    rf"^(?:\s*(?:https?://\S+|{_STAMP}|(?:来源|來源|稿源|作者|编辑|編輯|责编|責編|记者|記者)\s*[:：]\s*\S{{1,24}}))+\s*$"
)
_STAMPED = re.compile(rf"(?<!\d){_STAMP}(?!\d)")
_CHINA = timezone(timedelta(hours=8))
_LINK = r'<a [^<>]*?href="([^"]+)"[^<>]*>\s*{name}\s*</a>'


def find_credit(text: str, markup: str | None) -> Credit | None:
    """The credited outlet, with its address where the name is a link.

    Args:
        text: plain text, a line for each paragraph.
        markup: the cleaned HTML of the same text, for the link.
    """
    for place in _places(text):
        for form in (_CJK, _TAKEN, _JAPANESE_KOREAN, _LATIN, _DATELINE, _DATELINE_CHINESE):
            found = form.search(place)
            name = _outlet(found[1].strip(" .·-—:：")) if found else ""
            if 1 < len(name) <= 60 and not name.startswith(("http:", "https:")) and _is_name(name, form):  # noqa: PLR2004
                link = re.search(_LINK.format(name=re.escape(name)), markup) if markup else None
                return Credit(name=name, url=link[1].replace("&amp;", "&") if link else None)
    return None


def _outlet(name: str) -> str:
    """The outlet alone where the text runs on behind it without a space: 第一资讯连日来 → 第一资讯."""
    if len(name) <= _SHORT_NAME:
        return name
    found = _OUTLET.match(name)
    return name if found is None or _OF_OUTLET.match(name, found.end()) else found[0]


def _is_name(name: str, form: re.Pattern[str]) -> bool:
    """A sentence is no name: in Latin script an outlet has six words at most."""
    return form is not _LATIN or len(name.split()) <= 6  # noqa: PLR2004


def _places(text: str) -> Iterator[str]:
    yield text[:_HEAD]
    if len(text) > _HEAD:
        yield text[max(_HEAD, len(text) - _TAIL) :]


def without_heading(text: str) -> tuple[str, str]:
    """The text without a heading that holds only address, time, source or names; and that line, or ''.

    It is the first line, or the second where the headline stands above it.
    """
    lines = text.split("\n", 2)
    for place in range(len(lines) - 1):
        if len(lines[place]) < _HEAD and _LEADING.match(lines[place]):
            return "\n".join(lines[:place] + lines[place + 1 :]), lines[place]
    return text, ""


def stamp(heading: str, zone: str | None, language: str | None) -> datetime | None:
    """The date and time of such a line in UTC; None without a zone that is certain."""
    found = _STAMPED.search(heading)
    if found is None:
        return None
    where = _zone(zone) or (_CHINA if (language or "").startswith("zh") else None)
    if where is None:
        return None
    year, month, day, hour, minute = (int(found[i]) for i in range(1, 6))
    try:
        return datetime(year, month, day, hour, minute, int(found[6] or 0), tzinfo=where).astimezone(UTC)
    except ValueError:
        return None


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
