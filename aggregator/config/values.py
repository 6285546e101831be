"""The small values of feeds.yaml: text → value, or a ValueError that says what to write instead."""

from __future__ import annotations

import codecs
import re
import unicodedata
import zoneinfo
from datetime import timedelta
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ID_PATTERN = r"^[a-z0-9][a-z0-9-]*$"
MAX_ID = 100  # topics/ID.json is a file name
DURATION_PATTERN = r"^(0|[1-9][0-9]*)[smhd]$"
SIZE_PATTERN = r"^[1-9][0-9]*(B|KB|MB|GB)$"
LANGUAGE_PATTERN = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$"
LONGEST = timedelta(days=3650)

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_BYTES = {"B": 1, "KB": 1000, "MB": 1_000_000, "GB": 1_000_000_000}
_NO_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"})


class Size(int):
    """A number of bytes."""

    __slots__ = ()


def suggestion(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'url'?`, or nothing."""
    words = {candidate.casefold(): candidate for candidate in known}
    close = get_close_matches(word.casefold(), words, n=1, cutoff=0.6)
    return f"; did you mean {words[close[0]]!r}?" if close else ""


def printable(text: str, length: int = 500) -> str:
    """A text that can be shown on one line of a terminal or log, whatever was typed into the file."""
    if not text.isprintable():
        text = "".join(character if character.isprintable() else "�" for character in text)
    return text if len(text) <= length else text[:length] + "…"


def clip(text: str, length: int = 40) -> str:
    """A value as messages show it: printable, on one line, short."""
    text = printable(text)
    return repr(text if len(text) <= length else text[:length] + "…")


def identifier(text: str) -> str:
    """`[a-z0-9][a-z0-9-]*`: ids are file names and parts of addresses."""
    if re.fullmatch(ID_PATTERN[1:-1], text) and len(text) <= MAX_ID:
        return text
    if len(text) > MAX_ID:
        raise ValueError(f"is longer than {MAX_ID} characters; write a shorter id")
    better = slug(text)
    raise ValueError(
        f"{clip(text)} is no id: small letters, digits and hyphens only" + (f"; write {better}" if better else "")
    )


def slug(text: str) -> str:
    """A text as an id, or '' if nothing of it can stand in one."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")[:MAX_ID].strip("-")


def duration(text: str) -> timedelta:
    """`90s 15m 1h 7d` → timedelta, at most ten years."""
    if not re.fullmatch(DURATION_PATTERN[1:-1], text) or len(text) > 12:  # noqa: PLR2004  # ten years are 315360000s
        raise ValueError(f"{clip(text)} is no duration; write 90s, 15m, 1h or 7d")
    found = int(text[:-1]) * _SECONDS[text[-1]]
    if found > LONGEST.total_seconds():
        raise ValueError(f"{clip(text)} is too long; at most {LONGEST.days}d")
    return timedelta(seconds=found)


def size(text: str) -> Size:
    """`500KB 15MB` → bytes, by powers of ten."""
    match = re.fullmatch(r"([1-9][0-9]{0,8})(B|KB|MB|GB)", text)
    if not match:
        raise ValueError(f"{clip(text)} is no size; write 500KB or 15MB (powers of ten)")
    return Size(int(match.group(1)) * _BYTES[match.group(2)])


def show_duration(value: timedelta) -> str:
    """A timedelta in the largest unit that divides it."""
    seconds = int(value.total_seconds())
    unit = next(unit for unit in ("d", "h", "m", "s") if seconds % _SECONDS[unit] == 0 and (seconds or unit == "s"))
    return f"{seconds // _SECONDS[unit]}{unit}"


def show_size(value: int) -> str:
    """Bytes in the largest unit that divides them."""
    unit = next(unit for unit in ("GB", "MB", "KB", "B") if value % _BYTES[unit] == 0)
    return f"{value // _BYTES[unit]}{unit}"


def language(text: str) -> str:
    """A BCP 47 tag (RFC 5646 §2.1) in its usual case: `zh-Hant-TW`."""
    if not re.fullmatch(LANGUAGE_PATTERN[1:-1], text):
        better = text.replace("_", "-").split(".")[0]
        cure = (
            f"; write {better}"
            if "_" in text and re.fullmatch(LANGUAGE_PATTERN[1:-1], better)
            else "; write en, pt-BR or zh-Hant"
        )
        raise ValueError(f"{clip(text)} is no language tag{cure}")
    first, *rest = text.split("-")
    return "-".join([first.lower(), *map(_subtag, rest)])


def _subtag(part: str) -> str:
    if len(part) == 4 and part.isalpha():  # noqa: PLR2004  # a script
        return part.title()
    return part.upper() if len(part) == 2 and part.isalpha() else part.lower()  # noqa: PLR2004  # a region


def timezone(text: str) -> str:
    """An IANA zone: `Europe/London`."""
    if known_zone(text):
        return text
    zones = zoneinfo.available_timezones()
    last = {zone.rsplit("/", 1)[-1]: zone for zone in sorted(zones, reverse=True)}
    by_city = next((zone for city, zone in last.items() if city.casefold() == text.replace(" ", "_").casefold()), None)
    cure = f"; did you mean {by_city!r}?" if by_city else suggestion(text, zones)
    raise ValueError(f"{clip(text)} is no time zone{cure or '; write a name such as Europe/London or UTC'}")


@lru_cache(maxsize=1000)
def known_zone(text: str) -> bool:
    """Whether the zone exists on every machine: not `localtime`, which differs."""
    if text in {"localtime", "posixrules", "Factory"} or not re.fullmatch(r"[A-Za-z0-9_+/-]+", text):
        return False
    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # OSError: `Europe` is a folder
        return False
    return True


def encoding(text: str) -> str:
    """A charset that Python can decode: `gb18030`."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,39}", text):
        try:
            found = codecs.lookup(text)
        except (LookupError, ValueError):
            found = None
        if found is not None and found._is_text_encoding and found.name.replace("-", "_") not in _NO_CHARSETS:  # noqa: SLF001  # codecs has no public question for it
            return text
    common = (
        "utf-8",
        "gb18030",
        "big5",
        "shift_jis",
        "euc-jp",
        "euc-kr",
        "windows-1251",
        "windows-1252",
        "iso-8859-1",
        "koi8-r",
    )
    raise ValueError(
        f"{clip(text)} is no text encoding{suggestion(text, common) or '; write one such as utf-8 or gb18030'}"
    )


def one_line(text: str) -> str:
    """A title: one line with something on it."""
    text = text.strip()
    if not text:
        raise ValueError("is empty; write a text or remove the key")
    if "\n" in text:
        raise ValueError("must be one line")
    return text


def tag(text: str) -> str:
    """A tag: what `tag:` in a topic refers to."""
    text = normal_tag(one_line(text))
    if text.startswith("tag:"):
        raise ValueError(
            f"a source's tags are written without `tag:`; write {text.removeprefix('tag:').strip() or 'a word'}"
        )
    if len(text) > MAX_ID or any(character in text for character in '",()'):
        raise ValueError(f"{clip(text)} is no tag: a short word without quotes, commas and parentheses")
    return text


def normal_tag(text: str) -> str:
    """Tags are compared in one Unicode form, without spaces around."""
    return unicodedata.normalize("NFC", text).strip()


def email(text: str) -> str:
    """A mail address."""
    if not re.fullmatch(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+", text):
        raise ValueError(f"{clip(text)} is no mail address; write desk@example.org")
    return text


def contact(text: str) -> str:
    """What stands in the User-Agent: a page or a mail address, in ASCII, without brackets."""
    if not re.fullmatch(r"[!-'*-;=?-\[\]-~][ -'*-;=?-\[\]-~]{0,199}", text):
        raise ValueError("is sent in the User-Agent: a page's address or a mail address in ASCII, without brackets")
    return text


def selector(text: str) -> str:
    """A CSS selector, or `css@attribute`."""
    from aggregator.steps.parse import Selector  # noqa: PLC0415 - parsers take half a second to load; few files need one

    Selector.read(text)
    return text.strip()
