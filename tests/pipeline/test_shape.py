"""The shape of a topic, through the whole program."""

from datetime import timedelta

import pytest
from newsdesk import Newsdesk, source

from aggregator.domain.topic import Order, Topic
from aggregator.pipeline.plan import plan
from aggregator.pipeline.preview import preview
from aggregator.pipeline.publish import publish
from aggregator.steps.select import parse_query

TOPICS = (
    Topic(id="all", title="All"),
    Topic(id="three", title="Three", query=parse_query("ship"), query_text="ship", min_sources=3),
    Topic(id="two-of", title="Two", source_ids=frozenset({"one", "two"}), min_sources=2),
    Topic(id="covered", title="Covered", order=Order.MOST_COVERED, limit=2),
    Topic(id="share", title="Share", per_source=1),
    Topic(id="later", title="Later", settle=timedelta(minutes=30)),
)


@pytest.fixture
def desk(database, tmp_path):
    """One story that three sources carry (one of them in other words), one of two, two of one."""
    desk = Newsdesk(database, tmp_path, sources=("one", "two", source("three", rank=5)), topics=TOPICS)
    desk.fetcher.answers |= {
        "one": b"a|https://x.example/1|A ship sails\nb|https://x.example/2|A train leaves\nc|https://one.example/3|Alone",
        "two": b"d|https://x.example/1|Another ship\ne|https://two.example/1|By two",
        "three": b"f|https://x.example/1|The vessel\ng|https://x.example/2|The train",
    }
    desk.collect()
    put_out(desk)
    return desk


def put_out(desk):
    return publish(desk.store, desk.configuration, desk.clock.now())


def shown(desk, name):
    import feedparser

    with desk.store.read() as rooms:
        feed = feedparser.parse(rooms.documents.get(f"topics/{name}.atom").document.body)
    return [entry.title for entry in feed.entries]


def test_carriers_count_whether_or_not_they_match(desk):
    """The third outlet speaks of a vessel: it carries the story all the same. Only the topic's sources count."""
    assert len(shown(desk, "all")) == 4
    assert len(shown(desk, "three")) == 1
    assert shown(desk, "three")[0] in {"A ship sails", "Another ship"}
    assert len(shown(desk, "two-of")) == 1


def test_most_covered_first(desk):
    assert [title.split()[-1] for title in shown(desk, "covered")] == ["vessel", "train"]


def test_a_share_for_each_source(desk):
    """The source of the copy that is shown counts: three's rank makes both big stories its own."""
    assert sorted(shown(desk, "share")) in (
        ["Alone", "By two", "The train"], ["Alone", "By two", "The vessel"]
    )  # fmt: skip


def test_stories_settle(desk):
    """Published the moment they may be, without anything new having come."""
    assert shown(desk, "later") == []
    desk.clock.forward(minutes=29)
    put_out(desk)
    assert shown(desk, "later") == []
    desk.clock.forward(minutes=1)
    assert put_out(desk).topics == ("later",)
    assert len(shown(desk, "later")) == 4


def test_preview_and_plan_count_carriers_too(desk):
    now = desk.clock.now()
    three = next(topic for topic in TOPICS if topic.id == "three")
    assert preview(desk.store, desk.configuration, three, now, now - timedelta(days=1)).stories == 1
    assert plan(desk.store, desk.configuration, now).topics == ()
    desk.reconfigure(topics=(Topic(id="three", title="Three", query=parse_query("ship"), query_text="ship"),))
    from dataclasses import replace

    (change,) = plan(desk.store, replace(desk.configuration, topics=(three,)), now).topics
    assert (change.keys, len(change.enters), len(change.leaves)) == (("min_sources",), 0, 0)
