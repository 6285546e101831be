"""UTF-8 that somebody read as windows-1252 or GBK and wrote again: read as what it is, where that is certain."""

from __future__ import annotations

import re

_MOJIBAKE = re.compile(
    "[\u00c2-\u00f4](?:[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]){1,3}"
)
_TIMES = 3
_SURER = 2  # certain ones for each doubtful one: what a whole text suffered, each of its letters did
# The same with a byte that no letter of windows-1252 stands for: what it was is not known.
_LOST_BYTE = re.compile(
    "[\u00c3-\u00c6]\ufffd|[\u00e0-\u00ef](?:\ufffd.|[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]\ufffd)"
)
# Greek, Cyrillic, Hebrew and Arabic: several letters of two bytes in a row.
_FOREIGN_WORD = re.compile(
    "(?:[\u00ce-\u00d1\u00d7-\u00db][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]){3,}"
)
_EASTERN = frozenset(map(chr, range(0x100, 0x250)))
_NEVER_BEHIND = frozenset(
    "\u201a\u2020\u2021\u02c6\u2030\u2039\u203a\u2122\u00a1\u00a2\u00a4\u00a5\u00a6\u00a7\u00a8\u00a9\u00ac\u00af\u00b0\u00b1"
    "\u00b4\u00b5\u00b6\u00b8\u00ba\u00bc\u00bd\u00be\u00bf"
) | frozenset(map(chr, range(0x80, 0xA0)))
# E2 80, the first two bytes of quotation marks and dashes, with the third and the letter behind it; and words whose
# every character is two bytes of UTF-8, told by the commonest of them.
_GBK_MARK = re.compile("(?<![\u3400-\u9fff])\u9225[\u3400-\u9fff]")
_GBK_WORDS = re.compile("[\u3400-\u9fff\u20ac\u3000-\u303f\uff00-\uffef\ue000-\uf8ff\u0400-\u04ff\u3040-\u30ff]{6,}")
_GBK_TELLS = re.compile("[\u9225\u951b\u9286\u9428\u6d93\u93c4\u6d5c\u7f03\u9365\u7ecb\u5bb8\u95c3]")
_SURE = frozenset(map(chr, (*range(0xA0, 0x100), 0x152, 0x153, 0x160, 0x161)))


def read_again(text: str) -> str:
    """`donâ€™t` → `don’t`, `it鈥檚` → `it’s`, also where it happened twice; every other text as it is."""
    if _GBK_TELLS.search(text):
        text = _GBK_WORDS.sub(_from_gbk, _GBK_MARK.sub(_mark_from_gbk, text))
    if not _MOJIBAKE.search(text):
        return text
    for _ in range(_TIMES):
        mended = _MOJIBAKE.sub(_repaired, _FOREIGN_WORD.sub(_as_utf8, text))
        if mended == text:
            break
        text = _rest(text, mended)
    return text


def _rest(text: str, mended: str) -> str:
    """The same, where most of what could be mended was certain: then the rest is too, and what was lost is a mark."""
    doubtful, all_of_them = (
        sum(_decoded(found) is not None for found in _MOJIBAKE.findall(one)) for one in (mended, text)
    )
    if _SURER * doubtful > all_of_them - doubtful:
        return mended
    return _LOST_BYTE.sub("\ufffd", _MOJIBAKE.sub(lambda found: _decoded(found[0]) or found[0], mended))


def _decoded(found: str) -> str | None:
    try:
        return b"".join(_as_1252(character) for character in found).decode("utf-8")
    except UnicodeDecodeError:
        return None


def _repaired(match: re.Match[str]) -> str:
    raw = b"".join(_as_1252(character) for character in match[0])
    found = _decoded(match[0])
    if found is None:
        return match[0]
    # Two letters can be honest ("Ã©" is not, "É®" may be): accents, punctuation and what is over U+07FF are sure; so
    # are letters of Eastern Europe where the second is a sign that stands behind no letter.
    sure = len(raw) > 2 or found in _SURE or (found in _EASTERN and match[0][1] in _NEVER_BEHIND)  # noqa: PLR2004
    return found if sure else match[0]


def _as_utf8(match: re.Match[str]) -> str:
    try:
        return b"".join(_as_1252(character) for character in match[0]).decode("utf-8")
    except UnicodeDecodeError:
        return match[0]


def _from_gbk(match: re.Match[str]) -> str:
    """`宸ヤ笟浜掕仈` → `工业互联`. A character cut at the end is lost."""
    try:
        found = match[0].encode("gb18030").decode("utf-8", "replace").removesuffix("\ufffd")
    except UnicodeEncodeError:
        return match[0]
    return match[0] if "\ufffd" in found else found


def _mark_from_gbk(match: re.Match[str]) -> str:
    found = _from_gbk(match)
    return found if found[0] in "\u2018\u2019\u201c\u201d\u2013\u2014\u2026" else match[0]


def _as_1252(character: str) -> bytes:
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        return character.encode("latin-1", "replace")
