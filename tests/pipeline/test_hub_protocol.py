"""What the W3C Recommendation demands of a hub, by the numbers of its statements, with real subscribers on loopback."""

import hashlib
import hmac
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from storage import Database
from tests.pipeline.hub_world import SITE, open_subscribers, open_world

ATOM = f"{SITE}/topics/world.atom"


BOTH = pytest.mark.parametrize("world", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)


@pytest.fixture
def world(request):
    """On SQLite; a test marked BOTH has it on PostgreSQL too."""
    store = Database.open(request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url"))
    with closing(store), open_world(store) as made:
        yield made


@pytest.fixture
def reader():
    with open_subscribers() as (made,):
        yield made


def refuse(came):
    return 404, {}, b""


def test_w10_accepted_before_it_is_verified(world, reader):
    """202 at once: the callback has not been asked, and what it will say changes nothing."""
    reader.answer = refuse
    reply = world.ask(callback=reader.callback())
    assert (reply.status, reader.came) == (202, [])
    world.settle()
    assert (len(reader.asked), world.audience()) == (1, {})


def test_w11_unknown_parameters_and_a_secret_are_taken(world, reader):
    """websub.rocks 100 to 102."""
    world.subscribe(reader, secret="sssh", foo="bar", verify="async")
    assert world.audience() == {"topics/world.atom": (1, 0)}


@BOTH
def test_w11_subscribed_again_is_one_subscription(world, reader):
    """websub.rocks 103: one delivery, under the newest secret, and the newest lease."""
    world.subscribe(reader, secret="one")
    world.subscribe(reader, secret="two", lease_seconds="86400")
    world.publish("new")
    world.settle()
    (got,) = reader.got
    assert got.headers["x-hub-signature"] == f"sha256={hmac.new(b'two', got.body, 'sha256').hexdigest()}"
    world.clock.go(days=1, seconds=1)
    world.publish("newer")
    world.settle()
    assert len(reader.got) == 1


@pytest.mark.parametrize("mode", ["subscribe", "unsubscribe"])
def test_w11_a_failed_verification_changes_nothing(world, reader, mode):
    """What was subscribed stays as it was: with its old secret, too."""
    world.subscribe(reader, secret="old")
    reader.answer = refuse
    assert world.ask(mode=mode, callback=reader.callback(), secret="new").status == 202
    world.settle()
    del reader.answer
    world.publish("new")
    world.settle()
    (got,) = reader.got
    assert got.headers["x-hub-signature"] == f"sha256={hmac.new(b'old', got.body, 'sha256').hexdigest()}"


@BOTH
def test_w11_unsubscribed_is_told_nothing_more(world, reader):
    """websub.rocks 104."""
    world.subscribe(reader)
    world.ask(mode="unsubscribe", callback=reader.callback())
    world.settle()
    world.publish("new")
    world.settle()
    assert (reader.got, world.audience()) == ([], {})
    assert "hub.lease_seconds" not in reader.asked[-1].said


def test_w12_the_question(world, reader):
    """A GET that keeps the callback's own query in front, with a challenge of its own each time."""
    world.subscribe(reader, path="/callback?a=b&hub.mode=mine&x=%2F+", lease_seconds="1000")
    (asked,) = reader.asked
    assert asked.path == (
        "/callback?a=b&hub.mode=mine&x=%2F+&hub.mode=subscribe&hub.topic=https%3A%2F%2Fnews.example%2Ftopics%2Fworld"
        ".atom&hub.challenge=challenge-1&hub.lease_seconds=1000"
    )
    world.subscribe(reader, path="/callback?")
    assert reader.asked[-1].path.startswith("/callback?hub.mode=subscribe&")
    assert reader.asked[-1].said["hub.challenge"] == "challenge-2"


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}, b"challenge-1 "),
        (200, {}, b""),
        (200, {}, b"another"),
        (404, {}, b"challenge-1"),
        (500, {}, b"challenge-1"),
        (302, {"Location": "/right"}, b"challenge-1"),
        (308, {"Location": "/right"}, b"challenge-1"),
    ],
    ids=["more", "nothing", "another", "404", "500", "302", "308"],
)
def test_w12_only_success_with_the_exact_body_confirms(world, reader, answer):
    """A redirect is a failure, and is not followed."""
    reader.answer = lambda came: answer if "/callback" in came.path else (200, {}, b"challenge-1")
    world.ask(callback=reader.callback())
    world.settle()
    assert (len(reader.came), world.audience()) == (1, {})


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_w12_any_success_confirms(world, reader, status):
    reader.answer = lambda came: (status, {}, came.said.get("hub.challenge", "").encode() if status != 204 else b"")
    world.ask(callback=reader.callback())
    world.settle()
    assert bool(world.audience()) is (status != 204)  # which has no body to hold the challenge


