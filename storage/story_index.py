"""The index of texts: which stories have a fingerprint or a headline, and the sketches to compare with.

It is in the database: it survives a restart, needs no warm-up, and many machines share it. A question reads at most a
few rows for each key, however many items are stored; stories leave it when they stop getting copies.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, select, text, update

from aggregator.domain.sketch import Exemplar, Sketch
from storage.session import chunks
from storage.tables import identities, items, sources, stories, story_exemplars, story_postings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from aggregator.domain.item import Item
    from aggregator.domain.sketch import Lesson
    from storage.session import Session

# One parameter for all keys: the statement is prepared once, and 500 keys cost a third of what 500 parameters do.
_SQLITE = text("SELECT p.key, p.story FROM json_each(:keys) AS k CROSS JOIN story_postings AS p ON p.key = k.value")
_POSTGRES = text("SELECT key, story FROM story_postings WHERE key = ANY(:keys)")
_SQLITE_LEARN = text(
    "INSERT OR IGNORE INTO story_postings (key, story) "
    "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(:rows)"
)
_POSTGRES_LEARN = text(
    "INSERT INTO story_postings (key, story) SELECT * FROM unnest(CAST(:keys AS bigint[]), CAST(:stories AS bigint[])) "
    "ON CONFLICT DO NOTHING"
)
_EXEMPLARS = (
    select(
        story_exemplars,
        identities.c.public_id.label("item_public_id"),
        sources.c.id.label("source_id"),
        stories.c.public_id.label("story_public_id"),
        items.c.order_at,
        items.c.title.label("headline"),
    )
    .join_from(story_exemplars, stories, stories.c.pk == story_exemplars.c.story)
    .join(items, items.c.pk == story_exemplars.c.item)
    .join(identities, identities.c.pk == story_exemplars.c.item)
    .join(sources, sources.c.pk == identities.c.source)
    .where(story_exemplars.c.story.in_(bindparam("wanted", expanding=True)), stories.c.last_copy >= bindparam("since"))
    .order_by(story_exemplars.c.item)
)


def postings(session: Session, keys: Collection[int]) -> dict[int, tuple[int, ...]]:
    """The stories listed under each of these keys, oldest first; keys that have none are left out."""
    found: dict[int, list[int]] = {}
    for part in chunks(sorted(keys)):
        statement, value = (_POSTGRES, part) if session.postgres else (_SQLITE, json.dumps(part))
        rows: Sequence[Any] = session.rows(statement, {"keys": value})
        for key, story in rows:
            found.setdefault(key, []).append(story)
    return {key: tuple(sorted(listed)) for key, listed in found.items()}


def exemplars(session: Session, wanted: Collection[int], since: datetime) -> dict[int, tuple[Exemplar, ...]]:
    """The exemplars of those of the stories that got a copy since `since`, oldest first."""
    found: dict[int, list[Exemplar]] = {}
    for part in chunks(sorted(wanted)):
        for row in session.rows(_EXEMPLARS, {"wanted": part, "since": since}):
            found.setdefault(row.story, []).append(_exemplar(row))
    return {story: tuple(held) for story, held in found.items()}


def learn(session: Session, placed: Iterable[tuple[int, int, Item, Lesson | None]]) -> None:
    """Store what items teach, given with their numbers and their stories'."""
    keys: set[tuple[int, int]] = set()
    rows: list[dict[str, Any]] = []
    for number, story, item, lesson in placed:
        if lesson is None:
            continue
        keys.update((key, story) for key in lesson.keys)
        if lesson.exemplar and item.sketch is not None:
            rows.append({"item": number, "story": story, "several": lesson.several, **_row(item.sketch)})
    # In the order of their keys: neighbouring rows share pages, and two writers lock them in the same order.
    _list(session, sorted(keys))
    session.upsert(story_exemplars, rows)


def merge(session: Session, older: int, younger: int) -> None:
    """What led to the younger story leads to the older one."""
    led = select(story_postings.c.key).where(story_postings.c.story == younger)
    keys = [row.key for row in session.rows(led)]
    session.run(delete(story_postings).where(story_postings.c.story == younger))
    _list(session, [(key, older) for key in sorted(keys)])
    session.run(update(story_exemplars).where(story_exemplars.c.story == younger).values(story=older))


def forget(session: Session, before: datetime) -> None:
    """Take out the stories that got their last copy before `before`, and those that are no more.

    Two sweeps, once a night: 2 million postings take a second. Nothing is deleted item by item.
    """
    alive = select(stories.c.pk).where(stories.c.last_copy >= before)
    for table in (story_postings, story_exemplars):
        session.run(delete(table).where(table.c.story.not_in(alive)))


def _list(session: Session, rows: Sequence[tuple[int, int]]) -> None:
    """Add postings, (key, story) in rising order; those that are there stay as they are."""
    for part in chunks(rows):
        if session.postgres:
            keys, listed = zip(*part, strict=True)
            session.run(_POSTGRES_LEARN, {"keys": list(keys), "stories": list(listed)})
        else:
            session.run(_SQLITE_LEARN, {"rows": json.dumps(part)})


def _exemplar(row: Row[Any]) -> Exemplar:
    return Exemplar(
        item=row.item_public_id,
        source_id=row.source_id,
        story=row.story,
        story_public_id=row.story_public_id,
        several=row.several,
        at=row.order_at,
        title=row.headline,
        sketch=Sketch(
            headlines=_numbers(row.headlines),
            bare=_numbers(row.bare),
            shingles=row.shingles,
            figures=row.figures,
            title=row.title,
            headline_only=row.headline_only,
        ),
    )


def _row(sketch: Sketch) -> Mapping[str, Any]:
    return {
        "headline_only": sketch.headline_only,
        "headlines": _bytes(sketch.headlines),
        "bare": _bytes(sketch.bare),
        "title": sketch.title,
        "figures": sketch.figures,
        "shingles": sketch.shingles,
    }


KEY = 8  # bytes


def _bytes(keys: Sequence[int]) -> bytes:
    return b"".join(key.to_bytes(KEY, "little") for key in keys)


def _numbers(packed: bytes) -> tuple[int, ...]:
    return tuple(int.from_bytes(packed[at : at + KEY], "little") for at in range(0, len(packed), KEY))
