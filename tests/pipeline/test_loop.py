"""Our own news coming back is recognised, whoever sends it."""

from concurrent.futures import Future
from dataclasses import replace

import pytest
from newsdesk import LineReader, Newsdesk, source

from aggregator.domain.entry import FeedInfo, Origin
from aggregator.domain.settings import Site
from aggregator.errors import Code
from aggregator.text.own import name, own_document, tag_uri

A = "one-1|https://a.example/1|First"


class SaysReader(LineReader):
    """Reads lines, and what the test says of the feed and its entries besides."""

    def __init__(self):
        self.info, self.items = {}, {}

    def read(self, context, *args):
        reading = super().read(context, *args).result()
        told = [replace(item, **self.items.get(item.guid, {})) for item in reading.items]
        info = self.info.get(context.source_id, reading.info)
        future = Future()
        future.set_result(replace(reading, info=info, items=tuple(told)))
        return future


@pytest.fixture
def desk(database, tmp_path):
    made = Newsdesk(database, tmp_path)
    made.collector._stations._reader = SaysReader()
    made.reader = made.collector._stations._reader
    return made


def again(desk, name, *lines):
    """What the next visit brings of these lines."""
    desk.fetcher.answers[name] = "\n".join(lines).encode()
    desk.clock.forward(hours=2)
    return desk.collect(frozenset({name}))[name]


def dropped(desk):
    with desk.store.read() as rooms:
        return [(drop.source_id, drop.guid, drop.reason.rule) for drop in rooms.drops.recent(99)]


def test_an_entry_with_our_name_is_dropped_with_its_reason(desk):
    """What left from here under a name of ours is no news when another site sends it back."""
    again(desk, "one", A)
    [item] = desk.items()
    back = f"{item.public_id}|https://a.example/1?via=two|First"
    report = again(desk, "two", back, "own-1|https://b.example/1|Second")
    assert (report.new, report.dropped) == (1, 1)
    assert dropped(desk) == [("two", item.public_id, "loop")]
    with desk.store.read() as rooms:
        [drop] = rooms.drops.find(item.public_id)
    assert drop.reason.text == f"our own news coming back: it left from here as {item.public_id}"


def test_a_name_of_ours_that_another_site_passes_on_is_known(desk):
    """Another site of this program gives its own name and says which one the entry had here."""
    again(desk, "one", A)
    [item] = desk.items()
    theirs = f"tag:other.example,2026:ours/{'0' * 32}"
    desk.reader.items[theirs] = {"identifier": item.public_id}
    assert again(desk, "two", f"{theirs}|https://a.example/1|First").dropped == 1


def test_a_name_of_ours_is_known_after_the_item_was_forgotten(desk):
    """Our host and a source of ours are proof enough; on loopback, which everybody has, they are none."""
    ours = f"tag:desk.example,2026:one/{'a' * 32}"
    assert again(desk, "two", f"{ours}|https://a.example/1|First").dropped == 1
    strange = f"tag:desk.example,2026:nobody/{'a' * 32}"
    assert again(desk, "two", f"{strange}|https://a.example/2|Second").new == 1
    desk.reconfigure(site=Site(url="http://127.0.0.1:8000"))
    local = f"tag:127.0.0.1,2026:one/{'a' * 32}"
    assert again(desk, "two", f"{local}|https://a.example/3|Third").new == 1


def test_an_entry_that_names_our_feed_as_its_origin_is_dropped(desk):
    """An aggregator that credits our topic sends our news, whatever it calls them."""
    desk.reader.items["planet-1"] = {"origin": Origin(title="Desk", feed_url="https://desk.example/topics/all.atom")}
    assert again(desk, "two", "planet-1|https://a.example/1|First").dropped == 1


