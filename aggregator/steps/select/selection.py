"""A topic's matched stories → what it shows: order, age, coverage, limit, and the copy that stands for each story."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from aggregator.domain.settings import SameStory
from aggregator.domain.topic import Order, Selected, Selection
from aggregator.steps.select.fingerprint import fingerprint
from aggregator.text.normalise import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from aggregator.domain.topic import Copy, Group, Published, Topic

CONSIDERED = 2000  # of the newest stories the most covered are chosen


def select(topic: Topic, groups: Iterable[Group], now: datetime) -> tuple[Selection, datetime | None]:
    """What the topic shows, and when to look again.

    Args:
        topic: its limit, max_age, order, min_sources, per_source, settle and same_story decide.
        groups: the stories it matched, newest first; read only as far as they can be shown.
        now: aware UTC. It decides what is too old or too young, and nothing else.

    Returns:
        The selection, and the moment its first entry grows too old or the first that waits is old enough (None
        where time changes nothing).
    """
    moments: list[datetime] = []
    found = _eligible(topic, groups, now, moments)
    if topic.order is Order.MOST_COVERED:
        # Stable: of equally covered stories the newest stands first.
        found = iter(sorted(islice(found, CONSIDERED), key=lambda pair: -pair[0]))
    entries = list(islice(_spread(topic, (entry for _, entry in found)), topic.limit))
    if topic.max_age is not None:
        moments += [entry.order_at + topic.max_age for entry in entries]
    selection = Selection(
        topic=topic,
        entries=tuple(entries),
        updated=max((entry.updated for entry in entries), default=None),
        digest=fingerprint(topic, entries),
    )
    return selection, min(moments, default=None)


def _eligible(
    topic: Topic, groups: Iterable[Group], now: datetime, settled_at: list[datetime]
) -> Iterator[tuple[int, Selected]]:
    """The stories that may be shown, each with how many sources carry it; when those that wait may be is noted."""
    for group in groups:
        entry = _selected(topic, group, now)
        if topic.max_age is not None and now - entry.order_at >= topic.max_age:
            return  # all that follow are older
        carriers = group.carriers or 1 + len(entry.others)
        if carriers < topic.min_sources:
            continue
        if now - entry.first_seen < topic.settle:
            settled_at.append(entry.first_seen + topic.settle)
            continue
        yield carriers, entry


def _spread(topic: Topic, entries: Iterable[Selected]) -> Iterator[Selected]:
    """No more stories of one source than `per_source`; the source of the shown copy counts."""
    counts: Counter[str] = Counter()
    for entry in entries:
        source_id = entry.shown.stored.item.source_id
        counts[source_id] += 1
        if not topic.per_source or counts[source_id] <= topic.per_source:
            yield entry


def _selected(topic: Topic, group: Group, now: datetime) -> Selected:
    copies = group.copies
    first, shown = copies[0].stored, _shown(group)
    own = shown.stored.story if topic.same_story is SameStory.ACROSS_SOURCES else first.public_id
    return Selected(
        id=group.id or own,
        shown=shown,
        # The earlier of published and seen: a date in the future sorts as the moment it was first seen.
        order_at=min(first.order_at, first.first_seen, now),
        first_seen=first.first_seen,
        updated=_updated(shown, group.published),
        others=_others(copies, shown),
    )


def _shown(group: Group) -> Copy:
    """The best copy; once a story is published, only a strictly higher rank replaces the copy that was shown."""
    best, before = representative(group.copies), group.published
    kept = next((copy for copy in group.copies if before is not None and copy.stored.id == before.item), None)
    return best if kept is None or best.rank > kept.rank else kept


def _updated(shown: Copy, before: Published | None) -> datetime:
    """When the words last moved, as readers were told: another copy of the story is no news."""
    changed = shown.stored.changed_at
    if before is None:
        return changed
    if shown.stored.id != before.item or changed == before.changed_at:
        return before.updated
    return max(changed, before.updated)


def _others(copies: Sequence[Copy], shown: Copy) -> tuple[Copy, ...]:
    """The other outlets: the best copy of each other source, by rank, then arrival."""
    sources: dict[str, list[Copy]] = {}
    for copy in copies:
        sources.setdefault(copy.stored.item.source_id, []).append(copy)
    del sources[shown.stored.item.source_id]
    best = (_best(of_one, copies) for of_one in sources.values())
    return tuple(sorted(best, key=lambda copy: (-copy.rank, copy.stored.id)))


def representative(copies: Sequence[Copy]) -> Copy:
    """The copy that stands for a story which is not published yet."""
    return _best(copies, copies)


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
