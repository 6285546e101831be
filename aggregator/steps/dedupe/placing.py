"""New items → stories, one after another in order of arrival, each seeing those before it.

::

    shortlist     the few stories that share most with the text
    compare       with each of their exemplars, the best story first; judge each
    several?      it opens as two or more different stories do: a newsletter, a story of its own
    headline?     nothing has its text, and exactly one story of these days has its headline
    learn         its keys lead to its story from now on; it becomes an exemplar if it says something new
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from aggregator.domain.sketch import Exemplar, Lesson
from aggregator.domain.story import Reason, StoryIntent, StoryRule
from aggregator.steps.dedupe.compare import (
    CLOSE,
    OPENING,
    Text,
    compare,
    equal_headlines,
    prints_headline,
    rounds_up,
    unlike,
)
from aggregator.steps.dedupe.rules import CORRECTIONS, ROUND_UP, is_whole, judge
from aggregator.steps.dedupe.shortlist import asked, kept, shortlist

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.domain.item import Item
    from aggregator.domain.sketch import Neighbours, Sketch
    from aggregator.domain.story import StoryCandidate
    from aggregator.steps.dedupe.compare import Common
    from aggregator.steps.dedupe.rules import Verdict

LIST = 4  # stories under one fingerprint: what four stories have, everybody has
HEADLINE_LIST = 8
EXEMPLARS = 4  # of a story
COVERED = 0.8  # of a text in an exemplar: it adds nothing to the index. A cut summary never becomes an exemplar
MERGED = 0.6  # of each story's text in the copy that shows that they are one
SEVERAL = 2  # stories that a newsletter opens, at least
SEVERAL_JACCARD = 0.5  # only a copy of the newsletter itself has so much of it
OPENING_LEAST, OPENING_HELD, OPENINGS_APART = 6, 0.55, 0.2  # shingles; share of an opening; share two have in common
HEADLINE_CONTAINED = 0.15  # of a text under the only equal headline: enough where nothing speaks against it
RUNNING_CONTAINED = 0.5  # in the same source, which may print one headline over other news again and again
TITLE = 120  # characters of a headline in a reason
EQUAL_HEADLINE = 0.5  # what an equal headline counts when several stories fit


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """Where an item belongs: `exemplar` is the copy that decided, None for a story of its own."""

    exemplar: Exemplar | None
    reason: Reason
    several: bool = False
    merges: tuple[Exemplar, ...] = ()  # of other stories that hold the same text


@dataclass(kw_only=True, slots=True)
class _Findings:
    """What the comparisons of one item gave."""

    joins: list[tuple[float, Exemplar, Common, Verdict]] = field(default_factory=list)
    refused: list[tuple[Exemplar, Common, Verdict]] = field(default_factory=list)
    openings: dict[int, frozenset[int]] = field(default_factory=dict)
    headline_known: bool = False
    same: frozenset[int] = frozenset()  # stories whose text the new one has from end to end


class Shelf:
    """The neighbourhood of a reading's items, growing as they are placed. Its stories not stored yet are negative."""

    def __init__(self, near: Neighbours) -> None:
        self._postings: dict[int, tuple[int, ...]] = dict(near.postings)
        self._exemplars = {story: list(found) for story, found in near.exemplars.items()}
        self._texts: dict[str, Text] = {}
        self._older: dict[int, int] = {}
        self._now = near.now
        self._fresh = 0

    def put_beside(self, item: Item, public_id: str, page: StoryCandidate, reason: Reason) -> StoryIntent:
        """Place a new item in the story of its page, learn it, and find out which other stories have its text."""
        story = self._current(page.story)
        merges: tuple[int, ...] = ()
        if item.sketch is not None:
            placed = self.place(item.sketch, item.source_id, self._moment(item))
            if placed.exemplar is not None:
                merged = sorted({story, *(one.story for one in (placed.exemplar, *placed.merges) if one.story > 0)})
                story, merges = merged[0], tuple(merged[1:])
                for younger in merges:
                    self._merge(story, younger)
                if merges:
                    reason = replace(
                        reason, text=f"{reason.text}; it is also {placed.reason.text}: their stories are one"
                    )
        return StoryIntent(story=story, reason=reason, lesson=self.learn(item, public_id, story), merges=merges)

    def put(self, item: Item, public_id: str) -> StoryIntent:
        """Place a new item and learn it."""
        if item.sketch is None:
            return StoryIntent(story=None, reason=Reason(rule=StoryRule.FIRST, text="it has no text to compare"))
        placed = self.place(item.sketch, item.source_id, self._moment(item))
        merges: tuple[int, ...] = ()
        if placed.exemplar is None:
            self._fresh -= 1
            story, stored, beside = self._fresh, None, None
        else:
            merged = sorted({placed.exemplar.story, *(one.story for one in placed.merges)})
            story = merged[0]
            stored, beside = (story, None) if story > 0 else (None, placed.exemplar.item)
            for younger in merged[1:]:
                self._merge(story, younger)
            merges = tuple(merged[1:])
        lesson = self.learn(item, public_id, story, several=placed.several)
        return StoryIntent(story=stored, reason=placed.reason, beside=beside, lesson=lesson, merges=merges)

    def _merge(self, older: int, younger: int) -> None:
        """What led to the younger story leads to the older one, which keeps its id."""
        self._older[younger] = older
        for key, stories in self._postings.items():
            if younger in stories:
                self._postings[key] = tuple(dict.fromkeys(older if one == younger else one for one in stories))
        name = next((one.story_public_id for one in self._exemplars.get(older, ())), None)
        moved = self._exemplars.pop(younger, [])
        self._exemplars.setdefault(older, []).extend(
            replace(one, story=older, story_public_id=name or one.story_public_id) for one in moved
        )

    def _current(self, story: int) -> int:
        """The story that one has become."""
        while story in self._older:
            story = self._older[story]
        return story

    def _moment(self, item: Item) -> datetime | None:
        """When an item was published; it cannot have been after it came."""
        if item.published is None or self._now is None:
            return item.published or self._now
        return min(item.published, self._now)

    def place(self, sketch: Sketch, source_id: str, at: datetime | None = None) -> Placed:
        """The story an item published at that moment belongs to, and why."""
        if sketch.headline_only:
            return self._by_headline(sketch, source_id, at) or _first("no stored story has its headline")
        text = Text(sketch)
        findings = self._findings(text, at)
        if self._opens_several(findings):
            return _first("it opens several stories, each with its own beginning: a newsletter", several=True)
        if findings.joins:
            _, exemplar, common, verdict = max(findings.joins, key=lambda found: (found[0], -found[1].story))
            merges = self._same_stories(exemplar, findings)
            merges += self._bare_headlines(sketch, source_id, at, {one.story for one in (exemplar, *merges)})
            return Placed(exemplar=exemplar, reason=_joined(exemplar, common, verdict, merges), merges=merges)
        return self._by_headline(sketch, source_id, at) or _refused(findings)

    def learn(self, item: Item, public_id: str, story: int, *, several: bool = False) -> Lesson | None:
        """Remember an item's words for those that come after it. Returns what the stored index is to learn.

        An item whose words changed takes its own place among its story's exemplars, if they say something new.
        """
        sketch = item.sketch
        if sketch is None:
            return None
        held = self._exemplars.setdefault(story, [])
        own = next((place for place, one in enumerate(held) if one.item == public_id), len(held))
        exemplar = own < EXEMPLARS and not (held and self._says_nothing_new(sketch, held))
        keys = [key for key in kept(sketch) if self._add(key, story, HEADLINE_LIST)]
        if exemplar:
            keys += [key for key in sketch.fingerprints if self._add(key, story, LIST)]
            made = Exemplar(
                item=public_id,
                source_id=item.source_id,
                story=story,
                story_public_id=held[0].story_public_id if held else public_id,
                sketch=sketch,
                several=several or any(one.several for one in held[own : own + 1]),
                at=self._moment(item),
                title=item.title,
            )
            held[own : own + 1] = [made]
            self._texts.pop(public_id, None)
            several = made.several
        return Lesson(keys=tuple(keys), exemplar=exemplar, several=several)

    def _says_nothing_new(self, sketch: Sketch, held: list[Exemplar]) -> bool:
        new = Text(sketch)
        if new.length == 0:
            return any(one.sketch.headlines == sketch.headlines for one in held)
        return any(float(self._text(one).marks[new.shingles].mean()) >= COVERED for one in held if one.sketch.shingles)

    def _add(self, key: int, story: int, most: int) -> bool:
        known = self._postings.get(key, ())
        if story in known or len(known) >= most:
            return False
        self._postings[key] = (*known, story)
        return True

    def _text(self, exemplar: Exemplar) -> Text:
        if exemplar.item not in self._texts:
            self._texts[exemplar.item] = Text(exemplar.sketch)
        return self._texts[exemplar.item]

    def _findings(self, new: Text, at: datetime | None) -> _Findings:
        """Compare with the shortlisted stories' exemplars, then judge each beside what the others have in common."""
        found = _Findings()
        listed = shortlist(new.sketch, self._postings)
        titled = {story for key in asked(new.sketch) for story in self._postings.get(key, ())}
        compared: list[tuple[Exemplar, Common]] = []
        for story in listed.stories:
            for exemplar in self._exemplars.get(story, ()):
                other = self._text(exemplar)
                known = story in titled or equal_headlines(new.sketch, exemplar.sketch)
                found.headline_known |= known
                common = compare(new, other, titled=known, apart=_apart(at, exemplar))
                if common is None:
                    continue
                self._note_opening(found, new, exemplar, other)
                compared.append((exemplar, common))
        found.same = frozenset(
            exemplar.story
            for exemplar, common in compared
            if not exemplar.several
            and common.covers >= COVERED
            and is_whole(common)
            and common.differ <= (CORRECTIONS if common.one_headline else 0)
        )
        for exemplar, first in compared:
            own = found.same | {exemplar.story}
            share = unlike(new, self._text(exemplar), own, self._postings, listed.lookalikes)
            common = replace(first, unlike=share)
            verdict = judge(common)
            if verdict.joins and rounds_up(new, self._text(exemplar), common):
                verdict = ROUND_UP
            if not verdict.joins or (exemplar.several and common.jaccard < SEVERAL_JACCARD):
                found.refused.append((exemplar, common, verdict))
                continue
            bonus = EQUAL_HEADLINE if common.one_headline else 0.0
            found.joins.append((common.contained + common.jaccard + bonus, exemplar, common, verdict))
        return found

    @staticmethod
    def _note_opening(found: _Findings, new: Text, exemplar: Exemplar, other: Text) -> None:
        """Remember a story whose first paragraph the new text holds."""
        if exemplar.several or other.length < OPENING_LEAST:
            return
        opening = other.shingles[:OPENING]
        held = opening[new.marks[opening]]
        if held.size >= OPENING_HELD * opening.size and held.size > len(found.openings.get(exemplar.story, ())):
            found.openings[exemplar.story] = frozenset(held.tolist())

    @staticmethod
    def _opens_several(found: _Findings) -> bool:
        if found.headline_known:
            return False
        apart: list[frozenset[int]] = []
        for one in found.openings.values():
            if all(len(one & other) < OPENINGS_APART * min(len(one), len(other)) for other in apart):
                apart.append(one)
        return len(apart) >= SEVERAL

    def _by_headline(self, sketch: Sketch, source_id: str, at: datetime | None) -> Placed | None:
        """The one story with that headline in these days, where nothing in the texts speaks against it."""
        for key in asked(sketch):
            stories = self._postings.get(key, ())
            if len(stories) > 1:  # bare headlines beside it are no rivals, and of nothing but those the first waits
                stories = tuple(story for story in stories if not self._is_bare(story)) or stories[:1]
            if len(stories) != 1:
                continue
            for exemplar in self._exemplars.get(stories[0], ()):
                if not (equal_headlines(sketch, exemplar.sketch) and _apart(at, exemplar) <= CLOSE):
                    continue
                if self._may_be(sketch, exemplar, source_id):
                    text = f"it has the headline of {_told(exemplar)}, which no other story has"
                    evidence = {
                        "story": exemplar.story_public_id,
                        "item": exemplar.item,
                        "source": exemplar.source_id,
                    }
                    reason = Reason(rule=StoryRule.HEADLINE_ONLY, text=text, evidence=evidence)
                    return Placed(exemplar=exemplar, reason=reason)
        return None

    def _same_stories(self, exemplar: Exemplar, found: _Findings) -> tuple[Exemplar, ...]:
        """Other stored stories whose text, under the same headline, stands in the new one as well as the best one's.

        Two excerpts of one article have nothing in common until the article comes. Without its headline over both, a
        text that holds two others may be anything: then nothing is merged. A copy of one whole story is merged with
        other versions of it, but with none that prints that story's headline among other news.
        """
        stored = [(one, common) for _, one, common, _ in found.joins if not one.several and one.story > 0]
        whole = {one.story: one for one, common in stored if common.one_headline and common.contained >= MERGED}
        if exemplar.story in found.same:
            best = self._text(exemplar)
            whole |= {one.story: one for one, _ in stored if not prints_headline(best, self._text(one))}
        if exemplar.story not in whole:
            return ()
        return tuple(one for story, one in sorted(whole.items()) if story != exemplar.story)

    def _is_bare(self, story: int) -> bool:
        held = self._exemplars.get(story, ())
        return bool(held) and all(one.sketch.headline_only for one in held)

    def _bare_headlines(
        self, sketch: Sketch, source_id: str, at: datetime | None, stories: set[int]
    ) -> tuple[Exemplar, ...]:
        """The stored stories that are nothing but the item's headline, where they and `stories` alone have that."""
        for key in asked(sketch):
            others = sorted(set(self._postings.get(key, ())) - stories)
            held = [one for story in others for one in self._exemplars.get(story, ())]
            if {one.story for one in held} == set(others) and all(
                one.story > 0
                and one.sketch.headline_only
                and one.source_id != source_id
                and equal_headlines(sketch, one.sketch)
                and _apart(at, one) <= CLOSE
                for one in held
            ):
                return tuple(self._exemplars[story][0] for story in others)
        return ()

    def _may_be(self, sketch: Sketch, exemplar: Exemplar, source_id: str) -> bool:
        if sketch.headline_only and exemplar.sketch.headline_only:
            return False  # two bare headlines: "Letters to the editor" are other letters next week
        if sketch.headline_only or exemplar.sketch.headline_only:
            return exemplar.source_id != source_id  # a source that repeats its headline has other news under it
        new, other = Text(sketch), self._text(exemplar)
        if min(new.length, other.length) == 0:
            return False
        contained = new.marks[other.shingles].sum() / min(new.length, other.length)
        clash = any(set(ones).isdisjoint(other.figures.get(around, ones)) for around, ones in new.figures.items())
        needed = HEADLINE_CONTAINED if exemplar.source_id != source_id else RUNNING_CONTAINED
        return bool(contained >= needed) and not clash


