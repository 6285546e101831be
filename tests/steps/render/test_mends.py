"""What feedgen cannot write is written by our extension; each mend has a test that fails the day feedgen can.

`test_feedgen_*` hold feedgen alone to its faults: when one fails, feedgen was mended and our part can go.
"""

import locale
from datetime import UTC, datetime

import pytest
from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree
from render_news import NOON, SITE, full_item, item, selected, selection

from aggregator.domain.entry import Author, Origin
from aggregator.steps.render import render_topic

ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
MEDIA = "{http://search.yahoo.com/mrss/}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def written(*entries, **topic):
    """Root elements of the Atom and the RSS document."""
    documents, problems = render_topic(selection(*entries, **topic), SITE)
    assert not problems
    bodies = {document.path.rsplit(".")[1]: document.body for document in documents}
    return etree.fromstring(bodies["atom"]), etree.fromstring(bodies["rss"])


def full():
    atom, rss = written(selected(full_item()))
    return atom.find(f"{ATOM}entry"), rss.find("channel/item")


def feedgen_entry():
    entry = FeedEntry()
    entry.id("tag:x,2026:1")
    entry.title("T")
    entry.link(href="https://x.example/", rel="alternate")
    return entry


def test_feedgen_loses_the_attributes_of_entry_links():
    entry = feedgen_entry()
    entry.link(href="https://x.example/a.mp3", rel="enclosure", type="audio/mpeg", length="5")
    assert [dict(link.attrib) for link in entry.atom_entry().findall("link")] == [
        {"href": "https://x.example/"},
        {"href": "https://x.example/a.mp3"},
    ]


def test_entry_links_in_atom():
    """Original, enclosures with their sizes, other outlets and comments are told apart."""
    entry, _ = full()
    links = [dict(link.attrib) for link in entry.findall(f"{ATOM}link")]
    cdn = "https://cdn.example.com"
    assert links == [
        {"rel": "alternate", "type": "text/html", "hreflang": "en", "href": "https://www.example.com/news/1"},
        {"rel": "enclosure", "type": "audio/mpeg", "length": "12345", "title": "Hear", "href": f"{cdn}/one.mp3"},
        {"rel": "enclosure", "type": "video/mp4", "href": f"{cdn}/two.mp4"},
        {"rel": "replies", "type": "text/html", "href": "https://www.example.com/news/1#comments"},
    ]


def test_feedgen_writes_only_title_and_link_of_a_source():
    entry = feedgen_entry()
    entry.source(url="https://x.example/feed", title="X")
    assert [child.tag for child in entry.atom_entry().find("source")] == ["title", "link"]


def test_source_in_atom():
    """RFC 4287 §4.2.11: the feed an entry came from, complete."""
    source = full()[0].find(f"{ATOM}source")
    said = [(child.tag.removeprefix(ATOM), child.text, dict(child.attrib)) for child in source]
    assert said == [
        ("id", "https://feeds.example.com/world", {}),
        ("title", "World", {}),
        ("updated", "2026-11-20T12:00:00+00:00", {}),
        ("author", "\n        ", {}),
        ("link", None, {"rel": "alternate", "type": "text/html", "href": "https://www.example.com/news"}),
        ("link", None, {"rel": "self", "href": "https://feeds.example.com/world.rss"}),
        ("icon", "https://www.example.com/icon.png", {}),
        ("rights", "© Example Corporation", {}),
    ]
    assert source.findtext(f"{ATOM}author/{ATOM}name") == "World"


def test_source_in_rss():
    source = full()[1].find("source")
    assert (source.text, source.get("url")) == ("World", "https://feeds.example.com/world.rss")


def test_an_entry_keeps_its_origin():
    """An entry that was itself taken from elsewhere keeps that credit, and names the feed between."""
    origin = Origin(id="urn:example:1", title="Origin", link="https://o.example/", feed_url="https://o.example/feed")
    atom, rss = written(selected(item(origin=origin)))
    entry = atom.find(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}source/{ATOM}title") == "Origin"
    assert entry.findtext(f"{ATOM}source/{ATOM}id") == "urn:example:1"
    via = next(link for link in entry.findall(f"{ATOM}link") if link.get("rel") == "via")
    assert (via.get("title"), via.get("href")) == ("World", "https://feeds.example.com/world.rss")
    assert rss.find("channel/item/source").get("url") == "https://o.example/feed"


def test_feedgen_drops_rss_authors_without_an_address():
    entry = feedgen_entry()
    entry.author(name="Ann")
    assert entry.rss_entry().find("author") is None


@pytest.mark.parametrize(
    ("authors", "author", "creators"),
    [
        ((Author(name="Ann"),), None, ["Ann"]),
        ((Author(name="Ann", email="ann@example.com"),), "ann@example.com (Ann)", []),
        ((Author(email="ann@example.com"),), None, ["ann@example.com"]),
        ((Author(name="Ann", email="ann@example.com"), Author(name="Bo")), None, ["Ann", "Bo"]),
        ((), None, []),
    ],
)
def test_authors_in_rss(authors, author, creators):
    """One author with name and address is `author`, all others dc:creator, never both: a double, says the validator."""
    _, rss = written(selected(item(authors=authors)))
    said = rss.find("channel/item")
    assert said.findtext("author") == author
    assert [creator.text for creator in said.findall(f"{DC}creator")] == creators


