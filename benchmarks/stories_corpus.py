"""Made texts in any number, whose words and phrases are as frequent as in real ones.

Copy and jump: follow a real text token by token; at every step, with a certain probability, go on at another place
where the same token stands. Words keep their frequencies, phrases get frequencies like natural ones (a few
everywhere, most of them once), and no made text is a copy of another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aggregator.steps.dedupe.tokens import CHARACTER, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

JUMP_WORD, JUMP_CHARACTER = 0.5, 0.25
SHORTEST, LONGEST = 20, 1200
BATCH = 10_000


class Corpus:
    """Real texts to follow."""

    def __init__(self, texts: Sequence[str], seed: int = 1) -> None:
        parts = [found for text in texts if (found := tokens(text, LONGEST)).size >= SHORTEST]
        self._tokens = np.concatenate(parts)
        self._lengths = np.array([part.size for part in parts])
        self._random = np.random.default_rng(seed)
        self._order = np.argsort(self._tokens, kind="stable")
        ordered = self._tokens[self._order]
        values, starts, counts = np.unique(ordered, return_index=True, return_counts=True)
        place = np.searchsorted(values, self._tokens)
        self._start, self._count = starts[place], counts[place]
        self._jump = np.where(self._tokens & CHARACTER, JUMP_CHARACTER, JUMP_WORD)

    def made(self, count: int, mean: float | None = None) -> Iterator[NDArray[np.uint32]]:
        """So many texts as tokens. `mean` scales the lengths of the real texts to that mean."""
        for start in range(0, count, BATCH):
            yield from self._batch(min(BATCH, count - start), mean)

    def _batch(self, count: int, mean: float | None) -> Iterator[NDArray[np.uint32]]:
        scale = 1.0 if mean is None else mean / self._lengths.mean()
        lengths = (self._random.choice(self._lengths, count) * scale).astype(int).clip(SHORTEST, LONGEST)
        lengths = np.sort(lengths)[::-1]
        places = np.zeros((count, lengths[0]), np.int32)
        at = self._random.integers(0, self._tokens.size - 1, count)
        for step in range(int(lengths[0])):
            at = at[: np.searchsorted(-lengths, -step, side="left")]
            places[: at.size, step] = at
            following = (at + 1) % self._tokens.size
            jumps = self._random.random(at.size) < self._jump[following]
            there = following[jumps]
            shift = (self._random.random(there.size) * self._count[there]).astype(np.int64)
            following[jumps] = self._order[self._start[there] + shift]
            at = following
        for row in self._random.permutation(count):
            yield self._tokens[places[row, : lengths[row]]]
