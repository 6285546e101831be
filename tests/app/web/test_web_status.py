"""The status page and what machines ask for."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import feedparser
import html5lib
import pytest
from test_web_story import item, new
from web_desk import NOON, SOURCE

from aggregator.app.web.arrivals import Arrivals
from aggregator.domain.outcome import Failure
from aggregator.domain.source import Pattern, Visits
from aggregator.errors import Code

SVG = "{http://www.w3.org/2000/svg}"
SECRETS = ("feeds.example.com", "secret-token", "in 3 lines")


@pytest.fixture
def failing(new_desk):
    """The one source fails, and an edited feeds.yaml was refused."""
    with new_desk.store.write() as rooms:
        [due] = rooms.sources.claim_due(NOON, owner="t", lease=timedelta(minutes=5), limit=9)
        failure = Failure(code=Code.HTTP_STATUS, message="HTTP 503 from https://feeds.example.com/${T}.xml", status=503)
        visits = Visits(
            failure=failure,
            failures=3,
            failed_at=NOON,
            failing_since=NOON,
            last_visit=NOON,
            last_success=NOON - timedelta(hours=2),
            next_visit=NOON + timedelta(hours=1),
            next_visit_reason="back-off after 3 failures",
        )
        assert rooms.sources.record(due, visits)
    new_desk.health = replace(
        new_desk.health, config_error="feeds.yaml: <b>wrong</b> in 3 lines", files_error="disk <full>"
    )
    return new_desk


def test_status_for_the_operator(failing):
    """On this machine the page shows addresses, messages and what is wrong with feeds.yaml, escaped."""
    page = failing.get("/status").wire.decode()
    for said in ("bbc", "failing", "http_status", "3 times", "back-off after 3 failures", "feeds.example.com/${T}.xml"):
        assert said in page
    assert "20 Nov 2026, 10:00" in page and "20 Nov 2026, 13:00" in page
    assert "feeds.yaml: &lt;b&gt;wrong&lt;/b&gt; in 3 lines" in page and "disk &lt;full&gt;" in page
    assert "secret-token" not in page
    assert 'href="/metrics"' in page and 'href="/metrics"' not in failing.get("/status", Via="1.1 proxy").wire.decode()


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Forwarded_For": "203.0.113.9"},
        {"X_Forwarded_For": "127.0.0.1"},
        {"Forwarded": "for=203.0.113.9"},
        {"X_Real_IP": "203.0.113.9"},
        {"Via": "1.1 proxy"},
        {"Host": "news.example.org"},
        {"Host": "rebound.evil.example:8000"},
    ],
)
def test_status_for_everyone_else(failing, headers):
    """Behind a proxy or under another name it shows neither addresses nor messages, and the machines' pages refuse."""
    page = failing.get("/status", **headers)
    assert page.status_code == 200
    assert "bbc" in page.wire.decode() and "failing" in page.wire.decode()
    assert not [secret for secret in SECRETS if secret in page.wire.decode()]
    for path in ("/metrics", "/sources.opml"):
        refused = failing.get(path, **headers)
        assert refused.status_code == 403 and b"aggregator token add operator" in refused.wire
        assert not [secret for secret in SECRETS if secret in refused.wire.decode()]


