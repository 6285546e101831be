"""A reading's items → their places in the store: identity, stories, and what the index learns of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import compress
from typing import TYPE_CHECKING

from aggregator.domain.sketch import Neighbours
from aggregator.domain.story import NewItem
from aggregator.errors import Code
from aggregator.pipeline.admit import dropped
from aggregator.pipeline.articles import unmoved
from aggregator.steps.dedupe import decide, keys_of, worth_comparing
from aggregator.steps.select import flood

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from aggregator.domain.item import Item, KnownItem
    from aggregator.domain.settings import Configuration
    from aggregator.domain.source import Visits
    from aggregator.domain.story import ItemIntent, StoryCandidate
    from aggregator.ports import Rooms, StoryStore


def place(
    rooms: Rooms,
    source_id: str,
    items: Sequence[Item],
    *,
    unchanged: Sequence[bytes],
    configuration: Configuration,
    now: datetime,
    visits: Visits | None = None,
) -> list[ItemIntent]:
    """Decide about new and changed items of one source, oldest first, and carry it out in this transaction."""
    since = now - configuration.stories.window
    keys = [item.keys for item in items]
    candidates = rooms.stories.candidates(keys, since)
    known = rooms.items.known(source_id, keys)
    items = unmoved(rooms, items, known)
    intents = decide(
        items,
        known=known,
        candidates=candidates,
        unchanged=frozenset(unchanged),
        site_url=configuration.site.url,
        near=replace(_near(rooms.stories, items, known, candidates, since), now=now),
    )
    intents = _hushed(rooms, source_id, intents, visits, now)
    rooms.items.apply(source_id, intents, now)
    return intents


def _hushed(
    rooms: Rooms, source_id: str, intents: list[ItemIntent], visits: Visits | None, now: datetime
) -> list[ItemIntent]:
    """The same, a flood of old entries made quiet. What an edited `only` or `drop` lets in now is no flood."""
    new = [place for place, intent in enumerate(intents) if isinstance(intent, NewItem)]
    if visits is None or visits.last_success is None or not new:
        return intents
    if visits.failure is not None and visits.failure.code is Code.TRUNCATED:
        return intents  # the last reading was cut short: what it missed is new only to us
    items = [intents[place].item for place in new]
    no_news = flood(
        items,
        last_success=visits.last_success,
        last_new=rooms.items.last_arrival(source_id),
        entries_per_day=visits.entries_per_day,
        now=now,
    )
    if not no_news or not rooms.items.any_seen(source_id):  # after empty readings the first entries are the first
        return intents
    let_in = rooms.drops.known(source_id, [items[place].keys.primary for place in no_news])
    hushed = {place: why for place, why in no_news.items() if items[place].keys.primary not in let_in}
    rooms.drops.put([dropped(items[place], why, now) for place, why in hushed.items()])
    quiet = {new[place] for place in hushed}
    return [
        replace(intent, quiet=True) if place in quiet and isinstance(intent, NewItem) else intent
        for place, intent in enumerate(intents)
    ]


def _near(
    stories: StoryStore,
    items: Sequence[Item],
    known: Mapping[bytes, KnownItem],
    candidates: Mapping[bytes, StoryCandidate],
    since: datetime,
) -> Neighbours:
    """What the store knows near the items, but for those of which only the mark-up, dates or links moved.

    One question for postings and one for exemplars, however many items there are.
    """
    before = [known.get(item.keys.primary) for item in items]
    moved = [old is None or old.text_hash != item.text_hash for item, old in zip(items, before, strict=True)]
    fresh = list(compress(items, moved))
    sketches = [item.sketch for item in fresh if item.sketch is not None]
    if not sketches:
        return Neighbours()
    postings = stories.postings({key for sketch in sketches for key in keys_of(sketch)})
    wanted = {story for sketch in sketches for story in worth_comparing(sketch, postings)}
    wanted |= {candidates[link].story for item in fresh if (link := item.keys.story_link) in candidates and link}
    wanted |= {old.story for old in compress(before, moved) if old is not None and old.story is not None}
    return Neighbours(postings=postings, exemplars=stories.exemplars(wanted, since) if wanted else {})
