"""Atom, RSS and JSON Feed say the same; the bytes depend on the selection alone; no entry costs the document."""

import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import pytest
from render_news import NOON, SITE, copy, full_item, item, selected, selection, world

from aggregator.domain.entry import Author, Category, Enclosure
from aggregator.domain.settings import Format
from aggregator.domain.topic import Content
from aggregator.steps.render import RENDER_VERSION, TopicSummary, asset_documents, render_site, render_topic

GOLDEN = Path(__file__).parent / "golden"


def bodies(shown, site=SITE):
    documents, problems = render_topic(shown, site)
    return {document.path.rsplit(".")[1]: document.body for document in documents}, problems


def read_back(body):
    parsed = feedparser.parse(io.BytesIO(body), response_headers={"content-type": "application/xml; charset=utf-8"})
    assert not parsed.bozo
    return parsed


def from_feed(body):
    """What a feed says of each entry, as a reader sees it."""
    return [
        {
            "id": entry.id,
            "title": entry.title,
            "link": entry.link,
            "published": datetime(*entry.published_parsed[:6], tzinfo=UTC),
            "updated": datetime(*entry.updated_parsed[:6], tzinfo=UTC),
            "html": (entry.get("content") or [{"value": entry.get("summary")}])[0]["value"],
            "language": entry.get("language") or entry.title_detail.language,
            "authors": [author.name for author in entry.get("authors", ()) if "name" in author],
            "files": {f.href for f in entry.enclosures}
            | {m["url"] for m in entry.get("media_content", ()) if "url" in m},
            "rights": entry.get("rights"),
            "guid": entry.get("dc_identifier"),
        }
        for entry in read_back(body).entries
    ]


def from_json(body):
    return [
        {
            "id": entry["id"],
            "title": entry["title"],
            "link": entry.get("url"),
            "published": datetime.fromisoformat(entry["date_published"]),
            "updated": datetime.fromisoformat(entry["date_modified"]),
            "html": entry.get("content_html"),
            "language": entry.get("language"),
            "authors": [author["name"] for author in entry.get("authors", ())],
            "files": {f["url"] for f in entry.get("attachments", ())}
            | {m["url"] for m in entry.get("_media", ()) if m["role"] == "content"},
            "rights": entry.get("_rights"),
            "guid": entry["_source"].get("guid"),
        }
        for entry in json.loads(body)["items"]
    ]


def test_the_formats_agree():
    """A reader sees the same entries with the same values, whichever format it takes."""
    made, problems = bodies(world())
    assert problems == []
    atom, rss, feed = from_feed(made["atom"]), from_feed(made["rss"]), from_json(made["json"])
    assert len(atom) == len(world().entries)
    assert atom == feed
    assert rss == feed


def test_json_feed():
    """JSON Feed 1.1, complete, with the outlet, the other outlets and the original id in extensions."""
    feed = json.loads(bodies(world())[0]["json"])
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "https://news.example.org/desk/topics/factory.json"
    assert feed["home_page_url"] == "https://news.example.org/desk/topics/factory.html"
    first = feed["items"][0]
    assert first["_source"] == {
        "id": "world",
        "title": "World",
        "url": "https://www.example.com/news",
        "feed_url": "https://feeds.example.com/world.rss",
        "feed_id": "https://feeds.example.com/world",
        "guid": "guid-1",
        "rights": "© Example Corporation",
    }
    assert first["_also"] == [{"title": "The Paper", "url": "https://paper.example.com/1", "headline": "Same story"}]
    assert first["attachments"][0] == {
        "url": "https://cdn.example.com/one.mp3",
        "mime_type": "audio/mpeg",
        "title": "Hear",
        "size_in_bytes": 12345,
        "duration_in_seconds": 61,
    }
    assert first["summary"] == "A short summary & more."
    assert first["tags"] == ["Technology", "工业"]
    for entry in feed["items"]:
        assert entry.get("content_html") or entry.get("content_text")


@pytest.mark.parametrize(
    ("content", "html", "summary"),
    [
        (Content.FULL, True, True),
        (Content.SUMMARY, False, True),
        (Content.LINK, False, False),
    ],
)
def test_how_much_is_republished(content, html, summary):
    """`content:` decides in every format what of others' text goes out."""
    made, _ = bodies(selection(selected(full_item()), content=content))
    for name, body in made.items():
        if name != "html":
            assert (b"The whole text" in body) == html, name
            assert (b"A short" in body) == summary, name
    assert (b"The whole text" in made["html"]) == (content is not Content.LINK)


