"""Small charts as one SVG path each: no script, no style, and some hundred bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

STEP = 4  # pixels from bar to bar
HEIGHT = 24
LEAST = 2  # pixels of a bar that is not nothing


@dataclass(frozen=True, kw_only=True, slots=True)
class Bars:
    """Upright bars: `path` is drawn with a stroke a pixel thinner than a step; `words` say the same."""

    path: str
    width: int
    words: str
    height: int = HEIGHT


def bars(values: Sequence[float], words: str, *, step: int = STEP) -> Bars:
    """One bar a value, the highest of them as high as the chart."""
    top = max(values, default=0)
    strokes = []
    for place, value in enumerate(values):
        high = max(LEAST, round(value / top * HEIGHT)) if top > 0 and value > 0 else 0
        if high:
            strokes.append(f"M{place * step + step / 2:g} {HEIGHT}v-{high}")
    return Bars(path="".join(strokes), width=step * len(values), words=words)
