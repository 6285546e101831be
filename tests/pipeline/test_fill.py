"""New and edited topics filled from what is stored, slice by slice, on both databases."""

from itertools import pairwise

import pytest
from newsdesk import Newsdesk
from sqlalchemy import text

from aggregator.domain.topic import Topic
from aggregator.pipeline import fill as filling
from aggregator.pipeline.configure import configure
from aggregator.pipeline.fill import fill, sweep
from aggregator.pipeline.publish import publish
from aggregator.pipeline.search import search
from aggregator.steps.select import Matcher, parse_query

QUERIES = (
    "", "ship", "ship -sinks", '"a ship"', "sh*", "title:ship", "text:ship", "-ship", "/sh.p/", "/SHIP/", "source:one",
    "-source:one", "tag:sea", "tag:sea OR ship", "lang:en", "-lang:en", "lang:de", "link:example", "site:two.example",
    "words>2", "has:image", "author:nobody", "category:none OR source:two", "(source:one lang:en) OR tag:none", "船",
)  # fmt: skip
LINES = "".join(f"{n}|https://{{0}}.example/{n}|{title}\n" for n, title in enumerate(
    ("A ship sails", "A ship sinks", "A train leaves", "Ships", "一艘船", "Shipping forecast")
))  # fmt: skip


def topic(name, query="", **more):
    return Topic(id=name, title=name, query=parse_query(query), query_text=query, **more)


@pytest.fixture
def desk(database, tmp_path, monkeypatch):
    """Three sources with six items each, and slices so small that every topic takes several."""
    from newsdesk import source

    monkeypatch.setattr(filling, "ITEMS", 2)
    monkeypatch.setattr(filling, "DECIDED", 4)
    made = Newsdesk(database, tmp_path, sources=(source("one", tags=("sea",)), "two", "three"), topics=())
    made.fetcher.answers |= {name: LINES.format(name).encode() for name in ("one", "two", "three")}
    made.collect()
    return made


def taken(desk, one):
    with desk.store.read() as rooms:
        return {copy.stored.id for group in rooms.topics.groups(one) for copy in group.copies}


def edit(desk, *topics):
    """Save it; nothing is filled yet."""
    from dataclasses import replace

    desk.configuration = replace(desk.configuration, topics=topics)
    configure(desk.store, desk.configuration, desk.clock.now())


def steps(desk):
    """Fill slice by slice; how many it took."""
    count = 1
    while fill(desk.store, desk.configuration, go_on=lambda: False):
        count += 1
        assert count < 100
    return count


@pytest.mark.parametrize("together", [100, 1], ids=["one by one", "together"])
def test_a_filled_topic_holds_what_a_search_finds(desk, monkeypatch, together):
    """Whatever way a query takes (decided by the database or asked, alone or together): the same items."""
    monkeypatch.setattr(filling, "TOGETHER", together)
    topics = [topic(f"t{n}", query) for n, query in enumerate(QUERIES)]
    edit(desk, *topics)
    fill(desk.store, desk.configuration)
    for one in topics:
        found = {hit.copy.stored.id for hit in search(desk.store, desk.configuration, one.query_text, desk.clock.now())}
        assert taken(desk, one) == found, one.query_text


def test_a_topic_of_some_sources_is_filled_from_them(desk):
    edit(
        desk, *(topic(f"t{n}", query, source_ids=frozenset({"two"})) for n, query in enumerate(("", "ship", "words<9")))
    )
    fill(desk.store, desk.configuration)
    held = [taken(desk, one) for one in desk.configuration.topics]
    assert [len(one) for one in held] == [6, 2, 6]
    assert held[0] == held[2]


def documents(desk):
    with desk.store.read() as rooms:
        return {path: rooms.documents.get(path).document.body for path in rooms.documents.paths()}


def publish_now(desk, only=None):
    publish(desk.store, desk.configuration, desk.clock.now(), only=only)
    return documents(desk)


