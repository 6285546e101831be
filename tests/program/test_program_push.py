"""WebSub through the real daemon: a hub on loopback is subscribed at, delivers, and is left again."""

import json
import os
import signal
import socket
from contextlib import closing

import pytest
from newsroom import News, paper, rss
from pushhub import Hub, call, until

CONFIG = """\
site: {{url: "http://127.0.0.1:{port}"}}
fetch: {{every: 1h, min_interval: 1s, host_gap: 0s, timeout: 20s, max_body: 1MB, allow_hosts: ["127.0.0.1"]}}
sources:
{sources}
topics:
  - id: everything
"""


@pytest.fixture
def hub():
    with closing(Hub()) as made:
        yield made


@pytest.fixture
def port():
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        return taken.getsockname()[1]


def announced(newsroom, hub, entries):
    """Serve a feed that names its hub in the HTTP header; the topic is not the address that is polled."""
    topic = f"{newsroom.url}/topic.xml"
    link = f'<{hub.url}>; rel="hub", <{topic}>; rel="self"'
    return newsroom.put("/a.xml", rss(entries), Link=link), topic


def write(project, port, sources):
    lines = "".join(f"  - {json.dumps({'id': name, 'url': url, **more})}\n" for name, url, more in sources)
    project.config.write_text(CONFIG.format(port=port, sources=lines or "  []\n"), encoding="utf-8")


def push_of(project):
    [source] = json.loads(project.ok("status", "--json"))["sources"]
    return source["push"], source


def active(running):
    """Wait until the one subscription is verified."""
    running.shows("/metrics", 'aggregator_push_subscriptions{state="active"} 1')


def test_a_subscription_from_its_beginning_to_its_end(project, hub, port):
    """One daemon and one hub, that subscribes, delivers, lies, floods and is left."""
    address, topic = announced(project.newsroom, hub, paper("a", 2))
    write(project, port, [("a", address, {})])
    running = project.daemon(port=port)
    running.shows("/topics/everything.atom", "a reports item 1")
    form = hub.wait()
    hub.verified()
    is_asked_for_as_the_feed_says(hub, form, topic, port)
    active(running)
    news_is_pushed_into_the_published_documents(project, running, hub, form)
    a_hub_that_lies_floods_or_repeats_harms_nobody(project, running, hub, form)
    a_source_that_is_removed_is_unsubscribed(project, hub, form, port)
    told = running.told()
    assert form["hub.secret"] not in told and form["hub.callback"].rpartition("/")[2] not in told


def is_asked_for_as_the_feed_says(hub, form, topic, port):
    """W1, W2, W3: under its self link, at an address that nobody guesses, and verified."""
    assert form["hub.topic"] == topic
    assert form["hub.callback"].startswith(f"http://127.0.0.1:{port}/websub/")
    assert len(form["hub.callback"].rpartition("/")[2]) == 32
    assert form["hub.mode"] == "subscribe" and len(form["hub.secret"]) < 200
    assert form["content-type"] == "application/x-www-form-urlencoded" and form["path"] == "/hub?kind=test"
    assert hub.answers == [(200, "challenge-4711&<b>")]


def news_is_pushed_into_the_published_documents(project, running, hub, form):
    """W5: a signed delivery is published within a moment, and nobody polled for it."""
    visits = len(project.newsroom.visits)
    before = push_of(project)[1]
    extra = News(title="Pushed from afar", link="https://a.example/p", guid="p")
    assert hub.deliver(form, rss([extra])) == 202
    running.shows("/topics/everything.atom", "Pushed from afar")
    shown, after = push_of(project)
    assert shown["last_delivery"] is not None and shown["hub"] == "127.0.0.1"
    assert len(project.newsroom.visits) == visits
    assert {k: before[k] for k in ("last_visit", "next_visit")} == {k: after[k] for k in ("last_visit", "next_visit")}


def a_hub_that_lies_floods_or_repeats_harms_nobody(project, running, hub, form):
    """Forged, unsigned, repeated and huge deliveries: the documents hold what was signed, once; memory is kept."""
    forged = rss([News(title="A forgery", link="https://a.example/f", guid="f")])
    assert hub.deliver(form, forged, signature="sha1=") == 403
    assert hub.deliver(form, forged, signature="sha256=" + "0" * 64) == 202
    assert hub.deliver(form, b"x" * 100_000_000) == 413
    assert call(form["hub.callback"][:-1], forged, {"X-Hub-Signature": "sha256=00"})[0] == 404
    genuine = rss([News(title="A true story", link="https://a.example/t", guid="t")])
    assert [hub.deliver(form, genuine) for _ in range(5)] == [202] * 5
    assert hub.deliver(form, b"<html>no feed</html>", kind="text/html") == 202
    running.shows("/topics/everything.atom", "A true story")
    until(lambda: "delivery_unread" in running.told())
    titles = [item["title"] for item in project.items()]
    assert titles.count("A true story") == 1 and "A forgery" not in titles and len(titles) == 4
    assert running.get("/healthz")[0] == 200


def a_source_that_is_removed_is_unsubscribed(project, hub, form, port):
    """Its hub is told, is answered when it asks, and finds nobody at the callback from then on."""
    write(project, port, [])
    last = hub.wait(mode="unsubscribe")
    assert (last["hub.callback"], last["hub.topic"]) == (form["hub.callback"], form["hub.topic"])
    hub.verified(2)
    assert hub.deliver(form, rss(paper("a", 3))) == 410
    assert hub.verify(form)[0] == 404


def test_a_kill_between_asking_and_verifying_costs_nothing(project, hub, port):
    """Killed when the hub has the request, started again: the verification is expected, the delivery arrives.

    Before that, `fetch` learns of the hub and subscribes to nothing: only the daemon can be called back.
    """
    hub.verifies = False
    address, _ = announced(project.newsroom, hub, paper("a", 2))
    write(project, port, [("a", address, {})])
    project.ok("fetch")
    assert hub.asked == []
    told = json.loads(project.ok("explain", "https://a.example/news/1", "--json"))
    assert (told[0]["push"]["state"], told[0]["push"]["hub"]) == ("wanted", "127.0.0.1")
    running = project.daemon(port=port)
    form = hub.wait()
    os.killpg(running.process.pid, signal.SIGKILL)
    running.process.wait(10)
    assert hub.verify(form)[0] == 0
    running = project.daemon(port=port, log="again.log")
    assert hub.verify(form) == (200, "challenge-4711&<b>")
    active(running)
    assert {f["hub.callback"] for f in hub.asked} == {form["hub.callback"]}
    assert hub.deliver(form, rss([News(title="After the fall", link="https://a.example/p", guid="p")])) == 202
    running.shows("/topics/everything.atom", "After the fall")
