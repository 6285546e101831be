"""Subscribers' tokens: only their digests, under the topic they open and the name they were given to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from storage.tables import tokens

if TYPE_CHECKING:
    from datetime import datetime

    from storage.session import Session


class Tokens:
    """`ports.TokenStore` within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, topic_id: str, name: str, digest: bytes, now: datetime) -> bool:
        """Remember a token. False, and nothing written, if the name has one for that topic."""
        row = {"topic": topic_id, "name": name, "digest": digest, "created": now}
        if self._session.row(select(tokens).where(tokens.c.topic == topic_id, tokens.c.name == name)) is not None:
            return False
        self._session.insert(tokens, [row])
        return True

    def revoke(self, topic_id: str, name: str) -> bool:
        """Forget a token; False if there was none."""
        return bool(self._session.run(delete(tokens).where(tokens.c.topic == topic_id, tokens.c.name == name)))

    def named(self) -> list[tuple[str, str, datetime, datetime | None]]:
        """Topic, name, time and last use of every token, sorted."""
        query = select(tokens).order_by(tokens.c.topic, tokens.c.name)
        return [(row.topic, row.name, row.created, row.used) for row in self._session.rows(query)]

    def digests(self, topic_id: str) -> list[bytes]:
        """The digests of the tokens that open a topic."""
        return [bytes(row[0]) for row in self._session.rows(select(tokens.c.digest).where(tokens.c.topic == topic_id))]
