"""Markup that is written to exhaust its reader, made small before any parser sees it."""

from __future__ import annotations

import re

# feedparser's and html5ever's time grows with the square of the attributes of one tag: 100,000 take 40 s and 5 s.
MOST_ATTRIBUTES = 200
_LONG_TAG = re.compile(r"<([A-Za-z][\w:.-]{0,100})[^<>]{4000,}>")


def without_attribute_floods(markup: str) -> str:
    """The markup with the bare name left of each tag that has far too many attributes."""
    return _LONG_TAG.sub(_bare, markup)


def _bare(match: re.Match[str]) -> str:
    if match[0].count("=") <= MOST_ATTRIBUTES:
        return match[0]
    return f"<{match[1]}/>" if match[0].endswith("/>") else f"<{match[1]}>"
