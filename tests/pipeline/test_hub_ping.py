"""An outside hub is told of each feed that changed, once, and again until it heard."""

from dataclasses import replace
from urllib.parse import parse_qsl

import pytest

from aggregator.domain.settings import Site
from aggregator.pipeline.hub_link import announced
from storage import Database
from tests.pipeline.hub_world import SITE, open_subscribers, open_world


@pytest.fixture
def world(sqlite_url):
    store = Database.open(sqlite_url)
    with open_world(store) as made:
        yield made
    store.close()


@pytest.fixture
def outside(world):
    """A hub elsewhere, whose address holds a key."""
    with open_subscribers() as (made,):
        world.edit(hub=made.callback("/?key=s3cret"), hub_shown=made.callback("/"))
        yield made


def told(outside):
    return sorted(dict(parse_qsl(one.body.decode()))["hub.topic"].removeprefix(SITE) for one in outside.got)


def test_each_changed_feed_once(world, outside):
    """All of them at first, for it knows none; then what changed, also when another process published it."""
    world.settle()
    assert told(outside) == ["/topics/world.atom", "/topics/world.json", "/topics/world.rss"]
    first = outside.got[0]
    topic = f"{SITE}/topics/world.atom"
    assert (first.path, first.headers["content-type"]) == ("/?key=s3cret", "application/x-www-form-urlencoded")
    said = [parse_qsl(one.body.decode()) for one in outside.got]
    assert [("hub.mode", "publish"), ("hub.topic", topic), ("hub.url", topic)] in said
    outside.came.clear()
    world.open()
    world.settle()
    assert outside.got == []
    world.publish("new", forms=("atom",), quietly=True)
    world.clock.go(seconds=6)
    world.until(lambda: outside.got)
    world.settle()
    assert told(outside) == ["/topics/world.atom"]


def test_a_failure_is_tried_again_later(world, outside):
    """And a change meanwhile is told with the next try, not beside it."""
    outside.answer = lambda _: (500, {}, b"")
    world.settle()
    assert len(outside.got) == 3
    world.publish("new")
    world.settle()
    assert len(outside.got) == 3
    del outside.answer
    world.clock.go(seconds=15)
    world.until(lambda: len(outside.got) == 6)
    world.settle()
    world.clock.go(hours=1)
    world.settle()
    assert len(outside.got) == 6


def test_its_redirect_is_followed_with_the_body(world, outside):
    """307 and 308 keep method and body."""
    outside.answer = lambda came: (308, {"Location": "/moved"}, b"") if "key" in came.path else (204, {}, b"")
    world.settle()
    moved = [one for one in outside.got if one.path == "/moved"]
    assert len(moved) == 3
    assert all(b"hub.mode=publish" in one.body for one in moved)


def test_the_key_in_its_address_is_told_to_nobody(world, outside, capsys):
    outside.answer = lambda _: (500, {}, b"")
    world.settle()
    assert announced(world.configuration) == outside.callback("/")
    outside.close()
    world.clock.go(seconds=15)
    world.settle()
    said = capsys.readouterr()
    assert "hub_ping_failed" in said.out + said.err
    assert "s3cret" not in said.out + said.err + repr(world.configuration)


def test_it_is_told_nothing_while_nobody_can_reach_us(world, outside):
    """No link, no ping."""
    world.configuration = replace(world.configuration, site=Site(url="http://127.0.0.1:8000"))
    world.edit(hub_allow_hosts=())
    world.settle()
    assert (announced(world.configuration), outside.came) == (None, [])


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://news.example.org", True),
        ("https://news.example.org:8443/desk", True),
        ("https://bücher.example", True),
        ("http://93.184.216.34", True),
        ("http://[2606:2800:220:1::1]/x", True),
        ("http://127.0.0.1:8000", False),
        ("http://localhost:8000", False),
        ("http://desk.localhost", False),
        ("http://2130706433", False),
        ("http://10.1.2.3", False),
        ("http://[::1]:8000", False),
        ("http://[fd00::1]", False),
        ("http://intranet", False),
        ("http://desk.local", False),
        ("http://desk.internal.", False),
        ("http://nas.home.arpa", False),
    ],
)
def test_what_counts_as_public(world, url, public):
    world.edit(hub_allow_hosts=())
    world.configuration = replace(world.configuration, site=Site(url=url))
    assert announced(world.configuration) == (f"{url}/hub" if public else None)
