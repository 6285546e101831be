"""Tokens → shingles → fingerprints; and the figures with what stands around them.

A shingle is 48 bits over three neighbouring words, or five characters of a script without spaces. Of each window of
WINDOW shingles the smallest is a fingerprint (winnowing: Schleimer, Wilkerson, Aiken 2003): two texts that have a
window in common share a fingerprint for certain, which a random sample cannot promise of a short excerpt. What is cut
from a text is nearly always its beginning: behind that, the windows of a longer text are wider. The smallest of a wide
window is also that of the narrow ones around it, so that texts of any length meet. Every fingerprint is a row on a page
of its own: with narrow windows throughout, twice as many are written for an article, and nothing more is found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aggregator.steps.dedupe.tokens import CHARACTER, FIGURE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

WORDS, CHARACTERS = 3, 5
WINDOW, BEGINNING = 16, 64  # shingles
LATER, WIDEST = 6, 64  # of a text so many windows behind its beginning, unless they were wider than that
BITS = 48
LOW = (1 << 16) - 1  # what a sketch keeps of every shingle
RUN, RUNS_IN, RUN_WINDOW = 3, 14, 4  # figures of a run; figures that are looked at; runs of which one is kept
FIGURES = 200  # pairs kept of a text: a table of results needs no more to differ

_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_PLACES = tuple(
    np.uint64(odd)
    for odd in (0xD1B54A32D192ED03, 0xABC98388FB8FAC03, 0x8CB92BA72F3D8DD7, 0xF1357AEA2E62A9C5, 0xC2B2AE3D27D4EB4F)
)
_LAST = np.uint64(0x94D049BB133111EB)
_MASK = np.uint64((1 << BITS) - 1)


def shingles(numbers: NDArray[np.uint32]) -> NDArray[np.uint64]:
    """The shingles of a text in order, 48 bits each. A text of one or two tokens is one shingle."""
    count = numbers.size
    if count == 0:
        return np.zeros(0, np.uint64)
    spread = numbers.astype(np.uint64) * _SPREAD
    spread ^= spread >> np.uint64(31)
    if count < WORDS:
        return _finished(np.array([(spread * np.array(_PLACES[:count])).sum()], np.uint64))
    threes = spread[:-2] * _PLACES[0] + spread[1:-1] * _PLACES[1] + spread[2:] * _PLACES[2]
    unspaced = (numbers[:-2] & CHARACTER) > 0
    if not unspaced.any():
        return _finished(threes)
    fives = threes.copy()
    fives[:-2] += spread[3:-1] * _PLACES[3] + spread[4:] * _PLACES[4]
    if count >= CHARACTERS:  # the last two places have no five characters after them
        unspaced[-2:], keep = False, np.ones(count - 2, bool)
        keep[-2:] = (numbers[-4:-2] & CHARACTER) == 0
        return _finished(np.where(unspaced, fives, threes)[keep])
    return _finished(threes)


def _finished(sums: NDArray[np.uint64]) -> NDArray[np.uint64]:
    sums = sums ^ (sums >> np.uint64(32))
    sums *= _LAST
    sums ^= sums >> np.uint64(30)
    return sums & _MASK


def fingerprints(hashes: NDArray[np.uint64]) -> tuple[int, ...]:
    """Some of a text's shingles, each once, rising: equal passages have equal ones."""
    later = _later(hashes.size)
    if later <= WINDOW:
        return _smallest(hashes, WINDOW)
    behind = hashes[BEGINNING - WINDOW :]
    return tuple(sorted({*_smallest(hashes[:BEGINNING], WINDOW), *_smallest(behind, later)}))


def spans(found: Sequence[int], marks: NDArray[np.uint16]) -> dict[int, int]:
    """How wide a window each of a text's fingerprints stands for; `marks` are the low 16 bits of all its shingles.

    Counted one by one, what stands at the beginning of a long text would weigh more than all that follows.
    """
    later = _later(marks.size)
    if later <= WINDOW:
        return dict.fromkeys(found, WINDOW)
    beginning = frozenset(marks[:BEGINNING].tolist())
    return {one: WINDOW if one & LOW in beginning else later for one in found}


def _later(size: int) -> int:
    return min(size // LATER, WIDEST)


def _smallest(hashes: NDArray[np.uint64], window: int) -> tuple[int, ...]:
    """The smallest of every window, each once, rising; of fewer than a window the smallest."""
    if hashes.size == 0:
        return ()
    if hashes.size <= window:
        return (int(hashes.min()),)
    least, span = hashes, 1
    while span * 2 <= window:
        least, span = np.minimum(least[:-span], least[span:]), span * 2
    if span < window:
        rest = window - span
        least = np.minimum(least[:-rest], least[rest:])
    changes = np.flatnonzero(least[1:] != least[:-1])
    return tuple(sorted({int(least[-1]), *least[changes].tolist()}))


def figure_runs(numbers: NDArray[np.uint32]) -> tuple[int, ...]:
    """Some of the runs of three figures in a text's beginning, as fingerprints, each once, rising.

    A template's words are everybody's: its issue is found by its figures. What stands between them does not matter.
    """
    found = numbers[np.flatnonzero(numbers & FIGURE)[:RUNS_IN]]
    if found.size < RUN:
        return ()
    spread = found.astype(np.uint64) * _SPREAD
    spread ^= spread >> np.uint64(29)
    runs = _finished(spread[:-2] * _PLACES[4] + spread[1:-1] * _PLACES[3] + spread[2:] * _PLACES[2])
    return _smallest(runs, RUN_WINDOW)


def figures(numbers: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Each figure behind a hash of what stands around it (two tokens before, one after), as rows of two.

    Figures in the surroundings count as one and the same: "3 May at 10" and "4 May at 11" differ in both figures.
    """
    at = np.flatnonzero(numbers & FIGURE)[:FIGURES]
    if at.size == 0:
        return np.zeros((0, 2), np.uint32)
    masked = np.zeros(numbers.size + 3, np.uint32)
    masked[2:-1] = np.where(numbers & FIGURE, np.uint32(1), numbers)
    around = masked[at] * np.uint32(0x9E3779B1) + masked[at + 1] * np.uint32(0x85EBCA77)
    around += masked[at + 3] * np.uint32(0xC2B2AE3D)
    return np.stack([around, numbers[at]], axis=1)
