"""Content farms put the reading of a character behind it, `聯(lián)`, to look like another text. It is taken out.

Certain is a reading with a tone mark in parentheses directly after a Chinese character. Only a text with three or
more of these also has unmarked ones, damaged ones and ones after damaged characters. `（NATO）` and `(AI)` stay.
"""

from __future__ import annotations

import re
import unicodedata

from aggregator.text.normalise import HAN

_TONE = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
_PLAIN = "a-zɡɑü"
_MARKED = rf"[{_PLAIN}]{{0,5}}[{_TONE}][{_PLAIN}]{{0,4}}"
_READING = re.compile(rf"(?<=[{HAN}])[(（]({_MARKED})[)）]")
_UNMARKED = re.compile(rf"(?<=[{HAN}])[(（]([{_PLAIN}]{{1,6}})[)）]")
_STRAY = re.compile(rf"[(（]({_MARKED})[)）]")
# The opening parenthesis and the character before it lost to a shifted decoding: 向?qū)
_BROKEN = re.compile(rf"(?<=[{HAN}])[?？\ufffd]{{1,2}}({_MARKED})[)）]")
_SYLLABLE = re.compile(
    r"(?:[bpmfdtnlgkhjqxrzcsyw]|[zcs]h)?(?:[aeiouv]|[iu]?a[io]?|[iu]?e|ei|ou|u[oi]|i[uo]|ia[on]?|ue|ve)(?:n|ng|r)?|n|ng|m|hm|hng|er"
)
_MANY = 3
_COMBINING = re.compile("[\u0300\u0301\u0304\u030c]")


def without_pinyin(text: str) -> str:
    """The text, plain or HTML, without readings of its characters."""
    if "(" not in text and "（" not in text:
        return text
    if _COMBINING.search(text):
        text = unicodedata.normalize("NFC", text)
    certain = sum(_is_syllable(m[1]) for m in _READING.finditer(text))
    if not certain:
        return text
    forms = (_READING,) if certain < _MANY else (_READING, _UNMARKED, _BROKEN, _STRAY)
    for form in forms:
        text = form.sub(_gone, text)
    return text


def _gone(match: re.Match[str]) -> str:
    return "" if _is_syllable(match[1]) else match[0]


def _is_syllable(word: str) -> bool:
    letters = unicodedata.normalize("NFD", word.replace("ü", "v").replace("ɡ", "g").replace("ɑ", "a"))
    return bool(_SYLLABLE.fullmatch("".join(c for c in letters if not unicodedata.combining(c))))
