"""Where to subscribe: each format of a public topic names the hub once, and itself once."""

import json

import feedparser
from feedgen.feed import FeedGenerator
from lxml import etree
from render_news import SITE, item, selected, selection

from aggregator.domain.topic import Access
from aggregator.steps.render import render_archive, render_topic

HUB = "https://news.example.org/desk/hub"
LINK = "{http://www.w3.org/2005/Atom}link"


def bodies(hub=HUB, **topic):
    documents, problems = render_topic(selection(selected(item()), **topic), SITE, hub=hub)
    assert not problems
    return {document.path.rsplit(".")[1]: document.body for document in documents}


def links(root, rel):
    return [link.get("href") for link in root.findall(LINK) if link.get("rel") == rel]


def test_w14_every_format_names_its_hub_and_itself():
    """At least one hub link and exactly one self link (WebSub §4), as feedparser reads them too."""
    written = bodies()
    atom, rss = etree.fromstring(written["atom"]), etree.fromstring(written["rss"]).find("channel")
    base = "https://news.example.org/desk/topics/factory"
    for root, form in ((atom, "atom"), (rss, "rss")):
        assert (links(root, "hub"), links(root, "self")) == ([HUB], [f"{base}.{form}"])
        read = feedparser.parse(written[form]).feed.links
        assert [link.href for link in read if link.rel == "hub"] == [HUB]
    assert rss.findtext("link") == f"{base}.html"  # feedgen takes the last link for the channel's
    feed = json.loads(written["json"])
    assert (feed["hubs"], feed["feed_url"]) == ([{"type": "WebSub", "url": HUB}], f"{base}.json")


def test_no_hub_no_difference():
    """The bytes of whoever has no hub are what they were."""
    assert bodies(hub=None) == {
        document.path.rsplit(".")[1]: document.body for document in render_topic(selection(selected(item())), SITE)[0]
    }
    assert not any(b"hub" in body for body in bodies(hub=None).values())


def test_a_topic_with_tokens_names_no_hub():
    assert not any(b"hub" in body for body in bodies(access=Access.TOKEN).values())


def test_a_page_of_an_archive_names_no_hub():
    """It never changes: there is nothing to be told."""
    page = render_archive(selection(selected(item())), SITE, page=1, previous=False, frozen=True)
    assert b"hub" not in page.body


def test_feedgen_writes_no_hub_into_rss():
    """Of atom:links feedgen's RSS has self alone; when this fails our own can go."""
    feed = FeedGenerator()
    feed.title("T")
    feed.description("D")
    feed.link(href=HUB, rel="hub")
    feed.link(href="https://x.example/", rel="alternate")
    assert HUB.encode() not in feed.rss_str()
