"""Text → tokens: one 32-bit number for each word or unspaced character, the same in every process.

The two lowest bits say what a token is: FIGURE (a number, or a calendar word, which changes as numbers do) and
CHARACTER (one of a script that is written without spaces). Width, case, accents and script variants of Chinese
make no difference. Folding token by token, each once, costs a quarter of folding the text.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from aggregator.text.normalise import HAN, KANA, fold

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIGURE, CHARACTER = 1, 2
_KINDS = FIGURE | CHARACTER
_REMEMBERED = 200_000  # tokens: the words of a language, and the names of some weeks

_UNSPACED = f"{HAN}{KANA}\u0e01-\u0e4e\u0e81-\u0ecd\u1000-\u1049\u1780-\u17d3"
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_TOKEN = re.compile(f"[{_UNSPACED}]|[^\\W_{_UNSPACED}]+")
_NO_WORD = re.compile("[^\x00-\x7f\\w]+")
# Marks and invisible characters inside words, which Python's \w leaves out and which would cut them in two.
_MARKS = re.compile(
    "[\u00ad\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u200b-\u200f\u2060\ufeff]"
)
# Only from the beginning of a run, and possessive: a text of nothing but digits is read once, not once for each.
_GROUPED = re.compile("(?<!\\d)\\d++(?:[.,:．，：]\\d++)+")
_GROUPING = re.compile("[.,:．，：]")
_NOT_ASCII = 0x80
_BLANKED = bytes(byte if byte >= _NOT_ASCII or chr(byte).isalnum() else 0x20 for byte in range(0x100))
_MIXING = 0x9E3779B1  # 2^32 over the golden ratio: neighbouring sums end far apart

# Days and months, folded. A market report differs from yesterday's by these.
_DAYS_AND_MONTHS = """
    monday tuesday wednesday thursday friday saturday sunday
    january february march april may june july august september october november december
    montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
    januar februar marz mai juni juli oktober dezember
    lundi mardi mercredi jeudi vendredi samedi dimanche
    janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre
    lunes martes miercoles jueves viernes sabado domingo
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    lunedi martedi mercoledi giovedi venerdi sabato domenica
    gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
    janeiro fevereiro marco maio junho julho setembro outubro novembro dezembro
    maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
    januari februari maart augustus
    понедельник вторник среда четверг пятница суббота воскресенье понедельника вторника среды среду четверга
    пятницы пятницу субботы субботу воскресенья
    января февраля марта апреля мая июня июля августа сентября октября ноября декабря
    الاثنين الثلاثاء الاربعاء الخميس الجمعة السبت الاحد
    يناير فبراير مارس ابريل مايو يونيو يوليو اغسطس سبتمبر اكتوبر نوفمبر ديسمبر
    jumatatu jumanne jumatano alhamisi ijumaa jumamosi jumapili
"""
CALENDAR = frozenset(_DAYS_AND_MONTHS.split())


class _Numbers(dict[Any, int]):
    """Raw token → number; what was met before costs a look-up. It forgets everything when it is full."""

    def __missing__(self, raw: str | bytes) -> int:
        word = fold(raw.decode() if isinstance(raw, bytes) else raw)
        number = crc32(word.encode()) * _MIXING & 0xFFFFFFFF & ~_KINDS
        if word.isdecimal() or word[:1].isdecimal() or word in CALENDAR:
            number |= FIGURE
        if len(word) == 1 and _IS_UNSPACED.match(word):
            number |= CHARACTER
        if len(self) >= _REMEMBERED:
            self.clear()
        self[raw] = number
        return number


_NUMBERS = _Numbers()


def _ungrouped(match: re.Match[str]) -> str:
    return _GROUPING.sub("", match[0])


def _raw(text: str) -> list[str] | list[bytes]:
    """The tokens as written. ASCII and other spaced scripts are split by bytes, four times as fast as a pattern."""
    if not text.isascii() and _MARKS.search(text):
        text = _MARKS.sub("", unicodedata.normalize("NFC", text))
    text = _GROUPED.sub(_ungrouped, text)
    if text.isascii():
        return text.encode().translate(_BLANKED).split()
    if _IS_UNSPACED.search(text):
        return _TOKEN.findall(text)
    return _NO_WORD.sub(" ", text).encode("utf-8", "replace").translate(_BLANKED).split()


def tokens(text: str, most: int) -> NDArray[np.uint32]:
    """The numbers of the first `most` tokens of a text, in order."""
    # No text needs more characters for so many tokens, and one of a million would cost 60 MB to take apart.
    return np.array([_NUMBERS[raw] for raw in _raw(text[: most * 50])[:most]], dtype=np.uint32)
