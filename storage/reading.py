"""Items as selection and rendering see them: the one query shape behind every copy that leaves the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from aggregator.domain.topic import Copy
from storage.rows import feed_info, stored_item
from storage.tables import identities, items, sources, stories

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Row

    from aggregator.domain.entry import FeedInfo
    from storage.session import Session

PAGE = 500  # items in memory at a time while streaming

STORED = (
    select(
        items,
        identities.c.public_id,
        identities.c.raw_hash,
        identities.c.guid_key,
        stories.c.public_id.label("story_id"),
        sources.c.id.label("source_id"),
    )
    .join_from(items, identities, identities.c.pk == items.c.pk)
    .join(stories, stories.c.pk == items.c.story)
    .join(sources, sources.c.pk == items.c.source)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Face:
    """A source as its copies show it."""

    id: str
    rank: int
    title: str
    url: str
    feed: FeedInfo


class Copies:
    """Rows of STORED → copies. Each source's face is read once for as long as this lives."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._faces: dict[int, Face] = {}

    def of(self, rows: Sequence[Row[Any]]) -> list[Copy]:
        """The copies, in the rows' order."""
        faces = self.faces({row.source for row in rows})
        return [self._copy(row, faces[row.source]) for row in rows]

    def faces(self, numbers: set[int]) -> Mapping[int, Face]:
        """The sources of these numbers, and those asked for before."""
        self._read_faces(numbers - self._faces.keys())
        return self._faces

    def _copy(self, row: Row[Any], face: Face) -> Copy:
        return Copy(
            stored=stored_item(row), rank=face.rank, source_title=face.title, source_url=face.url, feed=face.feed
        )

    def _read_faces(self, numbers: set[int]) -> None:
        if not numbers:
            return
        columns = sources.c
        query = select(
            columns.pk, columns.id, columns.rank, columns.title, columns.feed_title, columns.shown_url, columns.info
        )
        for row in self._session.rows(query.where(columns.pk.in_(numbers))):
            title = row.title or row.feed_title or row.id
            self._faces[row.pk] = Face(
                id=row.id, rank=row.rank, title=title, url=row.shown_url, feed=feed_info(row.info)
            )


def stored_pages(session: Session, *conditions: ColumnElement[bool], size: int = PAGE) -> Iterator[Sequence[Row[Any]]]:
    """Rows of STORED, oldest arrival first, a page at a time: each page is its own query."""
    after = 0
    while True:
        page = session.rows(STORED.where(items.c.pk > after, *conditions).order_by(items.c.pk).limit(size))
        if page:
            yield page
        if len(page) < size:
            return
        after = page[-1].pk
