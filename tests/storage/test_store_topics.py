"""Topics: matches, groups and staleness, on both databases."""

from dataclasses import replace

import pytest
from samples import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    WHY,
    add,
    configure,
    item,
    match_all,
    new,
    publish,
    publish_in,
    source,
    stale,
    titles,
    topic,
    topics,
    update,
    verdict,
)

from aggregator.domain.settings import SameStory
from aggregator.domain.topic import Selection, Verdict


@pytest.fixture
def desk(database):
    """Two sources; `one` and `copy` are one story, `again` is a second print of it by the first source."""
    configure(database, "a", source("b", title="Bee", rank=7))
    topics(database, topic())
    add(database, item("a", "one", story_link="page", published=NOW - 2 * HOUR))
    add(database, item("b", "copy", story_link="page", published=NOW - HOUR))
    add(database, item("a", "again", story_link="page", published=NOW - 3 * HOUR))
    add(database, item("b", "other", published=NOW - 90 * MINUTE))
    match_all(database, "all")
    return database


@pytest.mark.parametrize(
    ("same", "expected"),
    [
        (SameStory.ACROSS_SOURCES, [["other"], ["one", "copy", "again"]]),
        (SameStory.WITHIN_SOURCE, [["copy"], ["other"], ["one", "again"]]),
        (SameStory.OFF, [["copy"], ["other"], ["one"], ["again"]]),
    ],
)
def test_what_counts_as_one_story_is_the_topics_choice(desk, same, expected):
    """Groups are ordered by their first item, their copies by arrival."""
    assert titles(desk, topic(same_story=same)) == expected


def test_a_copy_shows_its_source_as_configured(desk):
    """Rank and address from feeds.yaml; the title from there, else the feed's own, else the id."""
    with desk.read() as rooms:
        _, group = rooms.topics.groups(topic())
    assert [(one.rank, one.source_title, one.source_url) for one in group.copies[:2]] == [
        (0, "a", "a/feed"),
        (7, "Bee", "b/feed"),
    ]


def test_a_topic_shows_its_own_sources_only(desk):
    """A story is in a topic by the copies of the topic's sources alone; the first of those gives its place."""
    assert titles(desk, topic(source_ids=frozenset({"b"}))) == [["copy"], ["other"]]
    assert titles(desk, topic(source_ids=frozenset({"b", "nobody"}))) == [["copy"], ["other"]]
    assert titles(desk, topic(source_ids=frozenset())) == []


def test_items_of_removed_sources_do_not_show_those_of_paused_ones_do(desk):
    """And they show again when the source returns."""
    configure(desk, source("b", enabled=False))
    assert titles(desk, topic()) == [["copy"], ["other"]]
    configure(desk, "a", "b")
    assert titles(desk, topic()) == [["other"], ["one", "copy", "again"]]


def test_only_matched_copies_are_in_a_group(database):
    """The copy that does not match the query is not among the topic's."""
    configure(database, "a", "b")
    topics(database, topic())
    one, copy = add(database, item("a", "one", story_link="page"), item("b", "copy", story_link="page"))
    with database.write() as rooms:
        rooms.topics.matched(rooms.topics.unmatched(9), {copy.id: [verdict()], one.id: []})
    assert titles(database, topic()) == [["copy"]]


def test_equal_moments_are_ordered_by_id(database):
    """Also over the border of a page, and also where a page is one moment."""
    configure(database, "a")
    topics(database, topic())
    names = [f"n{n:03}" for n in range(200)]
    with database.write() as rooms:
        rooms.items.apply("a", [new(item("a", name), public_id=f"tag:{name}") for name in reversed(names)], NOW)
    match_all(database, "all")
    assert titles(database, topic()) == [[name] for name in names]


