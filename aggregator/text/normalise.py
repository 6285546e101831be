"""One text in many spellings: what can be stored and shown, and the form in which two spellings are equal.

`shown` keeps the words as they are written and takes out what no reader may get. `fold` is for comparing and
matching only: it is never shown.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Protocol, cast

import opencc

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
KANA = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9d"
HANGUL = "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3"
CJK = HAN + KANA + HANGUL

CJK_LETTER = re.compile(f"[{CJK}]")
_HAN = re.compile(f"[{HAN}]")
# XML 1.0 §2.2 cannot carry the first group; DEL, C1 controls and noncharacters are legal and mean nothing.
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufffe\uffff"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17))
    + "]"
)
_SURROGATE = re.compile("[\ud800-\udfff]+")
# Soft hyphen, zero-width space, word joiner and its invisible kin, BOM in the text, bidirectional overrides,
# interlinear annotation, tag characters (but those that end an emoji flag). U+200E and U+200F stay: Hebrew and
# Arabic need them.
_INVISIBLE = re.compile("[\u00ad\u180e\u200b\u2028\u2029\u202d\u202e\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb]")
# Joiners mean something in Arabic, Indic and emoji sequences, nothing after a Latin letter, digit or CJK character.
_JOINER = re.compile(f"(?<=[0-9A-Za-z\u00c0-\u024f{CJK}])[\u200c\u200d]+")

_OMITTED = re.compile(
    "[\u00ad\u034f\u061c\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0640\u064b-\u065f\u0670"
    "\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_ACCENTED = re.compile("([A-Za-z\u0370-\u03ff\u1d00-\u1dbf\u0180-\u024f\u0250-\u02af])[\u0300-\u036f]+")
_SAME = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2e3a\u2e3b\u058a\ufe58\u2043", "-"),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc\u02b9\u02bb\u2032\u2035\u0060\u00b4\ua78c\u055a", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u2036\u00ab\u00bb\u300c\u300d\u300e\u300f\u301d\u301e", '"'),
    "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ё": "е",
}  # fmt: skip
# Looked for, then replaced one by one: `str.translate` asks its table for every character, and folding takes half as
# long again.
_HAS_SAME = re.compile(f"[{''.join(_SAME)}]")


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@cache
def _simplifier() -> _Converter:
    """Loaded once a process, at first need: the dictionary is 1 MB."""
    return cast("_Converter", opencc.OpenCC("t2s"))


def simplified(text: str) -> str:
    """Traditional Chinese characters as Simplified ones, everything else untouched. No surrogates may come in."""
    return _simplifier().convert(text) if _HAN.search(text) else text


def encodable(text: str) -> str:
    """Lone surrogates replaced by U+FFFD: UTF-8 and every database refuse them. A split pair is joined."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def shown(text: str) -> str:
    """The text without controls, lone surrogates, noncharacters and invisible characters; tab and newline stay."""
    if text.isascii() and text.isprintable():
        return text
    text = _UNFIT.sub("", encodable(text)).replace("\x85", "\n")
    return _JOINER.sub("", _INVISIBLE.sub("", text))


def line(text: str) -> str:
    """`shown` on one line: every run of white space is one space, none at the ends."""
    return " ".join(shown(text).split())


def _unified(text: str) -> str:
    return _HAS_SAME.sub(lambda found: _SAME[found[0]], text)


def fold(text: str) -> str:
    """The form in which two spellings of one text are equal; for matching only.

    Unicode NFKC (which folds width) and case folding; hyphen, apostrophe and quotation mark variants unified;
    accents of Latin and Greek letters, Hebrew and Arabic vowel points and invisible characters dropped;
    Traditional Chinese turned Simplified. Cyrillic, kana and Indic marks make other letters and stay. White
    space is kept as it is.
    """
    if text.isascii():
        return text.casefold().replace("`", "'")
    # Acute accent and its like decompose to a space and a mark under NFKC: unify before and after.
    text = unicodedata.normalize("NFKC", _unified(encodable(text))).casefold()
    text = _OMITTED.sub("", text)
    text = _ACCENTED.sub(r"\1", unicodedata.normalize("NFD", text))
    return simplified(_unified(unicodedata.normalize("NFC", text)))
