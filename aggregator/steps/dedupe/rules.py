"""What two texts have in common → one story or not, by a named rule.

::

    vetoes, in order     frame, template, background, introduction, quoted, headline figures, figures
    then one of          text: half of it, much of that nobody else's
                         headline: an equal headline and a fair part of the text
                         whole: nearly all of a short text, its figures too
    else                 too little in common
    and at last          one is a round-up that prints the other

"Rare" is what no third look-alike has (compare.py). The thresholds were found on half of 4,000 labelled entries and
checked on the other half; `aggregator stories evaluate` measures them on anybody's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.domain.story import StoryRule
from aggregator.steps.dedupe.compare import Common, Headlines

if TYPE_CHECKING:
    from collections.abc import Iterator

FRAME_RARE = 0.55  # of the shorter text: below it, a headline's frame with other words is other news
FRAME_SHORT = 0.85  # of a short one, where the names may be all that differs
MANY = 0.3  # of what is shared, with others too: the two may be issues of one template
TEMPLATE = 0.6  # of what is shared, with others too: they are, unless
TEMPLATE_CONTAINED = 0.85  # of the shorter text is in the other
OPENING = 0.34  # of a first paragraph: below it the texts begin with other news
OPENING_CONTAINED = 0.75  # unless so much is shared all the same
CLOSING = 0.1  # of the shorter text's last part: below it the texts share an introduction only
QUOTED = 0.2  # of the longer text's first paragraph
ISSUE_FIGURES, ISSUE_CONTAINED = 3, 0.7  # so many figures agree and none differs: the same issue of a template
FIGURE_COST, CORRECTED = 4, 0.9  # shingles that one other figure costs; what is left is equal
FIGURES_CONTAINED = 0.95  # other figures in the headline are a correction only in an otherwise equal text
LETTER = 0.95  # of the shorter text: word for word but for a slip
EDITED_FIGURES = 5  # figures that agree for each that an editor lost with its neighbours
LONG_EDITED_FIGURES, LONG, THEIRS = 2, 120, 0.9  # in so long a text (shingles), so much of the shared part theirs alone
CORRECTIONS = 2  # figures that an outlet corrects in a text
CORRECTED_CONTAINED = 0.55
SHORT = 60  # shingles: in so short a text one other figure makes it the next issue of its template

BRIEF, BRIEF_CONTAINED = 30, 0.65  # shingles: half of so short a text may be one sentence of boilerplate
BRIEF_LATER = 0.75  # days later under another headline
TEXT_CONTAINED, TEXT_RARE_CONTAINED, TEXT_RARE = 0.5, 0.4, 5
HEADLINE_CONTAINED, HEADLINE_RARE_CONTAINED, HEADLINE_RARE, HEADLINE_TOKENS = 0.3, 0.25, 4, 3
WHOLE_CONTAINED, WHOLE_SHINGLES, WHOLE_FIGURES = 0.88, 8, 3

HEADLINES = {
    Headlines.EQUAL: "the headlines are equal",
    Headlines.CUT: "one headline is the other's beginning",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """A rule's name; for people why it holds; and whether it makes the two one story."""

    rule: str
    text: str
    joins: bool


def judge(common: Common) -> Verdict:
    """One story or not."""
    return next(_vetoes(common), None) or _join(common)


def _vetoes(common: Common) -> Iterator[Verdict]:
    """What speaks against one story; the first counts."""
    equal = common.one_headline
    with_others = 1 - common.unlike
    frame = FRAME_SHORT if common.framed and common.shorter < SHORT else FRAME_RARE
    framed = common.rare_contained < frame or with_others > MANY
    if common.headlines is Headlines.FRAME and framed and not _to_the_letter(common):
        yield _no("frame", "their headlines are alike but for the words that tell one day, place or case from another")
    if with_others > TEMPLATE and common.contained < TEMPLATE_CONTAINED and not (equal and _same_issue(common)):
        yield _no(
            "template", "other stories have most of the words they share: a form that is filled in anew each time"
        )
    if not equal and common.contained < OPENING_CONTAINED and min(common.openings) < OPENING:
        yield _no("background", "they begin with different news and share a passage further on")
    if not equal and common.contained < OPENING_CONTAINED and common.closing < CLOSING:
        yield _no("introduction", "they begin with the same lines and go on with different news")
    if not equal and common.longer_opening < QUOTED and not (common.titled and common.contained >= LETTER):
        yield _no("quoted", "the longer one begins with different news and has the shorter one's words further on")
    if common.headlines is Headlines.FIGURES and not _same_issue(common) and common.contained < FIGURES_CONTAINED:
        yield _no("headline_figures", "their headlines name different figures or days")
    if common.differ and _other_issue(common, with_others):
        yield _no("figures", _differing(common.differ))


