"""Topics of digests: days and weeks that are over, each story in one of them, on both databases."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import feedparser
import pytest
from newsdesk import Newsdesk

from aggregator.domain.digest import Rhythm
from aggregator.domain.settings import Site
from aggregator.domain.topic import Content, Order, Topic
from aggregator.pipeline.configure import configure
from aggregator.pipeline.fill import fill
from aggregator.pipeline.publish import publish
from aggregator.steps.select import parse_query

DAILY = Topic(id="day", title="The day", digest=Rhythm.DAILY)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def desk(database, tmp_path):
    """Two sources, a day's end at Shanghai's midnight (16:00 UTC), and a topic of daily digests."""
    made = Newsdesk(database, tmp_path, topics=(DAILY,))
    made.clock.moment = NOON
    made.reconfigure(site=Site(url="https://desk.example", title="Desk", timezone="Asia/Shanghai"))
    return made


def news(desk, name, *titles):
    """A source has these stories now."""
    body = "".join(f"{title}|https://{name}.example/{title.replace(' ', '-')}|{title}\n" for title in titles)
    desk.fetcher.answers[name] = body.encode()
    desk.collect(only=frozenset({name}))


def published(desk, form="atom", name="day"):
    publish(desk.store, desk.configuration, desk.clock.now())
    with desk.store.read() as rooms:
        return rooms.documents.get(f"topics/{name}.{form}").document.body


def entries(desk, **more):
    feed = feedparser.parse(published(desk, **more))
    return [(entry.id.rpartition(":")[2], entry.title, entry.content[0].value) for entry in feed.entries]


def test_a_day_is_published_when_it_is_over(desk):
    """Not before, once, under an id and a date that stay."""
    news(desk, "one", "A ship sails", "A train leaves")
    assert entries(desk) == []
    desk.clock.moment = datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)
    assert entries(desk) == []
    desk.clock.moment = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    [(name, title, content)] = entries(desk)
    assert (name, title) == ("2026-11-20", "The day · 20 November 2026")
    assert '<a href="https://one.example/A-ship-sails">A ship sails</a> (Feed one)' in content
    assert "A train leaves" in content
    feed = feedparser.parse(published(desk))
    assert feed.entries[0].id == "tag:desk.example,2026:topic:day:digest:2026-11-20"
    assert feed.entries[0].updated == feed.feed.updated == "2026-11-20T16:00:00+00:00"


def test_every_story_is_in_exactly_one_digest(desk):
    """Those of two days, one that another outlet carries the day after, and a day without any."""
    news(desk, "one", "A ship sails")
    desk.clock.forward(days=1)
    news(desk, "two", "A train leaves")
    body = desk.fetcher.answers["two"] + b"copy|https://one.example/A-ship-sails|A ship sails\n"
    desk.fetcher.answers["two"] = body
    desk.clock.forward(minutes=30)
    desk.collect(only=frozenset({"two"}))
    desk.clock.forward(days=3)
    told = entries(desk)
    assert [name for name, _, _ in told] == ["2026-11-21", "2026-11-20"]
    assert "train" in told[0][2] and "ship" not in told[0][2]
    assert "ship" in told[1][2] and "Feed two" in told[1][2]


def test_a_correction_shows_and_announces_nothing(desk):
    news(desk, "one", "A ship sails")
    desk.clock.forward(days=1)
    before = feedparser.parse(published(desk))
    desk.fetcher.answers["one"] = b"A ship sails|https://one.example/A-ship-sails|A ferry sails\n"
    desk.collect(only=frozenset({"one"}))
    after = feedparser.parse(published(desk))
    assert "A ferry sails" in after.entries[0].content[0].value
    told = [(e.id, e.updated, e.published, e.title) for e in before.entries]
    assert [(e.id, e.updated, e.published, e.title) for e in after.entries] == told
    assert after.feed.updated == before.feed.updated


def test_a_restart_gives_the_same_bytes(desk, tmp_path):
    """Rendered anew from what is stored, whatever was published before, at any later time of the day."""
    news(desk, "one", "A ship sails", "A train leaves")
    desk.clock.forward(days=1)
    before = {form: published(desk, form) for form in ("atom", "rss", "json", "html")}
    desk.clock.forward(hours=3)
    desk.reconfigure(topics=(replace(DAILY, title="Another"),))
    published(desk)
    desk.reconfigure(topics=(DAILY,))
    assert {form: published(desk, form) for form in before} == before


def test_all_formats_tell_the_same(desk):
    news(desk, "one", "A ship sails")
    desk.clock.forward(days=1)
    name = "tag:desk.example,2026:topic:day:digest:2026-11-20"
    [item] = json.loads(published(desk, "json"))["items"]
    assert item["id"] == feedparser.parse(published(desk, "rss")).entries[0].id == name
    assert item["url"] == "https://desk.example/topics/day.html#2026-11-20"
    assert "A ship sails" in item["content_html"]
    page = published(desk, "html").decode()
    assert 'id="2026-11-20"' in page
    assert '<a href="https://one.example/A-ship-sails">A ship sails</a>' in page
    with desk.store.read() as rooms:
        assert "A ship sails" in rooms.documents.get("index.html").document.body.decode()
        assert not [path for path in rooms.documents.paths() if "archive" in path]


def test_the_front_page_tells_nothing_before(desk):
    news(desk, "one", "A ship sails")
    published(desk)
    with desk.store.read() as rooms:
        assert "A ship sails" not in rooms.documents.get("index.html").document.body.decode()


def test_a_story_that_belongs_to_the_topic_later_is_in_the_next_digest(desk):
    """What a second outlet carries only the day after, and what has not settled at midnight."""
    both = replace(DAILY, id="both", title="Both", min_sources=2)
    calm = replace(DAILY, id="calm", title="Calm", settle=timedelta(hours=6))
    desk.reconfigure(topics=(both, calm))
    news(desk, "one", "A ship sails")
    desk.clock.forward(days=1)
    assert [name for name, _, _ in entries(desk, name="both")] == []
    assert [name for name, _, _ in entries(desk, name="calm")] == []
    desk.fetcher.answers["two"] = b"copy|https://one.example/A-ship-sails|A ship sails\n"
    desk.collect(only=frozenset({"two"}))
    desk.clock.forward(days=1)
    assert [name for name, _, _ in entries(desk, name="both")] == ["2026-11-21"]
    assert [name for name, _, _ in entries(desk, name="calm")] == ["2026-11-21"]


def test_an_edited_query_finds_its_past_where_it_belongs(desk):
    """Stories that an edit lets in go into the digests of their days; those it puts out leave them."""
    desk.reconfigure(topics=(replace(DAILY, query=parse_query("ship"), query_text="ship"),))
    news(desk, "one", "A ship sails", "A train leaves")
    desk.clock.forward(days=1)
    news(desk, "two", "Another ship")
    desk.clock.forward(days=1)
    assert [name for name, _, _ in entries(desk)] == ["2026-11-21", "2026-11-20"]
    desk.reconfigure(topics=(replace(DAILY, query=parse_query("train"), query_text="train"),))
    fill(desk.store, desk.configuration)
    [(name, _, content)] = entries(desk)
    assert name == "2026-11-20"
    assert "train" in content and "ship" not in content


def test_a_new_topic_has_digests_of_the_days_before(desk):
    """By the dates of the stories, a month back."""
    desk.reconfigure(topics=())
    news(desk, "one", "A ship sails")
    desk.clock.forward(days=2)
    news(desk, "two", "A train leaves")
    desk.clock.forward(days=1)
    desk.reconfigure(topics=(DAILY,))
    fill(desk.store, desk.configuration)
    assert [name for name, _, _ in entries(desk)] == ["2026-11-22", "2026-11-20"]
    desk.clock.forward(days=40)
    assert entries(desk) == []


def test_limit_and_order_are_those_of_each_digest(desk):
    few = replace(DAILY, limit=2, order=Order.MOST_COVERED, content=Content.LINK)
    desk.reconfigure(topics=(few,))
    news(desk, "one", "A", "B", "C", "D")
    desk.fetcher.answers["two"] = b"copy|https://one.example/B|B\n"
    desk.collect(only=frozenset({"two"}))
    desk.clock.forward(days=1)
    [(_, _, content)] = entries(desk)
    assert content.count("<li") == 2
    assert content.index(">B</a>") < 200
    desk.clock.forward(days=1)
    assert len(entries(desk)) == 1  # what there was no room for is in no later one


def test_a_week_begins_on_monday(desk):
    desk.reconfigure(topics=(replace(DAILY, digest=Rhythm.WEEKLY),))
    news(desk, "one", "A ship sails")  # Friday
    desk.clock.moment = datetime(2026, 11, 22, 15, 59, tzinfo=UTC)
    assert entries(desk) == []
    desk.clock.forward(minutes=1)
    [(name, title, _)] = entries(desk)
    assert (name, title) == ("2026-W47", "The day · 16 November 2026 – 22 November 2026")


def test_a_day_that_nobody_was_there_is_made_up_for(desk):
    """A daemon that slept over two midnights closes both days, each with its own stories."""
    news(desk, "one", "A ship sails")
    entries(desk)
    desk.clock.forward(days=1)
    news(desk, "two", "A train leaves")
    desk.clock.forward(days=2)
    assert [name for name, _, _ in entries(desk)] == ["2026-11-21", "2026-11-20"]


def test_it_is_published_at_midnight_without_any_news(desk):
    """The end of the day makes the topic stale."""
    news(desk, "one", "A ship sails")
    published(desk)
    with desk.store.read() as rooms:
        assert rooms.topics.stale(desk.clock.now()) == []
        assert rooms.topics.stale(datetime(2026, 11, 20, 16, tzinfo=UTC)) == ["day"]


def test_a_site_that_moves_to_another_zone_has_one_digest_a_day(desk):
    """A day that both zones call by one name is one entry under one id, and older entries keep their titles."""
    desk.clock.moment = datetime(2026, 11, 21, 12, tzinfo=UTC)
    news(desk, "one", "A ship sails")
    desk.clock.moment = datetime(2026, 11, 21, 17, tzinfo=UTC)  # in Shanghai the 21st is over
    [before] = entries(desk)
    assert before[:2] == ("2026-11-21", "The day · 21 November 2026")
    desk.reconfigure(site=Site(url="https://desk.example", title="Desk", timezone="America/Los_Angeles"))
    assert entries(desk) == [before]
    news(desk, "two", "A train leaves")
    desk.clock.forward(days=1)
    [(name, title, content)] = entries(desk)
    assert (name, title) == before[:2]
    assert "A ship sails" in content and "A train leaves" in content


def test_days_and_weeks_that_end_at_once_stay_apart(desk):
    """A topic that turns from daily to weekly on a Monday: each entry stands once."""
    calm = replace(DAILY, settle=timedelta(hours=6))
    desk.reconfigure(topics=(calm,))
    desk.clock.moment = datetime(2026, 11, 22, 2, tzinfo=UTC)  # Sunday
    news(desk, "one", "A", "B", "C")
    desk.clock.moment = datetime(2026, 11, 22, 15, tzinfo=UTC)
    news(desk, "two", "D", "E", "F")
    desk.clock.moment = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert [name for name, _, _ in entries(desk)] == ["2026-11-22"]
    desk.reconfigure(topics=(replace(calm, digest=Rhythm.WEEKLY, settle=timedelta(0)),))
    assert sorted(name for name, _, _ in entries(desk)) == ["2026-11-22", "2026-W47"]


def test_the_front_page_decides_nothing_for_a_topic_that_is_being_filled(desk):
    """Its past goes into digests when its new query has been asked of everything, whoever is published meanwhile."""
    other = Topic(id="other", title="Other")
    ship = replace(DAILY, query=parse_query("ship"), query_text="ship")
    desk.reconfigure(topics=(ship, other))
    news(desk, "one", "A ship sails", "A train leaves")
    desk.clock.forward(days=1)
    assert [name for name, _, _ in entries(desk)] == ["2026-11-20"]
    edited = (replace(ship, query=parse_query("train"), query_text="train"), other)
    desk.configuration = replace(desk.configuration, topics=edited)
    configure(desk.store, desk.configuration, desk.clock.now())
    news(desk, "two", "A bus stops")
    published(desk, name="other")
    fill(desk.store, desk.configuration)
    [(name, _, content)] = entries(desk)
    assert name == "2026-11-20"
    assert "train" in content and "ship" not in content
