"""A new text beside an exemplar → what they have in common, in numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from aggregator.steps.dedupe.shingles import LOW, shingles, spans
from aggregator.steps.dedupe.tokens import FIGURE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from aggregator.domain.sketch import Sketch

PASSAGE = 0.5  # of what two texts share: a third story that has so much of it has the same passage
CLOSE = timedelta(days=2)  # a headline that stands over something else days later runs, and proves nothing
CLOSING = 0.3  # of the shorter text: its last part
OPENING = 38  # shingles: the first paragraph, which says what a text is about


class Headlines(Enum):
    """How two headlines stand to each other."""

    EQUAL = "equal"
    CUT = "cut"  # one is the other's beginning, with or without a label in front
    OTHER = "other"  # nothing speaks against one story: outlets write their own
    FRAME = "frame"  # half the words are the same, and each has words of its own: one running headline
    FIGURES = "figures"  # both have figures, and share none, or nothing but figures differs


SAME = (Headlines.EQUAL, Headlines.CUT)


class Text:
    """A sketch unpacked. What only some comparisons need is unpacked when the first one does."""

    def __init__(self, sketch: Sketch) -> None:
        self.sketch = sketch
        self.shingles: NDArray[np.uint16] = np.frombuffer(sketch.shingles, "<u2")
        self.length = self.shingles.size
        self._title: list[int] | None = None
        self._title_marks: NDArray[np.uint16] | None = None
        self._figures: dict[int, list[int]] | None = None
        self._marks: NDArray[np.bool_] | None = None
        self._spans: dict[int, int] | None = None

    @property
    def title(self) -> list[int]:
        """The headline's tokens."""
        if self._title is None:
            self._title = np.frombuffer(self.sketch.title, "<u4").tolist()
        return self._title

    @property
    def title_marks(self) -> NDArray[np.uint16]:
        """The headline's shingles."""
        if self._title_marks is None:
            self._title_marks = shingles(np.frombuffer(self.sketch.title, "<u4")).astype(np.uint16)
        return self._title_marks

    @property
    def figures(self) -> dict[int, list[int]]:
        """Figures by what stands around them."""
        if self._figures is None:
            self._figures = {}
            for around, figure in np.frombuffer(self.sketch.figures, "<u4").reshape(-1, 2).tolist():
                self._figures.setdefault(around, []).append(figure)
        return self._figures

    @property
    def marks(self) -> NDArray[np.bool_]:
        """A bit for each of the 65,536 shingle values: whether it occurs. One in 65,536 is there by accident."""
        if self._marks is None:
            self._marks = np.zeros(LOW + 1, np.bool_)
            self._marks[self.shingles] = True
        return self._marks

    @property
    def spans(self) -> dict[int, int]:
        """Its fingerprints, and how wide a window each stands for."""
        if self._spans is None:
            self._spans = spans(self.sketch.fingerprints, self.shingles)
        return self._spans


@dataclass(frozen=True, kw_only=True, slots=True)
class Common:
    """What two texts have in common.

    `shared` is a number of shingles, `shorter` the shorter text's; `contained` their ratio. `covers` is the share of
    the other text that the new one has. `openings` are the shares of both first paragraphs, `closing` that of the
    shorter text's last part. `unlike` is the share of the common fingerprints which no third look-alike has: what two
    copies share is theirs alone, what a template prints is everybody's. `listed` says that one of the story's copies
    has the new headline, `titled` that the headlines have the same words, however few and however long ago, `close`
    that they were published within two days, `framed` that the headlines begin and end alike. `agree` and `differ`
    count figures in equal surroundings.
    """

    shared: int
    shorter: int
    contained: float
    covers: float
    jaccard: float
    openings: tuple[float, float]
    longer_opening: float
    closing: float
    unlike: float
    headlines: Headlines
    listed: bool
    titled: bool
    close: bool
    framed: bool
    title_tokens: int
    agree: int
    differ: int

    @property
    def one_headline(self) -> bool:
        """Whether they are under one headline, which may be cut in one of them."""
        return self.headlines in SAME

    @property
    def rare(self) -> float:
        """Shared shingles that are theirs alone."""
        return self.unlike * self.shared

    @property
    def rare_contained(self) -> float:
        """How much of the shorter text is in the longer one, counting only what is theirs alone."""
        return self.rare / max(1.0, self.rare + self.shorter - self.shared)