def test_a_summary_is_made_where_there_is_none():
    """`content: summary` of an entry that has only its full text gives the beginning of that text."""
    long = "word " * 300
    made, _ = bodies(selection(selected(item(content=f"<p>{long}</p>", text=long)), content=Content.SUMMARY))
    said = json.loads(made["json"])["items"][0]["content_html"]
    assert said.startswith("word word") and said.endswith("word…") and len(said) <= 400


@pytest.mark.parametrize("content", list(Content))
def test_every_entry_says_something(content):
    """A headline without a word under it gets a link under its outlet's name, in every format alike."""
    made, _ = bodies(selection(selected(item(), source_title="A & B"), content=content))
    html = '<p><a href="https://www.example.com/news/1">A &amp; B</a></p>'
    assert [entry["html"] for name in ("atom", "rss") for entry in from_feed(made[name])] == [html, html]
    assert from_json(made["json"])[0]["html"] == html


def test_odd_titles_agree():
    """What looks like markup in a title, a name or a category comes back the same from every format."""
    odd = "Use <details> & </b> &amp; &copy"
    said = item(title=odd, authors=(Author(name=odd),), categories=(Category(term=odd),), rights=odd)
    made, _ = bodies(selection(selected(said)))
    [atom], [rss], [feed] = from_feed(made["atom"]), from_feed(made["rss"]), from_json(made["json"])
    assert atom == rss == feed
    assert feed["title"].replace("\u2060", "") == odd


def test_other_outlets_are_listed():
    """At the end of the text, in the text's language, and as related links; a topic may go without."""
    other = copy(item(source_id="paper", link="https://paper.example.com/1"), number=2, source_title="纸 & <报>")
    shown = selected(item(content="<p>正文</p>", language="zh-Hant"), others=[other])
    made, _ = bodies(selection(shown))
    html = from_json(made["json"])[0]["html"]
    assert html.startswith('<p>正文</p>\n<p>另见报道</p>\n<ul><li><a href="https://paper.example.com/1"')
    assert from_feed(made["atom"])[0]["html"] == html
    assert b'rel="related"' in made["atom"]
    without, _ = bodies(selection(shown, also_reported_by=False))
    assert from_json(without["json"])[0]["html"] == "<p>正文</p>"
    assert not any(b"paper.example.com" in body for body in without.values())


def test_every_format_is_only_written_where_wanted():
    made, _ = bodies(selection(selected(item()), formats=(Format.RSS,)))
    assert list(made) == ["rss"]
    assert read_back(made["rss"]).feed.link == "https://news.example.org/desk/"


@pytest.mark.parametrize("name", ["atom", "rss", "json", "html"])
def test_golden(name):
    """These bytes change only on purpose: with RENDER_VERSION, and with every subscriber's documents."""
    body = bodies(world())[0][name]
    golden = GOLDEN / f"factory.{name}"
    if os.environ.get("GOLDEN") == "write":
        golden.write_bytes(body)
    assert RENDER_VERSION == "4"
    assert body == golden.read_bytes()