def test_feedgen_keeps_one_enclosure_in_rss():
    entry = feedgen_entry()
    entry.enclosure("https://x.example/1.mp3", 1, "audio/mpeg")
    entry.enclosure("https://x.example/2.mp3", 2, "audio/mpeg")
    assert [e.get("url") for e in entry.rss_entry().findall("enclosure")] == ["https://x.example/2.mp3"]


def test_every_enclosure_is_in_rss():
    """RSS allows one enclosure: the first is it, the others are media:content; so are the entry's pictures."""
    _, entry = full()
    enclosure = entry.find("enclosure")
    assert dict(enclosure.attrib) == {
        "url": "https://cdn.example.com/one.mp3", "length": "12345", "type": "audio/mpeg"
    }  # fmt: skip
    contents = [content.get("url") for content in entry.findall(f"{MEDIA}content")]
    assert contents == ["https://cdn.example.com/two.mp4", "https://cdn.example.com/big.jpg"]
    assert entry.find(f"{MEDIA}thumbnail").get("width") == "120"
    assert entry.findtext(f"{MEDIA}content/{MEDIA}credit") == "Photo Desk"


def test_feedgen_takes_the_last_link_as_the_channels():
    feed = FeedGenerator()
    feed.title("T")
    feed.description("D")
    feed.link(href="https://x.example/", rel="alternate")
    feed.link(href="https://x.example/rss", rel="self")
    assert etree.fromstring(feed.rss_str()).findtext("channel/link") == "https://x.example/rss"


def test_channel_links():
    """The channel links its page and itself, and no hub."""
    atom, rss = written(selected(item()))
    assert rss.findtext("channel/link") == "https://news.example.org/desk/topics/factory.html"
    [own] = rss.findall(f"channel/{ATOM}link")
    assert dict(own.attrib) == {
        "href": "https://news.example.org/desk/topics/factory.rss", "rel": "self", "type": "application/rss+xml"
    }  # fmt: skip
    assert {link.get("rel"): link.get("href") for link in atom.findall(f"{ATOM}link")} == {
        "self": "https://news.example.org/desk/topics/factory.atom",
        "alternate": "https://news.example.org/desk/topics/factory.html",
    }


def test_feedgen_writes_the_present():
    feed = FeedGenerator()
    feed.title("T")
    feed.description("D")
    feed.link(href="https://x.example/")
    built = etree.fromstring(feed.rss_str()).findtext("channel/lastBuildDate")
    assert datetime.strptime(built, "%a, %d %b %Y %H:%M:%S %z").year >= datetime.now(UTC).year


def test_dates_in_rss(monkeypatch):
    """RFC 822 with four-digit years, from the selection alone, without touching the process's locale."""

    def refuse(*_):
        raise AssertionError("the locale was touched")

    monkeypatch.setattr(locale, "setlocale", refuse)
    _, rss = written(selected(item(published=datetime(2001, 2, 3, 4, 5, 6, 789, tzinfo=UTC))))
    assert rss.findtext("channel/lastBuildDate") == "Fri, 20 Nov 2026 12:00:00 +0000"
    assert rss.findtext("channel/item/pubDate") == "Sat, 03 Feb 2001 04:05:06 +0000"
    assert rss.findtext(f"channel/item/{ATOM}updated") == "2026-11-20T12:00:00+00:00"


def test_feedgen_switches_the_locale(monkeypatch):
    def refuse(*_):
        raise AssertionError("the locale was touched")

    monkeypatch.setattr(locale, "setlocale", refuse)
    entry = feedgen_entry()
    entry.published(NOON)
    with pytest.raises(AssertionError, match="locale"):
        entry.rss_entry()


def test_an_empty_topic_has_a_fixed_date():
    """Atom demands a date: that of a topic without stories never moves, and RSS has none."""
    atom, rss = written(updated=None)
    assert atom.findtext(f"{ATOM}updated") == "1970-01-01T00:00:00+00:00"
    assert rss.find("channel/lastBuildDate") is None


def test_feedgen_puts_new_entries_first():
    feed = FeedGenerator()
    for title in "ab":
        feed.add_entry().title(title)
    assert [entry.title() for entry in feed.entry()] == ["b", "a"]


def test_order_is_the_selections():
    entries = [selected(item(title=title), number=n) for n, title in enumerate("abc")]
    atom, rss = written(*entries)
    assert [e.findtext(f"{ATOM}title") for e in atom.findall(f"{ATOM}entry")] == ["a", "b", "c"]
    assert [e.findtext("title") for e in rss.findall("channel/item")] == ["a", "b", "c"]


def test_language_rights_ids_and_categories():
    """What a source said of an entry is in both formats."""
    atom, rss = full()
    assert atom.get(LANG) == "en" and rss.findtext(f"{DC}language") == "en"
    assert atom.findtext(f"{ATOM}rights") == rss.findtext(f"{DC}rights") == "© 2026 Ann Writer"
    assert atom.findtext(f"{DC}identifier") == rss.findtext(f"{DC}identifier") == "guid-1"
    assert rss.findtext("comments") == "https://www.example.com/news/1#comments"
    assert dict(atom.find(f"{ATOM}category").attrib) == {
        "term": "tech", "scheme": "https://example.com/cats", "label": "Technology"
    }  # fmt: skip
    category = rss.find("category")
    assert (category.text, category.get("domain")) == ("Technology", "https://example.com/cats")
    guid = rss.find("guid")
    assert (guid.text, guid.get("isPermaLink")) == ("tag:news.example.org,2026:world/0001", "false")
