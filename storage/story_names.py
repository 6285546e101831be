"""Under which id a topic publishes a story that was put together from several.

A merged story is the older one, and has its id. But a topic that had announced only the younger one would announce
the story again: there it goes on under the id that its readers know. The row of the younger story says in which
topics, in its record of the merge.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from storage.session import chunks
from storage.stale import holding
from storage.tables import items, published_copies, stories

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Row

    from storage.session import Session

TOPICS = "topics"  # in the record: the numbers of the topics that go on under this id


def names(session: Session, topic: int, wanted: Collection[int]) -> dict[int, str]:
    """The ids under which the topic publishes those of the stories (by their numbers) that have another one there."""
    found: dict[int, str] = {}
    for part in chunks(sorted(wanted)):
        query = select(stories.c.merged_into, stories.c.public_id, stories.c.merge)
        for row in session.rows(query.where(stories.c.merged_into.in_(part))):
            if topic in row.merge.get(TOPICS, ()):
                found[row.merged_into] = row.public_id
    return found


def settle(session: Session, older: int, younger: int, record: Mapping[str, Any]) -> None:
    """Record what became of the younger story, and where which of the two ids lives on; their items still lie apart.

    A topic that announced the older one (under whatever id) keeps that, and loses the other; one that announced only
    the younger one keeps that; one that announced neither uses the older story's own id.
    """
    table = stories.c
    family = session.rows(
        select(table.pk, table.public_id, table.merged_into, table.merge)
        .where(table.pk.in_((older, younger)) | table.merged_into.in_((older, younger)))
        .order_by(table.pk)
    )
    ours, theirs = ([row for row in family if number in (row.pk, row.merged_into)] for number in (older, younger))
    before, after = _announced(session, older, ours), _announced(session, younger, theirs)
    kept: dict[str, list[int]] = defaultdict(list)
    for topic, name in sorted({**after, **before}.items()):
        kept[name].append(topic)
    for row in family:
        if row.pk == older:
            continue
        merge = {**(record if row.pk == younger else row.merge), TOPICS: kept[row.public_id]}
        session.run(update(stories).where(table.pk == row.pk).values(merge=merge))


def _announced(session: Session, story: int, family: Sequence[Row[Any]]) -> dict[int, str]:
    """The topics that have shown a story, and its id in each; `family` are its row and those that became part of it."""
    renamed = {topic: row.public_id for row in family if row.pk != story for topic in row.merge.get(TOPICS, ())}
    own = next(row.public_id for row in family if row.pk == story)
    shown = select(published_copies.c.topic).where(
        published_copies.c.topic.in_(holding(items.c.story == story)), published_copies.c.story == own
    )
    return {**{row.topic: own for row in session.rows(shown)}, **renamed}
