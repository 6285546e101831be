"""`/stories/ID` over a real server: the story, its other outlets, its corrections, why it is here."""

import importlib.util
import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from web_desk import NOON, SOURCE, TOPIC

from aggregator.app.web.story import _page
from aggregator.domain.entry import Author, FeedInfo
from aggregator.domain.item import Item, Keys, StoredItem
from aggregator.domain.settings import Configuration, Site
from aggregator.domain.source import Source
from aggregator.domain.story import NewItem, Reason, StoryIntent, UpdateItem
from aggregator.domain.topic import Content, Copy, Selected, Verdict
from aggregator.pipeline.story import Correction, StoryView

HOSTILE = Path(__file__).parents[4] / "shared" / "cases" / "hostile"
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
    new_desk.configuration = replace(new_desk.configuration, sources=(SOURCE, PAPER))
    return new_desk


def test_a_removed_source_tells_nothing_more(told):
    """Its copies leave the story's page with the topics."""
    told.configuration = replace(told.configuration, sources=(SOURCE,))
    assert "The Paper" not in page(told)


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


def hostile_page(texts):
    """The page of a story each of whose copies, corrections and reasons says one of these."""
    copies = []
    for number, text in enumerate(texts):
        said = item("bbc", number % 250, title=text, text=text, authors=(Author(name=text),), link=text, language=text)
        stored = StoredItem(
            id=number, public_id=ID, item=said, first_seen=NOON, order_at=NOON, changed_at=NOON, story=ID
        )
        copies.append(Copy(stored=stored, rank=0, source_title=text, source_url=text, feed=FeedInfo(language=text)))
    shown = Selected(id=ID, shown=copies[0], order_at=NOON, first_seen=NOON, updated=NOON)
    view = StoryView(
        story=shown,
        copies=tuple(copies),
        topics=tuple((replace(TOPIC, title=text), Reason(rule="test", text=text)) for text in texts),
        corrections=tuple(
            Correction(at=NOON, copy=copy, title=text, figures_gone=(text,), figures_new=(text,))
            for copy, text in zip(copies, texts, strict=True)
        ),
        content=Content.FULL,
    )
    return _page(view, Configuration(path=Path("/nowhere/feeds.yaml"), site=Site(title=texts[0])))


def test_nothing_foreign_runs():
    """Public payloads in every field of the page add nothing that could run."""
    if not HOSTILE.exists():
        pytest.skip("needs the hostile cases beside the checkout")
    spec = importlib.util.spec_from_file_location("xsscheck", HOSTILE / "xsscheck.py")
    check = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(check)
    payloads = [case["payload"] for case in json.loads((HOSTILE / "xss_payloads.json").read_text(encoding="utf-8"))]
    harmless = Counter(check.findings(hostile_page(["harmless"]), page=True))
    for start in range(0, len(payloads), 100):
        assert Counter(check.findings(hostile_page(payloads[start : start + 100]), page=True)) - harmless == Counter()