@pytest.mark.parametrize(
    ("asked", "granted"),
    [(None, 864_000), ("", 864_000), ("1", 300), ("5000", 5000), ("999999999999", 2_592_000)],
)
def test_w13_leases_are_bounded_and_told(world, reader, asked, granted):
    """None is for ever."""
    world.subscribe(reader, lease_seconds=asked)
    assert reader.asked[0].said["hub.lease_seconds"] == str(granted)
    world.clock.go(seconds=granted - 1)
    world.publish("within")
    world.settle()
    assert len(reader.got) == 1
    world.clock.go(seconds=1)
    world.publish("after")
    world.settle()
    assert len(reader.got) == 1


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
def test_w14_the_delivery(world, reader, form):
    """websub.rocks 100, 200, 201: the topic's bytes and type, both links in one header, no signature unasked."""
    topic = f"{SITE}/topics/world.{form}"
    world.subscribe(reader, path="/c?exactly=this", topic=topic)
    world.publish("new")
    world.settle()
    (got,) = reader.got
    assert (got.path, got.body) == ("/c?exactly=this", f"{form}: new".encode())
    with world.store.read() as rooms:
        assert got.headers["content-type"] == rooms.documents.get(f"topics/world.{form}").document.media_type
    assert got.headers["link"] == f'<{SITE}/hub>; rel="hub", <{topic}>; rel="self"'
    assert "x-hub-signature" not in got.headers


def test_w14_signed_with_the_secret(world, reader):
    """websub.rocks 101. A secret may hold any character, up to 199 bytes."""
    secret = "ü" * 99 + "="
    world.subscribe(reader, secret=secret)
    world.publish("new")
    world.settle()
    (got,) = reader.got
    method, _, digest = got.headers["x-hub-signature"].partition("=")
    assert (method, digest) == ("sha256", hmac.new(secret.encode(), got.body, hashlib.sha256).hexdigest())


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 429, 500, 503])
def test_w14_only_success_is_success(world, reader, status):
    """Anything else is tried again, later each time; a redirect is not followed."""
    world.subscribe(reader)
    reader.answer = lambda _: (status, {"Location": "/elsewhere"}, b"")
    world.publish("new")
    world.settle()
    assert world.audience() == {"topics/world.atom": (1, 1)}
    for wait in (15, 30, 60):
        world.clock.go(seconds=wait - 1)
        world.hub.step(0)
        world.settle()
        before = len(reader.got)
        world.clock.go(seconds=1)
        world.until(lambda before=before: len(reader.got) > before)
        world.settle()
    assert len(reader.got) == 4
    assert {one.path for one in reader.came} <= {reader.asked[0].path, "/callback"}
    del reader.answer
    world.clock.go(seconds=120)
    world.until(lambda: world.audience() == {"topics/world.atom": (1, 0)})
    assert len(reader.got) == 5


@BOTH
def test_w14_410_ends_it(world, reader):
    world.subscribe(reader)
    reader.answer = lambda _: (410, {}, b"")
    world.publish("new")
    world.settle()
    world.publish("newer")
    world.settle()
    assert (len(reader.got), world.audience()) == (1, {})


def test_retry_after_is_obeyed(world, reader):
    world.subscribe(reader)
    reader.answer = lambda _: (503, {"Retry-After": "3600"}, b"")
    world.publish("new")
    world.settle()
    world.clock.go(seconds=3599)
    world.hub.step(0)
    world.settle()
    assert len(reader.got) == 1
    world.clock.go(seconds=1)
    world.until(lambda: len(reader.got) == 2)


@BOTH
def test_what_is_delivered_late_is_the_newest(world, reader):
    """Later changes replace the older one: nobody gets yesterday's news after today's."""
    world.subscribe(reader)
    reader.answer = lambda _: (500, {}, b"")
    world.publish("first")
    world.settle()
    for text in ("second", "third"):
        world.publish(text)
        world.settle()
    assert [one.body for one in reader.got] == [b"atom: first"]
    del reader.answer
    world.clock.go(seconds=15)
    world.until(lambda: len(reader.got) == 2)
    assert reader.got[-1].body == b"atom: third"


