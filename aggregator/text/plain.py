"""Markup → plain text, with the damage repaired that feeds do to entities on the way."""

from __future__ import annotations

import html
import re
from html.entities import html5

from aggregator.text.mojibake import read_again
from aggregator.text.normalise import line, shown

_DIGITS = 9  # more than any character's number has
# html.unescape raises at more digits than int() takes, 4,300.
_LONG_REFERENCE = re.compile(r"(&#[xX]?)([0-9a-fA-F]{9,})")
_TAG = re.compile(r"""<(?:!--.*?(?:-->|$)|/?[A-Za-z!?](?:[^<>"']|"[^"]*"|'[^']*')*>)""", re.DOTALL)
# Content nobody reads as text.
_SILENT = re.compile(r"<(script|style|template|head|noscript|title|svg|math)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_READING = re.compile(r"<(rt|rp)\b[^<>]*>[^<>]*</\1\s*>", re.IGNORECASE)  # beside its character, which is the text
_BLOCK = re.compile(
    r"</?(?:p|div|br|hr|h[1-6]|li|ul|ol|dl|dt|dd|tr|table|thead|tbody|blockquote|pre|section|article|header|footer|"
    r"figure|figcaption|aside|details|summary|caption|picture|video|audio)\b(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>",
    re.IGNORECASE,
)
_CELL = re.compile(r"</?t[dh]\b[^>]*>", re.IGNORECASE)
# A comment, closed or not, and a document type.
_UNSEEN = re.compile(r"<!--.*?(?:-->|$)|<!DOCTYPE\b[^>]*>", re.DOTALL | re.IGNORECASE)
_KNOWN_TAG = re.compile(
    r"</?(?:a|abbr|acronym|b|bdi|bdo|big|br|center|cite|code|del|dfn|div|em|embed|figure|font|h[1-6]|hr|i|iframe|img|ins|"
    r"kbd|li|mark|nobr|object|ol|p|picture|q|rp|rt|ruby|s|samp|script|small|span|strike|strong|style|sub|sup|svg|table|td|"
    r"th|tr|tt|u|ul|var|wbr)(?:\s(?:[^<>\"']|\"[^\"]*\"|'[^']*')*)?/?>",
    re.IGNORECASE,
)
_IMAGE = re.compile(r"""<img\b[^<>]{0,2000}?\balt\s*=\s*(?:"([^"]*)"|'([^']*)')[^<>]{0,2000}>""", re.IGNORECASE)
_CLOSED = re.compile(r"</[A-Za-z][A-Za-z0-9]*\s*>|<(?:br|img|hr|wbr)\b", re.IGNORECASE)
_LONGEST_LINE = 20_000
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# Entities that lost their ampersand. Words of a language do not end in these with a semicolon but by accident, so
# only names that are no word count, and only where no letter, digit or ampersand stands before.
_LOST = re.compile(
    r"(?<![&\w#.])(?<!&amp;)(?:amp;){0,4}(ldquo|rdquo|lsquo|rsquo|sbquo|bdquo|mdash|ndash|hellip|middot|nbsp|laquo|raquo|lsaquo|rsaquo|"
    r"rarr|larr|quot|ensp|emsp|thinsp|zwnj)(;)"
)
# The same directly after a CJK character or a damaged one: `。ldquo;`, `?ldquo;`.
_LOST_CJK = re.compile(
    r"(?<=[\u3000-\u9fff\uff00-\uffef?\ufffd])(?:amp;){0,4}(ldquo|rdquo|lsquo|rsquo|mdash|hellip|middot|nbsp|quot);"
)

# Accented letters without their ampersand, `feacute;vrier`, beside references that have it. Names that words end in
# (`sharing;`, `eth;`) do not count. A number counts inside a word: `don#39;t`.
_MARKED = (
    "uml;",
    "acute;",
    "grave;",
    "circ;",
    "tilde;",
    "cedil;",
    "caron;",
    "breve;",
    "ogon;",
    "strok;",
    "lig;",
    "slash;",
)
_LOST_LETTER = re.compile(
    rf"&#?[0-9A-Za-z]{{1,31}};|([AaCcDdEeGgIiKkLlNnOoRrSsTtUuYyZz](?:{'|'.join(_MARKED[:-2])})|(?:[ao]e|sz)lig;|[Oo]slash;)"
)
_LOST_NUMBER = re.compile(r"(?<=[^\W\d_])#(39|8217);(?=[^\W\d_])")


def _short_reference(match: re.Match[str]) -> str:
    digits = match[2].lstrip("0") or "0"
    return f"{match[1]}{digits}" if len(digits) < _DIGITS else "\ufffd"


def unescaped(text: str, passes: int = 3) -> str:
    """Character references decoded, also when they were escaped twice or thrice."""
    for _ in range(passes):
        text = _LONG_REFERENCE.sub(_short_reference, text)
        if not _ENTITY.search(text):
            break
        text = html.unescape(text)
    return text


def mended(text: str) -> str:
    """Entities that lost their ampersand put back as characters, UTF-8 once read as another encoding read again."""
    if ";" in text:
        text = _LOST_CJK.sub(_character, _LOST.sub(_character, text))
        if any(mark in text for mark in _MARKED):
            text = _LOST_LETTER.sub(_letter, text)
        text = _LOST_NUMBER.sub(lambda found: chr(int(found[1])), text)
    return text if text.isascii() else read_again(text)


def _character(match: re.Match[str]) -> str:
    return html5[f"{match[1]};"]


def _letter(match: re.Match[str]) -> str:
    return html5.get(match[1], match[0]) if match[1] else match[0]


def one_line(text: str, *, markup: bool) -> str:
    """A title, name or label as one plain line.

    Args:
        text: as the feed wrote it; over 20,000 characters it is cut.
        markup: it may hold HTML. Otherwise angle brackets are words ("the <b> element") and stay.
    """
    text = text[:_LONGEST_LINE]
    if markup:
        text = _spoken_image(text)
        text = _UNSEEN.sub(" ", text) if "<!" in text else text
        text = _KNOWN_TAG.sub(_space_for_break, _SILENT.sub(" ", text))
        text = unescaped(text, 1)
        if _CLOSED.search(text):  # markup that was escaped once too often
            text = _KNOWN_TAG.sub(_space_for_break, text)
    return line(mended(unescaped(text)))


def _spoken_image(text: str) -> str:
    """The words of a picture that stands alone in the place of a title."""
    alone = _IMAGE.fullmatch(text.strip()) if text.lstrip()[:4].lower() == "<img" else None
    return alone[1] or alone[2] or "" if alone and (alone[1] or alone[2]) else text


def _space_for_break(match: re.Match[str]) -> str:
    return " " if _BLOCK.match(match[0]) or match[0][:4].lower() in {"<br>", "<br/", "<img", "<td>", "<tr>"} else ""


def paragraphs(markup: str) -> str:
    """HTML as plain text: a line for each block, entities decoded, nothing invisible."""
    text = _READING.sub("", _SILENT.sub(" ", markup)) if "<" in markup else markup
    if "<" in text:
        text = _TAG.sub("", _CELL.sub(" ", _BLOCK.sub("\n", text.replace("\n", " "))))
    text = shown(unescaped(text, 1))
    lines = (" ".join(part.split()) for part in text.split("\n"))
    return "\n".join(part for part in lines if part)