def test_groups_are_read_no_further_than_asked(database):
    """Fifty of a large topic cost one page, not the topic."""
    configure(database, "a")
    topics(database, topic())
    with database.write() as rooms:
        many = [new(item("a", f"n{n}", published=NOW - n * MINUTE)) for n in range(300)]
        rooms.items.apply("a", many, NOW)
    match_all(database, "all")
    with database.read() as rooms:
        asked = []
        session = rooms._session
        rows = session.rows
        session.rows = lambda *given: asked.append(result := rows(*given)) or result
        found = rooms.topics.groups(topic())
        assert [next(found).copies[0].stored.item.title.split()[0] for _ in range(50)] == [f"n{n}" for n in range(50)]
        assert max(map(len, asked)) < 100
        assert [group.copies[0].stored.item.title.split()[0] for group in found] == [f"n{n}" for n in range(50, 300)]


def test_new_and_changed_items_are_matched_once(database):
    """Matching clears the mark; a change sets it again, oldest items first."""
    configure(database, "a")
    topics(database, topic())
    one, two = add(database, item("a", "one"), item("a", "two"))
    with database.read() as rooms:
        assert [copy.stored.id for copy in rooms.topics.unmatched(1)] == [one.id]
    assert [copy.stored for copy in match_all(database, "all")] == [one, two]
    assert match_all(database) == []
    with database.write() as rooms:
        rooms.items.apply("a", [update(two, item("a", "two", version=2))], NOW)
    assert [copy.stored.id for copy in match_all(database)] == [two.id]
    assert titles(database, topic()) == [["one"]]


def test_an_item_that_changed_while_it_was_matched_keeps_its_mark(database):
    """Verdicts over an older version do not hide that the newer one was never matched."""
    configure(database, "a")
    topics(database, topic())
    [one] = add(database, item("a", "one"))
    with database.read() as rooms:
        copies = rooms.topics.unmatched(9)
    with database.write() as rooms:
        rooms.items.apply("a", [update(one, item("a", "one", version=2))], NOW)
        rooms.topics.matched(copies, {one.id: [verdict()]})
        assert [copy.stored.id for copy in rooms.topics.unmatched(9)] == [one.id]


def test_an_item_pruned_while_it_was_matched_is_passed_over(database):
    """Nothing refers to a row that is gone."""
    configure(database, "a")
    topics(database, topic())
    [one] = add(database, item("a", "one"))
    with database.read() as rooms:
        copies = rooms.topics.unmatched(9)
    with database.write() as rooms:
        rooms.items.prune(NOW + DAY, forget_before=NOW)
        rooms.topics.matched(copies, {one.id: [verdict()]})
    assert titles(database, topic()) == []


def test_verdicts_tell_who_took_an_item_and_why(desk):
    """With the reason as it was given, figures included; negative ones are not stored."""
    topics(desk, topic(), topic("other"))
    [one] = [copy.stored for copy in copies_of(desk, "one")]
    taken = Verdict(topic_id="other", matched=True, reason=replace(WHY, rule="second"))
    refused = Verdict(topic_id="all", matched=False, reason=WHY)
    with desk.write() as rooms:
        rooms.topics.matched(copies_of(desk, "one"), {one.id: [taken, refused]})
    with desk.read() as rooms:
        assert rooms.topics.verdicts(one.id) == [taken]
        assert rooms.topics.verdicts(-1) == []


def copies_of(database, name):
    with database.read() as rooms:
        found = [copy for page in rooms.search.candidates(None) for copy in page]
    return [copy for copy in reversed(found) if copy.stored.item.title.startswith(name)]


def test_a_topic_that_matches_differently_is_to_be_filled(desk):
    """It keeps its matches until then; one whose digest is the same is as it was; a new one begins empty."""
    assert topics(desk, topic(), topic("new")) == ["new"]
    assert topics(desk, topic(), topic("new")) == []
    before = titles(desk, topic())
    assert topics(desk, topic(), digest=b"other") == ["all"]
    assert titles(desk, topic()) == before != []
    assert titles(desk, topic("new")) == []


def prune_all(rooms):
    rooms.items.prune(NOW + DAY, forget_before=NOW)


