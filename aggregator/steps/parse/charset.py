"""Bytes → text: which encoding a document is in, whatever it says of itself.

The ladder: the owner's word; byte order marks; the pattern of `<` in UTF-16 and UTF-32; the 7-bit encodings that
would pass as ASCII; UTF-8 where the bytes are UTF-8, or nearly; what is declared (in the document, then by HTTP)
where the text it gives is plausible; the most plausible of the usual encodings. What cannot be read becomes
U+FFFD, never other letters.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.steps.parse.labels import OF_LANGUAGE, WIDER, codec
from aggregator.steps.parse.plausible import plausibility

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_BOMS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,300}?encoding\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_HTTP = re.compile(r"""charset\s*=\s*["']?([^\s;,"']{1,40})""", re.IGNORECASE)
_ESCAPES = re.compile(rb"\x1b(?:\$[@AB]|\$\([A-Q]|\([BHIJ])")
_SAMPLE = 200_000  # bytes judged; encodings do not change on the way
_USUAL = ("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949", "cp1251", "koi8_r", "cp1252", "cp1253", "cp1255",
          "cp1256", "cp874", "cp866", "koi8_u", "iso8859_5", "iso8859_6")  # fmt: skip
_DECLARED_BONUS = 0.25
_CHOSEN_BONUS = 0.15  # nobody writes windows-1250 without meaning it
_LITTLE_BONUS = 0.4
_LITTLE = 20_000  # characters
_LANGUAGE_BONUS = 0.2
_BELIEVED = 0.25  # below, text is rather wrong than right
_NOT_WRONG = -0.1  # two bytes a character that all fit say much by themselves
_CLOSE = 0.1
_LITTLE_TO_JUDGE = 16  # characters
_VALID_PER_BAD = 4
_FEW = 3
_TWO_BYTES = frozenset({"gb18030", "big5hkscs", "cp932", "euc_jp", "cp949"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Decoded:
    """A document's text without its mark, and the codec that gave it; 'utf-8 (damaged)' where bytes were lost."""

    text: str
    encoding: str


def decode(body: bytes, content_type: str = "", override: str | None = None, language: str | None = None) -> Decoded:
    """Read a document's bytes as text. Never fails.

    Args:
        body: the document, decompressed.
        content_type: the HTTP header's value, or ''.
        override: the owner's word, which wins over everything.
        language: BCP 47 tag of the source where known; it decides between guesses only.
    """
    chosen = codec(override) if override else None
    certain = chosen or _marked(body) or _wide(body) or _escaped(body)
    if certain:
        return _read(body, certain)
    head = body[:2048]
    in_document = _DECLARED.search(head) or _META.search(head)
    in_http = _HTTP.search(content_type)
    names = [in_document[1].decode("ascii")] if in_document else []
    names += [in_http[1]] if in_http else []
    declared = list(dict.fromkeys(c for c in map(codec, names) if c and not c.startswith(("utf-16", "utf-32"))))
    if "hz" in declared and body.isascii() and b"~{" in body:
        return _read(body, "hz")
    return _utf8(body, declared) or _plausible(body, declared, language)


def _marked(body: bytes) -> str | None:
    return next((name for mark, name in _BOMS if body.startswith(mark)), None)


def _wide(body: bytes) -> str | None:
    """UTF-16 or UTF-32 without its mark, by where the zeros stand round the first ASCII characters."""
    head = body[:256]
    if b"\0" not in head:
        return None
    for name, unit, first in (("utf-32-le", 4, 0), ("utf-32-be", 4, 3), ("utf-16-le", 2, 0), ("utf-16-be", 2, 1)):
        units = [head[i : i + unit] for i in range(0, min(len(head), 16 * unit) // unit * unit, unit)]
        ascii_units = sum(u[first] not in {0, 0xFF} and not any(u[:first] + u[first + 1 :]) for u in units)
        if units and ascii_units * 4 >= len(units) * 3:
            return name
    return None


def _escaped(body: bytes) -> str | None:
    """ISO 2022 in seven bits: ESC is illegal in XML, so its sequences say it for certain."""
    if b"\x1b" not in body or not body.isascii():
        return None
    if b"\x1b$)C" in body:
        return "iso2022_kr"
    return "iso2022_jp_ext" if _ESCAPES.search(body) else None


def _utf8(body: bytes, declared: Sequence[str]) -> Decoded | None:
    """The text where the bytes are UTF-8, or are but for damage too small to be another encoding."""
    legacy = next((c for c in declared if c != "utf-8"), None)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        by_chance = legacy and "utf-8" not in declared and _by_chance(body, text, legacy)
        return _read(body, legacy) if legacy and by_chance else _done(text, "utf-8")
    if "utf-8" in declared and legacy and _fits(body, legacy):
        return None  # the server says UTF-8 of everything, the document knows better, or the other way round
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    valid = sum(not c.isascii() for c in text) - bad
    said = "utf-8" in declared
    alone = bool(valid) or all(name == "utf-8" for name in declared)  # nothing else is said of bytes that are no UTF-8
    if valid >= _VALID_PER_BAD * bad or (said and valid >= bad) or (said and bad <= _FEW and alone):
        return _done(text, "utf-8 (damaged)")
    return None


def _by_chance(body: bytes, text: str, legacy: str) -> bool:
    """A few characters of a declared CJK encoding can be UTF-8 too: 一 in GBK is һ in UTF-8."""
    foreign = {c for c in text if not c.isascii()}
    if legacy not in _TWO_BYTES or not 0 < len(foreign) <= _FEW or any(ord(c) > 0x7FF for c in foreign):  # noqa: PLR2004 - two bytes
        return False
    try:
        other = body.decode(legacy)
    except UnicodeDecodeError:
        return False
    return plausibility(other) > plausibility(text)


def _fits(body: bytes, name: str) -> bool:
    """Whether all of a document can be read by an encoding, and makes sense."""
    try:
        return plausibility(body.decode(name)) > (_NOT_WRONG if name in _TWO_BYTES else _BELIEVED)
    except UnicodeDecodeError:
        return False


def _plausible(body: bytes, declared: Sequence[str], language: str | None) -> Decoded:
    """The most plausible reading among what was declared and what is usual."""
    sample = body[:_SAMPLE]
    hints = _for_language(language)
    ranked: list[tuple[float, int, str]] = []
    for place, name in enumerate(dict.fromkeys([*declared, *hints, *_USUAL])):
        read = codecs.getincrementaldecoder(name)("replace").decode(sample)
        bonus = (_said_bonus(read, name) if name in declared else 0.0) + (_LANGUAGE_BONUS if name in hints[:1] else 0.0)
        ranked.append((plausibility(read) + bonus, -place, name))
    score, _, best = max(ranked)
    if (score > _BELIEVED and not _close(ranked, sample, best)) or best in declared:
        return _read(body, best)
    return _done(body.decode("utf-8", "replace"), "utf-8 (damaged)")


def _close(ranked: Sequence[tuple[float, int, str]], sample: bytes, best: str) -> bool:
    """Whether little text reads nearly as well in another way: then nothing is certain."""
    text = sample.decode(best, "replace")
    if best == "cp1252" or sum(not c.isascii() for c in text) > _LITTLE_TO_JUDGE:  # the West has one encoding
        return False
    top = max(ranked)[0]
    return any(top - score < _CLOSE and sample.decode(name, "replace") != text for score, _, name in ranked)


def _said_bonus(text: str, name: str) -> float:
    """What a declaration is worth: more where there is little to judge by, less where it is everybody's default."""
    return (
        (0.0 if name == "cp1252" else _CHOSEN_BONUS)
        + _DECLARED_BONUS
        + min(_LITTLE_BONUS, 1 / max(1, sum(not c.isascii() for c in text[:_LITTLE])))
    )


def _for_language(language: str | None) -> tuple[str, ...]:
    tag = (language or "").lower().replace("_", "-")
    return OF_LANGUAGE.get(tag) or OF_LANGUAGE.get(tag.partition("-")[0], ())


def _read(body: bytes, name: str) -> Decoded:
    """Decode by a codec that is settled: strictly, by a wider one, else with U+FFFD for what is damaged."""
    for choice in _with_wider(name):
        try:
            return _done(body.decode(choice), choice)
        except UnicodeDecodeError:
            continue
    return _done(body.decode(name, "replace"), f"{name} (damaged)")


def _with_wider(name: str) -> Iterable[str]:
    return (name, *(wider for wider in WIDER.get(name, ()) if name != "cp1252"))


def _done(text: str, encoding: str) -> Decoded:
    return Decoded(text=text.removeprefix("\ufeff"), encoding=encoding)
