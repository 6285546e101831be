"""A topic's past: which stories have a place in its archive, and the pages that were made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, func, select, update

from aggregator.domain.archive import PAGE_SIZE, ArchiveState, PastStory
from storage.groups import firsts_after, groups_holding
from storage.session import chunks
from storage.tables import archive_stories, archives, documents, items, shown_stories, stories, topic_items, topics

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.domain.document import Document
    from aggregator.domain.topic import Group, Topic
    from storage.session import Session


class Archives:
    """`ports.ArchiveStore` within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def state(self, topic_id: str) -> ArchiveState:
        """How far the topic's archive is."""
        query = select(archives, topics.c.match_digest, topics.c.settings_digest)
        query = query.join(topics, topics.c.pk == archives.c.topic)
        row = self._session.row(query.where(topics.c.id == topic_id))
        if row is None:
            return ArchiveState()
        pages = select(documents.c.page).where(documents.c.topic == row.topic, documents.c.page.is_not(None))
        return ArchiveState(
            stories=row.stories,
            frozen=row.frozen,
            pages=tuple(page[0] for page in self._session.rows(pages.order_by(documents.c.page))),
            seen=row.seen if row.settings == row.match_digest + row.settings_digest else 0,
            digest=row.digest,
        )

    def shown(self, topic_id: str, entries: Sequence[PastStory]) -> list[PastStory]:
        """Remember what the topic shows now. Returns what it showed the last time and shows no more."""
        topic = self._topic(topic_id)
        query = select(shown_stories).where(shown_stories.c.topic == topic)
        before = {row.story: row for row in self._session.rows(query)}
        now = {story.id: story for story in entries}
        gone = [before[name] for name in before.keys() - now.keys()]
        for part in chunks(row.story for row in gone):
            mine = shown_stories.c.topic == topic
            self._session.run(delete(shown_stories).where(mine, shown_stories.c.story.in_(part)))
        self._session.upsert(
            shown_stories,
            [
                {"topic": topic, "story": story.id, "item": story.item, "order_at": story.order_at}
                for story in now.values()
                if story.id not in before or before[story.id].item != story.item
            ],
        )
        return [PastStory(id=row.story, item=row.item, order_at=row.order_at) for row in gone]

    def past(self, topic: Topic, after: int, until: datetime) -> list[PastStory]:
        """The topic's stories whose first item has a number over `after` and came by `until`, without their texts."""
        return firsts_after(self._session, topic, after, until)

    def groups(self, topic: Topic, numbers: Sequence[int]) -> list[Group]:
        """The topic's stories that hold the items of these numbers and still belong to it, each once."""
        return groups_holding(self._session, topic, numbers)

    def append(
        self, topic_id: str, entries: Sequence[PastStory], *, until: datetime, open_since: datetime | None = None
    ) -> None:
        """Give each story the next place, but those that have one.

        All items that came by `until` were looked through by now, but for those of stories that got a copy after
        `open_since`: these may yet find enough sources.
        """
        topic = self._topic(topic_id)
        known: set[str] = set()
        for part in chunks(story.id for story in entries):
            query = select(archive_stories.c.story).where(
                archive_stories.c.topic == topic, archive_stories.c.story.in_(part)
            )
            known.update(row[0] for row in self._session.rows(query))
        fresh = list({story.id: story for story in entries if story.id not in known}.values())
        last = self._session.value(select(archives.c.stories).where(archives.c.topic == topic)) or 0
        self._session.insert(
            archive_stories,
            [
                {"topic": topic, "place": place, "story": story.id, "item": story.item}
                for place, story in enumerate(fresh, start=last + 1)
            ],
        )
        self._session.insert_missing(archives, [{"topic": topic, "stories": 0, "frozen": 0, "seen": 0}])
        values = {
            "stories": last + len(fresh),
            "seen": self._looked_through(topic, until, open_since),
            "settings": self._settings(topic),
        }
        self._session.run(update(archives).where(archives.c.topic == topic).values(values))

    def members(self, topic_id: str, page: int) -> list[int]:
        """The items by which the stories of a page are found, in their places' order."""
        place = archive_stories.c.place
        query = select(archive_stories.c.item).where(
            archive_stories.c.topic == self._topic(topic_id), place > (page - 1) * PAGE_SIZE, place <= page * PAGE_SIZE
        )
        return [row[0] for row in self._session.rows(query.order_by(place))]

    def page_of(self, topic_id: str, story_id: str) -> int | None:
        """The page that has the story; None where it has no place, or its page is gone."""
        mine = archive_stories.c.topic == self._topic(topic_id)
        place = self._session.value(select(archive_stories.c.place).where(mine, archive_stories.c.story == story_id))
        page = None if place is None else -(-int(place) // PAGE_SIZE)
        return page if page in self.state(topic_id).pages else None

    def put(
        self, topic_id: str, page: int, document: Document | None, now: datetime, *, digest: bytes | None
    ) -> list[Document]:
        """Store a page, or that it has nothing to show. Without a digest it is frozen. Returns it if it changed."""
        topic = self._topic(topic_id)
        values = {"frozen": page, "digest": None} if digest is None else {"digest": digest}
        self._session.run(update(archives).where(archives.c.topic == topic).values(values))
        here = (documents.c.topic == topic, documents.c.page == page)
        if document is None:
            self._session.run(delete(documents).where(*here))
            return []
        if self._session.value(select(documents.c.body).where(*here)) == document.body:
            return []
        row = {
            "path": document.path,
            "topic": topic,
            "page": page,
            "media_type": document.media_type,
            "etag": document.etag,
            "modified": now.replace(microsecond=0),
            "body": document.body,
        }
        self._session.upsert(documents, [row])
        return [document]

    def prune(self) -> int:
        """Delete pages, oldest first, as long as every story of theirs is pruned. Returns how many went."""
        alive = exists().where(items.c.pk == archive_stories.c.item)
        of_topic = archive_stories.c.topic == archives.c.topic
        oldest = select(func.min(archive_stories.c.place)).where(of_topic, alive).scalar_subquery()
        gone = 0
        for row in self._session.rows(select(archives.c.topic, archives.c.stories, oldest.label("oldest"))):
            # Where all are pruned, the page that still grows goes too.
            last_dead = -(-row.stories // PAGE_SIZE) if row.oldest is None else (row.oldest - 1) // PAGE_SIZE
            gone += self._session.run(
                delete(documents).where(documents.c.topic == row.topic, documents.c.page <= last_dead)
            )
            done = archive_stories.c.place <= last_dead * PAGE_SIZE
            self._session.run(delete(archive_stories).where(archive_stories.c.topic == row.topic, done))
        return gone

    def _looked_through(self, topic: int, until: datetime, open_since: datetime | None) -> int:
        """The newest item's number before the first one that is to be looked at again."""
        mine = select(topic_items.c.item).join(items, items.c.pk == topic_items.c.item)
        shown = select(topics.c.edition).where(topics.c.pk == topic).scalar_subquery()
        mine = mine.where(topic_items.c.edition == shown)
        again = [mine.where(items.c.first_seen > until)]
        if open_since is not None:
            again.append(mine.join(stories, stories.c.pk == items.c.story).where(stories.c.last_copy > open_since))
        waiting = [
            number
            for query in again
            if (number := self._session.value(query.order_by(topic_items.c.item).limit(1))) is not None
        ]
        if waiting:
            return int(min(waiting)) - 1
        newest = select(func.coalesce(func.max(topic_items.c.item), 0)).where(topic_items.c.edition == shown)
        return int(self._session.value(newest))

    def _settings(self, topic: int) -> bytes:
        """What decides which stories the topic shows: when it is another, all of its past is looked through again."""
        query = select(topics.c.match_digest, topics.c.settings_digest).where(topics.c.pk == topic)
        [row] = self._session.rows(query)
        return bytes(row.match_digest + row.settings_digest)

    def _topic(self, topic_id: str) -> int:
        number: int = self._session.value(select(topics.c.pk).where(topics.c.id == topic_id))
        return number
