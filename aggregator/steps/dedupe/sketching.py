"""An item's words → its sketch. Pure; part of reading, in a worker process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aggregator.domain.sketch import Sketch
from aggregator.steps.dedupe.headlines import TELLING, Forms, forms, key, weight
from aggregator.steps.dedupe.shingles import figure_runs, figures, fingerprints, shingles
from aggregator.steps.dedupe.tokens import FIGURE, tokens

if TYPE_CHECKING:
    from aggregator.domain.item import Item

TEXT = 1500  # tokens of a text that count: what two copies of an article share begins before that
TITLE = 60
HARDLY = 4  # tokens: "Read more" is no text
NAME = 12  # tokens that may follow a headline which stands alone: an outlet's name


def sketch(item: Item) -> Sketch:
    """What is kept of an item to recognise its copies."""
    found = Forms(own=(), bare=()) if item.untitled else forms(item.title)
    title = tokens(found.own[-1] if found.own else "", TITLE)
    text = tokens(item.text, TEXT)
    repeats = text.size <= title.size + NAME and bool(np.array_equal(text[: title.size], title))
    alone = repeats or (text.size <= HARDLY and not (text & FIGURE).any())
    hashes = shingles(text) if not alone else shingles(text[:0])
    return Sketch(
        fingerprints=() if alone else (*fingerprints(hashes), *figure_runs(text)),
        headlines=_keys(found.own),
        bare=_keys(found.bare),
        shingles=hashes.astype("<u2").tobytes(),
        figures=figures(text).astype("<u4").tobytes(),
        title=_bytes(tokens(found.own[0] if found.own else "", TITLE)),
        headline_only=alone,
    )


def _keys(found: tuple[str, ...]) -> tuple[int, ...]:
    """The keys of those headlines that say enough not to stand over two texts by chance."""
    keys = (key(form) for form in found if weight(form) >= TELLING)
    return tuple(dict.fromkeys(one for one in keys if one is not None))


def _bytes(numbers: np.ndarray[tuple[int], np.dtype[np.uint32]]) -> bytes:
    return numbers.astype("<u4").tobytes()