def compare(new: Text, other: Text, *, titled: bool, apart: timedelta = timedelta(0)) -> Common | None:
    """What a new text has in common with an exemplar; None where it is next to nothing.

    `titled` says that one of the story's copies has the new text's headline, `apart` how far apart they were
    published. `unlike` is left open (1.0).
    """
    shorter = min(new.length, other.length)
    if shorter < LEAST:
        return None
    theirs = new.marks[other.shingles]
    count = int(np.count_nonzero(theirs))
    if count < WORTH * shorter:
        return None
    ours = other.marks[new.shingles]
    covered = int(np.count_nonzero(ours))
    shared = min(count, covered, shorter)
    jaccard = shared / (new.length + other.length - shared)
    standing = _standing(new, other, titled=titled, close=apart <= CLOSE)
    agree, differ = _figures(new, other)
    return Common(
        shared=shared,
        shorter=shorter,
        contained=shared / shorter,
        covers=count / other.length,
        jaccard=jaccard,
        openings=(opening := (_share(ours[:OPENING]), _share(theirs[:OPENING]))),
        closing=_share((ours if new.length <= other.length else theirs)[-max(1, int(CLOSING * shorter)) :]),
        longer_opening=opening[0] if new.length > other.length else opening[1],
        unlike=1.0,
        headlines=standing,
        listed=titled,
        titled=titled or one_title(new.title, other.title),
        close=apart <= CLOSE,
        framed=standing is Headlines.FRAME and one_frame(new.title, other.title),
        title_tokens=len(new.title),
        agree=agree,
        differ=differ,
    )


def _share(held: NDArray[np.bool_]) -> float:
    return int(np.count_nonzero(held)) / held.size


LEAST = 3  # shingles
WORTH = 0.25  # of the shorter text; below it nothing is one story


def unlike(
    new: Text, other: Text, own: frozenset[int], postings: Mapping[int, Sequence[int]], lookalikes: frozenset[int]
) -> float:
    """The share of what fingerprints tell they have in common that no look-alike has but the stories in `own`."""
    marks = other.marks
    common = {fingerprint: span for fingerprint, span in new.spans.items() if marks[fingerprint & LOW]}
    if not common:
        return 0.5  # too short a run to say
    lists = [(postings.get(fingerprint, ()), span) for fingerprint, span in common.items()]
    held: Counter[int] = Counter()
    hits: Counter[int] = Counter()
    for listed, span in lists:
        hits.update(listed)
        for story in listed:
            held[story] += span
    whole, least = sum(common.values()), min(len(common), 2)
    third = (lookalikes | {one for one, part in held.items() if part >= PASSAGE * whole and hits[one] >= least}) - own
    return sum(span for listed, span in lists if third.isdisjoint(listed)) / whole


def _standing(new: Text, other: Text, *, titled: bool, close: bool) -> Headlines:
    found = Headlines.EQUAL if titled else headlines(new, other)
    return Headlines.OTHER if found in SAME and not close else found


def rounds_up(new: Text, other: Text, common: Common) -> bool:
    """Whether one of two texts is a round-up that prints the other among other news."""
    if common.listed or common.jaccard >= (ONE_TEXT if common.contained < WHOLLY else HALF_OF_IT):
        return False
    return prints_headline(new, other) or prints_headline(other, new)


def prints_headline(one: Text, other: Text) -> bool:
    """Whether `other` prints one's headline and then one's opening, as a round-up does among other news.

    A text that begins with its own headline, or has its headline from its own words, tells nothing.
    """
    title = one.title_marks
    if title.size < HEADLINE_SHINGLES or one.length == 0:
        return False
    if not other.marks[title].all() or one.marks[title].all() or equal_headlines(one.sketch, other.sketch):
        return False
    ends = np.flatnonzero(other.shingles == title[-1])
    return any(bool(np.isin(one.shingles[:FOLLOWING], other.shingles[end + 1 : end + 1 + NEAR]).any()) for end in ends)


