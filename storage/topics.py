"""Which items each topic takes, and what was last selected of them. Reading a topic in order is in groups.py."""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, or_, select, update

from aggregator.domain.topic import Verdict
from storage.filling import opened
from storage.groups import groups
from storage.published import remember
from storage.reading import STORED, Copies
from storage.renamed import former, is_retired, place, rename, retire, revive, successor
from storage.rows import pack, reason
from storage.session import chunks
from storage.stale import mark
from storage.tables import identities, items, topic_items, topics, unmatched
from storage.tables_filling import editions, fillings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row

    from aggregator.domain.topic import Copy, Group, Selection, Topic
    from storage.session import Session


class Topics:
    """`ports.TopicStore` within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def sync(self, topics: Sequence[Topic], digests: Mapping[str, bytes]) -> list[str]:
        """Make the rows agree with the configuration. Returns the topics that are to be filled from what is stored."""
        return sync(self._session, topics, digests)

    def match_digests(self) -> dict[str, bytes]:
        """The digests that the topics' matches were made by."""
        return {row.id: row.match_digest for row in self._session.rows(select(topics.c.id, topics.c.match_digest))}

    def unmatched(self, limit: int) -> list[Copy]:
        """Items stored or changed since they were last matched, oldest first."""
        # The marks first: limited after the join, SQLite would sort every marked row.
        marked = select(unmatched.c.item).order_by(unmatched.c.item).limit(limit).subquery()
        query = STORED.join(marked, marked.c.item == items.c.pk).order_by(items.c.pk)
        return Copies(self._session).of(self._session.rows(query))

    def waiting(self) -> int:
        """How many items were stored or changed since they were last matched."""
        return int(self._session.value(select(func.count()).select_from(unmatched)) or 0)

    def matched(self, copies: Sequence[Copy], verdicts: Mapping[int, Sequence[Verdict]]) -> None:
        """Store the positive verdicts of each item (by its id), replacing older ones, and clear their marks.

        An item that changed after it was read for matching keeps its mark, one that was pruned is passed over.
        """
        being_filled = {row.pk: row.edition for row in opened(self._session)}
        rows = self._session.rows(select(topics.c.id, topics.c.pk, topics.c.edition))
        # An edited topic shows what its old query took until it is whole.
        into = {row.id: being_filled.get(row.pk, row.edition) for row in rows}
        owners = {into[row.id]: row.pk for row in rows}
        kept = {row.edition for row in rows if row.edition not in owners}
        touched: set[int] = set()
        for part in chunks(copies):
            read = {copy.stored.id: copy for copy in part}
            query = select(items.c.pk, items.c.order_at, identities.c.raw_hash)
            query = query.join_from(items, identities, identities.c.pk == items.c.pk).where(items.c.pk.in_(read))
            stored = {row.pk: row for row in self._session.rows(query)}
            held: ColumnElement[bool] = topic_items.c.item.in_(stored)
            if kept:
                held &= topic_items.c.edition.not_in(kept)
            before = self._session.rows(select(topic_items.c.edition).where(held).distinct())
            touched.update(owners[row.edition] for row in before if row.edition in owners)
            self._session.run(delete(topic_items).where(held))
            taken = [
                _match(into[verdict.topic_id], row, verdict)
                for row in stored.values()
                for verdict in verdicts.get(row.pk, ())
                if verdict.matched and verdict.topic_id in into
            ]
            self._session.insert(topic_items, taken)
            touched.update(owners[row["edition"]] for row in taken)
            as_read = [row.pk for row in stored.values() if row.raw_hash == read[row.pk].stored.item.raw_hash]
            self._session.run(delete(unmatched).where(unmatched.c.item.in_(as_read)))
        if touched:
            mark(self._session, topics.c.pk.in_(touched))

    def stale(self, now: datetime) -> list[str]:
        """Topics whose selection may differ: something changed, or a time limit has passed."""
        may_differ = or_(topics.c.changes > topics.c.published, topics.c.recheck_at <= now)
        whole = topics.c.pk.not_in(select(fillings.c.topic))
        query = select(topics.c.id).where(may_differ, whole).order_by(topics.c.position)
        return [row[0] for row in self._session.rows(query)]

    def groups(self, topic: Topic) -> Iterator[Group]:
        """The topic's matched stories by its `same_story`, in order: newest first, then id. Streamed."""
        return groups(self._session, topic)

    def selected(self, selection: Selection, recheck_at: datetime | None) -> None:
        """Remember what was published. What changed since its groups were read leaves it stale."""
        name = selection.topic.id
        read_at = self._session.read_at.get(name, self._session.memory.read_at.get(name))
        values: dict[str, Any] = {
            "published": topics.c.changes if read_at is None else read_at,
            "recheck_at": recheck_at,
            "selection_digest": selection.digest,
            "stories": len(selection.entries),
            "updated": selection.updated,
        }
        self._session.run(update(topics).where(topics.c.id == name).values(values))
        remember(self._session, selection)

    def digest(self, topic_id: str) -> bytes | None:
        """The digest of what was last published."""
        found: bytes | None = self._session.value(select(topics.c.selection_digest).where(topics.c.id == topic_id))
        return found

    def verdicts(self, item_id: int) -> list[Verdict]:
        """The topics that took an item and why, in the configuration's order."""
        query = (
            select(topics.c.id, topic_items.c.reason)
            .join(topics, topics.c.edition == topic_items.c.edition)
            .where(topic_items.c.item == item_id)
            .order_by(topics.c.position)
        )
        return [Verdict(topic_id=row.id, matched=True, reason=reason(row.reason)) for row in self._session.rows(query)]

    def retired(self, topic_id: str) -> bool:
        """Whether a topic had that id, and none has it now."""
        return is_retired(self._session, topic_id)

    def first_id(self, topic_id: str) -> str:
        """What the topic was called before it was ever renamed."""
        found: str | None = self._session.value(select(topics.c.first_id).where(topics.c.id == topic_id))
        return found or topic_id

    def successor(self, topic_id: str) -> str | None:
        """The present id of the topic that had that one."""
        return successor(self._session, topic_id)

    def former(self) -> dict[str, str]:
        """Every id that a topic had before, and its present one."""
        return former(self._session)

    def counts(self) -> dict[str, tuple[int, datetime | None]]:
        """Stories and `updated` of each topic as last published, in the configuration's order."""
        query = select(topics.c.id, topics.c.stories, topics.c.updated).order_by(topics.c.position)
        return {row.id: (row.stories, row.updated) for row in self._session.rows(query)}


