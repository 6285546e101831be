"""Stories as labelled and as found → precision, recall, and where they fall short.

A pair is two entries in one story. Precision is the share of found pairs that are labelled so, recall the share of
labelled pairs that are found. B-cubed (Bagga and Baldwin 1998) asks the same for each entry and takes the mean, so
that one large story does not outweigh hundreds of small ones.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from aggregator.pipeline.labelled import Labelled


@dataclass(frozen=True, kw_only=True, slots=True)
class Rates:
    """Precision and recall."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """Copies of one kind (a variant or a language): how many, and how many landed with their story's first entry."""

    entries: int
    to_first: int

    @property
    def recall(self) -> float:
        """The share that did."""
        return self.to_first / self.entries


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """A family of texts: its stories, those that were merged with another, and how many false pairs of stories."""

    stories: int
    merged: int
    false_pairs: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """All of it."""

    entries: int
    stories: int
    found: int
    pairs: Rates
    bcubed: Rates
    variants: Mapping[str, Kind]
    languages: Mapping[str, Kind]
    families: Mapping[str, Family]


def score(rows: Sequence[Labelled], found: Sequence[str]) -> Score:
    """Compare the labels with the stories found, entry by entry."""
    gold = [row.story for row in rows]
    labelled, made, both = Counter(gold), Counter(found), Counter(zip(gold, found, strict=True))
    right = sum(map(_pairs, both.values()))
    return Score(
        entries=len(rows),
        stories=len(labelled),
        found=len(made),
        pairs=Rates(
            precision=_share(right, sum(map(_pairs, made.values()))),
            recall=_share(right, sum(map(_pairs, labelled.values()))),
        ),
        bcubed=Rates(
            precision=sum(n * n / made[story] for (_, story), n in both.items()) / len(rows),
            recall=sum(n * n / labelled[label] for (label, _), n in both.items()) / len(rows),
        ),
        variants=_kinds(rows, found, lambda row: row.variants),
        languages=_kinds(rows, found, lambda row: (row.entry.language or "?",)),
        families=_families(rows, found),
    )


def missed_and_merged(rows: Sequence[Labelled], found: Sequence[str]) -> tuple[list[tuple[int, int]], ...]:
    """Copies that did not land with their story's first entry, and entries in the story of another: pairs of places."""
    first: dict[str, int] = {}
    opened: dict[str, int] = {}
    missed: list[tuple[int, int]] = []
    merged: list[tuple[int, int]] = []
    for place, (row, story) in enumerate(zip(rows, found, strict=True)):
        origin = first.setdefault(row.story, place)
        if found[origin] != story:
            missed.append((origin, place))
        opener = opened.setdefault(story, place)
        if rows[opener].story != row.story:
            merged.append((opener, place))
    return missed, merged


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _kinds(
    rows: Sequence[Labelled], found: Sequence[str], of: Callable[[Labelled], tuple[str, ...]]
) -> dict[str, Kind]:
    first: dict[str, int] = {}
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for place, row in enumerate(rows):
        if row.story not in first:
            first[row.story] = place
            continue
        for name in of(row):
            counts[name][0] += 1
            counts[name][1] += found[place] == found[first[row.story]]
    return {name: Kind(entries=entries, to_first=right) for name, (entries, right) in sorted(counts.items())}


def _families(rows: Sequence[Labelled], found: Sequence[str]) -> dict[str, Family]:
    family = {row.story: row.family for row in rows}
    within: dict[str, set[str]] = defaultdict(set)
    for row, story in zip(rows, found, strict=True):
        within[story].add(row.story)
    false: Counter[str] = Counter()
    merged: set[str] = set()
    for labels in within.values():
        for one, other in combinations(sorted(labels), 2):
            merged |= {one, other}
            false.update({family[one], family[other]})
    stories = Counter(family.values())
    spoiled = Counter(family[story] for story in merged)
    return {
        name: Family(stories=count, merged=spoiled[name], false_pairs=false[name])
        for name, count in sorted(stories.items())
    }
