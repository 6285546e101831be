"""The search index: which items may hold what a query needs. The query itself is asked of the items found.

Both databases index the same words (`aggregator.text.terms.index_text`): neither has a word of its own for what a
Chinese, Japanese or Korean word is, and neither folds as matching does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import cast, delete, exists, false, func, literal_column, select, text
from sqlalchemy.dialects.postgresql import TSQUERY

from aggregator.domain.search import AllOf, IndexWord
from aggregator.text.terms import INDEX_ANY, canonical, index_text
from storage.light import light, light_copies
from storage.reading import PAGE, STORED, Copies
from storage.session import chunks
from storage.tables import item_words, items, sources, stories, topic_items, topics
from storage.tables_texts import item_texts, unindexed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select

    from aggregator.domain.item import Item
    from aggregator.domain.search import Needed
    from aggregator.domain.topic import Copy
    from storage.session import Session

_SEARCHED = frozenset({"title", "text", "authors", "categories"})


def index(session: Session, changed: Mapping[int, Item]) -> None:
    """Store the words and the texts of items, by number. What is pruned leaves the index with its row."""
    words, texts = [], []
    for number, item in changed.items():
        title, text_ = canonical(item.title), canonical(item.text)
        texts.append({"item": number, "title": title, "text": text_})
        words.append({"item": number, "words": index_text([title, text_, *map(canonical, _names(item))])})
    session.upsert(item_words, words)
    session.upsert(item_texts, texts)


def _names(item: Item) -> Iterator[str]:
    """What else is searched by words, but for the link: its words are those of half the items of a source."""
    for author in item.authors:
        yield from filter(None, (author.name, author.email))
    for category in item.categories:
        yield from filter(None, (category.term, category.label))


class Search:
    """`ports.SearchStore` within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def candidates(
        self,
        needed: Needed | None,
        *,
        since: datetime | None = None,
        source_ids: frozenset[str] | None = None,
        topic_ids: frozenset[str] | None = None,
        quiet: bool = False,
        size: int = PAGE,
    ) -> Iterator[list[Copy]]:
        """Every item that holds what is needed and perhaps some others, newest arrival first, in pages."""
        copies = Copies(self._session)
        conditions: list[ColumnElement[bool]] = [] if quiet else [items.c.quiet == false()]
        if source_ids is not None:
            conditions.append(sources.c.id.in_(sorted(source_ids)))
        if since is not None:
            conditions.append(items.c.order_at >= since)
        if topic_ids is not None:
            taken = exists().where(topic_items.c.item == items.c.pk, topic_items.c.edition == topics.c.edition)
            conditions.append(taken.where(topics.c.id.in_(sorted(topic_ids))))
        last: int | None = None
        while True:
            numbers = [row[0] for row in self._session.rows(page(self._session, needed, last).limit(size))]
            rows = self._session.rows(STORED.where(items.c.pk.in_(numbers), *conditions).order_by(items.c.pk.desc()))
            yield copies.of(rows)
            if len(numbers) < size:
                return
            last = numbers[-1]

    def index_again(self, limit: int) -> int:
        """Index so many of the items that an older version stored. Returns how many there were."""
        numbers = [row[0] for row in self._session.rows(select(unindexed.c.item).limit(limit))]
        if numbers:
            rows = self._session.rows(light(_SEARCHED).where(items.c.pk.in_(numbers)))
            copies = light_copies(rows, Copies(self._session), _SEARCHED)
            index(self._session, {copy.stored.id: copy.stored.item for copy in copies})
            self._session.run(delete(unindexed).where(unindexed.c.item.in_(numbers)))
        return len(numbers)

    def carriers(self, wanted: Sequence[str], source_ids: frozenset[str]) -> dict[str, int]:
        """How many of those sources carry each story, by its public id."""
        query = (
            select(stories.c.public_id, func.count(items.c.source.distinct()).label("carriers"))
            .join_from(items, stories, stories.c.pk == items.c.story)
            .join(sources, sources.c.pk == items.c.source)
            .where(sources.c.id.in_(sorted(source_ids)))
            .group_by(stories.c.public_id)
        )
        found: dict[str, int] = {}
        for part in chunks(wanted):
            rows = self._session.rows(query.where(stories.c.public_id.in_(part)))
            found |= {row.public_id: row.carriers for row in rows}
        return found


def page(session: Session, needed: Needed | None, below: int | None, low: int | None = None) -> Select[Any]:
    """The numbers of the items that may hold what is needed, newest arrival first, from `low` on and below `below`."""
    number: ColumnElement[int]
    if needed is None:
        number = items.c.pk
        query = select(number)
    elif session.postgres:
        number = item_words.c.item
        wanted = f"({_for_postgres(needed)}) | '{INDEX_ANY}'"
        query = select(number).where(item_words.c.words.op("@@")(cast(wanted, TSQUERY)))
    else:
        number = literal_column("rowid")
        wanted = f'({_for_sqlite(needed)}) OR "{INDEX_ANY}"'
        query = select(number).select_from(text("search_index"))
        query = query.where(text("search_index MATCH :wanted").bindparams(wanted=wanted))
    if below is not None:
        query = query.where(number < below)
    if low is not None:
        query = query.where(number >= low)
    return query.order_by(number.desc())


def _for_sqlite(needed: Needed) -> str:
    """In FTS5's language: words are quoted, and its tokenizer leaves them whole."""
    if isinstance(needed, IndexWord):
        return f'"{needed.text}"' + " *" * needed.prefix
    joint = " AND " if isinstance(needed, AllOf) else " OR "
    return joint.join(f"({_for_sqlite(part)})" for part in needed.parts)


def _for_postgres(needed: Needed) -> str:
    """As tsquery writes itself: nothing in it is parsed as language."""
    if isinstance(needed, IndexWord):
        return f"'{needed.text}'" + ":*" * needed.prefix
    joint = " & " if isinstance(needed, AllOf) else " | "
    return joint.join(f"({_for_postgres(part)})" for part in needed.parts)