def _same_issue(common: Common) -> bool:
    """Most of the text with every figure in its place."""
    return not common.differ and common.agree >= ISSUE_FIGURES and common.contained >= ISSUE_CONTAINED


def _to_the_letter(common: Common) -> bool:
    """A long text word for word, with every figure in its place."""
    return (
        common.contained >= LETTER and common.shorter >= SHORT and not common.differ and common.agree >= ISSUE_FIGURES
    )


def _other_issue(common: Common, with_others: float) -> bool:
    """Other figures in the same frame are other news; one or two in an otherwise equal long text a correction."""
    equal = common.one_headline
    agreed = equal or (common.headlines is Headlines.OTHER and common.agree >= EDITED_FIGURES * common.differ)
    if agreed and common.differ <= CORRECTIONS and common.contained >= LETTER and common.shorter >= SHORT:
        return False  # whatever else prints these words
    return (
        common.differ > CORRECTIONS
        or not common.close
        or common.headlines in (Headlines.FRAME, Headlines.FIGURES)
        or (common.shorter < SHORT and _edited(common))
        or (common.contained < CORRECTED_CONTAINED and not (equal and _lost(common)))
        or with_others > MANY
    )


def _lost(common: Common) -> bool:
    """Whether so many figures agree that an editor may have lost one with its neighbours."""
    rare = common.shorter >= LONG and common.unlike >= THEIRS
    return common.agree >= (LONG_EDITED_FIGURES if rare else EDITED_FIGURES) * common.differ


def _edited(common: Common) -> bool:
    """Whether more than the figures differ."""
    return common.differ > common.agree or common.contained + common.differ * FIGURE_COST / common.shorter < CORRECTED


def _join(common: Common) -> Verdict:
    equal = common.one_headline
    part = f"{common.contained:.0%} of the shorter text stands in the other"
    brief = BRIEF_CONTAINED if common.close or equal else BRIEF_LATER
    if (
        common.contained >= (TEXT_CONTAINED if common.shorter >= BRIEF else brief)
        and common.rare_contained >= TEXT_RARE_CONTAINED
        and common.rare >= TEXT_RARE
    ):
        return Verdict(rule=StoryRule.SAME_TEXT, text=part, joins=True)
    if (
        equal
        and common.title_tokens >= HEADLINE_TOKENS
        and common.contained >= HEADLINE_CONTAINED
        and common.rare_contained >= HEADLINE_RARE_CONTAINED
        and common.rare >= HEADLINE_RARE
    ):
        return Verdict(rule=StoryRule.SAME_HEADLINE, text=f"{HEADLINES[common.headlines]}, and {part}", joins=True)
    if is_whole(common) or (equal and _same_issue(common)):
        return Verdict(rule=StoryRule.WHOLE_TEXT, text=f"{part}, and no figure speaks against it", joins=True)
    if common.contained >= TEXT_CONTAINED:
        return _no("little", f"other stories have most of the words they share ({part})")
    return _no("little", f"they have too little in common ({part})")


def is_whole(common: Common) -> bool:
    """Nearly all of the shorter text, and the headline or the figures too."""
    settled = common.one_headline or (common.headlines is Headlines.OTHER and common.agree >= WHOLE_FIGURES)
    return common.contained >= WHOLE_CONTAINED and common.shorter >= WHOLE_SHINGLES and settled


def _differing(count: int) -> str:
    return (
        "a figure, date or day differs in an equal phrase"
        if count == 1
        else f"{count} figures, dates or days differ in equal phrases"
    )


def _no(rule: str, text: str) -> Verdict:
    return Verdict(rule=rule, text=text, joins=False)


# Asked last: it takes longest to find out, and little is left to ask it of.
ROUND_UP = _no("round_up", "one of them prints the other's headline and opening among other news")