def test_readers_see_the_old_feed_until_the_new_one_is_whole(desk):
    """No document is emptied or half filled, other topics are published meanwhile, and a new topic comes whole."""
    edit(desk, topic("ships", "ship"), topic("trains", "train"))
    fill(desk.store, desk.configuration)
    before = publish_now(desk, only=["ships", "trains"])
    edit(desk, topic("ships", "-ship"), topic("trains", "train", limit=1), topic("new", "words<9"))
    while fill(desk.store, desk.configuration, go_on=lambda: False):
        during = publish_now(desk, only=["ships", "trains", "new"])
        with desk.store.read() as rooms:
            open_ones = {one.topic_id for one in rooms.filling.open()}
        if "ships" in open_ones:
            assert during["topics/ships.atom"] == before["topics/ships.atom"]
        if "new" in open_ones:
            assert "topics/new.atom" not in during
            assert b"topics/new" not in during["index.html"]
    after = publish_now(desk)
    assert b"A train leaves" in after["topics/ships.atom"]
    assert b"A ship sails" not in after["topics/ships.atom"]
    assert after["topics/new.atom"].count(b"</entry>") == 18
    assert b"topics/new" in after["index.html"]
    assert after["topics/trains.atom"].count(b"</entry>") == 1


def test_what_is_stored_and_changed_meanwhile_is_there_too(desk):
    """News that comes during the filling is in the topic at its end, by the new query; what changed is as it is now."""
    edit(desk, topic("ships", "ship"))
    fill(desk.store, desk.configuration)
    publish_now(desk, only=["ships"])
    edit(desk, topic("ships", "-ship"))
    assert fill(desk.store, desk.configuration, go_on=lambda: False)
    desk.clock.forward(hours=2)
    desk.fetcher.answers["one"] = b"0|https://one.example/0|A plane lands\n9|https://one.example/9|A bus stops"
    desk.fetcher.answers["two"] = b"2|https://two.example/2|A ship after all"
    desk.collect()
    publish_now(desk)
    steps(desk)
    after = publish_now(desk)["topics/ships.atom"]
    assert b"A plane lands" in after and b"A bus stops" in after
    assert b"A ship after all" not in after
    wanted = {hit.copy.stored.id for hit in search(desk.store, desk.configuration, "-ship", desk.clock.now())}
    assert taken(desk, desk.configuration.topics[0]) == wanted


def test_a_second_edit_begins_anew(desk):
    """What the first one took by then is forgotten, also where the third is the first again."""
    edit(desk, topic("ships", "ship"))
    fill(desk.store, desk.configuration)
    publish_now(desk, only=["ships"])
    for query in ("-ship", "words<9", "ship"):
        edit(desk, topic("ships", query))
        assert fill(desk.store, desk.configuration, go_on=lambda: False)
    steps(desk)
    assert b"train" not in publish_now(desk)["topics/ships.atom"]
    wanted = {hit.copy.stored.id for hit in search(desk.store, desk.configuration, "ship", desk.clock.now())}
    assert taken(desk, desk.configuration.topics[0]) == wanted


def test_a_killed_process_leaves_its_place_behind(desk):
    """Another one goes on from there: no item is asked twice, none is passed over."""
    one = topic("all", "words<9")
    edit(desk, one)
    fill(desk.store, desk.configuration, go_on=lambda: False)
    with desk.store.read() as rooms:
        [left] = rooms.filling.open()
    assert left.below is not None and left.fresh
    configure(desk.store, desk.configuration, desk.clock.now())
    with desk.store.read() as rooms:
        assert rooms.filling.open() == [left]
    steps(desk)
    assert len(taken(desk, one)) == 18


def test_whoever_has_another_configuration_leaves_it_alone(desk):
    """Two processes over one store: only the one whose query it is fills the topic."""
    from dataclasses import replace

    older = replace(desk.configuration, topics=(topic("ships", "train"),))
    edit(desk, topic("ships", "ship"))
    assert not fill(desk.store, older)
    with desk.store.read() as rooms:
        assert [one.below for one in rooms.filling.open()] == [None]
    fill(desk.store, desk.configuration)
    assert len(taken(desk, desk.configuration.topics[0])) == 6


