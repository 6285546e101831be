"""`/search?q=` and `/search.atom?q=` over a real server."""

from urllib.parse import quote

import feedparser
import pytest
from web_desk import NOON, SOURCE, open_desk

from aggregator.app.web import search as searching
from aggregator.domain.item import Item, Keys
from aggregator.domain.story import NewItem, Reason, StoryIntent
from aggregator.domain.topic import Verdict
from aggregator.steps.select import QueryError

WHY = Reason(rule="test", text="because")


def item(number, **more):
    digest = bytes([number]) * 16
    values = {"guid": None, "link": f"https://bbc.example/{number}", "title": f"Item {number}", "language": "en"}
    return Item(source_id=SOURCE.id, keys=Keys(text=digest), raw_hash=digest, text_hash=digest, **(values | more))


@pytest.fixture
def found(new_desk):
    """A site with two stories in its topic and one in none."""
    items = [
        item(1, title='Flood & <b>storm</b> "warning"', text="The flood came at night."),
        item(2, title="發展工業互聯網", language="zh-Hant"),
        item(3, title="A flood that no topic holds"),
    ]
    with new_desk.store.write() as rooms:
        story = StoryIntent(story=None, reason=WHY)
        new = [NewItem(item=i, public_id=f"tag:x,2026:bbc/{i.keys.text.hex()}", story=story, reason=WHY) for i in items]
        rooms.items.apply(SOURCE.id, new, NOON)
        copies = rooms.topics.unmatched(9)
        verdict = Verdict(topic_id="world", matched=True, reason=WHY)
        rooms.topics.matched(copies, {copy.stored.id: [verdict] for copy in copies[:2]})
    return new_desk


def test_the_page_shows_what_was_found(found):
    """Marked where the words stand, everything escaped, and announcing its feed."""
    answer = found.get("/search?q=flood")
    page = answer.wire.decode()
    assert answer.status_code == 200
    assert "<mark>Flood</mark> &amp; &lt;" in page
    assert "<b>" not in page
    assert "The <mark>flood</mark> came" in page
    assert "no topic" not in page
    assert '<link rel="alternate" type="application/atom+xml"' in page
    assert 'href="/search.atom?q=flood"' in page


def test_the_feed_is_the_same_search(found):
    answer = found.get(f"/search.atom?q={quote('工业互联网 OR flood')}")
    feed = feedparser.parse(answer.wire)
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert not feed.bozo
    assert {entry.id for entry in feed.entries} == {f"tag:x,2026:bbc/{number * 16}" for number in ("01", "02")}
    (own,) = [link.href for link in feed.feed.links if link.rel == "self"]
    assert own == f"{found.configuration.site.url}/search.atom?q={quote('工业互联网 OR flood', safe='')}"
    assert feed.feed.id != feedparser.parse(found.get("/search.atom?q=flood").wire).feed.id


def test_without_a_query_there_is_a_form(found):
    answer = found.get("/search")
    assert answer.status_code == 200
    assert b'<input id="q"' in answer.wire
    assert b"alternate" not in answer.wire
    assert found.get("/search.atom").status_code == 400


@pytest.mark.parametrize("query", ["/flood/", "-flood", "flood OR", "x" * 201, "has:image", '"', "a\x00:b:"])
def test_what_cannot_be_asked_is_told_so(found, query):
    """With the form as it was filled in; never a crash."""
    answer = found.get(f"/search?q={quote(query)}")
    assert answer.status_code == 400
    assert b'role="alert"' in answer.wire
    assert found.get(f"/search.atom?q={quote(query)}").status_code == 400


def test_a_query_is_shown_escaped(found):
    """Nothing a visitor sends is executed in another's page."""
    page = found.get(f"/search?q={quote('<script>alert(1)</script>')}").wire
    assert b"<script>" not in page


def test_few_search_at_once(tmp_path, monkeypatch):
    """The others are asked to come again; the pages stay quick."""
    monkeypatch.setattr(searching, "_PATIENCE", 0.01)
    monkeypatch.setattr(searching, "AT_ONCE", 1)
    beside = []

    def slow(*_, **__):
        beside.append(desk.get("/search.atom?q=flood"))
        raise QueryError("too slow to matter", 1)

    monkeypatch.setattr(searching, "public_search", slow)
    with open_desk(tmp_path) as desk:
        assert [desk.get("/search?q=flood").status_code for _ in range(2)] == [400, 400]
    assert [answer.status_code for answer in beside] == [503, 503]
    assert beside[0].headers["retry-after"] == "5"


def test_the_feed_is_asked_for_conditionally(found):
    """Who subscribed to a search pays for the body when there is news; dates, which nobody knows, decide nothing."""
    first = found.get("/search.atom?q=flood", Accept_Encoding="gzip")
    assert first.headers["Content-Encoding"] == "gzip" and "Last-Modified" not in first.headers
    assert first.headers["Vary"] == "Accept-Encoding, Sec-Fetch-Dest"
    again = found.get("/search.atom?q=flood", Accept_Encoding="gzip", If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.wire) == (304, b"")
    dated = found.get("/search.atom?q=flood", If_Modified_Since="Fri, 20 Nov 2099 12:00:00 GMT")
    assert dated.status_code == 200
    other = found.get(f"/search.atom?q={quote('工业互联网 OR flood')}", If_None_Match=first.headers["ETag"])
    assert other.status_code == 200


def test_the_feed_names_its_style(found):
    """Opened in a browser it looks like the others."""
    opened = found.get("/search.atom?q=flood", Sec_Fetch_Dest="document")
    assert opened.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert b'<?xml-stylesheet type="text/css" href="assets/feed.css"?>' in opened.wire
