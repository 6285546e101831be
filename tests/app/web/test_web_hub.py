"""`/hub` over a real socket, and the links of what is served."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.requests import Request
from web_desk import FEED, NOON, TOPIC, document

from aggregator.app.web import Health, Server, create_app
from aggregator.app.web.hub import client_name, hub_routes
from aggregator.domain.hub import Delivered, Reply, Subscription
from aggregator.domain.settings import Format, PublishSettings
from aggregator.domain.topic import Access
from aggregator.errors import StorageError
from aggregator.pipeline.hub_link import topics_of

SITE = "https://news.example/desk"
PUBLIC = PublishSettings(hub="built-in")


class Asked:
    """Stands where the hub does: `reply` is what it says, `came` what it was asked."""

    def __init__(self):
        self.came, self.reply = [], Reply(status=202, text="accepted")

    def ask(self, content_type, body, client):
        self.came.append((content_type, body, client))
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


@pytest.fixture
def hub():
    return Asked()


@pytest.fixture
def served(desk, hub):
    """A site at a public address with a path, and its hub."""
    desk.reconfigure(url=SITE)
    app = create_app(
        store=desk.store,
        configuration=lambda: desk.configuration,
        health=lambda: Health(started=NOON),
        more=hub_routes(hub),
    )
    server = Server(app)
    url = server.start("127.0.0.1", 0).rstrip("/")
    with httpx.Client(base_url=url, timeout=30) as client:
        yield client
    server.stop()


@pytest.mark.parametrize("path", ["/hub", "/desk/hub"])
def test_a_form_is_handed_over_and_the_answer_is_plain_text(served, hub, path):
    """Also below the path of site.url, whether a proxy cuts that off or not."""
    answer = served.post(path, data={"hub.mode": "subscribe"})
    assert hub.came == [("application/x-www-form-urlencoded", b"hub.mode=subscribe", "127.0.0.1")]
    assert (answer.status_code, answer.text) == (202, "accepted\n")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_when_to_try_again_is_said(served, hub):
    hub.reply = Reply(status=429, text="too many", retry=7)
    answer = served.post("/hub", data={})
    assert (answer.status_code, answer.headers["retry-after"], answer.text) == (429, "7", "too many\n")


def test_a_large_form_is_cut_off(served, hub):
    """Whether its length is told or not."""
    assert served.post("/hub", content=b"x" * 16_385).status_code == 413
    assert served.post("/hub", content=(b"x" * 1000 for _ in range(20))).status_code == 413
    assert hub.came == []
    assert served.post("/hub", content=b"x" * 16_384).status_code == 202


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_only_post_asks(served, method):
    answer = served.request(method, "/hub")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_while_the_store_fails_it_says_so(served, hub):
    hub.reply = StorageError("sqlite:////secret/place: disk full")
    answer = served.post("/hub", data={})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert "secret" not in answer.text


def test_w14_what_is_served_names_its_hub_and_itself(served, desk):
    """In one Link header (WebSub §4), for GET and HEAD, of every feed and of nothing else."""
    for form in ("atom", "rss", "json"):
        desk.put("world", document(f"topics/world.{form}", FEED))
        expected = f'<{SITE}/hub>; rel="hub", <{SITE}/topics/world.{form}>; rel="self"'
        assert served.get(f"/topics/world.{form}").headers.get_list("link") == [expected]
        assert served.head(f"/desk/topics/world.{form}").headers.get_list("link") == [expected]
    desk.put("world", document("topics/world.html", b"<p>", "text/html"))
    for path in ("/", "/topics/world.html", "/topics/world", "/topics.opml", "/assets/style.css"):
        answer = served.get(path)
        assert (answer.status_code, "link" in answer.headers) == (200, False), path


@pytest.mark.parametrize(
    ("site", "publish", "link"),
    [
        (SITE, PublishSettings(hub=None), None),
        ("http://127.0.0.1:8000", PUBLIC, None),
        ("http://127.0.0.1:8000", replace(PUBLIC, hub_allow_hosts=("127.0.0.1",)), "http://127.0.0.1:8000/hub"),
        (SITE, PublishSettings(hub="https://hub.example/"), "https://hub.example/"),
        (
            SITE,
            PublishSettings(hub="https://h.example/?k=s3cret", hub_shown="https://h.example/"),
            "https://h.example/",
        ),
    ],
)
def test_which_hub_is_named(served, desk, site, publish, link):
    desk.configuration = replace(desk.configuration, publish=publish)
    desk.reconfigure(url=site)
    found = served.get("/topics/world.atom").headers.get("link", "")
    assert found.startswith(f'<{link}>; rel="hub"') if link else not found
    assert "s3cret" not in found


def test_a_header_is_ascii_whatever_the_site_is_called(served, desk):
    """What subscribers then send as hub.topic is known as well (RFC 3987 §3.1)."""
    desk.reconfigure(url="https://新闻.example:8443/台")
    base = "https://xn--efvy88h.example:8443/%E5%8F%B0"
    found = served.get("/topics/world.atom").headers["link"]
    assert found == f'<{base}/hub>; rel="hub", <{base}/topics/world.atom>; rel="self"'
    assert {f"{base}/topics/world.atom", "https://新闻.example:8443/台/topics/world.atom"} <= topics_of(
        desk.configuration
    ).keys()


def test_a_topic_with_tokens_names_none(served, desk):
    desk.configuration = replace(desk.configuration, topics=(replace(TOPIC, access=Access.TOKEN),))
    assert "link" not in served.get("/topics/world.atom").headers


def test_a_form_that_is_not_published_any_more_names_none(served, desk):
    desk.configuration = replace(desk.configuration, topics=(replace(TOPIC, formats=(Format.RSS,)),))
    assert "link" not in served.get("/topics/world.atom").headers


@pytest.mark.parametrize(
    ("direct", "told", "counted"),
    [
        ("93.184.216.34", [], "93.184.216.34"),
        ("93.184.216.34", ["192.0.2.1"], "93.184.216.34"),  # anybody can write that
        ("127.0.0.1", ["192.0.2.1"], "192.0.2.1"),
        ("10.0.0.2", ["6.6.6.6, 192.0.2.1"], "192.0.2.1"),
        ("127.0.0.1", ["6.6.6.6", "192.0.2.1"], "192.0.2.1"),
        ("127.0.0.1", ["nonsense"], "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),
        ("::ffff:93.184.216.34", [], "93.184.216.34"),
    ],
)
def test_who_asked(direct, told, counted):
    """Behind a proxy nearby it is who the proxy names last; an IPv6 client is its network."""
    headers = [(b"x-forwarded-for", one.encode()) for one in told]
    assert client_name(Request({"type": "http", "client": (direct, 1), "headers": headers})) == counted


def test_the_operator_sees_who_is_subscribed(desk):
    """In figures and on the status page; nobody else does."""
    with desk.store.write() as rooms:
        for number, host in enumerate(("a.example 443", "b.example 443")):
            made = Subscription(
                topic=f"{SITE}/topics/world.atom",
                path="topics/world.atom",
                callback=f"https://r.example/unguessable-{number}",
                host=host,
                lease_until=datetime.now(UTC) + timedelta(days=1),
                delivered='"old"',
            )
            rooms.hub.subscribe(made, NOON)
        (first, _), *_ = rooms.hub.due(NOON, limit=1, per_host=1)
        rooms.hub.record([Delivered(number=first, failures=1, failure="HTTP 500", next_try=NOON)])
    figures = desk.get("/metrics").wire.decode()
    assert 'aggregator_hub_subscriptions{topic="world",state="delivered"} 1\n' in figures
    assert 'aggregator_hub_subscriptions{topic="world",state="failing"} 1\n' in figures
    page = desk.get("/status").wire.decode()
    assert "2 at the hub, 1 not reached" in page
    assert "unguessable" not in page + figures
    assert "at the hub" not in desk.get("/status", X_Forwarded_For="192.0.2.1").wire.decode()