ONE_TEXT = 0.8  # Jaccard: such two print one another whole
WHOLLY, HALF_OF_IT = 0.95, 0.5  # of the shorter text, of both: so does one that has the other's first words as headline
HEADLINE_SHINGLES = 2
FOLLOWING, NEAR = 4, 8  # shingles of an opening, and how soon after a headline they stand


def equal_headlines(one: Sketch, other: Sketch) -> bool:
    """Whether one's own headline is the other's, which may have a label before it."""
    return not (
        set(one.headlines).isdisjoint((*other.headlines, *other.bare)) and set(one.bare).isdisjoint(other.headlines)
    )


def headlines(new: Text, other: Text) -> Headlines:
    """How the two headlines stand to each other."""
    if equal_headlines(new.sketch, other.sketch):
        return Headlines.EQUAL
    ours, theirs = new.title, other.title
    if one_title(ours, theirs) and any(token & FIGURE for token in ours):
        return Headlines.EQUAL  # with its figures and days, a headline of a few words says enough
    if _other_figures(set(ours), set(theirs)):
        return Headlines.FIGURES
    if _is_cut(ours, theirs) or _is_cut(theirs, ours):
        return Headlines.CUT
    same = (Counter(ours) & Counter(theirs)).total()
    if 2 * same >= min(len(ours), len(theirs)) and same < len(ours) and same < len(theirs):
        return Headlines.FRAME
    return Headlines.OTHER


def _other_figures(ours: set[int], theirs: set[int]) -> bool:
    """Whether both have figures and share none, or nothing but figures differs."""
    figures, others = {t for t in ours if t & FIGURE}, {t for t in theirs if t & FIGURE}
    if figures and others and figures.isdisjoint(others):
        return True
    mine, its = ours - theirs, theirs - ours
    return bool(mine and its and mine <= figures and its <= others)


def _is_cut(short: Sequence[int], long: Sequence[int]) -> bool:
    """Whether a headline, behind a few words of a label, is the other one's beginning, and no figure is left out."""
    for label in range(LABEL + 1):
        rest = len(short) - label
        if rest < max(CUT_TOKENS, CUT_PART * len(long)):
            return False
        if rest <= len(long) and short[label:] == long[:rest]:
            return not any(token & FIGURE for token in (*short[:label], *long[rest:]))
    return False


LABEL = 4  # tokens
CUT_TOKENS, CUT_PART = 6, 0.6  # of a headline left where it was cut


def one_title(ours: Sequence[int], theirs: Sequence[int]) -> bool:
    """Whether two headlines have the same words in the same order."""
    return len(ours) > 1 and ours == theirs


def one_frame(ours: Sequence[int], theirs: Sequence[int]) -> bool:
    """Whether two headlines begin and end alike, half of the shorter one, and have other words between."""
    shorter = min(len(ours), len(theirs))
    before = next((place for place in range(shorter) if ours[place] != theirs[place]), shorter)
    rest = range(1, shorter - before + 1)
    behind = next((place for place in rest if ours[-place] != theirs[-place]), shorter - before + 1) - 1
    return 2 * (before + behind) >= shorter


def _figures(new: Text, other: Text) -> tuple[int, int]:
    """Figures in equal surroundings that agree, and that differ."""
    short, long = (new, other) if new.length <= other.length else (other, new)
    agree = differ = 0
    for around in short.figures.keys() & long.figures.keys():
        ones, others = short.figures[around], long.figures[around]
        same = sum(one == other for one, other in zip(ones, others, strict=False))
        if same < min(len(ones), len(others)) and max(len(ones), len(others)) > 1:
            same = (Counter(ones) & Counter(others)).total()
        agree += same
        differ += min(len(ones), len(others)) - same
    return agree, differ
