"""What is kept of a text to recognise its copies: numbers, no words. Made by steps/dedupe, indexed by the store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Sketch:
    """A text and its headline as numbers that are the same in every process.

    `fingerprints` are 48-bit hashes, a few of the text's shingles, rising; equal runs of words share one for
    certain. `headlines` are 48-bit keys of the headline with and without an outlet's name, `bare` of what may
    be left of it without a label in front. `shingles` holds 16 bits of every shingle in order, `figures` pairs of 32
    bits (context, figure), `title` 32 bits for every token of the headline, all little-endian. `headline_only` says
    that there is no text beyond the headline.
    """

    fingerprints: tuple[int, ...] = ()
    headlines: tuple[int, ...] = ()
    bare: tuple[int, ...] = ()
    shingles: bytes = b""
    figures: bytes = b""
    title: bytes = b""
    headline_only: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Exemplar:
    """A copy that stands for its story in comparisons; its sketch's `fingerprints` are not loaded.

    `several` marks an item that prints several stories (a newsletter): what it holds is not its own. `at` is when the
    item was published, or seen where it does not say, `title` its headline.
    """

    item: str  # its public id
    source_id: str
    story: int
    story_public_id: str
    sketch: Sketch
    several: bool = False
    at: datetime | None = None
    title: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Neighbours:
    """What the store knows near some sketches.

    `postings` gives, for a fingerprint or a headline key, the stories that have it (at most a few: a full list
    is a phrase of everybody's). `exemplars` are those of the stories worth a comparison. `now` is the moment at which
    the sketches arrive.
    """

    postings: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    exemplars: Mapping[int, tuple[Exemplar, ...]] = field(default_factory=dict)
    now: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Lesson:
    """What the index learns of a placed item: keys that its story gets, and whether it is an exemplar."""

    keys: tuple[int, ...] = ()
    exemplar: bool = False
    several: bool = False
