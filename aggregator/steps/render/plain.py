"""The last look at every text and address before it goes out: what XML, JSON and browsers cannot take is removed.

Cleaning did this already; a document must not be lost because one entry slipped through an older version of it.
"""

from __future__ import annotations

import re
from html import unescape
from html.entities import name2codepoint
from urllib.parse import urljoin, urlsplit, urlunsplit

import nh3
from w3lib.url import safe_url_string

# What XML 1.0 §2.2 forbids, without which lxml refuses the whole document, and what it
# discourages: C1 controls and non-characters, which the feed validator and HTML call errors.
_FORBIDDEN = re.compile(
    "[^\t\n\r\u0020-\u007e\u00a0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]"
    f"|[{''.join(chr(plane << 16 | last) for plane in range(1, 17) for last in (0xFFFE, 0xFFFF))}]"
)
_BREAK = re.compile(r"<br\s*/?>|</(?:p|div|li|h[1-6]|tr|td|th|dd|dt|pre|blockquote|figure|figcaption)>", re.IGNORECASE)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_PLAIN_URL = re.compile(
    r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:[/?#](?:[A-Za-z0-9._~:/?#@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)?"
)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_STRAY = re.compile(r"%(?![0-9A-Fa-f]{2})")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_PORTS = {"http": 80, "https": 443}
_SCHEMES = frozenset({"http", "https", "ftp", "ftps", "gemini", "magnet", "mailto"})
_LOST = str.maketrans("\N{REPLACEMENT CHARACTER}", "\N{WHITE SQUARE}")
# What a browser, and so a reader that takes titles for HTML, would not show as it stands: tags, comments, entities.
_TAG_LIKE = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITY_LIKE = re.compile(r"&(#?\w+;?)")
_APART = "\N{WORD JOINER}"
_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{1,31}:(?:[a-z0-9()+,.:=@;$_!*'-]|%[0-9a-f]{2})+", re.IGNORECASE)
_UUID = re.compile(r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_TAG_URI = re.compile(
    r"tag:(?:[a-z0-9._-]+@)?[a-z0-9.-]+,\d{4}(?:-\d\d){0,2}:[0-9A-Za-z;/?:@&=+$._!~*'()%,-]*"
    r"(?:#[0-9A-Za-z;/?:@&=+$._!~*'()%,-]*)?"
)
# Scripts written without spaces between words: a text in them may be cut after any character.
_UNSPACED = re.compile("[\u0e00-\u0eff\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")


def xml_text(value: str) -> str:
    """The text without the characters that XML 1.0 forbids or discourages (§2.2).

    A letter that was lost before it came to us is shown as an empty square: U+FFFD is what readers and the feed
    validator take for a fault of ours.
    """
    return _FORBIDDEN.sub("", value).translate(_LOST)


def one_line(value: str | None) -> str:
    """A text for a title or a name: permitted characters, white space made single; empty for None."""
    return " ".join(xml_text(value).split()) if value else ""


def caption(value: str | None) -> str:
    """A title or a name that shows as it stands, whether a reader takes it for text or for HTML.

    RSS does not say which of the two a title is, and readers differ: half of them would show "The <dialog> element"
    as "The  element". An invisible joiner after the sign keeps it from opening a tag or an entity anywhere.
    """
    line = one_line(value)
    if "<" in line:
        line = _TAG_LIKE.sub(f"<{_APART}", line)
    return _ENTITY_LIKE.sub(_apart, line) if "&" in line else line


def identifier(value: str | None) -> str | None:
    """A feed's id as a URI in its normal form (RFC 3986 §6.2), or None where it is none.

    `http://Example.org` and `http://example.org/` are one: Atom's processors compare ids letter by letter.
    """
    if not value:
        return None
    scheme = value.partition(":")[0].lower()
    if scheme == "urn":
        exact = _UUID if value.lower().startswith("urn:uuid:") else _URN
        return value if exact.fullmatch(value) else None
    if scheme == "tag":
        return value if _TAG_URI.fullmatch(value) else None
    found = web_address(value)
    return _normal(found) if found else None


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
        written = str(safe_url_string(_STRAY.sub("%25", trimmed)))
    except ValueError:  # a host that no resolver could take
        return None
    return written if _URI.fullmatch(written) else None


def web_address(url: str | None) -> str | None:
    """Like `address`, http and https only: what a browser opens and an enclosure may be."""
    found = address(url)
    return found if found and found.lower().startswith(("http://", "https://")) else None


def language_tag(value: str | None) -> str | None:
    """A well-formed BCP 47 tag, or None."""
    return value if value and _LANGUAGE.fullmatch(value) else None


def media_type(value: str | None) -> str | None:
    """A media type without its parameters (RFC 6838 §4.2), or None."""
    found = value.split(";")[0].strip().lower() if value else ""
    return found if _MEDIA_TYPE.fullmatch(found) else None


def email_address(value: str | None) -> str | None:
    """An address that mail could be sent to (HTML's own rule, which is stricter than RFC 5322), or None."""
    found = value.strip() if value else ""
    return found if _EMAIL.fullmatch(found) else None


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


def _apart(found: re.Match[str]) -> str:
    """An ampersand that begins an entity, kept from it: "AT&T" stays as it is."""
    name = found[1].rstrip(";")
    reads = not name.isalpha() or name in name2codepoint or unescape(found[0]) != found[0]
    return f"&{_APART}{found[1]}" if reads else found[0]


def _normal(url: str) -> str | None:
    """Syntax-based normalisation (RFC 3986 §6.2.2): case, default port, empty path, escapes, dot segments."""
    try:
        parts = urlsplit(_ESCAPE.sub(_decoded, url))
        port = parts.port
    except ValueError:
        return None
    scheme, host = parts.scheme.lower(), parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    named = "" if port in {None, _PORTS[scheme]} else f":{port}"
    path = urljoin("/", parts.path) if "/." in parts.path else parts.path
    return urlunsplit((scheme, host + named, path or "/", parts.query, parts.fragment))


def _decoded(found: re.Match[str]) -> str:
    letter = chr(int(found[1], 16))
    return letter if letter.isascii() and (letter.isalnum() or letter in "-._~") else found[0].upper()
