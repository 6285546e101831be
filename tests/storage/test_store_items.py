"""Items, their keys and their stories on both databases."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from samples import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    WHY,
    add,
    configure,
    h,
    item,
    match_all,
    new,
    publish,
    stale,
    stored,
    topic,
    topics,
    update,
)

from aggregator.domain.entry import Author, Category, Enclosure, Media, Origin
from aggregator.domain.item import Credit, Keys
from aggregator.domain.story import ForgottenItem
from aggregator.errors import StorageError

RICH = {
    "untitled": True,
    "summary": "<p>概要</p>",
    "content": '<p>内容 <a href="https://a.example/">x</a></p>',
    "words": 7,
    "authors": (Author(name="王"), Author(email="b@example.org", uri="https://b.example")),
    "categories": (Category(term="news", scheme="https://s.example", label="News"), Category(term="")),
    "updated": NOW - MINUTE,
    "language": "zh-Hans",
    "enclosures": (Enclosure(url="https://a.example/1.mp3", type="audio/mpeg", length=2**40, title="T", duration=61),),
    "media": (Media(role="thumbnail", url="https://a.example/1.png", width=1, height=2, description="d", credit="c"),),
    "rights": "CC0",
    "comments": "https://a.example/comments",
    "origin": Origin(id="urn:o", title="O", updated=NOW, feed_url="https://o.example/feed"),
    "credit": Credit(name="新华社", url="https://x.example"),
    "truncated": True,
}


def export(database, **more):
    with database.read() as rooms:
        return list(rooms.items.export(**more))


def known(database, source_id, *items):
    with database.read() as rooms:
        return rooms.items.known(source_id, [it.keys for it in items])


def find(database, text):
    with database.read() as rooms:
        return [one.item.title for one in rooms.items.find(text)]


def apply(database, *intents, now=NOW, source_id="a"):
    with database.write() as rooms:
        rooms.items.apply(source_id, intents, now)


@pytest.mark.parametrize("more", [{}, RICH], ids=["plain", "rich"])
def test_an_item_comes_back_as_it_was_stored(database, more):
    """Every field, and what the store adds to it."""
    configure(database, "a")
    it = item("a", "one", **more)
    [back] = add(database, it)
    assert back.item == it
    assert back.public_id == f"tag:x,2026:a/{it.keys.guid.hex()}"
    assert (back.first_seen, back.order_at, back.story) == (NOW, NOW - HOUR, back.public_id)
    assert back.story_reason == WHY.text


@pytest.mark.parametrize(
    ("published", "updated", "order_at", "changed_at"),
    [
        (None, None, NOW, NOW),
        (NOW - DAY, None, NOW - DAY, NOW - DAY),
        (NOW - DAY, NOW - HOUR, NOW - DAY, NOW - HOUR),
        (NOW + DAY, NOW + 2 * DAY, NOW, NOW),
        (datetime(1990, 1, 1, tzinfo=UTC), None, datetime(1990, 1, 1, tzinfo=UTC), datetime(1990, 1, 1, tzinfo=UTC)),
    ],
)
def test_the_moments_of_a_new_item(database, published, updated, order_at, changed_at):
    """A future date is clamped for order only: it is kept as read."""
    configure(database, "a")
    [back] = add(database, item("a", "one", published=published, updated=updated))
    assert (back.item.published, back.order_at, back.changed_at) == (published, order_at, changed_at)


def test_an_update_keeps_what_is_fixed_at_first_sight(database):
    """Id, first sight, order and story stay; every field of the item is replaced."""
    configure(database, "a")
    [first] = add(database, item("a", "one", **RICH))
    second = item("a", "one", version=2, published=NOW - DAY)
    apply(database, update(first, second), now=NOW + HOUR)
    [back] = export(database)
    assert back == replace(first, item=second, changed_at=NOW + HOUR)


@pytest.mark.parametrize(
    ("text_changed", "updated", "expected"),
    [
        (False, NOW + MINUTE, NOW - HOUR),
        (True, None, NOW + HOUR),
        (True, NOW + MINUTE, NOW + MINUTE),
        (True, NOW - DAY, NOW + HOUR),
        (True, NOW + DAY, NOW + HOUR),
    ],
)
def test_changed_at_moves_only_with_the_words(database, text_changed, updated, expected):
    """To the entry's own date where that can be true, else to the moment it was seen."""
    configure(database, "a")
    [first] = add(database, item("a", "one"))
    later = item("a", "one", version=2, updated=updated)
    apply(database, update(first, later, text_changed=text_changed), now=NOW + HOUR)
    assert export(database)[0].changed_at == expected


