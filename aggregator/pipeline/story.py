"""A stored story → what anybody may see of it: its copies in public topics, their corrections, why it is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.domain.topic import Content, Group, Topic
from aggregator.pipeline.fill import FILLED
from aggregator.steps.select import Matcher, select
from aggregator.text.figures import figures

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from aggregator.domain.settings import Configuration
    from aggregator.domain.story import Reason
    from aggregator.domain.topic import Copy, Selected, Verdict
    from aggregator.domain.version import EarlierVersion
    from aggregator.ports import Store

_MORE = (Content.LINK, Content.SUMMARY, Content.FULL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """One time that the words of a copy moved. `title` is the headline it had before, None where that stayed."""

    at: datetime
    copy: Copy
    title: str | None
    figures_gone: tuple[str, ...]
    figures_new: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class StoryView:
    """A story as its page shows it. `content` is the most that any of its topics republishes."""

    story: Selected
    copies: tuple[Copy, ...]
    topics: tuple[tuple[Topic, Reason], ...]
    corrections: tuple[Correction, ...]
    content: Content


def story_view(store: Store, configuration: Configuration, story: str) -> StoryView | None:
    """The story with that public id, None where no public topic holds a copy of it."""
    topics = {topic.id: topic for topic in configuration.topics if topic.public}
    sources = {source.id: source for source in configuration.sources}
    held: dict[str, Reason] = {}
    copies = []
    with store.read() as rooms:
        for copy in rooms.stories.copies(story):
            if copy.stored.item.source_id not in sources:
                continue
            verdicts = [verdict for verdict in rooms.topics.verdicts(copy.stored.id) if verdict.topic_id in topics]
            if verdicts:
                copies.append(copy)
            for verdict in verdicts:
                if verdict.topic_id not in held:
                    matcher = Matcher([topics[verdict.topic_id]], sources)
                    held[verdict.topic_id] = _why(matcher, copy, verdict)
        versions = rooms.stories.versions(story) if copies else []
    if not copies:
        return None
    whole = Topic(id="story", title="")
    group = Group(copies=tuple(copies))
    selection, _ = select(whole, [group], copies[0].stored.first_seen)
    return StoryView(
        story=selection.entries[0],
        copies=group.copies,
        topics=tuple((topics[name], held[name]) for name in topics if name in held),
        corrections=tuple(sorted(_corrections(copies, versions), key=lambda found: found.at, reverse=True)),
        content=max((topics[name].content for name in held), key=_MORE.index),
    )


def _why(matcher: Matcher, copy: Copy, verdict: Verdict) -> Reason:
    """What was stored; where the database decided (see `fill`), the clauses and words that the item has today."""
    if verdict.reason.rule != FILLED.rule:
        return verdict.reason
    now = matcher.judge(verdict.topic_id, copy)
    return now.reason if now.matched else verdict.reason


def _corrections(copies: Sequence[Copy], versions: Sequence[EarlierVersion]) -> Iterator[Correction]:
    for copy in copies:
        item = copy.stored.item
        before = [version for version in versions if version.item == copy.stored.id]
        titles = [*(version.title for version in before), item.title]
        numbers = [*(version.figures for version in before), figures(f"{item.title}\n{item.text}")]
        for place, version in enumerate(before):
            old, new = numbers[place], numbers[place + 1]
            yield Correction(
                at=version.until,
                copy=copy,
                title=None if titles[place] == titles[place + 1] else titles[place],
                figures_gone=tuple(figure for figure in old if figure not in new),
                figures_new=tuple(figure for figure in new if figure not in old),
            )
