"""The index never hides what a query takes, on either database."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

import pytest
from hypothesis import HealthCheck, given, settings
from material import source
from query_strategies import WORDS, queries

from aggregator.domain.entry import Author, Category
from aggregator.domain.item import Item, Keys
from aggregator.domain.story import NewItem, Reason, StoryIntent, UpdateItem
from aggregator.domain.topic import Topic
from aggregator.steps.select import Matcher, needed, parse_query
from aggregator.text.terms import INDEX_LIMIT

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WHY = Reason(rule="test", text="because")
SOURCES = {"a": source("a", tags=("a", "b")), "b": source("b", language="zh-Hant")}


def item(number, source_id="a", **more):
    digest = blake2b(f"{source_id} {number}".encode(), digest_size=16).digest()
    values = {"title": f"item {number}", "link": f"https://{source_id}.example/{number}", "guid": None, "text": ""}
    return Item(source_id=source_id, keys=Keys(text=digest), raw_hash=digest, text_hash=digest, **(values | more))


def store(database, *items, now=NOW):
    with database.write() as rooms:
        rooms.sources.sync(list(SOURCES.values()), now)
        for one in items:
            name = f"tag:x,2026:{one.source_id}/{one.keys.text.hex()}"
            rooms.items.apply(
                one.source_id,
                [NewItem(item=one, public_id=name, story=StoryIntent(story=None, reason=WHY), reason=WHY)],
                now,
            )


def found(database, query, **more):
    """The titles of the candidates, newest arrival first."""
    with database.read() as rooms:
        pages = list(rooms.search.candidates(needed(parse_query(query)), **more))
    return [copy.stored.item.title for page in pages for copy in page]


def written(chance):
    """A text of the words that the random queries are made of, and of others."""
    words = [chance.choice((*WORDS, "x", "工業互聯網", "🎉", "Ab.", "，")) for _ in range(chance.randrange(6))]
    return "".join(word + chance.choice((" ", "", ", ")) for word in words)


@pytest.fixture
def filled(database):
    chance = random.Random(5)
    store(
        database,
        *(
            item(
                number,
                chance.choice("ab"),
                title=written(chance),
                text=written(chance),
                authors=(Author(name=written(chance)),),
                categories=(Category(term=written(chance), label=written(chance)),),
                words=number,
                language=chance.choice((None, "zh")),
            )
            for number in range(80)
        ),
    )
    return database


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(query=queries())
def test_the_index_finds_all_that_the_matcher_takes(filled, query):
    """Asked of the candidates alone, a query takes what it takes of all items."""
    matcher = Matcher([Topic(id="t", title="t", query=query)], SOURCES)
    with filled.read() as rooms:
        everything = [copy for page in rooms.search.candidates(None, size=30) for copy in page]
        candidates = [copy for page in rooms.search.candidates(needed(query), size=30) for copy in page]
    assert len(everything) == 80
    taken = [copy.stored.id for copy in everything if matcher.match(copy)]
    assert [copy.stored.id for copy in candidates if matcher.match(copy)] == taken


def test_the_index_passes_over_most_of_what_does_not_match(database):
    """Words, pairs of characters, single characters and beginnings each find their own."""
    store(database, item(1, title="工业互联网"), item(2, title="工人"), item(3, title="The C++ climate"))
    assert found(database, "工业") == ["工业互联网"]
    assert found(database, "網") == ["工业互联网"]
    assert found(database, "工") == ["工人", "工业互联网"]
    assert found(database, "clim*") == ["The C++ climate"]
    assert found(database, "clim") == []
    assert found(database, "c++ OR 工人") == ["The C++ climate", "工人"]
    assert found(database, "climate -c++") == ["The C++ climate"]
    assert len(found(database, "-climate")) == len(found(database, "lang:zh OR climate")) == 3


def test_an_item_is_found_by_its_words_of_today(database):
    """A changed entry is found by what it says now, a pruned one not at all."""
    old = item(1, title="before")
    store(database, old)
    assert found(database, "before") == ["before"]
    with database.write() as rooms:
        rooms.items.apply("a", [UpdateItem(id=1, item=replace(old, title="after"), text_changed=True, reason=WHY)], NOW)
    assert (found(database, "before"), found(database, "after")) == ([], ["after"])
    with database.write() as rooms:
        assert rooms.items.prune(NOW + timedelta(days=1), forget_before=NOW) == 1
    assert found(database, "after") == []


def test_the_sqlite_index_stays_sound(sqlite_url):
    """FTS5's own check finds the index equal to the words stored, after changes and pruning."""
    from storage import Database

    database = Database.open(sqlite_url)
    old = item(1, title="工业互联网 before")
    store(database, old, item(2, title="another"))
    with database.write() as rooms:
        rooms.items.apply("a", [UpdateItem(id=1, item=replace(old, title="after"), text_changed=True, reason=WHY)], NOW)
    store(database, item(3), now=NOW + timedelta(days=2))
    with database.write() as rooms:
        rooms.items.prune(NOW + timedelta(days=1), forget_before=NOW)
    with database._engine.connect() as connection:
        check = "INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)"
        connection.exec_driver_sql(check)
        assert connection.exec_driver_sql("SELECT count(*) FROM item_words").scalar() == 1
        assert connection.exec_driver_sql("SELECT rowid FROM search_index").scalars().all() == [3]
    database.close()


def test_a_book_is_looked_at_by_every_search(database):
    """Of a text with more words than the index takes, no hit is lost."""
    book = " ".join(f"word{number:06}" for number in range(INDEX_LIMIT // 11 + 1))
    store(database, item(1, title="book", text=f"{book} needle"), item(2, title="leaf"))
    assert found(database, "needle") == ["book"]
    assert found(database, "leaf OR nothing") == ["leaf", "book"]


@pytest.mark.parametrize("depth", [11, 12, 13, 45])
def test_deep_queries_are_understood_by_the_index(database, depth):
    """Neither database's parser gives up on a query that ours takes."""
    store(database, item(1, title="a b"))
    text = "a"
    for level in range(depth):
        text = f"({text} {'OR b' if level % 2 else 'b'})"
    assert found(database, text) == ["a b"]


def test_candidates_can_be_narrowed(database):
    """By source and by age."""
    store(database, item(1, "a", title="old", published=NOW - timedelta(days=3)), item(2, "b", title="young"))
    assert found(database, "", since=NOW - timedelta(days=1)) == ["young"]
    assert found(database, "", source_ids=frozenset({"a"})) == ["old"]
    assert found(database, "", topic_ids=frozenset({"t"})) == []
