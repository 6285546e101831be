"""What feeds write as dates. A wrong answer is worse than none."""

import os
import time
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.steps.parse.dates import read_date

READ = [
    ("Mon, 15 Jan 2024 10:00:00 GMT", None, None, "2024-01-15T10:00:00"),
    ("Monday, 15-Jan-24 10:00:00 GMT", None, None, "2024-01-15T10:00:00"),
    ("15 Jan 2024 10:00 +0800", None, None, "2024-01-15T02:00:00"),
    ("Mon, 15 Sept 2024 10:00:00 GMT", None, None, "2024-09-15T10:00:00"),
    ("Thu, 04 Jan 2024 08:00:00 GMT+08:00", None, None, "2024-01-04T00:00:00"),
    ("Sun, 15 Jan 2024 10:00:00 -0500 (EST)", None, None, "2024-01-15T15:00:00"),
    ("Tue, 13 Mar 2018 1:55 PM EST", None, None, "2018-03-13T18:55:00"),
    ("Thu, 5 Sep 2024 16:00:00 Europe/Berlin", None, None, "2024-09-05T14:00:00"),
    ("2024-01-15T10:00:00+08:00", None, None, "2024-01-15T02:00:00"),
    ("2020-11-08T16:20:00-05:00Z", None, None, "2020-11-08T21:20:00"),
    ("20240310T023000Z", None, None, "2024-03-10T02:30:00"),
    ("2024-01-15T10:00:00.123456789Z", None, None, "2024-01-15T10:00:00"),
    ("2024-01-15T24:00:00Z", None, None, "2024-01-16T00:00:00"),
    ("2024-01-15T23:59:60Z", None, None, "2024-01-16T00:00:00"),
    ("2024-01-15 10:00:00", None, "Asia/Shanghai", "2024-01-15T02:00:00"),
    ("2024-01-15 10:00:00", "zh-CN", None, "2024-01-15T02:00:00"),
    ("2024-01-15 10:00:00", "en", None, "2024-01-15T10:00:00"),
    ("2026/11/02 10:00:00", None, None, "2026-11-02T10:00:00"),
    ("1520932969", None, None, "2018-03-13T09:22:49"),
    ("1520932969000", None, None, "2018-03-13T09:22:49"),
    ("1520932969.500", None, None, "2018-03-13T09:22:49"),
    ("2026年11月02日 10:00", "zh", None, "2026-11-02T02:00:00"),
    ("2024年1月15日 下午3:05", "zh", None, "2024-01-15T07:05:00"),
    ("2024年1月15日(月) 15時05分", "ja", None, "2024-01-15T06:05:00"),
    ("2024년 1월 15일 오후 3시 5분", "ko", None, "2024-01-15T06:05:00"),
    ("15. Januar 2024", "de", None, "2024-01-15T00:00:00"),
    ("Mo, 15 Jan 2024 10:00:00 +0100", "de", None, "2024-01-15T09:00:00"),
    ("15 janvier 2024 à 10:30", "fr", "Europe/Paris", "2024-01-15T09:30:00"),
    ("15 de enero de 2024", "es", None, "2024-01-15T00:00:00"),
    ("15 gennaio 2024", "it", None, "2024-01-15T00:00:00"),
    ("15 de março de 2024", "pt", None, "2024-03-15T00:00:00"),
    ("15 января 2024 г. 10:00", "ru", None, "2024-01-15T10:00:00"),
    ("15 يناير 2024", "ar", None, "2024-01-15T00:00:00"),
    ("January 15, 2024 at 3:05 PM", None, None, "2024-01-15T15:05:00"),
    ("Mon Jan 15 10:00:00 CST 2024", "zh", None, "2024-01-15T02:00:00"),
    ("Mon Jan 15 10:00:00 CST 2024", "en", None, "2024-01-15T16:00:00"),
    ("15.01.2024 10:00", "de", None, "2024-01-15T10:00:00"),
    ("15/01/2024 10:00", None, None, "2024-01-15T10:00:00"),
    ("01/02/2024", "en-US", None, "2024-01-02T00:00:00"),
    ("01/02/2024", "en-GB", None, "2024-02-01T00:00:00"),
    ("Fri, 31 Mar 2023 20:19:00 America/Los_Angeles", None, None, "2023-04-01T03:19:00"),
    ("26 Sep 2022 GMT", None, None, "2022-09-26T00:00:00"),
    ("Tue, 16 Jul 2024 16:31:00 ET", None, None, "2024-07-16T20:31:00"),
    ("Tue, 16 Jan 2024 16:31:00 PT", None, None, "2024-01-17T00:31:00"),
    ("Sat, 11 04 2020 08:51:49 +0100", None, None, "2020-04-11T07:51:49"),
    ("Wed, 11/04/2020", None, None, "2020-11-04T00:00:00"),
    ("lun. 05/02/2024", None, None, "2024-02-05T00:00:00"),
    ("10/30/23 21:55:58", None, None, "2023-10-30T21:55:58"),
    ("Fri, 2006/09/15 08:19:53 EDT", None, None, "2006-09-15T12:19:53"),
    ("2004-05-25 오후 11:23:17", "ko", None, "2004-05-25T14:23:17"),
    ("2024. 1. 15. 오후 3:05", "ko", None, "2024-01-15T06:05:00"),
    ("24.01.15", "ko", None, "2024-01-14T15:00:00"),
    ("24.01.15", "de", None, "2015-01-24T00:00:00"),
    ("2004-július-13T9:15-05:00", "hu", None, "2004-07-13T14:15:00"),
    ("24.03.2019. u 22:22", "hr", None, "2019-03-24T22:22:00"),
    ("20. studenoga 2010. @ 07:28", "hr", None, "2010-11-20T07:28:00"),
    ("13 iunie 2013", "ro", None, "2013-06-13T00:00:00"),
    ("23 декември 2013 15:10:01", "bg", None, "2013-12-23T15:10:01"),
    ("10:06am Dec 11, 2014", None, None, "2014-12-11T10:06:00"),
    ("8:25 a.m. EST Dec. 12, 2014", None, None, "2014-12-12T13:25:00"),
    ("ven., 03 juil. 2020 15:09:58 +0000", None, None, "2020-07-03T15:09:58"),
    ("Nov. 2020", None, None, "2020-11-01T00:00:00"),
    ("15 tháng 1 năm 2024, 10:00", "vi", None, "2024-01-15T10:00:00"),
    ("15 มกราคม 2567 เวลา 10:30 น.", "th", None, "2024-01-15T10:30:00"),
    ("2567-01-15", "th-TH", None, "2024-01-15T00:00:00"),
    ("1403/01/15", "fa", None, "2024-04-03T00:00:00"),
    ("۱۴۰۲/۱۲/۲۹", "fa", None, "2024-03-19T00:00:00"),
    ("१७ अक्टूबर २०१८", "hi", None, "2018-10-17T00:00:00"),
    ("शुक्रवार, 28 मार्च 2003 11:08 अपराह्न", "hi", None, "2003-03-28T23:08:00"),
    ("শুক্রবার, ২৪ ডিসেম্বর, ২০২৫", "bn", None, "2025-12-24T00:00:00"),
    ("10 სექტემბერი, 2010 07:40", "ka", None, "2010-09-10T07:40:00"),
    ("令和6年1月15日 15時05分", "ja", None, "2024-01-15T06:05:00"),
    ("平成31年4月30日", "ja", None, "2019-04-29T15:00:00"),
    ("令和元年5月1日（水）", "ja", None, "2019-04-30T15:00:00"),
    ("2024/01/15(月) 10:00", "ja", None, "2024-01-15T01:00:00"),
    ("民國113年1月15日", "zh-TW", None, "2024-01-14T16:00:00"),
    ("发布时间：2024-01-15 10:00", "zh", None, "2024-01-15T02:00:00"),
    ("입력 2024.01.15. 오후 3:05", "ko", None, "2024-01-15T06:05:00"),
    ("2024. 1. 15. (월)", "ko", None, "2024-01-14T15:00:00"),
    ("الاثنين، ١٥ يناير ٢٠٢٤ ٣:٠٥ م", "ar", None, "2024-01-15T15:05:00"),
    ("28 دجنبر 2017", "ar-MA", None, "2017-12-28T00:00:00"),
    ("08\u200f/04\u200f/2016", "ar", None, "2016-04-08T00:00:00"),
    ("جمعه ۲۹ آبان ۱۳۸۸ ساعت ۲۳:۱۳", "fa", None, "2009-11-20T23:13:00"),
    ("سه\u200cشنبه 12 فوریهٔ 2023", "fa", None, "2023-02-12T00:00:00"),
    ("יום חמישי, 28 בדצמבר 2023", "he", None, "2023-12-28T00:00:00"),
    ("25 Οκτωβρίου 2002 12:44 μ.μ.", "el", None, "2002-10-25T12:44:00"),
    ("5 Kasım 2015 Perşembe", "tr", None, "2015-11-05T00:00:00"),
    ("21 сентября 2021г., вторник", "ru", None, "2021-09-21T00:00:00"),
    ("16 жовт. 2007 р.", "uk", None, "2007-10-16T00:00:00"),
    ("2002. április 7., vasárnap", "hu", None, "2002-04-07T00:00:00"),
    ("2009 m. liepos 29 d. 10:18", "lt", None, "2009-07-29T10:18:00"),
    ("2017. gada 28. februāris", "lv", None, "2017-02-28T00:00:00"),
    ("19 d\u2019agost del 2007", "ca", None, "2007-08-19T00:00:00"),
    ("segunda-feira, 23 de setembro de 2013", "pt", None, "2013-09-23T00:00:00"),
    ("Thứ Sáu, 3/2/2023, 19:50 (GMT+7)", "vi", None, "2023-02-03T12:50:00"),
    ("วันจันทร์ที่ 15 ม.ค. 67", "th", None, "2024-01-15T00:00:00"),
    ("5 ธันวาคม ค.ศ. 2005", "th", None, "2005-12-05T00:00:00"),
]
REFUSED = ["01/02/2024",
           "10000-01-01", "1403/01/15", "0000-00-00", "2024-02-30", "Feb 30, 2024", "2567-01-15", "2024-13-01", "today",
           "Mon, 15 Jan 2024 10:00:00 XYZ", "Mon, 15 Jan 2024 10:00:00 +9900", "10:00", "2024", "", None, "1",
           "Thu, 01 Jan 1970 00:00:00 GMT", "2024-01-15T25:00:00Z", "2024-01-15T10:61:00Z", "12345678901234567890",
           "15 Foo 2024", "yesterday at noon", "2024-01-15T10:00:00 08:00", "1/2/3", "10/11/12",
           "03-12-31", "031231", "Mon, 15 Jan 2024 10:00:00 Mars/Phobos", "Monday 2024", "at 10:00 2024"]  # fmt: skip


