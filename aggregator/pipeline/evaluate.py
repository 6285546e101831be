"""Labelled entries → how well they are put together: the program's own decision and store, in order of arrival."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from aggregator.domain.entry import FeedInfo
from aggregator.domain.outcome import ReadContext
from aggregator.domain.source import Source
from aggregator.domain.story import UpdateItem
from aggregator.pipeline.place import place
from aggregator.steps.clean import clean
from aggregator.steps.dedupe import identify, sketch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from aggregator.domain.item import Item, StoredItem
    from aggregator.domain.settings import Configuration
    from aggregator.domain.story import ItemIntent
    from aggregator.pipeline.labelled import Labelled
    from aggregator.ports import Rooms, Store

BATCH = 200  # entries in one transaction
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)  # of a file without any date


def evaluate(store: Store, rows: Sequence[Labelled], configuration: Configuration) -> list[StoredItem]:
    """Place every entry, as if each came alone. Returns the item that each became, with its story and the reason.

    Args:
        store: an empty one.
        rows: in order of arrival.
        configuration: `stories.window` counts; time is the entries' own.
    """
    names = {source: f"s{number}" for number, source in enumerate(dict.fromkeys(row.source for row in rows))}
    clock = _moments(rows)
    with store.write() as rooms:
        sources = [Source(id=name, url=url, shown_url=url) for url, name in names.items()]
        rooms.sources.sync(sources, next(clock))
    placed: list[int | str] = []
    for start in range(0, len(rows), BATCH):
        with store.write() as rooms:
            for row in rows[start : start + BATCH]:
                item = read_one(row, names[row.source])
                intents = place(
                    rooms, item.source_id, [item], unchanged=(), configuration=configuration, now=next(clock)
                )
                placed += [_name(intent) for intent in intents]
    with store.read() as rooms:
        found = _stored(rooms)
        return [found[name] for name in placed]


def read_one(row: Labelled, source_id: str) -> Item:
    """The item a labelled entry is, as a visit reads it."""
    context = ReadContext(source_id=source_id, language=None, timezone=None, encoding=None, max_entries=1)
    item = clean(row.entry, identify([row.entry])[0], context, FeedInfo())
    return replace(item, sketch=sketch(item))


def _moments(rows: Sequence[Labelled]) -> Iterator[datetime]:
    """The moment before the first entry, then each one's: its own date, if that does not go back."""
    now = min((row.entry.published for row in rows if row.entry.published), default=_BEGINNING)
    yield now
    for row in rows:
        now = max(now + timedelta(microseconds=1), row.entry.published or now)
        yield now


def _name(intent: ItemIntent) -> int | str:
    if isinstance(intent, UpdateItem):
        return intent.id
    return intent.public_id


def _stored(rooms: Rooms) -> Mapping[int | str, StoredItem]:
    found: dict[int | str, StoredItem] = {}
    for stored in rooms.items.export():
        found[stored.id] = found[stored.public_id] = stored
    return found