def _match(edition: int, row: Row[Any], verdict: Verdict) -> dict[str, Any]:
    return {"edition": edition, "item": row.pk, "order_at": row.order_at, "reason": pack(verdict.reason)}


def sync(session: Session, configured: Sequence[Topic], digests: Mapping[str, bytes]) -> list[str]:
    """Make the rows agree with the configuration; documents of removed topics go with their rows, matches later.

    A topic whose query changed keeps its matches until it is filled anew.
    """
    rename(session, configured)
    place(session, configured)
    known = {row.id: row for row in session.rows(select(topics))}
    taken = {row.first_id for row in known.values()}
    again: list[str] = []
    fresh: list[dict[str, Any]] = []
    for position, topic in enumerate(configured):
        row = known.pop(topic.id, None)
        wanted = {
            "position": position,
            "match_digest": digests[topic.id],
            "settings_digest": _settings_digest(topic),
            "first_id": (row.first_id if row is not None else None) or _free(topic, taken),
        }
        taken.add(wanted["first_id"])
        if row is None:
            fresh.append({"id": topic.id, "changes": 1, "published": 0, "stories": 0, **wanted})
            again.append(topic.id)
            continue
        differs = {name: value for name, value in wanted.items() if getattr(row, name) != value}
        if "match_digest" in differs:
            again.append(topic.id)
        if differs.keys() & {"match_digest", "settings_digest"}:
            differs["changes"] = row.changes + 1
        if differs:
            session.run(update(topics).where(topics.c.pk == row.pk).values(differs))
    numbers = session.numbers(editions, len(fresh))
    session.insert(editions, [{"pk": number} for number in numbers])
    session.insert(topics, [{**row, "edition": number} for row, number in zip(fresh, numbers, strict=True)])
    revive(session, [row["id"] for row in fresh])
    retire(session, {name: row.pk for name, row in known.items()})
    for part in chunks(row.pk for row in known.values()):
        session.run(delete(topics).where(topics.c.pk.in_(part)))
    return again


def _free(topic: Topic, taken: Collection[str]) -> str:
    """What the topic is called first; marked where another one had that id and was renamed: ids of feeds differ."""
    wished = topic.was or topic.id
    others = (f"{wished}.{number}" for number in count(2))  # no id has a dot
    return next(name for name in chain([wished], others) if name not in taken)


def _settings_digest(topic: Topic) -> bytes:
    """16 bytes over all of a topic's settings; a set has no order of its own, and its repr differs by process."""
    members = sorted(topic.source_ids) if topic.source_ids is not None else None
    return blake2b(repr((replace(topic, source_ids=None), members)).encode(), digest_size=16).digest()