# What looks like a date or a zone and is none: each of these was once read as another day or hour.
NO_DATES = [
    "Jan 15, 2024 10:30-11:30",
    "Jan 15, 2024 10:30 - 11:30",
    "15.01.2024 10:30-12:00",
    "2024-01-15 10:30 PM - 11:30",
    "2024-01-15 03:00-05:00",
    "2024-01-15 10:30:00 -12:30",
    "2024-01-15 10:30:00 +0115",
    "2024-01-15 10:00:00 -1130",
    "R6.1.15",
    "令和6.1.15",
    "v1.2.24",
    "Vol 1.2.24",
    "15.01.70",
    "2024年1月15日 晚上1:30",
    "2024年1月15日 晚上12:30",
]


@pytest.mark.parametrize("text", NO_DATES)
@pytest.mark.parametrize("language", [None, "zh", "ja", "de"])
def test_what_merely_looks_like_a_date_is_none(text, language):
    assert read_date(text, language) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("昨天 12:30", "zh"),
        ("3小时前", "zh"),
        ("3 hours ago", "en"),
        ("98年11月20日", "zh-TW"),
        ("令和99年1月1日", "ja"),
        ("昭和40年1月1日", "ja"),
        ("11. 12. 2014", "ja"),
        ("31 مهر 1402", "fa"),
        ("30 اسفند 1402", "fa"),
        ("31 ก.พ. 67", "th"),
        ("8 ธ.ค. 24", "th"),
        ("3/2/2023 7:50 PM", "vi"),
        ("20 نوفمبر 2009 25:13 م", "ar"),
        ("12 से 15 मार्च 2024", "hi"),
    ],
)
def test_a_languages_own_form_that_is_not_certain_is_none(text, language):
    """Relative to when, which century, which calendar: nothing says it, or there is no such day."""
    assert read_date(text, language) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15.01.99", "1999-01-15T00:00:00"),
        ("12/31/99", "1999-12-31T00:00:00"),
        ("Mo. 15.1.24", "2024-01-15T00:00:00"),
        ("2024年1月15日 午後0時30分", "2024-01-15T12:30:00"),
        ("2024. 1. 15. 오후 0:30", "2024-01-15T12:30:00"),
        ("2024-01-15 0:30 PM", "2024-01-15T12:30:00"),
        ("2024年1月15日 晚上8:30", "2024-01-15T20:30:00"),
        ("2024-01-15T03:00-05:00", "2024-01-15T08:00:00"),
        ("2024-01-15 10:30-05:00", "2024-01-15T15:30:00"),
        ("Mon, 15 Jan 2024 10:00:00 -0330", "2024-01-15T13:30:00"),
    ],
)
def test_what_stands_near_such_forms_is_read(text, expected):
    found = read_date(text)
    assert found is not None
    assert found.isoformat() == f"{expected}+00:00"


@pytest.mark.parametrize(("text", "language", "zone", "expected"), READ)
def test_a_date_is_read(text, language, zone, expected):
    found = read_date(text, language, zone)
    assert found is not None
    assert found.isoformat() == f"{expected}+00:00"


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_certain_date_is_none(text):
    assert read_date(text) is None


def test_the_machine_has_no_say(monkeypatch):
    """Same text, same instant, in any zone of the machine."""
    seen = set()
    for zone in ("UTC", "Asia/Shanghai", "America/New_York"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        seen.add(tuple(read_date(text, language, own) for text, language, own, _ in READ))
    monkeypatch.undo()
    os.environ.setdefault("TZ", "UTC")
    time.tzset()
    assert len(seen) == 1


@given(st.text(alphabet=st.sampled_from("0123456789-/:. TZ年月日JanFeb,+PM"), max_size=40))
def test_any_text_is_a_believable_date_or_none(text):
    found = read_date(text, "zh", None)
    assert found is None or (found.tzinfo is UTC and 1990 <= found.year <= 2100)
