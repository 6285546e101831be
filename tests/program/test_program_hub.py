"""Our hub in the real daemon: who subscribes gets the bytes that are served, at once, and after kill -9 too."""

import json
import os
import signal
import socket
import threading
import time
from contextlib import closing
from urllib.parse import urlencode

import pytest
from command import Project
from newsroom import News, paper, rss
from pushhub import Hub, call, until

from tests.pipeline.hub_world import open_subscribers

CONFIG = """\
site: {{url: "http://127.0.0.1:{port}"}}
publish: {{hub_allow_hosts: ["127.0.0.1"]}}
fetch: {{every: 1h, min_interval: 1s, host_gap: 0s, timeout: 20s, allow_hosts: ["127.0.0.1"]}}
sources:
  - {source}
topics:
  - id: everything
"""


@pytest.fixture
def ports():
    """Two that are free."""
    with closing(socket.create_server(("127.0.0.1", 0))) as one, closing(socket.create_server(("127.0.0.1", 0))) as two:
        return one.getsockname()[1], two.getsockname()[1]


def write(project, port, url, **more):
    source = json.dumps({"id": "a", "url": url, **more})
    project.config.write_text(CONFIG.format(port=port, source=source), encoding="utf-8")


def subscribed(running, reader, form="atom", **more):
    """Ask the daemon's hub as a subscriber does, from what its feed says, and wait until it asked back."""
    status, headers, _ = call(f"{running.url}/topics/everything.{form}")
    assert status == 200
    hub, topic = (part.split(">")[0].strip(" <") for part in headers["link"].split(","))
    assert (hub, topic) == (f"{running.url}/hub", f"{running.url}/topics/everything.{form}")
    said = {"hub.mode": "subscribe", "hub.topic": topic, "hub.callback": reader.callback("/cb?x=1"), **more}
    status, headers, text = call(hub, urlencode(said).encode())
    assert (status, headers["content-type"]) == (202, "text/plain; charset=utf-8"), text
    until(lambda: reader.asked)


def counted(running):
    """Wait until one subscriber is told of."""
    running.shows("/metrics", 'aggregator_hub_subscriptions{topic="everything",state="delivered"} 1')


def test_subscribers_get_what_is_served_and_again_after_a_kill(project, ports):
    """W10 to W14 through a socket; what was on its way at kill -9 is brought again, though nothing changed since."""
    url = project.newsroom.put("/a.xml", rss(paper("a", 2)))
    write(project, ports[0], url, every="1s")
    running = project.daemon(port=ports[0])
    running.shows("/topics/everything.atom", "a reports item 1")
    killed = threading.Event()
    with open_subscribers() as (reader,):
        subscribed(running, reader, **{"hub.secret": "sssh"})
        project.newsroom.put("/a.xml", rss(paper("a", 3)))
        until(lambda: reader.got)
        served = call(f"{running.url}/topics/everything.atom")
        got = reader.got[-1]
        assert b"a reports item 2" in got.body
        assert (got.body.decode(), got.path) == (served[2], "/cb?x=1")
        assert (got.headers["content-type"], got.headers["link"]) == (served[1]["content-type"], served[1]["link"])
        assert got.headers["x-hub-signature"].startswith("sha256=")
        reader.answer = lambda _: (killed.wait(30), (503, {}, b""))[1]
        project.newsroom.put("/a.xml", rss(paper("a", 4)))
        until(lambda: len(reader.got) == 2)
        os.killpg(running.process.pid, signal.SIGKILL)
        running.process.wait(10)
        del reader.answer
        killed.set()
        again = project.daemon(port=ports[0], log="again.log")
        until(lambda: len(reader.got) == 3)
        assert reader.got[2].body == reader.got[1].body and b"a reports item 3" in reader.got[2].body
        counted(again)
        serve_has_no_hub(project)
        assert again.end() == 0
        assert "sssh" not in running.told() + again.told()


def serve_has_no_hub(project):
    """Beside the daemon it fetches and writes nothing: it says when to come again, to other sites' hubs too."""
    running = project.address(
        project.start("serve", "--port", 0, log="serve.log"), "serve.log", r"(http://127\.0\.0\.1:\d+)"
    )
    status, headers, text = call(f"{running.url}/hub", b"hub.mode=subscribe")
    assert (status, headers["retry-after"], headers["content-type"]) == (503, "300", "text/plain; charset=utf-8")
    assert "aggregator run" in text
    status, headers, _ = call(f"{running.url}/websub/a-callback", b"news")
    assert (status, headers["retry-after"]) == (503, "30")


def test_from_a_source_s_push_to_our_subscribers(project, ports, tmp_path_factory):
    """A source's hub tells one daemon, which tells another one that subscribed to it: nobody polls."""
    folder = tmp_path_factory.mktemp("second")
    with (
        closing(Hub()) as hub,
        closing(Project(folder, project.newsroom)) as second,
        open_subscribers() as (reader,),
    ):
        link = f'<{hub.url}>; rel="hub", <{project.newsroom.url}/t.xml>; rel="self"'
        address = project.newsroom.put("/a.xml", rss(paper("a", 2)), Link=link)
        write(project, ports[0], address)
        first_running = project.daemon(port=ports[0])
        first_running.shows("/topics/everything.atom", "a reports item 1")
        form = hub.wait()
        hub.verified()
        write(second, ports[1], f"{first_running.url}/topics/everything.atom")
        second_running = second.daemon(port=ports[1])
        second_running.shows("/topics/everything.atom", "a reports item 1")
        counted(first_running)
        second_running.shows("/metrics", 'aggregator_push_subscriptions{state="active"} 1')
        [topic] = json.loads(project.ok("status", "--json"))["topics"]
        assert topic["hub"] == {"subscribers": 1, "failing": 0}
        visits = len(project.newsroom.visits)
        subscribed(first_running, reader)
        delivered, took = [], []
        for number in range(3):
            began = time.monotonic()
            news = News(title=f"Breaking {number}", link=f"https://a.example/p{number}")
            assert hub.deliver(form, rss([news])) == 202
            until(lambda number=number: any(f"Breaking {number}".encode() in one.body for one in reader.got))
            delivered.append(time.monotonic() - began)
            until(lambda number=number: f"Breaking {number}" in second_running.get("/topics/everything.atom")[1])
            took.append(time.monotonic() - began)
        print("from push to our subscriber:", ", ".join(f"{one:.2f} s" for one in delivered))
        print("from push to the second daemon's readers:", ", ".join(f"{one:.2f} s" for one in took))
        assert len(project.newsroom.visits) == visits
