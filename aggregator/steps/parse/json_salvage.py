"""What can be read of broken JSON: complete items are kept, as they are of an XML document whose end is missing."""

from __future__ import annotations

import json
import re
from typing import Any

# A comma before a closing bracket, outside strings.
_TRAILING = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])', re.DOTALL)
_SPACE = re.compile(r"[\s,]*")
_NEXT_ITEM = re.compile(r'\}\s*,\s*(?=\{\s*")')
_MOST_BROKEN = 100  # items given up before the rest is


def salvaged(text: str, decoder: json.JSONDecoder) -> tuple[Any, bool] | None:
    """Read a document that the decoder refused.

    Returns:
        The value, and whether something of it is lost; None where not one item can be read.
    """
    mended = _TRAILING.sub(lambda found: found[1] or "", text)
    try:
        value, end = decoder.raw_decode(mended)
    except json.JSONDecodeError:
        feed = _members(mended, decoder)
        return (feed, True) if feed.get("items") else None
    return None if mended[end:].strip() and not isinstance(value, dict) else (value, False)


def _members(text: str, decoder: json.JSONDecoder) -> dict[str, Any]:
    """The members of the outermost object up to where it breaks; of `items` those that are whole."""
    found: dict[str, Any] = {}
    place = 1 if text.startswith("{") else len(text)
    while True:
        place = _after_space(text, place)
        try:
            name, place = decoder.raw_decode(text, place)
        except json.JSONDecodeError:
            return found
        place = _after_space(text, place)
        if not isinstance(name, str) or not text.startswith(":", place):
            return found
        place = _after_space(text, place + 1)
        if name == "items" and text.startswith("[", place):
            found[name], place = _items(text, place + 1, decoder)
            continue
        try:
            found[name], place = decoder.raw_decode(text, place)
        except json.JSONDecodeError:
            return found


def _items(text: str, place: int, decoder: json.JSONDecoder) -> tuple[list[Any], int]:
    """The whole elements of an array, and where it ends or breaks for good. A broken one costs itself."""
    found: list[Any] = []
    broken = 0
    while True:
        place = _after_space(text, place)
        if text.startswith("]", place):
            return found, place + 1
        try:
            element, place = decoder.raw_decode(text, place)
        except json.JSONDecodeError:
            following = _NEXT_ITEM.search(text, place)
            broken += 1
            if following is None or broken > _MOST_BROKEN:
                return found, len(text)
            place = following.end()
        else:
            found.append(element)


def _after_space(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place
