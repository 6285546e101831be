"""A reading → the store: which entries are admitted, and where they belong. The same for visits and deliveries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.domain.story import NewItem, UpdateItem
from aggregator.pipeline.admit import admit, beyond
from aggregator.pipeline.articles import put_off
from aggregator.pipeline.loop import without_own
from aggregator.pipeline.place import place

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.domain.outcome import Reading
    from aggregator.domain.settings import Configuration
    from aggregator.domain.source import DueSource
    from aggregator.ports import Rooms


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What a reading brought, counted."""

    new: int = 0
    changed: int = 0
    left_out: int = 0
    dropped: int = 0  # by the source's `only` or `drop`, or our own news coming back
    quiet: int = 0  # new, and not announced: a flood


def keep(rooms: Rooms, due: DueSource, reading: Reading, configuration: Configuration, now: datetime) -> Kept:
    """Store what is new and changed, in this transaction."""
    admitted, drops = admit(due.source, reading.items, now)
    items, own = without_own(rooms.items, due.source, admitted, configuration, now)
    drops += [*own, *beyond(reading, now)]
    rooms.drops.put(drops)
    intents = place(
        rooms,
        due.source.id,
        put_off(rooms, due.source, items),
        unchanged=reading.unchanged,
        configuration=configuration,
        now=now,
        visits=due.visits,
    )
    rooms.items.touch(due.source.id, reading.unchanged, now)
    return Kept(
        new=sum(isinstance(intent, NewItem) for intent in intents),
        changed=sum(isinstance(intent, UpdateItem) and intent.text_changed for intent in intents),
        left_out=reading.left_out,
        dropped=len(drops) - len(reading.beyond),
        quiet=sum(isinstance(intent, NewItem) and intent.quiet for intent in intents),
    )
