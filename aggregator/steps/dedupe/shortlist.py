"""Postings → the few stories worth a comparison, and the look-alikes among them.

A story that shares one phrase with a text is nothing; with a large window every ordinary phrase is shared with
somebody. A story that shares several of one text's fingerprints looks like it: a copy, or another text on the same
template. Only look-alikes count when a phrase is asked how rare it is, so that "rare" means the same beside a
hundred items and beside a million.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aggregator.steps.dedupe.shingles import WINDOW, spans

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aggregator.domain.sketch import Sketch

MOST = 6  # stories compared; the right one was among the first six of 1,568 of 1,572 copies
FEW = 16  # fingerprints: a shorter text may have but one in common with its source
RELATIVE = 0.1  # of the best story's weight
HEADLINE_HITS = 2  # what an equal headline counts, in fingerprints
LIKENESS = 0.1  # of a text, as its fingerprints stand for it, makes a look-alike, but no less than
LEAST_ALIKE = 3  # narrow windows


@dataclass(frozen=True, kw_only=True, slots=True)
class Shortlist:
    """Stories to compare with, the most promising first, and all the stories that look like the text."""

    stories: tuple[int, ...]
    lookalikes: frozenset[int]


def shortlist(sketch: Sketch, postings: Mapping[int, Sequence[int]]) -> Shortlist:
    """The stories that share most with a text; a phrase that several stories have counts less for each."""
    weights: dict[int, float] = defaultdict(float)
    hits: dict[int, int] = defaultdict(int)
    held: dict[int, int] = defaultdict(int)
    windows = spans(sketch.fingerprints, np.frombuffer(sketch.shingles, "<u2"))
    for fingerprint, span in windows.items():
        if stories := postings.get(fingerprint):
            share = 1 / len(stories)
            for story in stories:
                weights[story] += share
                hits[story] += 1
                held[story] += span
    alike = max(LEAST_ALIKE * WINDOW, LIKENESS * sum(windows.values()))
    lookalikes = frozenset(story for story, part in held.items() if part >= alike)
    for key in asked(sketch):
        for story in postings.get(key, ()):
            weights[story] += 1
            hits[story] += HEADLINE_HITS
    needed = 1 if len(sketch.fingerprints) < FEW else 2
    able = sorted((story for story in hits if hits[story] >= needed), key=lambda story: (-weights[story], story))[:MOST]
    worth = tuple(story for story in able if weights[story] >= RELATIVE * weights[able[0]])
    return Shortlist(stories=worth, lookalikes=lookalikes)


_BARE = 1 << 47  # turned over in a headline's key: what a bare form leads to is no whole headline


def kept(sketch: Sketch) -> tuple[int, ...]:
    """The headline keys under which a story is listed."""
    return (*sketch.headlines, *(key ^ _BARE for key in sketch.bare))


def asked(sketch: Sketch) -> tuple[int, ...]:
    """The headline keys under which equal headlines are listed; a bare one meets only whole ones."""
    return (*sketch.headlines, *(key ^ _BARE for key in sketch.headlines), *sketch.bare)


def keys_of(sketch: Sketch) -> tuple[int, ...]:
    """Every key under which the index may know a text."""
    return (*sketch.fingerprints, *asked(sketch), *kept(sketch))


def worth_comparing(sketch: Sketch, postings: Mapping[int, Sequence[int]]) -> tuple[int, ...]:
    """The stories whose exemplars are needed to place a text: beside the shortlist those that have its headline.

    A headline that waits alone for its article shares too little with it to be on the list.
    """
    headed = (story for key in asked(sketch) for story in postings.get(key, ()))
    return tuple(dict.fromkeys((*shortlist(sketch, postings).stories, *headed)))
