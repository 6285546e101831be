"""Decisions about items → rows.

::

    forgotten   the tombstone takes the entry's new keys
    updated     the row is replaced but for what is fixed at first sight; new keys are added to the old ones
    new         an identity with its keys, a story (or a place in one), the item

Rows are gathered and written a table at a time: a statement for each row would cost more than all the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from aggregator.domain.story import ForgottenItem, NewItem, Reason, StoryRule, UpdateItem
from aggregator.errors import StorageError
from storage.pages import note
from storage.rows import item_row, pack
from storage.search import index
from storage.session import chunks
from storage.stale import items_changed
from storage.story_index import learn
from storage.story_merge import merge
from storage.tables import identities, identity_keys, items, sources, stories, unmatched
from storage.versions import keep

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from aggregator.domain.item import Item
    from aggregator.domain.story import ItemIntent
    from storage.session import Session


def apply(session: Session, source_id: str, intents: Sequence[ItemIntent], now: datetime) -> None:
    """Carry out the decisions about one source's entries.

    Raises:
        StorageError: the source is unknown, or the database failed.
    """
    source = session.value(select(sources.c.pk).where(sources.c.id == source_id))
    if source is None:
        raise StorageError(f"source {source_id!r} is not in the store; its configuration was never applied")
    _forgotten(session, source, [intent for intent in intents if isinstance(intent, ForgottenItem)], now)
    changed = _updated(session, source, [intent for intent in intents if isinstance(intent, UpdateItem)], now)
    new = [intent for intent in intents if isinstance(intent, NewItem)]
    added, joined = _new(session, source, new, now)
    loud = [number for number, intent in zip(added, new, strict=True) if not intent.quiet]
    session.insert_missing(unmatched, [{"item": number} for number in (*changed, *loud)])
    items_changed(session, changed, joined)


def _forgotten(session: Session, source: int, intents: Sequence[ForgottenItem], now: datetime) -> None:
    if not intents:
        return
    query = select(identities.c.public_id, identities.c.pk).where(
        identities.c.source == source, identities.c.public_id.in_([intent.public_id for intent in intents])
    )
    numbers = {row.public_id: row.pk for row in session.rows(query)}
    known = [(numbers[intent.public_id], intent.item) for intent in intents if intent.public_id in numbers]
    _seen(session, source, known, now)


def _updated(session: Session, source: int, intents: Sequence[UpdateItem], now: datetime) -> list[int]:
    """The numbers of the items that changed, but for the quiet ones."""
    if not intents:
        return []
    query = select(items.c.pk, items.c.story, items.c.changed_at, items.c.guids, items.c.quiet).where(
        items.c.source == source, items.c.pk.in_([intent.id for intent in intents])
    )
    before = {row.pk: row for row in session.rows(query)}
    found = [intent for intent in intents if intent.id in before]
    if not found:
        return []
    rows = [
        {
            "number": intent.id,
            "changed_at": _changed_at(intent, before[intent.id].changed_at, now),
            "guids": _guids(before[intent.id].guids, intent.item),
            **item_row(intent.item),
        }
        for intent in found
    ]
    keep(session, {intent.id: intent.item.text_hash for intent in found if intent.text_changed}, now)
    columns: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "number"}
    session.run(update(items).where(items.c.pk == bindparam("number")).values(columns), rows)
    _seen(session, source, [(intent.id, intent.item) for intent in found], now)
    note(session, [(intent.id, intent.item) for intent in found])
    learn(session, [(intent.id, before[intent.id].story, intent.item, intent.lesson) for intent in found])
    index(session, {intent.id: intent.item for intent in found})
    return [intent.id for intent in found if not before[intent.id].quiet]


def _guids(before: Sequence[str], item: Item) -> list[str]:
    """Every guid the entry ever had, oldest first: scripts know it by any of them."""
    return [*before, item.guid] if item.guid is not None and item.guid not in before else list(before)


def _changed_at(intent: UpdateItem, before: datetime, now: datetime) -> datetime:
    """When the words last moved: the entry's own date where it can be true, else the moment we saw it."""
    if not intent.text_changed:
        return before
    stated = intent.item.updated
    return stated if stated is not None and before < stated <= now else now


def _seen(session: Session, source: int, known: Sequence[tuple[int, Item]], now: datetime) -> None:
    """The entry of a known item changed: what it says now is remembered, and every key it has now."""
    if not known:
        return
    rows = [
        {"number": number, "raw_hash": item.raw_hash, "guid_key": item.keys.guid, "last_seen": now}
        for number, item in known
    ]
    columns: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "number"}
    session.run(update(identities).where(identities.c.pk == bindparam("number")).values(columns), rows)
    session.insert_missing(identity_keys, _keys(source, known))


def _keys(source: int, known: Iterable[tuple[int, Item]]) -> list[dict[str, Any]]:
    """Rows of keys, sorted: two writers then lock them in the same order."""
    rows = {
        key: {"source": source, "key": key, "identity": number}
        for number, item in known
        for key in (item.keys.guid, item.keys.link, item.keys.text)
        if key
    }
    return [rows[key] for key in sorted(rows)]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Arrival:
    """A new item with what the store gives it: its number, its public id, its story's number and why it is there."""

    number: int
    name: str
    story: int
    reason: Reason
    intent: NewItem

    @property
    def item(self) -> Item:
        return self.intent.item