def test_bytes_depend_on_the_selection_alone():
    """Another zone, locale, hash seed and process give the same bytes and ETags."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import locale\n"
        "try: locale.setlocale(locale.LC_ALL, '')\n"
        "except locale.Error: pass\n"
        "from render_news import *\nfrom aggregator.steps.render import *\n"
        "s = world(); t = TopicSummary.of(s.topic, stories=4, updated=s.updated, newest=s)\n"
        "print([d.etag for d in render_topic(s, SITE)[0] + render_site(SITE, [t]) + asset_documents()])\n"
    )
    said = set()
    for zone, language, seed in (
        ("UTC", "C", "1"),
        ("Asia/Shanghai", "de_DE.UTF-8", "2"),
        ("America/Lima", "C.UTF-8", "3"),
    ):
        environment = os.environ | {"TZ": zone, "LC_ALL": language, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", code, str(Path(__file__).parent)]
        said.add(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)
    assert len(said) == 1
    assert render_topic(world(), SITE)[0][0].etag in said.pop()


def test_etags_follow_the_bytes():
    """Another title, another strong ETag; another moment of rendering, the same."""
    one, again = (render_topic(world(), SITE)[0] for _ in range(2))
    assert [d.etag for d in one] == [d.etag for d in again]
    other, _ = render_topic(selection(selected(item(title="Another"))), SITE)
    assert not {d.etag for d in one} & {d.etag for d in other}
    assert all(
        d.etag.startswith('"') and d.etag.endswith('"') for d in [*one, *render_site(SITE, ()), *asset_documents()]
    )


def test_a_feed_that_moves_its_own_date_changes_nothing():
    """Many feeds write the present as their date at every visit: no document of ours follows."""
    shown = selected(item())
    moved = replace(shown, shown=replace(shown.shown, feed=replace(shown.shown.feed, updated=NOON + timedelta(days=1))))
    assert bodies(selection(shown)) == bodies(selection(moved))


@pytest.mark.parametrize(
    "bad",
    [
        {"published": NOON.replace(tzinfo=None)},
        {"enclosures": (Enclosure(url=None), 5)},
        {"title": 7},
    ],
)
def test_one_impossible_entry_is_left_out(bad):
    """It is named with the reason; the others are in every format."""
    broken = selected(item(), number=2)
    broken = replace(broken, shown=replace(broken.shown, stored=replace(broken.shown.stored, item=item(**bad))))
    made, problems = bodies(selection(selected(item(), number=1), broken, selected(item(), number=3)))
    assert len(problems) == 1 and "world/0002" in problems[0]
    ids = [entry["id"] for entry in from_json(made["json"])]
    assert ids == ["tag:news.example.org,2026:world/0001", "tag:news.example.org,2026:world/0003"]
    assert ids == [e["id"] for e in from_feed(made["atom"])] == [e["id"] for e in from_feed(made["rss"])]


def test_ids_are_unique():
    """A second entry of one id is left out and reported: no reader could tell them apart."""
    made, problems = bodies(selection(selected(item(title="one")), selected(item(title="two"))))
    assert [entry["title"] for entry in from_json(made["json"])] == ["one"]
    assert len(problems) == 1 and "used twice" in problems[0]


def test_what_only_feedgen_refuses_is_found(monkeypatch):
    """Whatever the writer refuses, the entry at fault is found and the others go out."""
    from aggregator.steps.render import feeds

    whole = feeds._rss_entry

    def picky(entry):
        if entry.title == "bad":
            raise ValueError("cannot be written")
        return whole(entry)

    monkeypatch.setattr(feeds, "_rss_entry", picky)
    made, problems = bodies(selection(selected(item(title="good"), number=1), selected(item(title="bad"), number=2)))
    assert problems == ["entry 'tag:news.example.org,2026:world/0002' left out: cannot be written"]
    assert [e["title"] for e in from_json(made["json"])] == [e["title"] for e in from_feed(made["atom"])] == ["good"]


def test_forbidden_characters_are_removed():
    """NUL, controls, lone surrogates and non-characters cost no document."""
    dirt = "\x00\x08\x0b\x1f\ud800\udfff\ufffe\uffff"
    dirty = item(
        title=f"a{dirt}b",
        summary=f"<p>c{dirt}d</p>",
        text=f"c{dirt}d",
        guid=f"g{dirt}",
        rights=dirt,
        link=f"https://x.example/{dirt}",
    )
    made, problems = bodies(selection(selected(dirty), title=f"t{dirt}", description=dirt))
    assert problems == []
    assert [e["title"] for e in from_feed(made["rss"])] == [e["title"] for e in from_json(made["json"])] == ["ab"]
    for body in made.values():
        assert not set(dirt) & set(body.decode())


@pytest.mark.parametrize("link", [None, "javascript:alert(1)", "data:text/html,x", "/relative", "https://[bad", ""])
def test_an_entry_without_an_address(link):
    """It is published by its text; dangerous and relative addresses are none."""
    made, problems = bodies(selection(selected(item(link=link, title="Title & <b>"))))
    assert problems == []
    assert "url" not in json.loads(made["json"])["items"][0]
    assert b"javascript" not in b"".join(made.values())
    assert len(read_back(made["atom"]).entries) == len(read_back(made["rss"]).entries) == 1


def test_the_list_of_subscriptions():
    """One feed for each topic that has any, with its page."""
    import xml.etree.ElementTree as ET

    topics = [selection(id="a", title="A & B").topic, selection(id="b", formats=(Format.HTML,)).topic]
    summaries = [TopicSummary.of(t, stories=0, updated=None, newest=selection()) for t in topics]
    [_, opml] = render_site(SITE, summaries)
    [outline] = ET.fromstring(opml.body).findall(".//outline")
    assert outline.get("xmlUrl") == "https://news.example.org/desk/topics/a.atom"
    assert outline.get("text") == "A & B"
