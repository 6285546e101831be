"""One pass for many topics answers as asking each topic does."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from material import ITEMS, SOURCES, copy, source
from query_strategies import WORDS, queries

from aggregator.domain.entry import Author, Category
from aggregator.domain.topic import Topic
from aggregator.steps.select import Matcher, Prepared, parse_query
from aggregator.steps.select import matcher as matching
from aggregator.steps.select.clauses import compile_query
from aggregator.steps.select.narrowing import Narrowing

KNOWN = {"a": source("a", tags=("a", "b"), language="zh-Hant"), "b": source("b", title="Zh", tags=("B",))}


def topics(asked, source_ids=(None,)):
    return [
        Topic(id=f"t{n}", title="t", query=query, source_ids=source_ids[n % len(source_ids)])
        for n, query in enumerate(asked)
    ]


def written(chance):
    words = [chance.choice((*WORDS, "x", "工業互聯網", "Ab.", "，")) for _ in range(chance.randrange(7))]
    return "".join(word + chance.choice((" ", "", ", ")) for word in words)


def random_copies(seed):
    chance = random.Random(seed)
    return [
        copy(
            number,
            source_id=chance.choice(("a", "b", "gone")),
            title=written(chance),
            text=written(chance),
            authors=(Author(name=written(chance)),),
            categories=(Category(term=written(chance)),),
            link=chance.choice((None, "https://news.a.example/5g?q=%E5%B7%A5%E4%B8%9A", "http://b/x", "https://[bad")),
            language=chance.choice((None, "zh", "en-GB")),
            words=chance.randrange(20),
        )
        for number in range(6)
    ]


@settings(max_examples=150, deadline=None)
@given(asked=st.lists(queries(), min_size=1, max_size=25), seed=st.integers(0, 10_000))
def test_every_topic_answers_as_if_it_were_asked_alone(asked, seed):
    """The same topics, in the configuration's order, whatever they ask for and whichever sources they have."""
    configured = topics(asked, (None, frozenset({"a"}), frozenset({"b", "gone"})))
    matching.FEW, before = 0, matching.FEW
    try:
        matcher = Matcher(configured, KNOWN)
    finally:
        matching.FEW = before
    for one in random_copies(seed):
        source_id = one.stored.item.source_id
        item = Prepared(one, KNOWN.get(source_id))
        alone = [
            topic.id
            for topic in configured
            if (topic.source_ids is None or source_id in topic.source_ids) and compile_query(topic.query)(item)
        ]
        assert [verdict.topic_id for verdict in matcher.match(one)] == alone


@pytest.mark.parametrize(
    ("query", "item", "asked"),
    [
        ("chips", "chip", True),
        ("chips", "port", False),
        ("工业 5g", "5g", True),
        ("title:chips OR author:doe", "chip", True),
        ("author:doe", "port", False),
        ("lang:zh", "5g", True),
        ("lang:en", "5g", False),
        ("site:bbc.co.uk", "chip", True),
        ("site:bbc.co.uk", "port", False),
        ("the tsmc", "chip", True),
        ("chips lang:zh", "chip", True),  # the rarer of the two is asked for
        ("tag:world", "chip", True),
        ("category:tech*", "chip", True),
        ("link:harbour", "port", True),
    ],
)
def test_only_what_can_match_is_asked(query, item, asked):
    """A query with no key of its own in the item costs nothing."""
    one = ITEMS[item]
    narrowing = Narrowing([parse_query(query)])
    assert narrowing.always == []
    assert narrowing.places(Prepared(one, SOURCES[one.stored.item.source_id])) == ({0} if asked else set())


@pytest.mark.parametrize("query", ["", "-chips", "/chips/", "chips OR -port", "has:image", "words>3", "source:a*"])
def test_what_has_no_key_is_always_asked(query):
    assert Narrowing([parse_query(query)]).always == [0]


def test_ten_thousand_topics_evaluate_a_handful(monkeypatch):
    """What is evaluated grows with what an item says, not with how many topics there are."""
    tests = []
    monkeypatch.setattr(
        matching, "compile_query", lambda query: lambda item: tests.append(query) or compile_query(query)(item)
    )
    asked = [parse_query(f"word{number} OR title:工业{number}") for number in range(10_000)]
    found = Matcher(topics(asked), KNOWN).match(copy(text="Word77 and word78", title="工业9999"))
    assert [verdict.topic_id for verdict in found] == ["t77", "t78", "t9999"]
    assert len(tests) < 12
