"""Does this read like a text somebody wrote? Decides between encodings that all decode without an error."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_ENOUGH = 4_000  # characters judged

# The commonest characters of Chinese in both scripts and of Japanese: in real text they are half of all Han
# characters, in text read by a wrong encoding a fiftieth.
_COMMON = frozenset(
    "的一是不了在人有我他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生自会那后能对着事其里所去行过家十用发天如然作"
    "方成者多日都三小军二无同么经法当起与好看学进种将还分此心前面又定见只主没公从知使北京市新闻报记技术部门企业经济社会工业互联网"
    "这們說國時會後對裡過發無麼經當與學進種將還從見沒來個為於開關東長車書門問間電話題業產體點黨區實聯網報記術部濟據資訊"
    "本日月火水木金土年間時分今何高見物語話番組集第回東西南北京都府県市区町村政府首相会議員社長発表調査研究開始予定対策"
    "最民情外力理起加意量第三全向四科机重总利建合表量百万文化教育安全美元増加減少気象台風地震交通事故警察選挙投票"
    "打去想把手高水等老各体制应当同些其他两因此什被正新外情比更世界问题没路原做解立代通并提党程展五果料象员入常果次品式活设及管特件长求老基资边流身级山统接知较将组计她则反常信先使领今报造持完每"
)
# The letters that most of a text consists of, in each alphabet: read by a wrong encoding, others are as frequent.
_FREQUENT = frozenset("оеаинтсрвлкмдпуяыізαεοιτνσςρκπλμυηωάέίόήώύיוהלאתמרנשבםדاليمونرتبةعدسفهكأนารอกเงมยลวดทสตะปบคหแจพ่้ิีัุู")
_SELDOM = frozenset("ъщэфцюёћђјљњџѓќўґξψζΐΰϋϊظغثذضؤئฃฅฆฌฎฏฐฑฒณฬฤฦ")
_STROKES = frozenset(
    "\u3001\u3002\u300a\u300b\u300c\u300d\u3010\u3011\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f\u201c\u201d\u2018\u2019\u2014\u2026\u00b7\u30fb\u30fc\u2013\u20ac\u3000"
)
_CASE_INSIDE = re.compile(r"[\u0430-\u044f\u0451][\u0410-\u042f\u0401]")
_GLUED = re.compile(
    r"[A-Za-z\u00c0-\u024f](?=[\u0370-\u06ff\u0e00-\u0e7f])|[\u0370-\u06ff\u0e00-\u0e7f](?=[A-Za-z\u00c0-\u024f])"
)
_SPLIT = re.compile("[a-z\u00e0-\u024f][\u3400-\u9fff\uac00-\ud7a3](?=[a-z\u00e0-\u024f])")
# One character of Chinese or Korean that belongs to a word of small Latin letters is two bytes of that word.
_LONELY = re.compile(
    "[a-z][\u3400-\u9fff\uac00-\ud7a3](?![\u3041-\u9fff\uac00-\ud7a3])|"
    "(?<![\u3041-\u9fff\uac00-\ud7a3])[\u3400-\u9fff\uac00-\ud7a3](?=[a-z])"
)
# A mark without the consonant it stands on, a vowel without the one it stands before, digits among letters.
_NOT_THAI = re.compile(
    "(?<![\u0e01-\u0e2e\u0e31-\u0e3a\u0e47-\u0e4e])[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]|[\u0e40-\u0e44](?![\u0e01-\u0e2e])|"
    "[\u0e50-\u0e59][\u0e01-\u0e4e]|[\u0e01-\u0e4e][\u0e50-\u0e5b]|[\u0e34-\u0e39\u0e31]{2}|[\u0e47-\u0e4e]{2}|[\u0e47-\u0e4e][\u0e31\u0e34-\u0e39]"
)
_RARE_LATIN = frozenset("¢£¤¥¦§¨¬¯±²³´µ¶¸¹¼½¾¿¡ÐÞþð×÷ƒ†‡‰‹›ˆ˜ÿŸ")


@cache
def _worth(character: str) -> float:  # noqa: C901, PLR0911 - a table of ranges, one return each
    """What one character says for its text, between -3 (against) and 1 (for)."""
    code = ord(character)
    if code == 0xFFFD or 0xE000 <= code <= 0xF8FF or code >= 0xF0000:  # noqa: PLR2004 - replacement, private use
        return -3.0
    if code < 0xA0:  # noqa: PLR2004 - C1 controls
        return -2.0
    if character in _STROKES:
        return 0.6
    if 0x3041 <= code <= 0x30FF:  # noqa: PLR2004 - kana
        return 0.8
    if 0xFF61 <= code <= 0xFF9F:  # noqa: PLR2004 - half-width katakana, what single bytes give under cp932
        return -0.6
    if 0x3400 <= code <= 0x9FFF or code >= 0x20000:  # noqa: PLR2004 - Han
        return 1.0 if character in _COMMON else -0.05
    if 0xAC00 <= code <= 0xD7A3:  # noqa: PLR2004 - Hangul; the 2,350 of KS X 1001 are those in use
        return 0.7 if _in_ks(character) else -0.4
    category = unicodedata.category(character)
    if character in _RARE_LATIN:
        return -0.5
    if 0x0370 <= code < 0x0700 or 0x0E00 <= code < 0x0E80:  # noqa: PLR2004 - Greek, Cyrillic, Semitic, Thai
        return _of_alphabet(character, category)
    if category[0] == "L":
        return 0.5 if code < 0x0370 else -0.3  # noqa: PLR2004 - Latin
    return 0.1 if category[0] == "P" else -0.3


def _of_alphabet(character: str, category: str) -> float:
    if character in _FREQUENT:
        return 0.8
    if category[0] not in "LM":
        return 0.0
    if category == "Lu":
        return 0.3
    return -0.5 if character in _SELDOM else 0.1


@cache
def _in_ks(character: str) -> bool:
    try:
        character.encode("euc_kr")
    except UnicodeEncodeError:
        return False
    return True


def plausibility(text: str) -> float:
    """Mean worth of the text's non-ASCII characters: over 0.3 for text, under 0 for most wrong readings."""
    foreign = [c for c in text if not c.isascii()][:_ENOUGH]
    if not foreign:
        return 0.0
    score = sum(map(_worth, foreign)) / len(foreign)
    return score - _penalty(text[: _ENOUGH * 10], foreign)


