"""Bytes → text: which encoding a document is in, whatever it says of itself.

The ladder: the owner's word; byte order marks; the pattern of `<` in UTF-16 and UTF-32; the 7-bit encodings that
would pass as ASCII; UTF-8 where the bytes are UTF-8, or nearly; what is declared (in the document, then by HTTP)
where the text it gives is plausible; the most plausible of the usual encodings. What cannot be read becomes
U+FFFD, never other letters.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from aggregator.steps.parse.guess import TWO_BYTES, Said, fits, guess
from aggregator.steps.parse.labels import WIDER, codec
from aggregator.steps.parse.plausible import plausibility

if TYPE_CHECKING:
    from collections.abc import Iterable

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
_HZ = re.compile(rb"~\{(?:[\x21-\x77][\x21-\x7e]){2,2000}~\}")
_HZ_SAMPLE = 50_000  # bytes
_HZ_PLAUSIBLE = 0.3
_VALID_PER_BAD = 4
_FEW = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Decoded:
    """A document's text without its mark, and the codec that gave it; 'utf-8 (damaged)' where bytes were lost."""

    text: str
    encoding: str


def decode(
    body: bytes, content_type: str = "", override: str | None = None, language: str | None = None, url: str = ""
) -> Decoded:
    """Read a document's bytes as text. Never fails.

    Args:
        body: the document, decompressed.
        content_type: the HTTP header's value, or ''.
        override: the owner's word, which wins over everything.
        language: BCP 47 tag of the source where known; it decides between guesses only.
        url: the document's address, whose country does the same.
    """
    chosen = codec(override) if override else None
    certain = chosen or _marked(body) or _wide(body) or _escaped(body)
    if certain:
        return _read(body, certain)
    head = body[:2048]
    in_document = _DECLARED.search(head) or _META.search(head)
    in_http = _HTTP.search(content_type)
    inside = _codecs(in_document[1].decode("ascii") if in_document else "")
    http = _codecs(in_http[1] if in_http else "")
    said = Said(inside=inside, http=http, language=language, url=url)
    if b"~{" in body and body.isascii() and ("hz" in said.encodings or _is_hz(body)):
        return _read(body, "hz")
    return _utf8(body, said) or _guessed(body, said)


def _codecs(label: str) -> tuple[str, ...]:
    """What a label means, where that can be true: UTF-16 and UTF-32 are known by their bytes."""
    found = codec(label) if label else None
    return (found,) if found and not found.startswith(("utf-16", "utf-32")) else ()


def _guessed(body: bytes, said: Said) -> Decoded:
    best = guess(body, said)
    return _read(body, best) if best else _done(body.decode("utf-8", "replace"), "utf-8 (damaged)")


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


def _is_hz(body: bytes) -> bool:
    """Chinese in seven bits (RFC 1843): pairs of letters between `~{` and `~}` that are common characters."""
    found = b"".join(_HZ.findall(body[:_HZ_SAMPLE]))
    try:
        return len(found) > _FEW and plausibility(found.decode("hz")) > _HZ_PLAUSIBLE
    except UnicodeDecodeError:
        return False


def _utf8(body: bytes, told: Said) -> Decoded | None:
    """The text where the bytes are UTF-8, or are but for damage too small to be another encoding."""
    declared = told.encodings
    legacy = next((c for c in declared if c != "utf-8"), None)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        by_chance = legacy and "utf-8" not in declared and _by_chance(body, text, legacy)
        return _read(body, legacy) if legacy and by_chance else _done(text, "utf-8")
    if "utf-8" in declared and legacy and fits(body, legacy):
        return None  # the server says UTF-8 of everything, the document knows better, or the other way round
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    valid = sum(not c.isascii() for c in text) - bad
    said = "utf-8" in declared
    alone = bool(valid) or all(name == "utf-8" for name in declared)  # nothing else is said of bytes that are no UTF-8
    if said and not valid and alone and guess(body, replace(told, inside=(), http=())):
        return None  # no UTF-8 at all, and certainly something else
    if valid >= _VALID_PER_BAD * bad or (said and valid >= bad) or (said and bad <= _FEW and alone):
        return _done(text, "utf-8 (damaged)")
    return None


def _by_chance(body: bytes, text: str, legacy: str) -> bool:
    """A few characters of a declared CJK encoding can be UTF-8 too: 一 in GBK is һ in UTF-8."""
    foreign = {c for c in text if not c.isascii()}
    if legacy not in TWO_BYTES or not 0 < len(foreign) <= _FEW or any(ord(c) > 0x7FF for c in foreign):  # noqa: PLR2004 - two bytes
        return False
    try:
        other = body.decode(legacy)
    except UnicodeDecodeError:
        return False
    return plausibility(other) > plausibility(text)


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
