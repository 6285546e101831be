"""Searching what is stored, and what a query would hold of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from newsdesk import Newsdesk

from aggregator.domain.settings import SameStory
from aggregator.domain.topic import Topic
from aggregator.pipeline.preview import preview
from aggregator.pipeline.publish import publish
from aggregator.pipeline.search import SHOWN, public_search, search
from aggregator.steps.select import QueryError, parse_query

TOPICS = (Topic(id="ships", title="Ships", query=parse_query("ship*"), query_text="ship*"),)


@pytest.fixture
def desk(database, tmp_path):
    desk = Newsdesk(database, tmp_path, topics=TOPICS)
    desk.fetcher.answers["one"] = (
        "a|https://one.example/1|A ship sails\nb|https://one.example/2|A train leaves\n"
        "c|https://one.example/3|工业互联网 ship"
    ).encode()
    desk.collect()
    desk.clock.forward(days=2)
    desk.fetcher.answers["two"] = b"c|https://one.example/1|Another ship\nd|https://two.example/2|Shipping train"
    desk.collect(frozenset({"two"}))
    publish(desk.store, desk.configuration, desk.clock.now())
    return desk


def titles(desk, text):
    return [hit.copy.stored.item.title for hit in search(desk.store, desk.configuration, text, desk.clock.now())]


def test_search_takes_what_the_query_says(desk):
    """Newest arrival first; the whole language is there, age too."""
    assert titles(desk, "ship") == ["Another ship", "工业互联网 ship", "A ship sails"]
    assert titles(desk, "train -ship*") == ["A train leaves"]
    assert titles(desk, "業互") == ["工业互联网 ship"]
    assert titles(desk, "age<1d") == ["Shipping train", "Another ship"]
    assert titles(desk, "source:one /^A/") == ["A train leaves", "A ship sails"]
    assert titles(desk, "-ship") == ["Shipping train", "A train leaves"]
    assert titles(desk, "submarine") == []


def test_search_leaves_out_removed_sources(desk):
    desk.reconfigure(sources=desk.configuration.sources[:1])
    assert titles(desk, "ship") == ["工业互联网 ship", "A ship sails"]


def test_a_hit_tells_the_words_found(desk):
    (hit,) = search(desk.store, desk.configuration, "shipping", desk.clock.now())
    assert hit.words == ("Shipping",)
    assert "in the title" in hit.verdict.reason.text


def answer(desk, text, *, clock=lambda: 0.0):
    return public_search(
        desk.store, desk.configuration, text, desk.clock.now(), clock=clock, within=timedelta(seconds=1)
    )


def test_the_public_finds_stories_of_topics_only(desk):
    """Copies are one story; what no topic holds is not found."""
    found = answer(desk, "ship OR train")
    shown = {entry.shown.stored.item.title: entry for entry in found.selection.entries}
    assert next(iter(shown)) == "Shipping train"
    assert shown.keys() == {"Shipping train", "A ship sails", "工业互联网 ship"}
    assert [copy.stored.item.title for copy in shown["A ship sails"].others] == ["Another ship"]
    assert found.words[found.selection.entries[0].id] == ("train",)
    assert not found.cut


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("/ship/", "regular expression"),
        ("ship /x/", "regular expression"),
        ("-ship", "no word"),
        ("", "no word"),
        ("has:image OR ship", "no word"),
        (" OR ".join(f"w{n}" for n in range(17)), "16 terms"),
        ("ship " * 50, "200 characters"),
        ("ship OR", "column 6"),
    ],
)
def test_the_public_may_not_ask_for_everything(desk, query, says):
    """No expression, no pure negation, nothing long; each refusal says what to do."""
    with pytest.raises(QueryError, match=says):
        answer(desk, query)


def test_a_public_search_ends_when_its_time_is_over(desk, monkeypatch):
    """What was found by then is the answer, and it says so."""
    monkeypatch.setattr("aggregator.pipeline.search.PAGE", 1)
    ticks = iter(range(100))
    found = answer(desk, "ship*", clock=lambda: float(next(ticks)))
    assert found.cut
    assert len(found.selection.entries) == 2


def test_a_public_search_shows_no_more_than_a_page(desk):
    lines = "\n".join(f"x{n}|https://one.example/x{n}|ship {n}" for n in range(SHOWN + 60))
    desk.fetcher.answers["one"] = lines.encode()
    desk.clock.forward(days=1)
    desk.collect()
    publish(desk.store, desk.configuration, desk.clock.now())
    assert len(answer(desk, "ship").selection.entries) == SHOWN


def look(desk, query, *, days=30, **more):
    topic = replace(Topic(id="t", title="t", query=parse_query(query, age=True), query_text=query), **more)
    now = desk.clock.now()
    return preview(desk.store, desk.configuration, topic, now, now - timedelta(days=days))


def test_a_preview_counts_stories_items_days_and_sources(desk):
    found = look(desk, "ship", days=3)
    assert (found.items, found.stories) == (3, 2)
    assert list(found.per_day.values()) == [0, 2, 0, 0]
    assert found.per_source == {"one": 2}
    assert len(found.selection.entries) == 2
    assert look(desk, "ship", days=1).stories == 1


def test_a_preview_keeps_no_texts(desk):
    """Of everything a topic takes, thousands are held at a time; who reads the preview sees titles."""
    kept = [hit.copy.stored.item for hit in look(desk, "ship").hits.values()]
    assert len(kept) == 3
    assert not any(item.text or item.content or item.summary for item in kept)


def test_a_preview_shows_what_the_topic_would(desk):
    """Its sources, its limit and its way to join copies count."""
    assert look(desk, "ship", source_ids=frozenset({"two"})).per_source == {"two": 1}
    limited = look(desk, "ship", limit=1)
    assert (limited.stories, len(limited.selection.entries)) == (2, 1)
    assert look(desk, "ship", same_story=SameStory.OFF).stories == 3


@pytest.mark.parametrize(
    ("query", "effects"),
    [
        ("ship", []),
        ("ship OR train", [("ship", 3, 0, False), ("train", 2, 0, False)]),
        ("train -shipping", [("train", 0, 0, True), ("-shipping", 0, 1, False)]),
        ("ship (another OR 工业)", [
            ("ship", 0, 0, False), ("(another OR 工业)", 0, 1, False), ("another", 1, 0, False), ("工业", 1, 0, False)
        ]),
        ("-ship -train", [("-ship", 0, 3, False), ("-train", 0, 2, False)]),
    ],
)  # fmt: skip
def test_a_preview_tells_what_each_clause_does(desk, query, effects):
    """What it alone brings in, what it alone keeps out, and where it is all there is to look for."""
    found = [(e.clause, e.adds, e.removes, e.alone) for e in look(desk, query).effects]
    assert found == effects
