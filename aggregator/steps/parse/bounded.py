"""A document's text without what is there to exhaust its reader: done in one pass, before anything copies it.

What is cut is far over what is kept of an entry anyway: a text of megabytes, thousands of equal elements in one
entry, comments. Nothing that a reader would miss.
"""

from __future__ import annotations

import re
from collections import deque

from aggregator.errors import Code, ParseError
from aggregator.text.floods import without_attribute_floods

LONGEST_TEXT = 2_000_000  # characters between two tags or in a CDATA section, escapes included
MOST_ALIKE = 500  # elements of one name in an entry, or beside entries
MOST_ENTRIES = 5_000  # feedparser takes 0.15 ms each and more
MOST_NAMESPACES = 500  # expat's and feedparser's time grows with the square of the prefixes
_MANY_TAGS = 50_000
_PREFIX = re.compile(r"\bxmlns:([\w.-]{1,100})\s*=")
_LEAF = re.compile(r"<([A-Za-z][\w:.-]{0,100})(?=[\s/>])[^<>]*(?:/>|>[^<]*</\1\s*>)")
_ENTRY_END = re.compile(
    r"</(?:[\w.-]+:)?(?:item|entry)\s*>|<(?:[\w.-]+:)?(?:item|entry)\b[^<>]{0,500}/>", re.IGNORECASE
)
_ENTRY = re.compile(r"<(?:[\w.-]{1,100}:)?(?:item|entry)[\s/>]", re.IGNORECASE)
_MARK = re.compile(r"<(?:!\[CDATA\[|!--|(?=[A-Za-z/]))")
_CDATA, _CDATA_END, _COMMENT, _COMMENT_END = "<![CDATA[", "]]>", "<!--", "-->"


def bounded(text: str, source_id: str) -> str:
    """The document, or what is to be read of it.

    Raises:
        ParseError: parse_limit, where it declares more namespaces than any document needs.
    """
    if text.count("xmlns:") > MOST_NAMESPACES and len(set(_PREFIX.findall(text))) > MOST_NAMESPACES:
        message = f"source {source_id!r}: the document declares over {MOST_NAMESPACES} namespaces; that is no feed"
        raise ParseError(source_id, Code.PARSE_LIMIT, message)
    text = _shortened(text)
    if len(text) > LONGEST_TEXT or text.count("<") > _MANY_TAGS:
        text = _thinned(text)
    return without_attribute_floods(text)


def _shortened(text: str) -> str:
    """A document of more entries than any reader keeps, without those in its middle: the newest stand at one end."""
    if sum(map(text.count, ("item>", "entry>", "<item", "<entry"))) <= MOST_ENTRIES:
        return text
    half = MOST_ENTRIES // 2
    first: int | None = None
    last: deque[int] = deque(maxlen=half + 1)
    count = 0
    for count, found in enumerate(_ENTRY_END.finditer(text), start=1):
        if count == half:
            first = found.end()
        last.append(found.end())
    return text if first is None or count <= MOST_ENTRIES else text[:first] + text[last[0] :]


def _thinned(text: str) -> str:
    """The document with long texts cut, comments gone and floods of equal elements ended."""
    kept: list[str] = []
    alike: dict[str, int] = {}
    place = 0
    while found := _MARK.search(text, place):
        start = found.start()
        kept.append(text[place : min(start, place + LONGEST_TEXT)])
        if found[0] == _CDATA:
            place = _end(text, _CDATA_END, start)
            whole = place - start <= LONGEST_TEXT
            kept.append(text[start:place] if whole else text[start : start + LONGEST_TEXT] + _CDATA_END)
        elif found[0] == _COMMENT:
            place = _end(text, _COMMENT_END, start)
        else:
            place = _after(text, start, alike)
            kept.append(text[start : start + 1] if place == start + 1 else "")
    kept.append(text[place : place + LONGEST_TEXT])
    return "".join(kept)


def _after(text: str, start: int, alike: dict[str, int]) -> int:
    """Where to go on from a tag: behind its `<`, or behind the whole element where there are too many of it."""
    if text.startswith("</", start):
        return start + 1
    if _ENTRY.match(text, start):
        alike.clear()
    elif leaf := _LEAF.match(text, start):
        count = alike[leaf[1]] = alike.get(leaf[1], 0) + 1
        if count > MOST_ALIKE:
            return leaf.end()
    return start + 1


def _end(text: str, mark: str, start: int) -> int:
    found = text.find(mark, start)
    return len(text) if found < 0 else found + len(mark)
