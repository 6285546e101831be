"""The XML reader that feedparser is given: expat, telling each text in one piece.

Python's own reader tells a text again at every reference and line end: a flood of a million `&amp;` is a million
calls, and escaped HTML thousands. xml.sax finds a reader by its module's name and `create_parser`.
"""

from __future__ import annotations

from typing import Any
from xml.sax.expatreader import ExpatParser

_PIECE = 65_536  # characters told at once at most


class _Reader(ExpatParser):
    def reset(self) -> None:
        super().reset()
        expat: Any = vars(self)["_parser"]  # typeshed does not know it; there is no other way to it
        expat.buffer_text = True
        expat.buffer_size = _PIECE


def create_parser() -> ExpatParser:
    """A reader for one document."""
    return _Reader()
