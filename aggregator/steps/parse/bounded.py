"""A document's text without what is there to exhaust its reader: done in one pass, before anything copies it.

What is cut is far over what is kept of an entry anyway: a text of megabytes, thousands of equal elements in one
entry, elements hundreds deep, comments. Nothing that a reader would miss.
"""

from __future__ import annotations

import re
from itertools import islice

from aggregator.errors import Code, ParseError
from aggregator.steps.parse.thinned import LONGEST_TEXT, FloodError, thinned
from aggregator.text.floods import without_attribute_floods

MOST_ENTRIES = 2_000  # feedparser takes 0.3 ms each and more
MOST_WANTED = 5_000  # where more are to be kept than that is half of
MOST_NAMESPACES = 500  # expat's and feedparser's time grows with the square of the prefixes
_MANY_TAGS = 20_000
_PREFIX = re.compile(r"\bxmlns:([\w.-]{1,100})\s*=")
_ENTRY_END = re.compile(
    r"</(?:[\w.-]+:)?(?:item|entry)\s*>|<(?:[\w.-]+:)?(?:item|entry)\b[^<>]{0,500}/>", re.IGNORECASE
)
_WINDOW = 100_000  # characters from the end, then twice as many


def bounded(text: str, source_id: str, kept: int = 500) -> str:
    """The document, or what is to be read of it.

    Args:
        text: the document.
        source_id: for the error.
        kept: how many entries will be kept.

    Raises:
        ParseError: parse_limit, where it declares more namespaces or has more elements than any feed.
    """
    if text.count("xmlns:") > MOST_NAMESPACES and len(set(_PREFIX.findall(text))) > MOST_NAMESPACES:
        message = f"source {source_id!r}: the document declares over {MOST_NAMESPACES} namespaces; that is no feed"
        raise ParseError(source_id, Code.PARSE_LIMIT, message)
    text = _shortened(text, max(MOST_ENTRIES, min(2 * kept, MOST_WANTED)))
    if len(text) > LONGEST_TEXT or text.count("<") > _MANY_TAGS:
        try:
            text = thinned(text)
        except FloodError as error:
            message = f"source {source_id!r}: the document has {error}; that is no feed"
            raise ParseError(source_id, Code.PARSE_LIMIT, message) from None
    return without_attribute_floods(text)


def _shortened(text: str, most: int) -> str:
    """A document of more entries than any reader keeps, without those in its middle: the newest stand at one end."""
    # One character is found ten times as fast as a word.
    if text.count("<") <= most or sum(map(text.count, ("item>", "entry>", "<item", "<entry"))) <= most:
        return text
    half = most // 2
    first = next(islice(_ENTRY_END.finditer(text), half - 1, None), None)
    if first is None:
        return text
    last = _from_behind(text, half, first.end())
    return text if last is None else text[: first.end()] + text[last:]


def _from_behind(text: str, count: int, start: int) -> int | None:
    """Where the last so many entries begin, None where there are not more than those behind `start`."""
    window = _WINDOW
    while True:
        place = max(start, len(text) - window)
        ends = [found.end() for found in _ENTRY_END.finditer(text, place)]
        if len(ends) > count:
            return ends[-count - 1]
        if place == start:
            return None
        window *= 2
