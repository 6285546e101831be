"""Topics that are being filled: a new or edited query asked of what is stored, a slice at a time.

Each slice is a transaction with its place in it, so that a killed process goes on where it stopped. Who matches new
items meanwhile waits for the slice and leaves its matches in the same edition, so that at the end each item has the
newest verdict. What the database decides by itself never leaves it: a slice of that is one INSERT … SELECT.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, BigInteger, and_, any_, bindparam, delete, exists, false, literal, or_, select, update

from aggregator.domain.filling import Filling
from storage.conditions import met
from storage.light import kind, light, light_copies
from storage.reading import Copies
from storage.search import page
from storage.session import chunks
from storage.stale import mark
from storage.tables import items, sources, topic_items, topics
from storage.tables_filling import editions, fillings
from storage.tables_texts import item_texts
from storage.types import Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Select

    from aggregator.domain.filling import Span
    from aggregator.domain.search import Needed
    from aggregator.domain.story import Reason
    from aggregator.domain.topic import Copy
    from storage.session import Session

COLUMNS = ("edition", "item", "order_at", "reason")


class Fillings:
    """`ports.FillingStore` within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._copies = Copies(session)

    def begin(self, topic_ids: Sequence[str]) -> None:
        """Ask everything stored for these topics, from the beginning."""
        if self._session.value(select(items.c.pk).limit(1)) is None:
            return
        holds = exists().where(topic_items.c.edition == topics.c.edition)
        query = select(topics.c.pk, topics.c.selection_digest, topics.c.edition, holds.label("holds"))
        for part in chunks(topic_ids):
            rows = self._session.rows(query.where(topics.c.id.in_(part)))
            begun = [
                {"topic": row.pk, "below": None, "fresh": row.selection_digest is None, "edition": row.edition}
                for row in rows
            ]
            both = zip(rows, begun, strict=True)
            old = [(row, filling) for row, filling in both if row.holds or not filling["fresh"]]
            numbers = self._session.numbers(editions, len(old))
            self._session.insert(editions, [{"pk": number} for number in numbers])
            for (_, filling), number in zip(old, numbers, strict=True):
                filling["edition"] = number
            shown = [{"number": row.pk, "edition": filling["edition"]} for row, filling in old if filling["fresh"]]
            if shown:
                self._session.run(update(topics).where(topics.c.pk == bindparam("number")), shown)
            self._session.upsert(fillings, begun)

    def open(self) -> list[Filling]:
        """The topics that are being filled, in the configuration's order."""
        return [
            Filling(topic_id=row.id, digest=row.match_digest, below=row.below, fresh=row.fresh)
            for row in opened(self._session)
        ]

    def low(self, needed: Needed | None, below: int | None, size: int) -> int | None:
        """The number of the last of the next items that may be taken; None where there are fewer than `size`."""
        found: int | None = self._session.value(page(self._session, needed, below).offset(size - 1).limit(1))
        return found

    def candidates(self, span: Span, asked: frozenset[str]) -> list[Copy]:
        """The items of the span that may be taken, only with what is asked."""
        query = light(asked).where(*self._within(span)).order_by(items.c.pk.desc())
        return light_copies(self._session.rows(query), self._copies, asked)

    def kinds(self, span: Span) -> list[Copy]:
        """Each source and language in the span as one copy."""
        rows = self._session.rows(select(items.c.source, items.c.language).where(*self._within(span)).distinct())
        faces = self._copies.faces({row.source for row in rows})
        return [kind(faces[row.source], row.language) for row in rows]

    def take(self, topic_id: str, reason: Reason, numbers: Sequence[int]) -> None:
        """The topic takes the items of these numbers."""
        for part in chunks(numbers):
            self._take(topic_id, reason, [self._is_one_of(part)])

    def take_all(self, topic_id: str, reason: Reason, span: Span) -> None:
        """The topic takes every item of the span."""
        self._take(topic_id, reason, self._within(span))

    def advance(self, topic_ids: Sequence[str], below: int | None) -> None:
        """These topics asked everything from that number on; None: everything, and they show it from now on."""
        for part in chunks(topic_ids):
            query = select(fillings.c.topic, fillings.c.edition).join(topics, topics.c.pk == fillings.c.topic)
            rows = self._session.rows(query.where(topics.c.id.in_(part)))
            mine = fillings.c.topic.in_([row.topic for row in rows])
            if below is not None:
                self._session.run(update(fillings).where(mine).values(below=below))
                continue
            whole = select(fillings.c.edition).where(fillings.c.topic == topics.c.pk).scalar_subquery()
            numbers = topics.c.pk.in_([row.topic for row in rows])
            self._session.run(update(topics).where(numbers).values(edition=whole))
            self._session.run(delete(fillings).where(mine))
            mark(self._session, numbers)

    def has_unshown(self) -> bool:
        """Whether an edition is there that nobody shows or fills."""
        return self._useless() is not None

    def sweep(self, size: int) -> bool:
        """Delete so many rows of an edition that nobody shows or fills. Returns whether there may be more."""
        number = self._useless()
        if number is None:
            return False
        mine = topic_items.c.edition == number
        last = select(topic_items.c.item).where(mine).order_by(topic_items.c.item).offset(size - 1).limit(1)
        until: int | None = self._session.value(last)
        if until is None:
            self._session.run(delete(topic_items).where(mine))
            self._session.run(delete(editions).where(editions.c.pk == number))
        else:
            self._session.run(delete(topic_items).where(mine, topic_items.c.item <= until))
        return True

    def _useless(self) -> int | None:
        shown = exists().where(topics.c.edition == editions.c.pk)
        filled = exists().where(fillings.c.edition == editions.c.pk)
        found: int | None = self._session.value(select(editions.c.pk).where(~shown, ~filled).limit(1))
        return found

    def _take(self, topic_id: str, reason: Reason, which: Sequence[ColumnElement[bool]]) -> None:
        query = select(fillings.c.edition).join(topics, topics.c.pk == fillings.c.topic)
        edition: int = self._session.value(query.where(topics.c.id == topic_id))
        columns = (literal(edition), items.c.pk, items.c.order_at, literal(_packed(reason), Json))
        self._session.insert_selected(topic_items, COLUMNS, select(*columns).where(*which))

    def _is_one_of(self, numbers: list[int]) -> ColumnElement[bool]:
        """As one value where the database has lists: to write out a thousand parameters is a tenth of a slice."""
        if self._session.postgres:
            return items.c.pk == any_(literal(numbers, ARRAY(BigInteger)))
        return items.c.pk.in_(numbers)

    def _within(self, span: Span) -> list[ColumnElement[bool]]:
        found = [items.c.quiet == false(), *_between(items.c.pk, span)]
        if span.source_ids is not None:
            found.append(items.c.source.in_(self._numbers(span.source_ids).values()))
        if span.kinds is not None:
            found.append(self._of_kinds(span.kinds))
        if span.needed is not None:
            found.append(items.c.pk.in_(page(self._session, span.needed, span.below, span.low).order_by(None)))
        if span.condition is not None:
            wanted = met(self._session, span.condition)
            # Bounded on both sides: whichever PostgreSQL begins with, it reads the texts of the span alone.
            found.append(exists().where(item_texts.c.item == items.c.pk, wanted, *_between(item_texts.c.item, span)))
        return found

    def _of_kinds(self, kinds: Sequence[Copy]) -> ColumnElement[bool]:
        by_language: dict[str | None, list[str]] = {}
        for one in kinds:
            by_language.setdefault(one.stored.item.language, []).append(one.stored.item.source_id)
        numbers = self._numbers({one.stored.item.source_id for one in kinds})
        return or_(
            *(
                and_(items.c.language.is_not_distinct_from(language), items.c.source.in_([numbers[n] for n in of]))
                for language, of in by_language.items()
            )
        )

    def _numbers(self, source_ids: Sequence[str] | frozenset[str] | set[str]) -> dict[str, int]:
        rows = self._session.rows(select(sources.c.id, sources.c.pk).where(sources.c.id.in_(sorted(source_ids))))
        return {row.id: row.pk for row in rows}


def opened(session: Session) -> Sequence[Any]:
    """The rows of topics that are being filled, in the configuration's order."""
    query: Select[Any] = select(
        topics.c.pk, topics.c.id, topics.c.match_digest, fillings.c.below, fillings.c.fresh, fillings.c.edition
    )
    return session.rows(query.join(fillings, fillings.c.topic == topics.c.pk).order_by(topics.c.position))


def _between(number: ColumnElement[int], span: Span) -> list[ColumnElement[bool]]:
    upper = [] if span.below is None else [number < span.below]
    return upper if span.low is None else [*upper, number >= span.low]


def _packed(reason: Reason) -> dict[str, Any]:
    return {"rule": reason.rule, "text": reason.text, "evidence": dict(reason.evidence)}