def test_quiet_items_are_in_no_topic(desk):
    """What was no news when it came is none for a new topic."""
    desk.clock.forward(hours=2)
    desk.fetcher.answers["one"] = "".join(
        f"old{n}|https://one.example/old{n}|Old ship {n}\n" for n in range(60)
    ).encode()
    desk.collect()
    edit(desk, topic("ships", "ship"), topic("all"), topic("some", "words<9"))
    fill(desk.store, desk.configuration)
    with desk.store.read() as rooms:
        quiet = sum(1 for drop in rooms.drops.recent(100) if drop.reason.rule == "flood")
    held = [len(taken(desk, one)) for one in desk.configuration.topics]
    assert quiet > 0
    assert held == [6 + 60 - quiet, 18 + 60 - quiet, 18 + 60 - quiet]


def test_what_an_older_version_indexed_is_indexed_again(desk):
    """Its words were folded otherwise, and its texts not kept: both are there before the first question."""
    with desk.store._engine.begin() as connection:
        connection.execute(text("DELETE FROM item_texts"))
        connection.execute(text("DELETE FROM item_words"))
        connection.execute(text("INSERT INTO unindexed (item) SELECT pk FROM items"))
    edit(desk, topic("ships", "ship"), topic("others", "-ship"))
    assert steps(desk) > 4
    assert [len(taken(desk, one)) for one in desk.configuration.topics] == [6, 12]


def test_what_a_topic_showed_before_is_swept_in_slices(desk, monkeypatch):
    """After the edit it shows the new at once; a kill while the old goes loses nothing, nor does a removed topic."""
    monkeypatch.setattr(filling, "SWEPT", 5)
    edit(desk, topic("ships"), topic("gone"))
    fill(desk.store, desk.configuration)
    publish_now(desk, only=["ships", "gone"])
    edit(desk, topic("ships", "ship"))
    fill(desk.store, desk.configuration)
    held = taken(desk, desk.configuration.topics[0])
    slices = 1
    while sweep(desk.store, go_on=lambda: False):
        slices += 1
        assert taken(desk, desk.configuration.topics[0]) == held
        assert slices < 50
    assert len(held) == 6
    assert slices > 8
    with desk.store._engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM topic_items")).scalar() == len(held)
        assert connection.execute(text("SELECT count(*) FROM editions")).scalar() == 1
    assert not sweep(desk.store)


def test_compound_queries_are_decided_as_they_are_matched(desk, monkeypatch):
    """Every shape that the database decides, narrows or leaves open takes what the matcher takes."""
    parts = (
        "ship",
        "-sinks",
        "title:train",
        "lang:en",
        "source:one",
        "tag:sea",
        "words>2",
        "/ship/",
        "site:two.example",
    )
    queries = [f"{a} {b}" for a in parts for b in parts if a < b] + [f"-({a} OR {b})" for a, b in pairwise(parts)]
    topics = [topic(f"t{n}", query) for n, query in enumerate(queries)]
    matcher = Matcher(topics, {source.id: source for source in desk.configuration.sources})
    monkeypatch.setattr(filling, "TOGETHER", len(topics))
    edit(desk, *topics)
    fill(desk.store, desk.configuration)
    with desk.store.read() as rooms:
        copies = [copy for page in rooms.search.candidates(None) for copy in page]
    for one in topics:
        wanted = {copy.stored.id for copy in copies if matcher.judge(one.id, copy).matched}
        assert taken(desk, one) == wanted, one.query_text


def test_a_query_too_large_for_a_database_is_asked_of_the_items(desk):
    """Long and deep ones take what the matcher takes: a statement that the database refuses would end the program."""
    wide = " OR ".join(f'"东京{sign} 塔 展望 台 {n}"' for n in range(16) for sign in "一二三四五") + " OR 船"
    deep = "ship"
    for n in range(12):
        deep = f"-(x{n} -(ship OR ({deep} a{n})))" if n % 2 else f"(a{n} OR (ship {deep}))"
    for query in (wide, f"-({wide})", deep):
        one = topic("large", query)
        edit(desk, one)
        fill(desk.store, desk.configuration)
        with desk.store.read() as rooms:
            copies = [copy for page in rooms.search.candidates(None) for copy in page]
        matcher = Matcher([one], {source.id: source for source in desk.configuration.sources})
        assert taken(desk, one) == {copy.stored.id for copy in copies if matcher.takers(copy)}
