"""Decisions about items → rows.

::

    forgotten   the tombstone takes the entry's new keys
    updated     the row is replaced but for what is fixed at first sight; new keys are added to the old ones
    new         an identity with its keys, a story (or a place in one), the item

Rows are gathered and written a table at a time: a statement for each row would cost more than all the rest.
"""

from __future__ import annotations

from dataclasses import replace
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


def _new(session: Session, source: int, intents: Sequence[NewItem], now: datetime) -> tuple[list[int], set[int]]:
    """The numbers of the new items, and of the older stories they joined."""
    numbers = session.numbers(identities, len(intents))
    names = _free_names(session, [intent.public_id for intent in intents])
    placed, fresh = _places(session, intents)
    rows = list(zip(numbers, names, placed, intents, strict=True))
    session.insert(
        identities,
        [
            {
                "pk": number,
                "source": source,
                "public_id": name,
                "raw_hash": intent.item.raw_hash,
                "guid_key": intent.item.keys.guid,
                "last_seen": now,
            }
            for number, name, _, intent in rows
        ],
    )
    # A key that led to another item leads here from now on: this entry was decided not to be that item.
    session.upsert(identity_keys, _keys(source, [(number, intent.item) for number, _, _, intent in rows]))
    first = {story: name for _, name, (story, _), _ in reversed(rows) if story in fresh}
    session.insert(
        stories,
        [{"pk": story, "public_id": first[story], "first_seen": now, "last_copy": now} for story in sorted(first)],
    )
    joined = {story for story, _ in placed if story not in fresh}
    for part in chunks(sorted(joined)):
        session.run(update(stories).where(stories.c.pk.in_(part)).values(last_copy=now))
    session.insert(
        items,
        [
            {
                "pk": number,
                "source": source,
                "story": story,
                "story_reason": pack(reason),
                "guids": _guids([], intent.item),
                "first_seen": now,
                "order_at": min(intent.item.published or now, now),
                "quiet": intent.quiet,
                "changed_at": _first_changed_at(intent.item, now),
                **item_row(intent.item),
            }
            for number, _, (story, reason), intent in rows
        ],
    )
    index(session, {number: intent.item for number, _, _, intent in rows})
    note(session, [(number, intent.item) for number, _, _, intent in rows])
    learn(session, [(number, story, intent.item, intent.story.lesson) for number, _, (story, _), intent in rows])
    for _, name, (story, reason), intent in rows:
        for younger in intent.story.merges:
            merge(session, story, younger, replace(reason, evidence={**reason.evidence, "by": name}), now)
    return numbers, joined


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