@pytest.mark.parametrize(
    ("info", "refused"),
    [
        (FeedInfo(self_link="https://desk.example/topics/all.rss"), True),
        (FeedInfo(self_link="http://DESK.example:80/topics/all.atom", id="anything"), True),
        (FeedInfo(id="tag:desk.example,2026:topic:all"), True),
        (FeedInfo(id="tag:desk.example,2026:topic:theirs"), False),
        (FeedInfo(id="tag:desk.example,2026:topic:all", self_link="https://desk.example/b/topics/all.atom"), False),
        (FeedInfo(self_link="https://desk.example/blog/feed.xml"), False),
        (FeedInfo(self_link="https://other.example/topics/all.atom"), False),
    ],
)
def test_a_feed_of_ours_is_refused_as_a_source(desk, info, refused):
    """A document of this site fails as a source, wherever it came from, and says why; a neighbour's does not."""
    desk.reader.info["two"] = info
    report = again(desk, "two", "x|https://x.example/1|X")
    assert (report.failure is not None) is refused
    if refused:
        assert report.failure.code is Code.REFUSED_ADDRESS
        assert "our own feed" in report.failure.message and "site.url" in report.failure.message
        assert desk.items() == [] and desk.visits("two").validators is None


def test_a_ring_of_sites_does_not_grow(desk):
    """Another site that gives the same news new names each round is heard once."""
    lines = [f"tag:c.example,2026:b/{n:032x}|https://a.example/1|First" for n in range(4)]
    assert again(desk, "two", lines[0]).new == 1
    for count in range(2, 5):
        report = again(desk, "two", *lines[:count])
        assert report.new == 0
    assert len(desk.items()) == 1
    assert {rule for _, _, rule in dropped(desk)} == {"loop"}


def test_news_that_share_a_link_are_no_echo(desk):
    """A page that tells every change under one address, passed on by another site: each is news."""
    lines = [f"tag:c.example,2026:b/{n:032x}|https://a.example/changes|Version {n}" for n in range(3)]
    assert again(desk, "two", lines[0]).new == 1
    for count in (2, 3):
        report = again(desk, "two", *lines[:count])
        assert (report.new, report.dropped) == (1, 0)
    later = f"tag:c.example,2026:b/{9:032x}|https://a.example/changes|Version 0"
    assert again(desk, "two", later, *lines).new == 0


def test_a_curated_topic_of_another_site_is_news(desk):
    """What another site took from where we take it too stays: only what left from here is a loop."""
    again(desk, "one", A)
    assert again(desk, "two", f"tag:c.example,2026:s/{'b' * 32}|https://a.example/1|First").new == 1
    desk.reconfigure(sources=(source("one"), source("two")))


@pytest.mark.parametrize(
    ("url", "site", "path"),
    [
        ("https://x.example/topics/a.atom", "https://x.example", "/topics/a.atom"),
        ("https://X.example:443/news/topics/a", "http://x.example/news", "/topics/a"),
        ("https://x.example/news", "https://x.example/news", ""),
        ("https://x.example/topics/a/archive/3.atom", "https://x.example", "/topics/a/archive/3.atom"),
        ("https://x.example/search.atom?q=a", "https://x.example", "/search.atom"),
        ("https://x.example/blog/feed", "https://x.example", None),
        ("https://x.example/stories/tag%3Ax.example", "https://x.example", "/stories/tag%3Ax.example"),
        ("https://x.example/stories/feed.xml", "https://x.example", None),
        ("https://x.example/stories/", "https://x.example", None),
        ("https://x.example/topics/latest.rdf", "https://x.example", None),
        ("https://x.example/newsletter/topics/a", "https://x.example/news", None),
        ("http://x.example:8001/topics/a.atom", "http://x.example:8000", None),
        ("http://[", "http://x.example:8000", None),
        (None, "http://x.example", None),
    ],
)
def test_own_documents(url, site, path):
    """A document of a site is known by its address."""
    assert own_document(url, site) == path


def test_names():
    """Only what this program gives counts as a name."""
    assert name("tag:a.example,2026:s/" + "0" * 32).source == "s"
    assert name("tag:a.example,2026:topic:t:2026-01-01").topic == "t"
    assert name("tag:a.example,2005:s/1") is None and name(None) is None
    assert tag_uri("doi:10.1/x") is None and tag_uri("tag:" + "x" * 600) is None
