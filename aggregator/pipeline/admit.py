"""Which entries of a reading are stored: a source's `only` and `drop` decide, and each refusal is remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.domain.drop import Drop
from aggregator.domain.entry import FeedInfo
from aggregator.domain.item import StoredItem
from aggregator.domain.story import Reason
from aggregator.domain.topic import Copy
from aggregator.steps.select import Prepared, decide_query

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.domain.item import Item
    from aggregator.domain.outcome import Reading
    from aggregator.domain.source import Source


def admit(source: Source, items: Sequence[Item], now: datetime) -> tuple[list[Item], list[Drop]]:
    """Those that the source's `only` takes and its `drop` does not, and the others with the clause that decided."""
    if source.only is None and source.drop is None:
        return list(items), []
    kept: list[Item] = []
    drops: list[Drop] = []
    for item in items:
        # What has been admitted goes on with its page's text: the queries are about what the feed says.
        why = _refused(source, item, now) if item.article is None else None
        if why is None:
            kept.append(item)
        else:
            drops.append(dropped(item, why, now))
    return kept, drops


def beyond(reading: Reading, now: datetime) -> list[Drop]:
    """The newest of the entries that were over `fetch.max_entries`, and how many there were."""
    text = f"the feed has {reading.left_out} entries more than fetch.max_entries allows, and this is not of the newest"
    why = Reason(rule="max_entries", text=text, evidence={"left_out": reading.left_out})
    return [dropped(item, why, now) for item in reading.beyond]


def dropped(item: Item, why: Reason, now: datetime) -> Drop:
    """What is remembered of an entry that is not stored, or not announced."""
    return Drop(
        source_id=item.source_id,
        key=item.keys.primary,
        title=item.title,
        link=item.link,
        guid=item.guid,
        reason=why,
        at=now,
    )


def _refused(source: Source, item: Item, now: datetime) -> Reason | None:
    prepared = Prepared(_copy(item, now), source)
    if source.only is not None:
        taken, why = decide_query(source.only, prepared)
        if not taken:
            text = f"the source's `only` does not take it: {why.text}"
            return Reason(rule="only", text=text, evidence=why.evidence)
    if source.drop is not None:
        taken, why = decide_query(source.drop, prepared)
        if taken:
            return Reason(rule="drop", text=f"the source's `drop` takes it: {why.text}", evidence=why.evidence)
    return None


def _copy(item: Item, now: datetime) -> Copy:
    """The item as queries see it; what only the store knows is not asked for here."""
    stored = StoredItem(
        id=0,
        public_id="",
        item=item,
        first_seen=now,
        order_at=min(item.published or now, now),
        changed_at=now,
        story="",
    )
    return Copy(stored=stored, rank=0, source_title="", source_url="", feed=FeedInfo())
