"""What an edit would change, told before it is applied."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from newsdesk import Newsdesk, source

from aggregator.domain.source import Credentials, PageSelectors
from aggregator.domain.topic import Topic
from aggregator.pipeline.doubts import doubts
from aggregator.pipeline.plan import plan
from aggregator.pipeline.publish import publish
from aggregator.steps.select import parse_query


def topic(name, query="", **more):
    return Topic(id=name, title=name, query=parse_query(query), query_text=query, **more)


@pytest.fixture
def desk(database, tmp_path):
    secret = source("two", headers=(("Authorization", "S3CRET"),), auth=Credentials(user="me", password="S3CRET"))
    desk = Newsdesk(database, tmp_path, sources=("one", secret), topics=(topic("all"), topic("ships", "ship")))
    desk.fetcher.answers |= {
        "one": b"a|https://one.example/1|A ship sails\nb|https://one.example/2|A train leaves",
        "two": b"c|https://two.example/1|Another ship\nd|https://two.example/2|A boat",
    }
    desk.collect()
    publish(database, desk.configuration, desk.clock.now())
    return desk


def edit(desk, **changes):
    return plan(desk.store, replace(desk.configuration, **changes), desk.clock.now())


def titles(entries):
    return {entry.shown.stored.item.title for entry in entries}


def test_the_applied_file_changes_nothing(desk):
    found = edit(desk)
    assert (found.sources, found.topics) == ((), ())
    assert found.since == desk.clock.now()


def test_an_edited_query_tells_what_enters_and_leaves(desk):
    (found,) = edit(desk, topics=(topic("all"), topic("ships", "boat OR another"))).topics
    assert (found.id, found.change, found.keys) == ("ships", "changed", ("query",))
    assert titles(found.enters) == {"A boat"}
    assert titles(found.leaves) == {"A ship sails"}


def test_topics_come_and_go(desk):
    added, removed = edit(desk, topics=(topic("all"), topic("boats", "boat"))).topics
    assert (added.id, added.change, titles(added.enters), added.leaves) == ("boats", "added", {"A boat"}, ())
    assert (removed.id, removed.change, removed.enters) == ("ships", "removed", ())
    assert titles(removed.leaves) == {"A ship sails", "Another ship"}


def test_a_renamed_topic_keeps_its_readers_and_its_stories(desk):
    """Nothing enters or leaves, and with an edited query only what that changes."""
    (found,) = edit(desk, topics=(topic("all"), topic("boats", "ship", was="ships"))).topics
    assert (found.id, found.change, found.was, found.enters, found.leaves) == ("boats", "renamed", "ships", (), ())
    (found,) = edit(desk, topics=(topic("all"), topic("boats", "ship OR boat", was="ships"))).topics
    assert (titles(found.enters), found.leaves) == ({"A boat"}, ())


def test_sources_come_and_go(desk):
    """What a removed source brought leaves the topics."""
    found = edit(desk, sources=(desk.configuration.sources[0], source("new")))
    assert [(one.id, one.change) for one in found.sources] == [("new", "added"), ("two", "removed")]
    assert {one.id: titles(one.leaves) for one in found.topics} == {
        "all": {"Another ship", "A boat"},
        "ships": {"Another ship"},
    }
    assert all(one.change == "stories" and not one.enters for one in found.topics)


def test_a_renamed_source_keeps_its_stories(desk):
    one, two = desk.configuration.sources
    found = edit(desk, sources=(replace(one, id="uno", was="one", rank=3), two))
    assert [(one.id, one.change, one.was, one.keys) for one in found.sources] == [("uno", "renamed", "one", ("rank",))]
    assert found.topics == ()


def test_a_changed_source_names_its_keys(desk):
    found = edit(desk, sources=(replace(desk.configuration.sources[0], tags=("x",), title="One"), source("two")))
    said = [(one.id, one.change, one.keys) for one in found.sources]
    assert said == [("one", "changed", ("title", "tags")), ("two", "changed", ("how it is asked",))]


def test_what_a_source_lets_through_and_how_it_is_read_is_told(desk):
    """Its filters, selectors and `full_text`; what an older version had no record of is no edit."""
    one, two = desk.configuration.sources
    ships = parse_query("ship")
    read = {"page": PageSelectors(entry="article"), "full_text": True}
    edited = (replace(one, only=ships, only_text="ship", drop=ships, drop_text="ship"), replace(two, **read))
    said = [(one.id, one.change, one.keys) for one in edit(desk, sources=edited).sources]
    assert said == [("one", "changed", ("only", "drop")), ("two", "changed", ("page", "full_text"))]
    with desk.store.write() as rooms:
        applied = rooms.applied.get()[0]
        for settings in applied["sources"].values():
            del settings["only"], settings["drop"], settings["page"], settings["full_text"]
        rooms.applied.put(applied, desk.clock.now())
    assert edit(desk, sources=edited).sources == ()


def test_who_edits_a_password_does_not_wait(desk):
    """The source is visited at once, the others as planned, and a second start with the same file asks nobody."""
    edited = (desk.configuration.sources[0], source("two", auth=Credentials(user="me", password="new")))
    desk.reconfigure(sources=edited)
    assert desk.visits("two").next_visit_reason == "how it is asked changed"
    assert desk.collect().keys() == {"two"}
    desk.reconfigure(sources=edited)
    assert desk.collect() == {}


def test_a_limit_counts_what_is_shown(desk):
    (found,) = edit(desk, topics=(topic("all", limit=1), topic("ships", "ship"))).topics
    assert found.keys == ("limit",)
    assert (len(found.enters), len(found.leaves)) == (0, 3)


def test_before_anything_was_applied_everything_is_new(database, tmp_path, desk):
    from sqlalchemy import text

    with database._engine.begin() as connection:
        connection.execute(text("DELETE FROM applied"))
    found = edit(desk)
    assert found.since is None
    assert [one.change for one in (*found.sources, *found.topics)] == ["added"] * 4


def test_what_the_plan_says_comes_true(desk):
    """Applied, the edit changes what it was said to change, and a second plan has nothing to say."""
    topics = (topic("all"), topic("ships", "boat OR another", max_age=timedelta(days=3)))
    said = edit(desk, topics=topics).topics[0]
    with desk.store.read() as rooms:
        before = {g.copies[0].stored.item.title for g in rooms.topics.groups(desk.configuration.topics[1])}
    desk.clock.forward(minutes=1)
    desk.reconfigure(topics=topics)
    with desk.store.read() as rooms:
        after = {g.copies[0].stored.item.title for g in rooms.topics.groups(topics[1])}
    assert (after - before, before - after) == (titles(said.enters), titles(said.leaves))
    again = edit(desk)
    assert (again.topics, again.sources, again.since) == ((), (), desk.clock.now())


def test_no_secret_is_kept(desk):
    with desk.store.read() as rooms:
        assert "S3CRET" not in json.dumps(rooms.applied.get()[0])


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("submarine", ["takes none of the 60 items"]),
        ("ship", ["takes every one of the 60 items"]),
        ("ship 7", ["ship changes nothing"]),
        ("7 OR 8", []),
        ("7 (8 OR ship)", ["(8 OR ship) changes nothing", "8 changes nothing"]),
        ("7 -submarine", ["-submarine changes nothing"]),
        ("", []),
    ],
)
def test_doubts_come_from_what_is_stored(database, tmp_path, query, says):
    """Never, always, and what changes nothing; a query that works is left alone."""
    desk = Newsdesk(database, tmp_path, sources=("one",), topics=(topic("t", query),))
    desk.fetcher.answers["one"] = "\n".join(f"{n}|https://one.example/{n}|ship {n}" for n in range(60)).encode()
    assert list(doubts(database, desk.configuration, desk.clock.now(), clock=lambda: 0.0, seconds=1)) == []
    desk.collect()
    found = list(doubts(database, desk.configuration, desk.clock.now(), clock=lambda: 0.0, seconds=1))
    assert [place for place, _ in found] == [0] * len(says)
    assert all(message.startswith(start) for (_, message), start in zip(found, says, strict=True)), found


def test_many_changed_topics_share_one_reading(desk, monkeypatch):
    """What they would take is the same as looked up one by one."""
    from aggregator.pipeline import plan as planning

    edited = (
        topic("all", "-ship"),
        topic("ships", "ship OR boat"),
        topic("new", "train"),
        topic("two", source_ids=frozenset({"two"})),
    )
    alone = edit(desk, topics=edited)
    monkeypatch.setattr(planning, "TOGETHER", 1)
    assert edit(desk, topics=edited) == alone
    assert titles(next(change for change in alone.topics if change.id == "two").enters) == {"Another ship", "A boat"}
