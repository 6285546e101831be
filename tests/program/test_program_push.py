"""WebSub through the real daemon: a hub on loopback is subscribed at, delivers, and is left again."""

import json
import socket
import time
from contextlib import closing

import pytest
from newsroom import News, paper, rss
from pushhub import Hub, until

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


def started(project, hub, port):
    """A daemon that reads one source, subscribed at the hub; and what it asked of it."""
    address, _ = announced(project.newsroom, hub, paper("a", 2))
    write(project, port, [("a", address, {})])
    running = project.daemon(port=port)
    running.shows("/topics/everything.atom", "a reports item 1")
    form = hub.wait()
    hub.verified()
    return running, form


def push_of(project):
    [source] = json.loads(project.ok("status", "--json"))["sources"]
    return source["push"], source


def test_news_is_pushed_from_the_hub_into_the_published_documents(project, hub, port):
    """W1, W2, W3, W5: subscribed as the feed says, verified, and a signed delivery is published within a moment."""
    running, form = started(project, hub, port)
    assert form["hub.topic"] == f"{project.newsroom.url}/topic.xml"
    assert form["hub.callback"].startswith(f"http://127.0.0.1:{port}/websub/")
    assert len(form["hub.callback"].rpartition("/")[2]) == 32
    assert form["hub.mode"] == "subscribe" and len(form["hub.secret"]) < 200
    assert form["content-type"] == "application/x-www-form-urlencoded" and form["path"] == "/hub?kind=test"
    assert hub.answers == [(200, "challenge-4711&<b>")]
    until(lambda: push_of(project)[0]["state"] == "active")
    visits = len(project.newsroom.visits)
    before = push_of(project)[1]
    extra = News(title="Pushed from afar", link="https://a.example/p", guid="p")
    began = time.monotonic()
    assert hub.deliver(form, rss([extra])) == 202
    running.shows("/topics/everything.atom", "Pushed from afar")
    print(f"published {time.monotonic() - began:.2f} s after the delivery")
    shown, after = push_of(project)
    assert shown["last_delivery"] is not None and shown["hub"] == "127.0.0.1"
    assert len(project.newsroom.visits) == visits  # nobody polled for it
    assert {k: before[k] for k in ("last_visit", "next_visit")} == {k: after[k] for k in ("last_visit", "next_visit")}
    told = running.told()
    assert form["hub.secret"] not in told and form["hub.callback"].rpartition("/")[2] not in told
