"""Topics that got another id, and those that are no more: what their old addresses answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from aggregator.domain.document import PRIVATE, Document
from storage.session import chunks
from storage.tables import documents, retired_topics, tokens, topics

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aggregator.domain.topic import Topic
    from storage.session import Session


def rename(session: Session, configured: Sequence[Topic]) -> None:
    """Give topics that were renamed their new id: what is stored of them stays, archives too."""
    wishes = {topic.was: topic.id for topic in configured if topic.was is not None}
    if not wishes:
        return
    names = [name for pair in wishes.items() for name in pair]
    rows = session.rows(select(topics.c.pk, topics.c.id).where(topics.c.id.in_(names)))
    known = {row.id: row.pk for row in rows}
    for old, new in wishes.items():
        if old not in known or new in known:
            continue
        number = known[old]
        session.run(update(topics).where(topics.c.pk == number).values(id=new, changes=topics.c.changes + 1))
        mine = (documents.c.topic == number, documents.c.page.is_not(None))
        for row in session.rows(select(documents.c.path).where(*mine)):
            _move(session, row.path, old, new)
        # Tokens that a topic of the new name left behind when it ended open nothing of this one.
        session.run(delete(tokens).where(tokens.c.topic == new))
        session.run(update(tokens).where(tokens.c.topic == old).values(topic=new))
        session.run(delete(retired_topics).where(retired_topics.c.id.in_((old, new))))
        session.run(insert(retired_topics).values(id=old, topic=number))


def _move(session: Session, path: str, old: str, new: str) -> None:
    """Give a page of an archive its new address, and its links those of its neighbours: also a frozen one.

    Its entries stay to the byte. What was read at the old address stays right: that leads here now.
    """
    row = session.row(select(documents.c.media_type, documents.c.body).where(documents.c.path == path))
    if row is None:
        return
    head, entries = row.body[: (start := _entries(row.body))], row.body[start:]
    links = re.compile(rb'(href="[^"]*/topics/)' + re.escape(old.encode()) + rb'(\.[a-z]+"|/archive/\d+\.atom")')
    moved = Document.of(
        path.replace(f"topics/{old}/", f"topics/{new}/", 1),
        row.media_type,
        links.sub(rb"\g<1>" + new.encode() + rb"\g<2>", head) + entries,
    )
    values = {"path": moved.path, "body": moved.body, "etag": moved.etag}
    session.run(update(documents).where(documents.c.path == path).values(values))


def _entries(body: bytes) -> int:
    """Where a feed's first entry begins; its end where there is none."""
    found = body.find(b"<entry")
    return found if found >= 0 else len(body)


def place(session: Session, configured: Sequence[Topic]) -> None:
    """Keep pages of archives where their topic's documents are: apart while only a token opens it."""
    public = {topic.id: topic.public for topic in configured}
    query = select(topics.c.id, documents.c.path).join(topics, topics.c.pk == documents.c.topic)
    for row in session.rows(query.where(documents.c.page.is_not(None), topics.c.id.in_(public))):
        path = row.path.removeprefix(PRIVATE)
        wanted = path if public[row.id] else f"{PRIVATE}{path}"
        if wanted != row.path:
            session.run(update(documents).where(documents.c.path == row.path).values(path=wanted))


def retire(session: Session, ended: Mapping[str, int]) -> None:
    """Remember that topics had these ids, and that what they were called before ended with them. Numbers by id."""
    session.insert_missing(retired_topics, [{"id": name, "topic": None} for name in ended])
    for part in chunks(ended.values()):
        session.run(update(retired_topics).where(retired_topics.c.topic.in_(part)).values(topic=None))


def revive(session: Session, names: Sequence[str]) -> None:
    """Topics have these ids now."""
    for part in chunks(names):
        session.run(delete(retired_topics).where(retired_topics.c.id.in_(part)))


def successor(session: Session, name: str) -> str | None:
    """The id of the topic that had that one, however often it was renamed since."""
    query = select(topics.c.id).join(retired_topics, retired_topics.c.topic == topics.c.pk)
    found: str | None = session.value(query.where(retired_topics.c.id == name))
    return found


def former(session: Session) -> dict[str, str]:
    """Every id that a topic had before, and its present one."""
    query = select(retired_topics.c.id, topics.c.id.label("now")).join(topics, retired_topics.c.topic == topics.c.pk)
    return {row.id: row.now for row in session.rows(query.order_by(retired_topics.c.id))}


def is_retired(session: Session, name: str) -> bool:
    """Whether a topic had that id, and none has it now."""
    return session.value(select(retired_topics.c.id).where(retired_topics.c.id == name)) is not None
