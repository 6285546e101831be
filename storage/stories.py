"""Stories and how candidates are found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from aggregator.domain.story import StoryCandidate
from storage import story_index
from storage.reading import STORED, Copies
from storage.session import chunks
from storage.tables import identities, items, sources, stories
from storage.versions import versions

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from aggregator.domain.item import Keys
    from aggregator.domain.sketch import Exemplar
    from aggregator.domain.topic import Copy
    from aggregator.domain.version import EarlierVersion
    from storage.session import Session


class Stories:
    """`ports.StoryStore` within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def candidates(self, keys: Sequence[Keys], since: datetime) -> Mapping[bytes, StoryCandidate]:
        """Stories holding an item with an equal `story_link` last seen since `since`, by that key; oldest story."""
        wanted = sorted({of_one.story_link for of_one in keys if of_one.story_link})
        if not wanted:
            return {}
        query = (
            select(
                items.c.story_link,
                stories.c.pk,
                stories.c.public_id,
                stories.c.first_seen,
                identities.c.public_id.label("item_public_id"),
                sources.c.id.label("source_id"),
            )
            .join_from(items, identities, identities.c.pk == items.c.pk)
            .join(stories, stories.c.pk == items.c.story)
            .join(sources, sources.c.pk == items.c.source)
            .where(identities.c.last_seen >= since)
            .order_by(stories.c.pk, items.c.pk)
        )
        found: dict[bytes, StoryCandidate] = {}
        for part in chunks(wanted):
            for row in self._session.rows(query.where(items.c.story_link.in_(part))):
                candidate = StoryCandidate(
                    story=row.pk,
                    public_id=row.public_id,
                    first_seen=row.first_seen,
                    item_public_id=row.item_public_id,
                    source_id=row.source_id,
                )
                found.setdefault(row.story_link, candidate)
        return found

    def several(self) -> list[str]:
        """The public ids of the stories that have more than one copy, oldest first."""
        query = select(stories.c.public_id).join(items, items.c.story == stories.c.pk)
        query = query.group_by(stories.c.pk, stories.c.public_id).having(func.count() > 1).order_by(stories.c.pk)
        return [row[0] for row in self._session.rows(query)]

    def postings(self, keys: Collection[int]) -> Mapping[int, tuple[int, ...]]:
        """The stories listed under each of these fingerprints and headline keys, oldest first."""
        return story_index.postings(self._session, keys)

    def exemplars(self, wanted: Collection[int], since: datetime) -> Mapping[int, tuple[Exemplar, ...]]:
        """The exemplars of those of the stories that got a copy since `since`, oldest first."""
        return story_index.exemplars(self._session, wanted, since)

    def forget(self, before: datetime) -> None:
        """Take out of the index of texts what got its last copy before `before`."""
        story_index.forget(self._session, before)

    def copies(self, story: str) -> list[Copy]:
        """All copies of the story with that public id, or of the one it was found to be, oldest arrival first."""
        number = self._session.value(
            select(func.coalesce(stories.c.merged_into, stories.c.pk)).where(stories.c.public_id == story)
        )
        if number is None:
            return []
        query = STORED.where(stories.c.pk == number).order_by(items.c.pk)
        return Copies(self._session).of(self._session.rows(query))

    def versions(self, story: str) -> list[EarlierVersion]:
        """What the copies of the story said before their words moved, oldest first."""
        return versions(self._session, story)