def _apart(at: datetime | None, exemplar: Exemplar) -> timedelta:
    """How far apart two items were published; nothing where a moment is not known."""
    return timedelta(0) if at is None or exemplar.at is None else abs(at - exemplar.at)


def _first(text: str, *, several: bool = False) -> Placed:
    return Placed(exemplar=None, reason=Reason(rule=StoryRule.FIRST, text=text), several=several)


def _told(exemplar: Exemplar) -> str:
    title = exemplar.title if len(exemplar.title) <= TITLE else f"{exemplar.title[:TITLE]}…"
    return f"“{title}” ({exemplar.source_id})" if title else f"{exemplar.item} ({exemplar.source_id})"


def _evidence(exemplar: Exemplar, common: Common) -> dict[str, str | int | float]:
    return {
        "story": exemplar.story_public_id,
        "item": exemplar.item,
        "source": exemplar.source_id,
        "contained": round(common.contained, 3),
        "rare": round(common.unlike, 3),
        "shingles": common.shared,
        "headlines": common.headlines.value,
        "figures_agree": common.agree,
        "figures_differ": common.differ,
    }


def _joined(exemplar: Exemplar, common: Common, verdict: Verdict, merges: tuple[Exemplar, ...]) -> Reason:
    text = f"a copy of {_told(exemplar)}: {verdict.text}"
    evidence = _evidence(exemplar, common)
    if merges:
        others = ", ".join(_told(one) for one in merges)
        text += f"; it also holds {others}: their stories are one"
        evidence["merged"] = ", ".join(one.story_public_id for one in merges)
    return Reason(rule=verdict.rule, text=text, evidence=evidence)


def _refused(found: _Findings) -> Placed:
    """A story of its own; the nearest other one and what spoke against it."""
    if not found.refused:
        return _first("no stored story has its link or its text")
    exemplar, common, verdict = max(found.refused, key=lambda one: one[1].contained)
    text = f"nearest is {_told(exemplar)}, but {verdict.text}"
    evidence = {**_evidence(exemplar, common), "veto": verdict.rule}
    return Placed(exemplar=None, reason=Reason(rule=StoryRule.FIRST, text=text, evidence=evidence))
