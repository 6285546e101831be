"""Where a character of a value stands in the file: through quotes and escapes, as far as it is on one line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aggregator.config.nodes import Place

if TYPE_CHECKING:
    from aggregator.config.nodes import Scalar

_DOUBLE = re.compile(r"\\(?:x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)|.", re.DOTALL)
_SINGLE = re.compile(r"''|.", re.DOTALL)
_PLAIN = re.compile(r".", re.DOTALL)


def character_places(text: str, scalar: Scalar, value: str, index: int) -> Place | None:
    """The place of `value[index]` (its end included) in the text; None where the scalar does not allow to say."""
    raw = text[scalar.place.start : scalar.place.end]
    if scalar.style in {"|", ">"} or "\n" in raw or "\r" in raw or value != scalar.text:
        return None
    quote = scalar.style if scalar.style in {"'", '"'} else ""
    opening = raw.find(quote) + 1 if quote else 0  # an anchor or tag may stand before it
    if not quote:
        opening = len(raw) - len(scalar.text)
    inner = raw[opening : -1 if quote else None]
    pattern = {"'": _SINGLE, '"': _DOUBLE}.get(quote, _PLAIN)
    starts = [match.start() for match in pattern.finditer(inner)]
    if len(starts) != len(value):
        return None
    offset = opening + (starts[index] if index < len(starts) else len(inner))
    column = scalar.place.column + offset
    return Place(scalar.place.line, column, scalar.place.start + offset, scalar.place.end, scalar.place.file)
