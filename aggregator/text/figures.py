"""The figures in a text, by which a correction shows: twelve dead, then fourteen."""

from __future__ import annotations

import re
import unicodedata

MOST = 100  # a table of results has no end
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*%?")


def figures(text: str) -> tuple[str, ...]:
    """Every number in Western digits, as written but for width; each once, in order, at most a hundred."""
    found = dict.fromkeys(match[0] for match in _FIGURE.finditer(unicodedata.normalize("NFKC", text)))
    return tuple(found)[:MOST]
