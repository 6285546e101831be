"""The last look at every text and address before it goes out: what XML, JSON and browsers cannot take is removed.

Cleaning did this already; a document must not be lost because one entry slipped through an older version of it.
"""

from __future__ import annotations

import re
from html import unescape

import nh3
from w3lib.url import safe_url_string

# XML 1.0 §2.2 Char, without which lxml refuses the whole document (facts/HOSTILE.md, 5).
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BREAK = re.compile(r"<br\s*/?>|</(?:p|div|li|h[1-6]|tr|td|th|dd|dt|pre|blockquote|figure|figcaption)>", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:[/?#][A-Za-z0-9._~:/?#@!$&'()*+,;=%-]*)?")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_SCHEMES = frozenset({"http", "https", "ftp", "ftps", "gemini", "magnet", "mailto"})
# Scripts written without spaces between words: a text in them may be cut after any character.
_UNSPACED = re.compile("[\u0e00-\u0eff\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")


def xml_text(value: str) -> str:
    """The text without the characters that XML 1.0 forbids (§2.2)."""
    return _FORBIDDEN.sub("", value)


def one_line(value: str | None) -> str:
    """A text for a title or a name: permitted characters, white space made single; empty for None."""
    return " ".join(xml_text(value).split()) if value else ""


def address(url: str | None) -> str | None:
    """An absolute URI in ASCII, or None where it is missing, relative or of a scheme that could do harm."""
    if not url:
        return None
    if _PLAIN_URL.fullmatch(url):
        return url
    trimmed = "".join(xml_text(url).split())
    scheme = _SCHEME.match(trimmed)
    if scheme is None or scheme[1].lower() not in _SCHEMES:
        return None
    try:
        return str(safe_url_string(trimmed))
    except ValueError:  # a host that no resolver could take
        return None


def web_address(url: str | None) -> str | None:
    """Like `address`, http and https only: what a browser opens and an enclosure may be."""
    found = address(url)
    return found if found and found.lower().startswith(("http://", "https://")) else None


def language_tag(value: str | None) -> str | None:
    """A well-formed BCP 47 tag, or None."""
    return value if value and _LANGUAGE.fullmatch(value) else None


def plain(html: str | None) -> str:
    """The words of safe HTML on one line; empty for None."""
    if not html:
        return ""
    return one_line(unescape(nh3.clean(_BREAK.sub(" ", xml_text(html)), tags=set())))


def excerpt(text: str, length: int) -> str:
    """The beginning of a text, at most `length` characters, ended at a word and marked where it was cut."""
    line = one_line(text)
    if len(line) <= length:
        return line
    head = line[: length - 1]
    if not _UNSPACED.match(line[length - 1]) and not _UNSPACED.match(head[-1]):
        start, space, _ = head.rpartition(" ")
        head = start if space and len(start) > length // 2 else head
    return head.rstrip(" ,;:.，。、；：-–—") + "…"