def test_an_item_is_known_by_every_key_it_ever_had(database):
    """A publisher that changes its guids, and later its links, announces nothing twice."""
    configure(database, "a", "b")
    first = item("a", "one")
    [back] = add(database, first)
    moved = replace(first, keys=Keys(text=h("t2"), guid=h("g2"), link=h("l2")), raw_hash=h("r2"))
    apply(database, update(back, moved))
    for it in (first, moved):
        found = known(database, "a", it)
        assert set(found) == {it.keys.guid, it.keys.link, it.keys.text}
        for match in found.values():
            assert (match.id, match.public_id, match.title) == (back.id, back.public_id, first.title)
            assert (match.raw_hash, match.guid_key) == (h("r2"), h("g2"))
            assert (match.text_hash, match.published) == (first.text_hash, first.published)
    assert known(database, "b", first, moved) == {}
    assert known(database, "nobody", first) == {}


def test_a_key_taken_by_a_new_item_leads_to_it(database):
    """A page written anew each day: its address belongs to the newest entry; an update takes nothing away."""
    configure(database, "a")
    monday, tuesday = item("a", "monday"), item("a", "tuesday")
    tuesday = replace(tuesday, keys=replace(tuesday.keys, link=monday.keys.link))
    one, two = add(database, monday, tuesday)
    assert known(database, "a", monday)[monday.keys.link].id == two.id
    apply(database, update(one, replace(monday, raw_hash=h("again"))))
    assert known(database, "a", monday)[monday.keys.link].id == two.id
    assert known(database, "a", monday)[monday.keys.guid].id == one.id


def test_raw_hashes_are_those_of_the_newest_versions(database):
    """What is in this set needs no second reading."""
    configure(database, "a", "b")
    first, other = item("a", "one"), item("b", "two")
    [back, _] = add(database, first, other)
    with database.read() as rooms:
        assert rooms.items.raw_hashes("a") == {first.raw_hash}
        assert rooms.items.raw_hashes("nobody") == frozenset()
    second = item("a", "one", version=2)
    apply(database, update(back, second))
    with database.read() as rooms:
        assert rooms.items.raw_hashes("a") == {second.raw_hash}


def test_copies_with_one_link_are_one_story(database):
    """Across sources by the candidate, within one batch by itself, with the reason."""
    configure(database, "a", "b")
    first, *_ = add(database, item("a", "one", story_link="page"), item("b", "copy", story_link="page"))
    fresh = [item("a", "x", story_link="other"), item("a", "y", story_link="other"), item("a", "z")]
    apply(database, *map(new, fresh))
    rows = {one.item.title.split()[0]: one for one in export(database)}
    assert rows["copy"].story == first.public_id
    assert rows["y"].story == rows["x"].story == rows["x"].public_id
    assert rows["y"].story_reason != WHY.text
    assert rows["z"].story == rows["z"].public_id
    with database.read() as rooms:
        copies = rooms.stories.copies(first.public_id)
        assert [(copy.stored.item.source_id, copy.source_title) for copy in copies] == [("a", "a"), ("b", "b")]
        assert rooms.stories.copies("nothing") == []


def test_candidates_were_seen_lately(database):
    """The story of an entry that left its feed long ago is no candidate; one that is still there is."""
    configure(database, "a")
    it = item("a", "one", story_link="page")
    [back] = add(database, it)
    later = NOW + 10 * DAY
    with database.write() as rooms:
        assert rooms.stories.candidates([it.keys], later - 7 * DAY) == {}
        rooms.items.touch("a", [it.raw_hash], later)
        found = rooms.stories.candidates([it.keys, Keys(text=h("none"))], later - 7 * DAY)
    candidate = found[it.keys.story_link]
    assert (candidate.public_id, candidate.item_public_id) == (back.story, back.public_id)
    assert (candidate.source_id, candidate.first_seen) == ("a", NOW)


def test_a_public_id_is_never_given_twice(database):
    """An id in use gets a number behind it, in the order of arrival."""
    configure(database, "a")
    apply(database, new(item("a", "one"), public_id="tag:same"))
    apply(database, *(new(item("a", name), public_id="tag:same") for name in ("two", "three")))
    apply(database, new(item("a", "four"), public_id="tag:same"))
    assert [one.public_id for one in export(database)] == ["tag:same", "tag:same-2", "tag:same-3", "tag:same-4"]
    assert [one.story for one in export(database)] == ["tag:same", "tag:same-2", "tag:same-3", "tag:same-4"]


