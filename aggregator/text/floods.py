"""Markup that is written to exhaust its reader, made small before any parser sees it."""

from __future__ import annotations

import re

# feedparser's and html5ever's time grows with the square of the attributes of one tag: 100,000 take 40 s and 5 s.
MOST_ATTRIBUTES = 200
_LONG_TAG = re.compile(r"<([A-Za-z][\w:.-]{0,100})[^<>]{4000,}>")


MOST_TAGS = 200_000  # of a page; an index of 1,000 entries has 30,000
DEEPEST = 2_000  # elements in each other; lexbor's selectors take a minute at 500,000
_OPENING = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,15})")
# Elements that end by themselves where the next begins, or have no end.
SHALLOW = frozenset(
    re.findall(
        r"\w+", "p li dt dd td th tr option br img hr wbr input source track col embed param link meta base area"
    )
)


def is_tag_flood(page: str) -> bool:
    """Whether a page has more tags, or more in each other, than one made for people."""
    depth = 0
    for count, found in enumerate(_OPENING.finditer(page)):
        if found[2].lower() not in SHALLOW:
            depth = max(0, depth + (-1 if found[1] else 1))
        if count > MOST_TAGS or depth > DEEPEST:
            return True
    return False


def without_attribute_floods(markup: str) -> str:
    """The markup with the bare name left of each tag that has far too many attributes."""
    return _LONG_TAG.sub(_bare, markup)


def _bare(match: re.Match[str]) -> str:
    if match[0].count("=") <= MOST_ATTRIBUTES:
        return match[0]
    return f"<{match[1]}/>" if match[0].endswith("/>") else f"<{match[1]}>"
