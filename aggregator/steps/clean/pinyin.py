"""Content farms put the reading of a character behind it, `聯(lián)`, to look like another text. It is taken out.

Certain is a reading with tone marks in brackets directly after a Chinese character: of one syllable, several readings
of it (`zhòng/chóng`), or one marked syllable for each character (`zhōng guó`). Only a text with three or more of these,
or as many with tone numbers (`hang2`), also has unmarked ones, damaged ones and ones after damaged characters.
`（NATO）`, `(AI)`, `(Li Ming)` and `(café)` stay.
"""

from __future__ import annotations

import re
import unicodedata

from aggregator.text.normalise import HAN

_TONE = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
_PLAIN = "a-zɡɑü"
_OPEN, _CLOSE = "[(（\\[【〔]", "[)）\\]】〕]"
_MARKED = rf"[{_PLAIN}]{{0,5}}[{_TONE}][{_PLAIN}]{{0,4}}"
_LETTERS = f"{_PLAIN}{_TONE}"
_READING = re.compile(
    rf"(?<=[{HAN}]) ?{_OPEN} ?(?P<said>[{_LETTERS}][{_LETTERS}\d /、,，;；|'’]{{0,40}}?) ?{_CLOSE}",
    re.IGNORECASE,
)
_UNMARKED = re.compile(rf"(?<=[{HAN}])[(（]([{_PLAIN}]{{1,6}})[)）]")
_NUMBERED = re.compile(r"[a-zü:]{1,6}[1-5]")
_STRAY = re.compile(rf"[(（]({_MARKED})[)）]")
# The opening parenthesis and the character before it lost to a shifted decoding: 向?qū)
_BROKEN = re.compile(rf"(?<=[{HAN}])[?？\ufffd]{{1,2}}({_MARKED})[)）]")
_SYLLABLE_FORM = (
    r"(?:(?:[bpmfdtnlgkhjqxrzcsyw]|[zcs]h)?(?:[aeiouv]|[iu]?a[io]?|[iu]?e|ei|ou|u[oi]|i[uo]|ia[on]?|ue|ve)(?:n|ng|r)?"
    r"|n|ng|m|hm|hng|er)"
)
_SYLLABLE = re.compile(_SYLLABLE_FORM)
_SEPARATOR = re.compile(r"\s*[/、,，;；|]\s*")
_MANY = 3
_COMBINING = re.compile("[\u0300\u0301\u0304\u030c]")
_TONES = "\u0300\u0301\u0304\u030c"


def without_pinyin(text: str) -> str:
    """The text, plain or HTML, without readings of its characters."""
    if not any(bracket in text for bracket in "(（[【〔"):
        return text
    if _COMBINING.search(text):
        text = unicodedata.normalize("NFC", text)
    found = [_kind(match) for match in _READING.finditer(text)]
    marked, numbered = found.count("marked"), found.count("numbered")
    many = marked + numbered >= _MANY
    if not marked and not many:
        return text
    text = _READING.sub(lambda match: _taken(match, numbers=many or marked > 0), text)
    for form in (_UNMARKED, _BROKEN, _STRAY) if many else ():
        text = form.sub(_gone, text)
    return text


def _kind(match: re.Match[str]) -> str:
    """'marked', 'numbered' or ''."""
    said = match["said"].lower()
    readings = _SEPARATOR.split(said)
    if all(_is_syllable(_bare(one)) and _tones(one) == 1 for one in readings):
        return "marked"
    if len(readings) == 1 and _spells(said, _han_before(match)):
        return "marked"
    numbers = all(_NUMBERED.fullmatch(one) and _is_syllable(one[:-1]) for one in readings)
    return "numbered" if numbers else ""


def _taken(match: re.Match[str], *, numbers: bool) -> str:
    kind = _kind(match)
    return "" if kind == "marked" or (kind == "numbered" and numbers) else match[0]


def _spells(said: str, characters: int) -> bool:
    """Whether a reading is one of several characters: as many syllables at most, each with its tone."""
    letters = unicodedata.normalize("NFD", said.replace("ü", "v"))
    plain = "".join(c for c in letters if c not in _TONES).replace("\u0308", "")
    tones = sum(c in _TONES for c in letters)
    return 1 < tones <= characters and bool(re.fullmatch(rf"(?:{_SYLLABLE_FORM}[\s'’]?){{{tones}}}", plain))


def _han_before(match: re.Match[str]) -> int:
    before = match.string[max(0, match.start() - 8) : match.start()]
    return len(before) - len(before.rstrip("".join(c for c in before if re.match(f"[{HAN}]", c))))


def _tones(reading: str) -> int:
    return sum(c in _TONES for c in unicodedata.normalize("NFD", reading))


def _bare(reading: str) -> str:
    """A reading without the number that repeats its mark."""
    return reading[:-1] if reading[-1:] in {"1", "2", "3", "4", "5"} else reading


def _gone(match: re.Match[str]) -> str:
    return "" if _is_syllable(match[1]) else match[0]


def _is_syllable(word: str) -> bool:
    letters = unicodedata.normalize(
        "NFD", word.replace("u:", "v").replace("ü", "v").replace("ɡ", "g").replace("ɑ", "a")
    )
    return bool(_SYLLABLE.fullmatch("".join(c for c in letters if not unicodedata.combining(c))))