def test_http_1_0_is_taken_for_a_proxy(failing):
    """Nginx as it comes speaks HTTP/1.0 to its upstream and announces itself by no header."""
    import socket
    from urllib.parse import urlsplit

    address = urlsplit(failing.url)
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        connection.sendall(b"GET /sources.opml HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
        assert b" 403 " in connection.recv(4096).split(b"\r\n")[0]


def test_status_is_never_kept(desk):
    assert desk.get("/status").headers["Cache-Control"] == "no-store"


def test_health(desk):
    """/healthz says the process lives; /readyz that there is something to serve."""
    assert desk.get("/healthz").wire == b"ok\n"
    assert desk.get("/readyz").wire == b"ready\n"
    desk.put(None)
    refused = desk.get("/readyz")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")


def test_metrics(failing):
    """Figures in Prometheus' format: one sample a line, each with its meaning and type before it."""
    response = failing.get("/metrics")
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = response.wire.decode().splitlines()
    samples = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert samples['aggregator_sources{state="failing"}'] == "1"
    assert samples['aggregator_source_failures{source="bbc"}'] == "3"
    assert samples["aggregator_config_error"] == samples["aggregator_files_error"] == "1"
    assert float(samples["aggregator_started_seconds"]) == (NOON - timedelta(hours=1)).timestamp()
    named = {line.split("{")[0].split(" ")[0] for line in lines if not line.startswith("#")}
    assert named <= {line.split(" ")[2] for line in lines if line.startswith("# TYPE")}


def test_sources_as_opml(desk):
    """The subscriptions hold addresses as written in the file: no secret is expanded."""
    outlines = ET.fromstring(desk.get("/sources.opml").wire).findall(".//outline")
    assert [(o.get("text"), o.get("xmlUrl")) for o in outlines] == [("bbc", "https://feeds.example.com/${T}.xml")]


def test_a_failing_store_is_said_and_outlived(desk, monkeypatch):
    """While the database fails, readers are told to come back; afterwards everything is served again."""
    from aggregator.errors import StorageError

    whole = type(desk.store).read

    def broken(_):
        raise StorageError("disk gone at /secret/place")

    monkeypatch.setattr(type(desk.store), "read", broken)
    refused = desk.get("/topics/world.atom")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
    assert b"secret" not in refused.wire
    monkeypatch.setattr(type(desk.store), "read", whole)
    assert desk.get("/topics/world.atom").status_code == 200


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "localhost:8000", "[::1]:8000", "127.9.9.9"])
def test_the_operators_names_for_this_machine(desk, host):
    """However loopback is spelled, it is this machine."""
    assert desk.get("/metrics", Host=host).status_code == 200


@pytest.mark.parametrize("host", ["", "[::1", "localhost.evil.example", "127.0.0.1.evil.example", "0", "2130706433"])
def test_names_that_only_look_like_this_machine(desk, host):
    """Anything else is refused, and breaks nothing."""
    assert desk.get("/metrics", Host=host).status_code in {400, 403}


def test_the_operators_feed(failing):
    """What broke, as entries that stay the same from look to look; for the operator alone."""
    answer = failing.get("/status.atom")
    feed = feedparser.parse(answer.wire)
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert not feed.bozo and answer.headers["cache-control"].startswith("private")
    assert failing.get("/status.atom", If_None_Match=answer.headers["etag"]).status_code == 304
    [entry] = feed.entries
    assert entry.title == "bbc cannot be read: http_status"
    assert entry.id.endswith("status.atom/bbc/broken/20261120T120000")
    assert entry.updated == "2026-11-20T12:00:00+00:00"
    assert failing.get("/status.atom").wire == answer.wire
    assert failing.get("/status.atom", Via="1.1 proxy").status_code == 403


def test_without_trouble_the_operators_feed_is_empty(desk):
    feed = feedparser.parse(desk.get("/status.atom").wire)
    assert not feed.bozo and feed.entries == []


def test_charts_of_rhythm_and_freshness(new_desk):
    """Each source shows its items by day and hour, and how much of the silence that its rhythm allows is over."""
    now = datetime.now(UTC)
    pattern = Pattern(hours=(0.0,) * 9 + (3.0, 1.0) + (0.0,) * 13, days=(1.0,) * 7, since=now, at=now)
    with new_desk.store.write() as rooms:
        [due] = rooms.sources.claim_due(NOON, owner="t", lease=timedelta(minutes=5), limit=9)
        visits = Visits(last_visit=now, last_success=now, entries_per_day=2.0, pattern=pattern)
        assert rooms.sources.record(due, visits)
        for number, back in ((1, 40), (2, 2), (3, 0), (4, 0)):
            rooms.items.apply("bbc", [new(item("bbc", number), f"tag:x,2026:bbc/{number}")], now - timedelta(days=back))
    page = html5lib.parse(new_desk.get("/status").wire.decode(), namespaceHTMLElements=False)
    daily, hourly = [chart.get("aria-label") for chart in page.findall(f".//{SVG}svg")]
    assert daily == "new items a day for 28 days: 2 at most, 2 today"
    assert hourly == "by hour of the day (UTC): most at 9:00"
    drawn = page.find(f".//{SVG}svg").findall(f"{SVG}path")[1].get("d")
    assert drawn == "M102 24v-12M110 24v-24"  # the day before yesterday, half as high as today
    assert 0 <= int(page.find(".//meter").get("value")) <= 1