def test_after_many_tries_it_is_given_up_until_the_next_change(world, reader):
    """Twelve over half a day; the subscription stays until its lease ends."""
    world.subscribe(reader)
    reader.answer = lambda _: (500, {}, b"")
    world.publish("new")
    for _ in range(20):
        world.settle()
        world.clock.go(hours=6)
        world.hub.step(0)
    assert len(reader.got) == 12
    world.publish("newer")
    world.settle()
    assert len(reader.got) == 13


def test_a_change_between_request_and_verification_is_delivered(world, reader):
    """What the subscriber had read when it asked is what it has."""
    assert world.ask(callback=reader.callback()).status == 202
    world.publish("new")
    world.settle()
    assert [one.body for one in reader.got] == [b"atom: new"]


def test_a_new_subscriber_gets_nothing_it_has(world, reader):
    world.subscribe(reader)
    world.settle()
    assert reader.got == []


def test_at_most_one_delivery_is_under_way_for_a_subscription(world, reader):
    """A slow callback is not called again before it answered, however often the news changes."""
    world.subscribe(reader)
    slow = threading.Event()

    def answer(came):
        slow.wait(20)
        return 200, {}, b""

    reader.answer = answer
    world.publish("one")
    world.until(lambda: reader.open_now == 1)
    for text in ("two", "three"):
        world.publish(text)
        for _ in range(3):
            world.hub.step(0.01)
    slow.set()
    world.until(lambda: len(reader.got) == 2)
    world.settle()
    assert ([one.body for one in reader.got], reader.most_open) == ([b"atom: one", b"atom: three"], 1)


@BOTH
def test_a_kill_loses_nothing_and_repeats_what_was_delivered_not(world, reader):
    """Another hub over the same store, as after kill -9: what was not delivered is, what was is not."""
    world.subscribe(reader)
    with open_subscribers() as (other,):
        world.subscribe(other)
        other.answer = lambda _: (500, {}, b"")
        world.publish("new")
        world.settle()
        world.open()
        del other.answer
        world.clock.go(seconds=15)
        world.settle()
        assert (len(reader.got), len(other.got)) == (1, 2)
        world.publish("unheard", quietly=True)  # by another process, or just before the kill
        world.open()
        world.settle()
        assert [one.body for one in (reader.got[-1], other.got[-1])] == [b"atom: unheard"] * 2


def test_news_of_another_process_is_found(world, reader):
    """`aggregator publish` beside the daemon: a look every few seconds."""
    world.subscribe(reader)
    world.publish("new", quietly=True)
    world.clock.go(seconds=6)
    world.until(lambda: len(reader.got) == 1)


@BOTH
def test_a_topic_that_ended_is_told_and_one_that_comes_back_is_not(world, reader):
    """A denial (§5.2) after an hour: an edit of feeds.yaml that is taken back costs nobody."""
    world.subscribe(reader)
    topics = world.configuration.topics
    world.configuration = replace(world.configuration, topics=topics[1:])
    world.settle()
    world.clock.go(minutes=59)
    world.configuration = replace(world.configuration, topics=topics)
    world.publish("new")
    world.settle()
    assert (len(reader.asked), len(reader.got)) == (1, 1)
    world.configuration = replace(world.configuration, topics=topics[1:])
    world.settle()
    world.clock.go(minutes=61)
    world.until(lambda: len(reader.asked) == 2)
    assert reader.asked[-1].said == {
        "hub.mode": "denied",
        "hub.topic": ATOM,
        "hub.reason": "this feed is not published any more",
    }
    assert world.audience() == {}


def test_told_of_news_we_know_of(world, reader):
    """`hub.mode=publish`: we are the publisher; websub.rocks tells public hubs so."""
    assert world.ask(mode="publish").status == 204
    assert world.ask(mode="publish", url=f"{SITE}/elsewhere").status == 404


@BOTH
def test_subscriptions_that_ran_out_are_deleted(world, reader):
    world.subscribe(reader, lease_seconds="300")
    world.clock.go(hours=2)
    world.settle()
    world.hub.step(0)
    with world.store.read() as rooms:
        assert rooms.hub.sizes("127.0.0.1", world.clock.now() - timedelta(hours=2)) == (0, 0)