def _penalty(text: str, foreign: list[str]) -> float:
    """What no single character shows: scripts mixed as nobody mixes them, capitals or two alphabets in a word."""
    total = len(foreign)
    hangul = sum("\uac00" <= c <= "\ud7a3" for c in foreign)
    han = sum("\u3400" <= c <= "\u9fff" for c in foreign)
    latin = sum("\u00c0" <= c <= "\u024f" for c in foreign)
    kana = sum("\u3041" <= c <= "\u30ff" for c in foreign)
    cyrillic = sum("\u0400" <= c <= "\u04ff" for c in foreign)
    mixed = 1.5 * min(hangul, han) / total + 1.0 * min(hangul, kana) / total + 1.0 * min(cyrillic, han + kana) / total
    # Accented letters stand alone between ASCII ones; next to each other they are bytes of something else.
    runs = len(re.findall(r"(?=[\u00a1-\u024f][\u00a1-\u024f])", text)) if latin else 0
    capitals = 2.0 * len(_CASE_INSIDE.findall(text)) / total if cyrillic else 0.0
    glued = min(1.0, len(_GLUED.findall(text)) / total)
    split = min(1.0, len(_SPLIT.findall(text)) / total)
    thai = 2.0 * min(1.0, len(_NOT_THAI.findall(text)) / total)
    lonely = 1.5 * len(_LONELY.findall(text)) / total
    return mixed + split + lonely + thai + 1.2 * min(1.0, runs / total) + capitals + glued