CHANGES = {
    "another copy": lambda rooms, one, _: rooms.items.apply("b", [new(item("b", "copy"), story_of(rooms, one))], NOW),
    "edit": lambda rooms, one, _: rooms.items.apply("a", [update(one.stored, item("a", "one", version=2))], NOW),
    "prune": lambda rooms, _, two: (rooms.topics.matched([two], {}), publish_in(rooms, "other"), prune_all(rooms)),
    "match lost": lambda rooms, one, _: rooms.topics.matched([one], {}),
    "match gained": lambda rooms, _, two: (
        rooms.topics.matched([two], {two.stored.id: [verdict(), verdict("other")]}),
        publish_in(rooms, "other"),
    ),
    "fill": lambda rooms, *_: (rooms.filling.begin(["all"]), rooms.filling.advance(["all"], None)),
    "settings": lambda rooms, *_: rooms.topics.sync([topic(limit=3), topic("other")], dict.fromkeys(NAMES, b"d" * 16)),
    "query": lambda rooms, *_: rooms.topics.sync([topic(), topic("other")], {"all": b"new", "other": b"d" * 16}),
}
NAMES = ("all", "other")


def story_of(rooms, copy):
    return rooms.stories.candidates([copy.stored.item.keys], NOW - DAY)[copy.stored.item.keys.story_link].story


@pytest.mark.parametrize("change", CHANGES)
def test_what_makes_a_topic_stale(database, change):
    """Each of these, and only for the topic it concerns; publishing ends it."""
    configure(database, "a", "b")
    topics(database, topic(), topic("other"))
    add(database, item("a", "one"), item("a", "two"))
    [one, two] = copies_of(database, "")
    with database.write() as rooms:
        rooms.topics.matched([one, two], {one.stored.id: [verdict()], two.stored.id: [verdict("other")]})
    assert stale(database) == ["all", "other"]
    for name in NAMES:
        publish(database, topic(name))
    assert stale(database) == []
    with database.write() as rooms:
        CHANGES[change](rooms, one, two)
    assert stale(database) == ["all"]
    publish(database, topic())
    assert stale(database) == []


def test_a_time_limit_that_passes_makes_a_topic_stale(desk):
    """A story grows too old without anything being written."""
    publish(desk, topic(), recheck_at=NOW + DAY)
    assert stale(desk, NOW + DAY - MINUTE) == []
    assert stale(desk, NOW + DAY) == ["all"]


def test_a_change_between_reading_and_publishing_leaves_the_topic_stale(desk):
    """What was published does not have it yet."""
    publish(desk, topic())
    assert stale(desk) == []
    with desk.read() as rooms:
        list(rooms.topics.groups(topic()))
    match_all(desk)
    add(desk, item("a", "late", story_link="page"))
    match_all(desk, "all")
    with desk.write() as rooms:
        rooms.topics.selected(Selection(topic=topic(), entries=(), updated=None, digest=b"d"), None)
    assert stale(desk) == ["all"]


def test_what_was_published_is_remembered(desk):
    """Digest, size and newest change, for the next comparison and for `status`."""
    topics(desk, topic("zero"), topic())
    with desk.read() as rooms:
        assert rooms.topics.digest("all") is None
        assert rooms.topics.counts() == {"zero": (0, None), "all": (0, None)}
    publish(desk, topic(), digest=b"published")
    with desk.read() as rooms:
        assert rooms.topics.digest("all") == b"published"
        assert rooms.topics.digest("nobody") is None
        assert list(rooms.topics.counts().items()) == [("zero", (0, None)), ("all", (2, NOW - 90 * MINUTE))]


def test_an_unknown_topic_has_no_groups(desk):
    """A preview of a topic that was never applied is empty, not an error."""
    assert titles(desk, topic("nobody")) == []


def test_the_settings_digest_is_the_same_in_every_process():
    """A set's order differs by process: it must not make every topic stale at every start."""
    import subprocess
    import sys

    program = (
        "from storage.topics import _settings_digest as d; from aggregator.domain.topic import Topic;"
        "print(d(Topic(id='t', title='T', source_ids=frozenset(map(str, range(50))))).hex())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1
