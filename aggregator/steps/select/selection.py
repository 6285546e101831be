"""A topic's matched stories → what it shows: order, age, limit, and the copy that stands for each story."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.domain.settings import SameStory
from aggregator.domain.topic import Selected, Selection
from aggregator.steps.select.fingerprint import fingerprint
from aggregator.text.normalise import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from aggregator.domain.topic import Copy, Group, Topic


def select(topic: Topic, groups: Iterable[Group], now: datetime) -> tuple[Selection, datetime | None]:
    """What the topic shows, and when to look again.

    Args:
        topic: its limit, max_age and same_story decide.
        groups: the stories it matched, newest first; read only until the limit is reached.
        now: aware UTC. It decides what is too old, and nothing else.

    Returns:
        The selection, and the moment its first entry grows too old (None without max_age or entries).
    """
    entries: list[Selected] = []
    for group in groups:
        if len(entries) >= topic.limit:
            break
        entry = _selected(topic, group.copies, now)
        if topic.max_age is None or now - entry.order_at < topic.max_age:
            entries.append(entry)
    selection = Selection(
        topic=topic,
        entries=tuple(entries),
        updated=max((entry.updated for entry in entries), default=None),
        digest=fingerprint(topic, entries),
    )
    recheck = min(entry.order_at for entry in entries) + topic.max_age if topic.max_age and entries else None
    return selection, recheck


def _selected(topic: Topic, copies: Sequence[Copy], now: datetime) -> Selected:
    first, shown = copies[0].stored, _best(copies, copies)
    return Selected(
        id=shown.stored.story if topic.same_story is SameStory.ACROSS_SOURCES else first.public_id,
        shown=shown,
        # The earlier of published and seen: a date in the future sorts as the moment it was first seen.
        order_at=min(first.order_at, first.first_seen, now),
        first_seen=first.first_seen,
        updated=shown.stored.changed_at,
        others=_others(copies, shown),
    )


def _others(copies: Sequence[Copy], shown: Copy) -> tuple[Copy, ...]:
    """The other outlets: the best copy of each other source, by rank, then arrival."""
    sources: dict[str, list[Copy]] = {}
    for copy in copies:
        sources.setdefault(copy.stored.item.source_id, []).append(copy)
    del sources[shown.stored.item.source_id]
    best = (_best(of_one, copies) for of_one in sources.values())
    return tuple(sorted(best, key=lambda copy: (-copy.rank, copy.stored.id)))


def _best(candidates: Sequence[Copy], story: Sequence[Copy]) -> Copy:
    """Highest rank; then the origin before who credits it; then the most complete; then the earliest arrival."""
    return min(
        candidates,
        key=lambda copy: (-copy.rank, _borrowed(copy, story), *_incomplete(copy), copy.stored.id),
    )


def _borrowed(copy: Copy, story: Sequence[Copy]) -> int:
    """0: other copies credit this outlet. 1: it credits nobody, or itself. 2: it credits someone else."""
    own = _name(copy.source_title)
    names = {_name(other.stored.item.credit.name) for other in story if other is not copy and other.stored.item.credit}
    if own in names:
        return 0
    credit = copy.stored.item.credit
    return 1 if credit is None or _name(credit.name) == own else 2


def _name(outlet: str) -> str:
    return "".join(fold(outlet).split())


def _incomplete(copy: Copy) -> tuple[bool, bool, int]:
    item = copy.stored.item
    return item.content is None, item.truncated, -len(item.text)