def _new(session: Session, source: int, intents: Sequence[NewItem], now: datetime) -> tuple[list[int], set[int]]:
    """The numbers of the new items, and of the older stories they joined."""
    numbers = session.numbers(identities, len(intents))
    names = _free_names(session, [intent.public_id for intent in intents])
    places, fresh = _places(session, intents)
    arrivals = [
        _Arrival(number=number, name=name, story=story, reason=reason, intent=intent)
        for number, name, (story, reason), intent in zip(numbers, names, places, intents, strict=True)
    ]
    _add_identities(session, source, arrivals, now)
    joined = _add_stories(session, arrivals, fresh, now)
    _add_items(session, source, arrivals, now)
    for arrival in arrivals:
        for younger in arrival.intent.story.merges:
            evidence = {**arrival.reason.evidence, "by": arrival.name}
            merge(session, arrival.story, younger, replace(arrival.reason, evidence=evidence), now)
    return numbers, joined


def _add_identities(session: Session, source: int, arrivals: Sequence[_Arrival], now: datetime) -> None:
    rows = [
        {
            "pk": arrival.number,
            "source": source,
            "public_id": arrival.name,
            "raw_hash": arrival.item.raw_hash,
            "guid_key": arrival.item.keys.guid,
            "last_seen": now,
        }
        for arrival in arrivals
    ]
    session.insert(identities, rows)
    # A key that led to another item leads here from now on: this entry was decided not to be that item.
    session.upsert(identity_keys, _keys(source, [(arrival.number, arrival.item) for arrival in arrivals]))


def _add_stories(session: Session, arrivals: Sequence[_Arrival], fresh: set[int], now: datetime) -> set[int]:
    """New stories are called after their first items; the older ones got another copy now. Returns the older ones."""
    first = {arrival.story: arrival.name for arrival in reversed(arrivals) if arrival.story in fresh}
    rows = [{"pk": story, "public_id": first[story], "first_seen": now, "last_copy": now} for story in sorted(first)]
    session.insert(stories, rows)
    joined = {arrival.story for arrival in arrivals if arrival.story not in fresh}
    for part in chunks(sorted(joined)):
        session.run(update(stories).where(stories.c.pk.in_(part)).values(last_copy=now))
    return joined


def _add_items(session: Session, source: int, arrivals: Sequence[_Arrival], now: datetime) -> None:
    """The items, and what they are found by: words, waiting pages, the index of texts."""
    rows = [
        {
            "pk": arrival.number,
            "source": source,
            "story": arrival.story,
            "story_reason": pack(arrival.reason),
            "guids": _guids([], arrival.item),
            "first_seen": now,
            "order_at": min(arrival.item.published or now, now),
            "quiet": arrival.intent.quiet,
            "changed_at": _first_changed_at(arrival.item, now),
            **item_row(arrival.item),
        }
        for arrival in arrivals
    ]
    session.insert(items, rows)
    index(session, {arrival.number: arrival.item for arrival in arrivals})
    note(session, [(arrival.number, arrival.item) for arrival in arrivals])
    learn(session, [(one.number, one.story, one.item, one.intent.story.lesson) for one in arrivals])


def _places(session: Session, intents: Sequence[NewItem]) -> tuple[list[tuple[int, Reason]], set[int]]:
    """Each new item's story and why, and which of the stories are new.

    The decision saw what was stored, and for texts what comes before it; of two new items with one link the second
    joins the first here.
    """
    alone = sum(intent.story.story is None and intent.story.beside is None for intent in intents)
    pool = session.numbers(stories, alone)
    unused = iter(pool)
    by_link: dict[bytes, tuple[int, str]] = {}
    by_item: dict[str, int] = {}
    placed: list[tuple[int, Reason]] = []
    for intent in intents:
        link = intent.item.keys.story_link
        if intent.story.story is not None:
            placed.append((intent.story.story, intent.story.reason))
        elif intent.story.beside is not None:
            placed.append((by_item[intent.story.beside], intent.story.reason))
        elif link in by_link:
            story, other = by_link[link]
            text = f"its link is that of {other}, which arrived with it"
            placed.append((story, Reason(rule=StoryRule.SAME_LINK, text=text, evidence={"item": other})))
        else:
            story = next(unused)
            placed.append((story, intent.story.reason))
            if link:
                by_link[link] = (story, intent.public_id)
        by_item[intent.public_id] = placed[-1][0]
    return placed, set(pool)


def _free_names(session: Session, wanted: Sequence[str]) -> list[str]:
    """The public ids, each with a number behind it where it was given before ('…-2'): no two items share one."""
    taken: set[str] = set()
    for part in chunks(wanted):
        query = select(identities.c.public_id).where(identities.c.public_id.in_(part))
        taken.update(row[0] for row in session.rows(query))
    names: list[str] = []
    for name in wanted:
        free, count = name, 1
        while free in taken or (count > 1 and _is_taken(session, free)):
            count += 1
            free = f"{name}-{count}"
        taken.add(free)
        names.append(free)
    return names


def _is_taken(session: Session, name: str) -> bool:
    return session.value(select(identities.c.pk).where(identities.c.public_id == name)) is not None


def _first_changed_at(item: Item, now: datetime) -> datetime:
    """A new item's words moved when it says so, if that can be true: a rebuilt store then says the same."""
    stated = [moment for moment in (item.published, item.updated) if moment is not None]
    return min(max(stated), now) if stated else now
