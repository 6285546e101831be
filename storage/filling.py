"""Topics that are being filled: a new or edited query asked of what is stored, a slice at a time.

Each slice is a transaction with its place in it, so that a killed process goes on where it stopped. Who matches new
items meanwhile waits for the slice and leaves its matches in the same place, so that at the end each item has the
newest verdict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, false, insert, literal, or_, select, update

from aggregator.domain.filling import Filling
from storage.light import kind, light, light_copies
from storage.reading import Copies
from storage.search import page
from storage.session import chunks
from storage.stale import mark
from storage.tables import items, sources, topic_items, topics
from storage.tables_filling import filled_items, fillings
from storage.types import Json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Table

    from aggregator.domain.search import Needed
    from aggregator.domain.story import Reason
    from aggregator.domain.topic import Copy
    from storage.session import Session

COLUMNS = ("topic", "item", "order_at", "reason")
KINDS = 500  # sources and languages in one statement


class Fillings:
    """`ports.FillingStore` within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._copies = Copies(session)

    def begin(self, topic_ids: Sequence[str]) -> None:
        """Ask everything stored for these topics, from the beginning."""
        stored = self._session.value(select(items.c.pk).limit(1)) is not None
        for part in chunks(topic_ids):
            rows = self._session.rows(select(topics.c.pk, topics.c.selection_digest).where(topics.c.id.in_(part)))
            fresh = {row.pk for row in rows if row.selection_digest is None}
            begun = [{"topic": row.pk, "below": None, "fresh": row.pk in fresh} for row in rows]
            self._session.run(delete(filled_items).where(filled_items.c.topic.in_([row["topic"] for row in begun])))
            self._session.run(delete(topic_items).where(topic_items.c.topic.in_(fresh)))
            if stored:
                self._session.upsert(fillings, begun)

    def open(self) -> list[Filling]:
        """The topics that are being filled, in the configuration's order."""
        return [
            Filling(topic_id=row.id, digest=row.match_digest, below=row.below, fresh=row.fresh)
            for row in opened(self._session)
        ]

    def candidates(
        self,
        needed: Needed | None,
        asked: frozenset[str],
        *,
        below: int | None,
        source_ids: frozenset[str] | None,
        size: int,
    ) -> tuple[list[Copy], int | None]:
        """The next items that may be taken, only with what is asked, and below which number to go on."""
        query = light(asked).where(*self._admitted(source_ids)).order_by(items.c.pk.desc())
        if needed is None:
            rows = self._session.rows(query.where(*_between(below)).limit(size))
            numbers = [row.pk for row in rows]
        else:
            numbers = [row[0] for row in self._session.rows(page(self._session, needed, below).limit(size))]
            rows = self._session.rows(query.where(items.c.pk.in_(numbers)))
        return light_copies(rows, self._copies, asked), numbers[-1] if len(numbers) == size else None

    def kinds(
        self, *, below: int | None, source_ids: frozenset[str] | None, size: int
    ) -> tuple[list[Copy], int | None]:
        """Each source and language among the next items as one copy, and below which number to go on."""
        last = select(items.c.pk).where(*_between(below)).order_by(items.c.pk.desc()).offset(size - 1).limit(1)
        low: int | None = self._session.value(last)
        query = select(items.c.source, items.c.language).where(*self._admitted(source_ids), *_between(below, low))
        rows = self._session.rows(query.distinct())
        faces = self._copies.faces({row.source for row in rows})
        return [kind(faces[row.source], row.language) for row in rows], low

    def take(self, topic_id: str, taken: Sequence[tuple[Copy, Reason]]) -> None:
        """The topic takes these items, and why."""
        number, into = self._target(topic_id)
        rows = [(copy.stored.id, copy.stored.order_at, _packed(reason)) for copy, reason in taken]
        self._session.upsert(into, [dict(zip(COLUMNS, (number, *row), strict=True)) for row in rows])

    def take_kinds(
        self,
        topic_id: str,
        taken: Mapping[str, tuple[Reason, Sequence[Copy]]],
        *,
        below: int | None,
        low: int | None,
        source_ids: frozenset[str] | None,
    ) -> None:
        """The topic takes all items of these kinds from `low` to `below`; without a list of them, of all kinds."""
        number, into = self._target(topic_id)
        for reason, kinds in taken.values():
            columns = (literal(number), items.c.pk, items.c.order_at, literal(_packed(reason), Json))
            query = select(*columns).where(*self._admitted(source_ids), *_between(below, low))
            for chosen in [query.where(self._of_kinds(part)) for part in chunks(kinds, KINDS)] or [query]:
                self._session.insert_selected(into, COLUMNS, chosen)

    def advance(self, topic_ids: Sequence[str], below: int | None) -> None:
        """These topics asked everything from that number on; None: everything, and they show it from now on."""
        for part in chunks(topic_ids):
            query = select(fillings.c.topic, fillings.c.fresh).join(topics, topics.c.pk == fillings.c.topic)
            rows = self._session.rows(query.where(topics.c.id.in_(part)))
            mine = fillings.c.topic.in_([row.topic for row in rows])
            if below is not None:
                self._session.run(update(fillings).where(mine).values(below=below))
                continue
            for row in rows:
                if not row.fresh:
                    self._replace(row.topic)
            self._session.run(delete(fillings).where(mine))
            mark(self._session, topics.c.pk.in_([row.topic for row in rows]))

    def _replace(self, number: int) -> None:
        """What the new query took comes in the place of what the old one did."""
        mine = filled_items.c.topic == number
        self._session.run(delete(topic_items).where(topic_items.c.topic == number))
        new = select(*(filled_items.c[name] for name in COLUMNS)).where(mine)
        self._session.run(insert(topic_items).from_select(COLUMNS, new))
        self._session.run(delete(filled_items).where(mine))

    def _target(self, topic_id: str) -> tuple[int, Table]:
        query = select(topics.c.pk, fillings.c.fresh).join(fillings, fillings.c.topic == topics.c.pk)
        [row] = self._session.rows(query.where(topics.c.id == topic_id))
        return row.pk, topic_items if row.fresh else filled_items

    def _admitted(self, source_ids: frozenset[str] | None) -> list[ColumnElement[bool]]:
        loud = items.c.quiet == false()
        if source_ids is None:
            return [loud]
        rows = self._session.rows(select(sources.c.pk).where(sources.c.id.in_(sorted(source_ids))))
        return [loud, items.c.source.in_([row.pk for row in rows])]

    def _of_kinds(self, kinds: Sequence[Copy]) -> ColumnElement[bool]:
        by_language: dict[str | None, list[str]] = {}
        for one in kinds:
            by_language.setdefault(one.stored.item.language, []).append(one.stored.item.source_id)
        names = {one.stored.item.source_id for one in kinds}
        rows = self._session.rows(select(sources.c.id, sources.c.pk).where(sources.c.id.in_(names)))
        numbers = {row.id: row.pk for row in rows}
        return or_(
            *(
                and_(items.c.language.is_not_distinct_from(language), items.c.source.in_([numbers[n] for n in of]))
                for language, of in by_language.items()
            )
        )


def opened(session: Session) -> Sequence[Any]:
    """The rows of topics that are being filled, in the configuration's order."""
    query = select(topics.c.pk, topics.c.id, topics.c.match_digest, fillings.c.below, fillings.c.fresh)
    return session.rows(query.join(fillings, fillings.c.topic == topics.c.pk).order_by(topics.c.position))


def _packed(reason: Reason) -> dict[str, Any]:
    """As `rows.pack` does, without looking for what it may be made of: there are hundreds of thousands."""
    return {"rule": reason.rule, "text": reason.text, "evidence": dict(reason.evidence)}


def _between(below: int | None, low: int | None = None) -> list[ColumnElement[bool]]:
    upper = [] if below is None else [items.c.pk < below]
    return upper if low is None else [*upper, items.c.pk >= low]
