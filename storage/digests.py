"""Digests: which story went into which, and how far a topic is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from aggregator.domain.digest import DigestedStory, DigestState
from storage.tables import topics
from storage.tables_digests import digest_stories, digests

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.session import Session


class Digests:
    """`ports.DigestStore` within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def state(self, topic_id: str) -> DigestState | None:
        """How far the topic's digests are; None before the first."""
        query = select(digests).join(topics, topics.c.pk == digests.c.topic).where(topics.c.id == topic_id)
        row = self._session.row(query)
        return None if row is None else DigestState(base=row.base, closed=row.closed, settings=row.settings)

    def keep(self, topic_id: str, state: DigestState, stories: Sequence[DigestedStory]) -> None:
        """Put stories that have no digest yet into theirs, and remember how far the topic is."""
        topic = self._session.value(select(topics.c.pk).where(topics.c.id == topic_id))
        row = {"topic": topic, "base": state.base, "closed": state.closed, "settings": state.settings}
        self._session.upsert(digests, [row])
        self._session.insert_missing(
            digest_stories,
            [
                {
                    "topic": topic,
                    "story": one.story,
                    "item": one.item,
                    "period": one.period,
                    "starts": one.starts,
                    "ends": one.ends,
                    "place": one.place,
                }
                for one in stories
            ],
        )

    def stories(self, topic_id: str, since: datetime) -> list[DigestedStory]:
        """The stories of digests whose period began then or later, the newest period first, in their places' order."""
        query = (
            select(digest_stories)
            .join(topics, topics.c.pk == digest_stories.c.topic)
            .where(topics.c.id == topic_id, digest_stories.c.starts >= since)
            .order_by(digest_stories.c.ends.desc(), digest_stories.c.place, digest_stories.c.story)
        )
        return [
            DigestedStory(
                story=row.story, item=row.item, period=row.period, starts=row.starts, ends=row.ends, place=row.place
            )
            for row in self._session.rows(query)
        ]