def test_a_source_has_a_page(failing):
    """With its visits by day, drawn and in numbers; its address and message are for the operator alone."""
    now = datetime.now(UTC)
    with failing.store.write() as rooms:
        rooms.days.add([("bbc", False, 4), ("bbc", True, 0)], now)
        rooms.days.add([("bbc", False, 2)], now - timedelta(days=89))
    text = failing.get("/status/bbc").wire.decode()
    page = html5lib.parse(text, namespaceHTMLElements=False)
    assert [chart.get("aria-label") for chart in page.findall(f".//{SVG}svg")] == [
        "visits a day for 90 days: 2 at most, 2 today",
        "failed visits a day for 90 days: 1 at most, 1 today",
        "new items a day for 90 days: 4 at most, 4 today",
    ]
    assert len(page.findall(".//details//tbody/tr")) == 2
    assert "feeds.example.com/${T}.xml" in text and "secret-token" not in text
    others = failing.get("/status/bbc", Via="1.1 proxy")
    assert others.status_code == 200 and not [secret for secret in SECRETS if secret in others.wire.decode()]
    assert failing.get("/status/nobody").status_code == 404
    assert 'href="/status/bbc"' in failing.get("/status").wire.decode()


def test_arrivals_are_counted_once_a_day(new_desk, monkeypatch):
    """Days that are over are asked for once, today's at most once a minute; the window moves with the days."""
    asked, at = [], datetime(2026, 11, 20, 12, tzinfo=UTC)
    with new_desk.store.write() as rooms:
        kind = type(rooms.items)
        rooms.items.apply("bbc", [new(item("bbc", 1), "tag:x,2026:bbc/1")], at - timedelta(days=27))
    count = kind.arrivals
    monkeypatch.setattr(kind, "arrivals", lambda *given: (asked.append(given[1]), count(*given))[1])
    arrivals = Arrivals(new_desk.store)
    assert arrivals.of(at) == {"bbc": [1] + [0] * 27} and len(asked) == 28
    arrivals.of(at + timedelta(seconds=30))
    assert len(asked) == 28
    arrivals.of(at + timedelta(minutes=2))
    assert len(asked) == 29
    assert arrivals.of(at + timedelta(days=1)) == {} and len(asked) == 31


def test_a_new_day_begins_with_its_own_number(new_desk):
    """What was counted ten seconds before midnight is not shown as the new day's."""
    late = datetime(2026, 11, 20, 23, 59, 55, tzinfo=UTC)
    with new_desk.store.write() as rooms:
        rooms.items.apply("bbc", [new(item("bbc", 1), "tag:x,2026:bbc/1")], late)
    arrivals = Arrivals(new_desk.store)
    assert arrivals.of(late)["bbc"][-2:] == [0, 1]
    assert arrivals.of(late + timedelta(seconds=10))["bbc"][-2:] == [1, 0]


def test_many_sources_stand_on_several_pages(new_desk):
    """Fifty a page, so that it stays light; whatever is no number is the first."""
    many = [replace(SOURCE, id=f"s{number:03}", title=f"Paper {number}") for number in range(120)]
    with new_desk.store.write() as rooms:
        rooms.sources.sync(many, NOON)
    first, third = (new_desk.get(path).wire.decode() for path in ("/status", "/status?page=3"))
    assert first.count("<svg") == 50 and "s049" in first and "s050" not in first
    assert third.count("<svg") == 20 and "s119" in third and 'aria-current="page">3' in third
    assert len(first.encode()) < 100_000
    for odd in ("0", "-1", "99", "x", "1e9", "٣"):
        assert new_desk.get(f"/status?page={quote(odd)}").status_code == 200