def test_find_by_what_a_person_pastes(database):
    """The link as written or spelled otherwise, the guid, the public id; all that fit, oldest first."""
    configure(database, "a", "b")
    shared = "https://www.a.example/Story/?utm_source=rss"
    one, two = add(database, item("a", "one", link=shared), item("b", "two", link=shared, guid="urn:uuid:1"))
    both = [one.item.title, two.item.title]
    assert find(database, shared) == both
    assert find(database, " http://a.example/Story ") == both
    assert find(database, "urn:uuid:1") == [two.item.title]
    assert find(database, one.public_id) == [one.item.title]
    assert find(database, "https://a.example/other") == find(database, "") == []


def test_export_is_in_order_of_arrival(database):
    """Of all sources or of some, however many there are."""
    configure(database, "a", "b")
    apply(database, *(new(item("a", f"n{n}")) for n in range(1101)))
    apply(database, new(item("b", "last")), source_id="b")
    ids = [one.id for one in export(database)]
    assert ids == sorted(set(ids)) and len(ids) == 1102
    assert [one.item.source_id for one in export(database, source_ids=frozenset({"b"}))] == ["b"]


def test_a_pruned_item_is_known_and_not_announced_again(database):
    """It goes with its story and its matches; its keys stay while it is in its feed, under the same id."""
    configure(database, "a")
    topics(database, topic())
    old, young = item("a", "old"), item("a", "young")
    [first] = add(database, old)
    add(database, young, now=NOW + DAY)
    match_all(database, "all")
    publish(database, topic())
    with database.write() as rooms:
        assert rooms.items.prune(NOW + MINUTE, forget_before=NOW - DAY) == 1
        assert rooms.stories.copies(first.story) == []
    assert stale(database) == ["all"]
    assert [one.item for one in export(database)] == [young]
    found = known(database, "a", old)[old.keys.guid]
    assert (found.id, found.public_id, found.raw_hash, found.guid_key) == (
        None,
        first.public_id,
        old.raw_hash,
        old.keys.guid,
    )
    assert (found.title, found.text_hash) == (None, None)
    with database.read() as rooms:
        assert rooms.items.raw_hashes("a") == {old.raw_hash, young.raw_hash}
    moved = replace(old, keys=Keys(text=h("t2"), guid=h("g2")), raw_hash=h("r2"))
    apply(database, ForgottenItem(public_id=first.public_id, item=moved, reason=WHY), now=NOW + 2 * DAY)
    assert len(export(database)) == 1
    assert known(database, "a", moved)[h("g2")].raw_hash == h("r2")
    assert known(database, "a", old)[old.keys.link].public_id == first.public_id


def test_a_forgotten_entry_may_be_announced_again(database):
    """Keys go when their entry left its feed before `forget_before`; what is still listed is touched and stays."""
    configure(database, "a")
    gone, listed = item("a", "gone"), item("a", "listed")
    add(database, gone, listed)
    with database.write() as rooms:
        rooms.items.touch("a", [listed.raw_hash], NOW + 30 * DAY)
        assert rooms.items.prune(NOW + DAY, forget_before=NOW + DAY) == 2
    assert known(database, "a", gone) == {}
    assert known(database, "a", listed) != {}
    [back] = add(database, gone, now=NOW + 40 * DAY)
    assert back.first_seen == NOW + 40 * DAY


def test_a_story_keeps_the_id_of_its_pruned_first_item(database):
    """The copies that are left stay one story under that id, which no other item gets, however late."""
    configure(database, "a", "b")
    it = item("a", "one", story_link="page")
    [first] = add(database, it)
    [copy] = add(database, item("b", "copy", story_link="page"), now=NOW + DAY)
    with database.write() as rooms:
        rooms.items.prune(NOW + MINUTE, forget_before=NOW + 300 * DAY)
    assert stored(database, copy.item).story == first.public_id
    assert known(database, "a", it)[it.keys.guid].id is None


def test_the_numbers_of_pruned_items_are_not_given_again(database):
    """Ids count up with every new item, also after the newest was deleted."""
    configure(database, "a")
    *_, last = add(database, item("a", "one"), item("a", "two"))
    with database.write() as rooms:
        rooms.items.prune(NOW + DAY, forget_before=NOW + DAY)
    [fresh] = add(database, item("a", "three"))
    assert fresh.id > last.id


def test_an_unknown_source_is_told(database):
    """A StorageError that names it; not a row without an owner."""
    with pytest.raises(StorageError, match="nobody"):
        apply(database, new(item("nobody", "one")), source_id="nobody")


def test_an_update_of_an_item_pruned_meanwhile_is_nothing(database):
    """It neither comes back nor fails the visit."""
    configure(database, "a")
    [first] = add(database, item("a", "one"))
    with database.write() as rooms:
        rooms.items.prune(NOW + DAY, forget_before=NOW - DAY)
    apply(database, update(first, item("a", "one", version=2)))
    assert export(database) == []
