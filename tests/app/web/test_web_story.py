"""`/stories/ID` over a real server: the story, its other outlets, its corrections, why it is here."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from web_desk import NOON, SOURCE, TOPIC

from aggregator.domain.item import Item, Keys
from aggregator.domain.source import Source
from aggregator.domain.story import NewItem, Reason, StoryIntent, UpdateItem
from aggregator.domain.topic import Content, Verdict

WHY = Reason(rule="test", text="because it says flood")
PAPER = Source(id="paper", title="The Paper", url="https://paper.example/feed", shown_url="https://paper.example/feed")
ID = "tag:x,2026:bbc/one"


def item(source, number, **more):
    digest = bytes([number]) * 16
    values = {"guid": None, "link": f"https://{source}.example/{number}", "title": f"Item {number}", "language": "en"}
    return Item(source_id=source, keys=Keys(text=digest), raw_hash=digest, text_hash=digest, **(values | more))


def new(it, name, story=None):
    return NewItem(item=it, public_id=name, story=StoryIntent(story=story, reason=WHY), reason=WHY)


@pytest.fixture
def told(new_desk):
    """A story of two outlets, one of which was corrected; and a copy that no topic holds."""
    first = item("bbc", 1, title="Flood: <b>12</b> hurt", text="12 were hurt.\nThe flood <came> at night.")
    with new_desk.store.write() as rooms:
        rooms.sources.sync([SOURCE, PAPER], NOON)
        rooms.items.apply("bbc", [new(first, ID)], NOON)
        rooms.items.apply("paper", [new(item("paper", 2), "tag:x,2026:paper/two", 1)], NOON)
        rooms.items.apply("paper", [new(item("paper", 3, title="Unheld"), "tag:x,2026:paper/three", 1)], NOON)
        later = replace(first, title="Flood: 14 hurt", text="14 were hurt.", raw_hash=b"n" * 16, text_hash=b"n" * 16)
        rooms.items.apply(
            "bbc", [UpdateItem(id=1, item=later, text_changed=True, reason=WHY)], NOON + timedelta(hours=1)
        )
        copies = rooms.topics.unmatched(9)
        verdict = Verdict(topic_id="world", matched=True, reason=WHY)
        rooms.topics.matched(copies, {copy.stored.id: [verdict] for copy in copies if copy.stored.id < 3})
    return new_desk


def page(desk, story=ID):
    return desk.get(f"/stories/{quote(story)}").wire.decode()


def test_the_page_tells_the_story(told):
    shown = page(told)
    assert "<h1" in shown and "Flood: 14 hurt" in shown
    assert '<p dir="auto">14 were hurt.</p>' in shown
    assert "The Paper" in shown and "https://paper.example/2" in shown
    assert "because it says flood" in shown and 'href="/topics/world"' in shown


def test_corrections_are_listed(told):
    """The headline before, escaped, and the figures that went and came."""
    shown = page(told)
    assert "Flood: &lt;" in shown and "<b>12" not in shown
    assert "<del>12</del>" in shown and "<ins>14</ins>" in shown
    assert "2026-11-20T13:00:00Z" in shown


def test_only_copies_of_public_topics_are_shown(told):
    assert "Unheld" not in page(told)


@pytest.mark.parametrize(("content", "text"), [(Content.FULL, True), (Content.SUMMARY, True), (Content.LINK, False)])
def test_no_more_is_republished_than_its_topics_do(told, content, text):
    told.configuration = replace(told.configuration, topics=(replace(TOPIC, content=content),))
    assert ("were hurt" in page(told)) == text


@pytest.mark.parametrize("path", ["x", ID + "x", "", "%00", "a" * 600, "tag:x,2026:paper/three"])
def test_there_is_no_other_story(told, path):
    """Also not one by the id of a copy that does not name it."""
    assert told.get(f"/stories/{path}").status_code == 404


def test_a_story_of_no_topic_is_not_there(told):
    told.configuration = replace(told.configuration, topics=())
    assert told.get(f"/stories/{quote(ID)}").status_code == 404


def test_it_is_protected_like_every_page(told):
    answer = told.get(f"/stories/{quote(ID)}")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "public, max-age=60"
    assert told.get(f"/stories/{quote(ID)}", method="HEAD").wire == b""
