"""Published bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, or_, select

from aggregator.domain.document import Document, StoredDocument
from aggregator.errors import StorageError
from storage.tables import documents as table
from storage.tables import topics

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.session import Session


class Documents:
    """`ports.DocumentStore` within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, topic_id: str | None, documents: Sequence[Document], now: datetime) -> list[Document]:
        """Store documents, replacing all of that topic (None: the site's own). Returns those whose bytes changed.

        Pages of archives are not touched. What did not change is not written: its date stays, and so does what a
        reader was told of it.

        Raises:
            StorageError: there is no such topic, or the database failed.
        """
        topic = self._topic(topic_id)
        paths = [document.path for document in documents]
        owned = table.c.topic.is_(None) if topic is None else and_(table.c.topic == topic, table.c.page.is_(None))
        query = select(table).where(or_(owned, table.c.path.in_(paths)))
        before = {row.path: row for row in self._session.rows(query)}
        changed: list[Document] = []
        rows: list[dict[str, object]] = []
        for document in documents:
            row: dict[str, object] = {
                "path": document.path,
                "topic": topic,
                "media_type": document.media_type,
                "etag": document.etag,
                "modified": now.replace(microsecond=0),
                "body": document.body,
            }
            old = before.pop(document.path, None)
            if old is None or old.body != document.body:
                changed.append(document)
            else:
                row["modified"] = old.modified
            if old is None or any(getattr(old, name) != value for name, value in row.items()):
                rows.append(row)
        if before:
            self._session.run(delete(table).where(table.c.path.in_(list(before))))
        self._session.upsert(table, rows)
        return changed

    def get(self, path: str) -> StoredDocument | None:
        """One document with its body."""
        query = select(table, topics.c.id).join_from(table, topics, topics.c.pk == table.c.topic, isouter=True)
        row = self._session.row(query.where(table.c.path == path))
        if row is None:
            return None
        document = Document(path=row.path, media_type=row.media_type, body=row.body, etag=row.etag)
        return StoredDocument(document=document, topic_id=row.id, modified=row.modified)

    def head(self, path: str) -> tuple[str, datetime] | None:
        """ETag and time of change, without the body."""
        row = self._session.row(select(table.c.etag, table.c.modified).where(table.c.path == path))
        return None if row is None else (row.etag, row.modified)

    def paths(self) -> list[str]:
        """Every path published, sorted."""
        return [row[0] for row in self._session.rows(select(table.c.path).order_by(table.c.path))]

    def _topic(self, topic_id: str | None) -> int | None:
        if topic_id is None:
            return None
        number: int | None = self._session.value(select(topics.c.pk).where(topics.c.id == topic_id))
        if number is None:
            raise StorageError(f"topic {topic_id!r} is not in the store; its configuration was never applied")
        return number
