"""The whole life of an item, from stored reasons."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from aggregator.domain.story import Reason
from aggregator.pipeline.standing import Standing, standing
from aggregator.steps.select import Matcher

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from aggregator.domain.drop import Drop
    from aggregator.domain.item import StoredItem
    from aggregator.domain.settings import Configuration
    from aggregator.domain.subscription import PushReport
    from aggregator.domain.topic import Copy, Verdict
    from aggregator.ports import Rooms, Store


QUIET = Reason(rule="flood", text="stored without being announced: it came with an archive, and was no news")
REMOVED = Standing(shown=False, rule="removed", text="its source is in feeds.yaml no more: its items wait, unseen")


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """One item: what it is, the copies of its story (itself among them), and every topic's verdict.

    `standings` tell, by topic, whether a topic that takes it shows its story; `through` names, by topic, the outlet
    whose copy a topic takes that does not take this one. `push` is its source's subscription at a hub as it is now.
    `nearest` is the stored item that its words were compared with when it came.
    """

    stored: StoredItem
    copies: tuple[Copy, ...]
    verdicts: tuple[Verdict, ...]
    standings: Mapping[str, Standing] = field(default_factory=dict)
    through: Mapping[str, str] = field(default_factory=dict)
    push: PushReport | None = None
    nearest: Copy | None = None


def explain(store: Store, configuration: Configuration, text: str, now: datetime) -> list[Explanation]:
    """Every stored item with that link, guid or id, oldest first; empty where there is none."""
    topics = {topic.id: topic for topic in configuration.topics}
    known = {source.id for source in configuration.sources}
    matcher = Matcher(configuration.topics, {source.id: source for source in configuration.sources})
    found: list[Explanation] = []
    with store.read() as rooms:
        floods = {(drop.source_id, drop.key): drop for drop in rooms.drops.find(text) if drop.reason.rule == "flood"}
        pushed = rooms.subscriptions.reports()
        for stored in rooms.items.find(text):
            copies = tuple(rooms.stories.copies(stored.story))
            own = next((copy for copy in copies if copy.stored.id == stored.id), None)
            verdicts = tuple(matcher.judge(topic.id, own) for topic in configuration.topics) if own else ()
            if stored.quiet:
                flood = floods.get((stored.item.source_id, stored.item.keys.primary))
                why = QUIET if flood is None else flood.reason
                verdicts = tuple(replace(verdict, matched=False, reason=why) for verdict in verdicts)
            takers = [verdict.topic_id for verdict in verdicts if verdict.matched]
            there = stored.item.source_id in known
            found.append(
                Explanation(
                    stored=stored,
                    copies=copies,
                    verdicts=verdicts,
                    standings={
                        name: standing(rooms, topics[name], own, now) if there else REMOVED
                        for name in takers
                        if own is not None
                    },
                    through=_through(matcher, copies, frozenset(takers), known),
                    push=pushed.get(stored.item.source_id),
                    nearest=_nearest(rooms, stored),
                )
            )
    return found


def _nearest(rooms: Rooms, stored: StoredItem) -> Copy | None:
    name = stored.story_evidence.get("item")
    if not isinstance(name, str):
        return None
    found = next((one for one in rooms.items.find(name) if one.public_id == name), None)
    copies = rooms.stories.copies(found.story) if found is not None else ()
    return next((copy for copy in copies if copy.stored.public_id == name), None)


def _through(matcher: Matcher, copies: Sequence[Copy], but: frozenset[str], known: set[str]) -> dict[str, str]:
    return {
        verdict.topic_id: copy.source_title
        for copy in reversed(copies)
        if copy.stored.item.source_id in known and not copy.stored.quiet
        for verdict in matcher.match(copy)
        if verdict.topic_id not in but
    }


def dropped(store: Store, text: str, found: Sequence[Explanation]) -> list[Drop]:
    """Every entry with that link or guid that was not stored, newest first."""
    stored = {(one.stored.item.source_id, one.stored.item.keys.primary) for one in found}
    with store.read() as rooms:
        return [drop for drop in rooms.drops.find(text) if (drop.source_id, drop.key) not in stored]
