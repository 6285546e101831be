"""Addresses at which nothing stands any more: renamed and retired topics, pages of archives."""

from dataclasses import replace

import pytest
from web_desk import NOON, TOPIC, document

from aggregator.domain.archive import PAGE_SIZE, PastStory


@pytest.fixture
def aged(new_desk):
    """Topic `world` was `earth`, `moon` has ended, and `world` had 250 stories of which the first page is gone."""
    topics = [replace(TOPIC, was="earth")]
    new_desk.configuration = replace(new_desk.configuration, topics=tuple(topics))
    with new_desk.store.write() as rooms:
        rooms.topics.sync([*topics, replace(TOPIC, id="moon")], {"world": b"d" * 16, "moon": b"m" * 16})
        rooms.topics.sync(topics, {"world": b"d" * 16})
        past = [PastStory(id=str(n), item=n, order_at=NOON) for n in range(2 * PAGE_SIZE)]
        rooms.archives.append("world", past, until=NOON)
        rooms.archives.put("world", 1, None, NOON, digest=None)
        rooms.archives.put("world", 2, document("topics/world/archive/2.atom", b"<feed/>"), NOON, digest=None)
    return new_desk


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/topics/earth", 301, "/topics/world"),
        ("/topics/earth.atom", 301, "/topics/world.atom"),
        ("/topics/earth/archive/2.atom", 301, "/topics/world/archive/2.atom"),
        ("/topics/moon", 410, None),
        ("/topics/moon.rss", 410, None),
        ("/topics/moon/archive/1.atom", 410, None),
        ("/topics/world/archive/1.atom", 410, None),
        ("/topics/world/archive/2.atom", 200, None),
        ("/topics/world/archive/3.atom", 307, "/topics/world.atom"),
        ("/topics/world/archive/4.atom", 404, None),
        ("/topics/world/archive/0.atom", 404, None),
        ("/topics/world/archive/99999999999.atom", 404, None),
        ("/topics/mars.atom", 404, None),
        ("/topics/mars/archive/1.atom", 404, None),
    ],
)
def test_where_it_leads(aged, path, status, location):
    """301 for renamed, 410 for ended and pruned, the feed itself for the page that is to be written next."""
    answer = aged.get(path)
    assert (answer.status_code, answer.headers.get("location")) == (status, location)


def test_every_older_name_leads_on(new_desk):
    """A topic renamed twice, `was` gone from the file, renamed back, and ended: no subscriber is told a wrong end.

    Nothing is published here: 503 is what a topic answers that is configured and not published yet.
    """

    def name(*topics):
        new_desk.configuration = replace(new_desk.configuration, topics=topics)
        with new_desk.store.write() as rooms:
            rooms.topics.sync(topics, {topic.id: b"d" * 16 for topic in topics})

    def led(path):
        answer = new_desk.get(path)
        return answer.status_code, answer.headers.get("location")

    name(replace(TOPIC, id="a"))
    name(replace(TOPIC, id="b", was="a"))
    name(replace(TOPIC, id="c", was="b"))
    assert [led(f"/topics/{old}.rss") for old in "ab"] == [(301, "/topics/c.rss")] * 2
    name(replace(TOPIC, id="c"))
    assert led("/topics/a/archive/1.atom") == (301, "/topics/c/archive/1.atom")
    name(replace(TOPIC, id="a", was="c"))
    assert [led(f"/topics/{old}.atom") for old in "abc"] == [(503, None), *[(301, "/topics/a.atom")] * 2]
    name(replace(TOPIC, id="d"))
    assert [led(f"/topics/{old}.atom") for old in "abcd"] == [(410, None)] * 3 + [(503, None)]


def test_the_way_leads_under_the_sites_path(aged):
    """And never where the Host header says."""
    aged.reconfigure(url="https://example.org/desk")
    answer = aged.get("/desk/topics/earth.atom", Host="evil.example")
    assert (answer.status_code, answer.headers["location"]) == (301, "/desk/topics/world.atom")


def test_a_topic_that_returns_is_there_again(aged):
    with aged.store.write() as rooms:
        rooms.topics.sync([replace(TOPIC, id="moon")], {"moon": b"m" * 16})
    assert aged.get("/topics/moon.atom").status_code == 404
