"""Small domain values for the store's tests, all alike but for what a test says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from aggregator.domain.item import Item, Keys
from aggregator.domain.source import Source
from aggregator.domain.story import NewItem, Reason, StoryIntent, UpdateItem
from aggregator.domain.topic import Selected, Selection, Topic, Verdict

NOW = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WHY = Reason(rule="test", text="because", evidence={"n": 1, "share": 0.5})


def h(text):
    """16 bytes."""
    return blake2b(text.encode(), digest_size=16).digest()


def source(name, **more):
    return Source(**{"id": name, "url": f"https://{name}.example/feed?key=S3CRET", "shown_url": f"{name}/feed"} | more)


def item(source_id, name, *, story_link=None, version=1, **more):
    """An item known by guid, link and text; `story_link` names the page it shares with copies elsewhere."""
    link = f"https://{source_id}.example/{name}"
    keys = Keys(
        guid=h(f"guid {name}"), link=h(link), text=h(f"text {name} {version}"), story_link=h(story_link or link)
    )
    values = {
        "source_id": source_id,
        "keys": keys,
        "raw_hash": h(f"raw {source_id} {name} {version}"),
        "text_hash": h(f"words {name} {version}"),
        "guid": f"guid:{source_id}:{name}",
        "link": link,
        "title": f"{name} in version {version}",
        "text": f"text of {name}",
        "published": NOW - HOUR,
    }
    return Item(**(values | more))


def new(it, story=None, public_id=None):
    return NewItem(
        item=it,
        public_id=public_id or f"tag:x,2026:{it.source_id}/{it.keys.primary.hex()}",
        story=StoryIntent(story=story, reason=WHY),
        reason=WHY,
    )


def update(stored, it, *, text_changed=True):
    return UpdateItem(id=stored.id, item=it, text_changed=text_changed, reason=WHY)


def configure(database, *names_or_sources, now=NOW):
    sources = [source(one) if isinstance(one, str) else one for one in names_or_sources]
    with database.write() as rooms:
        rooms.sources.sync(sources, now)
    return sources


def add(database, *items, now=NOW):
    """Store new items as the pipeline does: each joins the story of its link. Returns them as stored."""
    with database.write() as rooms:
        for it in items:
            found = rooms.stories.candidates([it.keys], now - 7 * DAY)
            story = found[it.keys.story_link].story if it.keys.story_link in found else None
            rooms.items.apply(it.source_id, [new(it, story)], now)
    return [stored(database, it) for it in items]


def stored(database, it):
    with database.read() as rooms:
        known = rooms.items.known(it.source_id, [it.keys])
        return next(one for one in rooms.items.export() if one.id == known[it.keys.primary].id)


def claim(database, now=NOW, *, owner="me", lease=10 * MINUTE, limit=100, **more):
    with database.write() as rooms:
        return rooms.sources.claim_due(now, owner=owner, lease=lease, limit=limit, **more)


def topic(name="all", **more):
    return Topic(**{"id": name, "title": name.title()} | more)


def topics(database, *configured, digest=b"d" * 16):
    with database.write() as rooms:
        return rooms.topics.sync(configured, {one.id: digest for one in configured})


def verdict(name="all"):
    return Verdict(topic_id=name, matched=True, reason=WHY)


def match_all(database, *names):
    """Every unmatched item is taken by these topics."""
    with database.write() as rooms:
        copies = rooms.topics.unmatched(1000)
        rooms.topics.matched(copies, {copy.stored.id: [verdict(name) for name in names] for copy in copies})
    return copies


def titles(database, one):
    """The topic's groups, each as the titles of its copies."""
    with database.read() as rooms:
        return [[copy.stored.item.title.split()[0] for copy in group.copies] for group in rooms.topics.groups(one)]


def publish(database, one, **more):
    """Select everything and remember it as published."""
    with database.write() as rooms:
        publish_in(rooms, one, **more)


def publish_in(rooms, one, *, digest=b"s" * 16, recheck_at=None):
    one = topic(one) if isinstance(one, str) else one
    entries = tuple(
        Selected(
            id=group.copies[0].stored.public_id,
            shown=group.copies[0],
            order_at=group.copies[0].stored.order_at,
            first_seen=group.copies[0].stored.first_seen,
            updated=group.copies[0].stored.changed_at,
        )
        for group in rooms.topics.groups(one)
    )
    newest = max((entry.updated for entry in entries), default=None)
    rooms.topics.selected(Selection(topic=one, entries=entries, updated=newest, digest=digest), recheck_at)


def stale(database, now=NOW):
    with database.read() as rooms:
        return rooms.topics.stale(now)
