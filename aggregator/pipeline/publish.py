"""Stored stories → topic selections → documents, in the store and as files.

::

    match     items stored or changed since the last time are matched against every topic
    select    a topic that is stale takes its stories, best copy each, in order, under its limits
    archive   what left a topic gets its place on a page of the topic's past (archive.py)
    render    only a selection that differs from the published one becomes documents
    write     only bytes that differ are stored, and copied to publish.directory

A selection that did not change costs no rendering; bytes that did not change keep their ETag and their date.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from hashlib import blake2b
from typing import TYPE_CHECKING

import structlog

from aggregator.domain.digest import Rhythm
from aggregator.domain.topic import Selection
from aggregator.errors import StorageError, TopicError
from aggregator.pipeline.archive import Archived, archive
from aggregator.pipeline.digest import digests, newest_digest
from aggregator.pipeline.hub_link import announced
from aggregator.pipeline.match import match
from aggregator.steps.render import RENDER_VERSION, TopicSummary, asset_documents, render_site, render_topic
from aggregator.steps.render.site import HEADLINES
from aggregator.steps.select import select

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from aggregator.domain.digest import Digest
    from aggregator.domain.document import Document
    from aggregator.domain.settings import Configuration
    from aggregator.domain.topic import Topic
    from aggregator.ports import Rooms, Store

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishReport:
    """What one publication did; `changed` are the documents whose bytes are new."""

    matched: int = 0
    topics: tuple[str, ...] = ()
    changed: tuple[Document, ...] = ()
    problems: tuple[str, ...] = ()


def publish(
    store: Store, configuration: Configuration, now: datetime, *, only: Iterable[str] | None = None
) -> PublishReport:
    """Bring every stale topic (or the named ones, stale or not) up to date, but those that are being filled.

    A topic that fails is logged and reported, and keeps its older documents; the others are published.

    Raises:
        StorageError: the store failed.
    """
    matched = match(store, configuration)
    with store.read() as rooms:
        filling = {filling.topic_id: filling for filling in rooms.filling.open()}
        wanted = (frozenset(rooms.topics.stale(now)) if only is None else frozenset(only)) - filling.keys()
    changed: list[Document] = []
    problems: list[str] = []
    rendered: list[str] = []
    for topic in configuration.topics:
        if topic.id not in wanted:
            continue
        try:
            with store.write() as rooms:
                documents, left_out = _topic(rooms, topic, configuration, now)
        except TopicError as error:
            log.exception("topic_failed", topic=topic.id)
            problems.append(str(error))
            continue
        rendered.append(topic.id)
        changed += documents
        problems += left_out
    if changed or only is not None:  # the front page tells what the topics hold: it moves with them
        with store.write() as rooms:
            unseen = frozenset(name for name in filling if filling[name].fresh)
            changed += rooms.documents.put(None, _site(rooms, configuration, now, unseen), now)
    for document in changed:
        log.debug("document_changed", path=document.path, bytes=len(document.body), etag=document.etag)
    if changed:
        log.info("published", topics=len(rendered), documents_changed=len(changed), items_matched=matched)
    return PublishReport(matched=matched, topics=tuple(rendered), changed=tuple(changed), problems=tuple(problems))


def _topic(rooms: Rooms, topic: Topic, configuration: Configuration, now: datetime) -> tuple[list[Document], list[str]]:
    """Select, and render if the selection differs from what is published."""
    try:
        first = rooms.topics.first_id(topic.id)
        topic = replace(topic, was=first if first != topic.id else None)  # however often it was renamed: one feed id
        listed: tuple[Digest, ...] | None = None
        past = Archived()  # digests have none: they themselves tell the past
        if topic.digest is Rhythm.NONE:
            selection, recheck_at = select(topic, rooms.topics.groups(topic), now)
            past = archive(rooms, selection, configuration, now, digest=lambda s: _digest(s, configuration))
        else:
            selection, listed, recheck_at = digests(rooms, topic, configuration, now)
        selection = replace(selection, digest=_digest(selection, configuration, past.newest))
        again_at = now if past.more else recheck_at
        if selection.digest == rooms.topics.digest(topic.id):
            rooms.topics.selected(selection, again_at)
            return list(past.changed), []
        hub = announced(configuration)
        documents, problems = render_topic(selection, configuration.site, archive=past.newest, hub=hub, digests=listed)
    except StorageError:
        raise
    except Exception as error:  # the one boundary that owns a topic: the others are published
        raise TopicError(topic.id, f"{type(error).__name__}: {error}") from error
    changed = [*past.changed, *rooms.documents.put(topic.id, documents, now)]
    rooms.topics.selected(selection, again_at)
    for problem in problems:
        log.warning("entry_left_out", topic=topic.id, problem=problem)
    return changed, [f"topic {topic.id!r}: {problem}" for problem in problems]


def _digest(selection: Selection, configuration: Configuration, archived: int | None = None) -> bytes:
    """What documents are a function of: the selection, publisher, archive and hub, and how this version writes them."""
    site = configuration.site
    parts = (
        selection.digest.hex(),
        RENDER_VERSION,
        str(archived),
        str(announced(configuration)),
        *(str(getattr(site, field.name)) for field in fields(site)),
    )
    return blake2b("\0".join(parts).encode(), digest_size=16).digest()


def _site(rooms: Rooms, configuration: Configuration, now: datetime, unseen: frozenset[str]) -> list[Document]:
    """The front page and the subscription list of what is public and published, and the styles."""
    counts = rooms.topics.counts()
    summaries: list[TopicSummary] = []
    for topic in configuration.topics:
        if not topic.public or topic.id in unseen:
            continue
        stories, updated = counts.get(topic.id, (0, None))
        try:
            newest = _newest(rooms, topic, configuration, now)
        except StorageError:
            raise
        except Exception:  # the front page goes without a topic that cannot be selected
            log.exception("topic_failed", topic=topic.id)
            continue
        summaries.append(TopicSummary.of(topic, stories=stories, updated=updated, newest=newest))
    return [*render_site(configuration.site, summaries), *asset_documents()]


def _newest(rooms: Rooms, topic: Topic, configuration: Configuration, now: datetime) -> Selection:
    """A selection that begins with the topic's first headlines."""
    if topic.digest is Rhythm.NONE:
        return select(replace(topic, limit=min(HEADLINES, topic.limit)), rooms.topics.groups(topic), now)[0]
    stories = newest_digest(rooms, topic, configuration, now)
    return Selection(topic=topic, entries=stories, updated=None, digest=b"")
