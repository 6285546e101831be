"""What strangers may not do with a hub: reach what is private, flood a third party, fill us up, write through us."""

import time
from pathlib import Path
from urllib.parse import urlencode

import pytest

from aggregator.domain.hub import HubLimits
from aggregator.pipeline.hub_guard import refusal
from storage import Database
from tests.pipeline.hub_world import FORM, SITE, open_subscribers, open_world

CORPUS = Path(__file__).parents[3] / "shared" / "cases" / "hostile" / "hostile_urls.txt"


@pytest.fixture
def store(sqlite_url):
    opened = Database.open(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def reader():
    with open_subscribers() as (made,):
        yield made


def limited(**limits):
    """Rates that no test meets by chance."""
    return HubLimits(**({"client_burst": 100_000, "host_burst": 100_000} | limits))


def test_no_hostile_callback_is_connected_to(store, reader):
    """Each is refused at once, or fails its verification without a connection: the guard judges what names mean."""
    if not CORPUS.exists():
        pytest.skip("shared/cases/hostile is not beside this checkout")
    urls = CORPUS.read_text("utf-8").splitlines()
    assert len(urls) == 56
    with open_world(store, reader.place, limits=limited()) as world:
        at_port = [url.replace("127.0.0.1", reader.place, 1) for url in urls if "127.0.0.1/" in url]
        early = 0
        for url in [*urls, *(url for url in at_port if reader.place not in url)]:
            early += world.ask(callback=url).status in {400, 403}
        assert early > 40
        world.settle()
        assert (reader.came, world.audience()) == ([], {})


def test_what_is_private_by_its_spelling_is_refused_at_once(store):
    """No connection, no look-up, and the same words for all."""
    with open_world(store, "192.0.2.7:1", limits=limited()) as world:
        for host in (
            "127.0.0.1",
            "2130706433",
            "0x7f.1",
            "127.1",
            "[::1]",
            "[::ffff:10.0.0.1]",
            "10.0.0.1",
            "[fe80::1]",
        ):
            reply = world.ask(callback=f"http://{host}/")
            assert (reply.status, reply.text) == (403, "hub.callback is not a public address"), host


def test_a_redirect_to_what_is_private_is_not_followed(store, reader):
    with open_subscribers() as (inside,), open_world(store, reader.place) as world:
        reader.answer = lambda _: (307, {"Location": inside.callback()}, b"")
        world.ask(callback=reader.callback())
        world.settle()
        assert (len(reader.came), inside.came) == (1, [])


@pytest.mark.parametrize(
    "callback",
    [
        f"{SITE}/hub", f"{SITE}/hub/", f"{SITE}/hub?x=1", "https://NEWS.example:443/hub", "http://news.example/hub",
        f"{SITE}/x/../hub", f"{SITE}/%68ub", f"{SITE}/websub/token", f"{SITE}//hub", f"{SITE}/./websub/a/b",
    ],
)  # fmt: skip
def test_our_own_addresses_are_no_callbacks(store, callback):
    """A loop: what we deliver to ourselves would be news to us."""
    with open_world(store) as world:
        reply = world.ask(callback=callback)
        assert (reply.status, reply.text) == (403, "hub.callback is an address of this very site")


@pytest.mark.parametrize(
    ("callback", "site"),
    [
        ("https://news.example/other/websub/token", "https://news.example"),
        ("https://news.example/websub/token", "https://news.example/desk"),
        ("https://news.example:8443/websub/token", "https://news.example"),
        ("https://other.example/websub/token", "https://news.example"),
        ("https://news.example/hubbub", "https://news.example"),
    ],
)
def test_another_instance_may_subscribe(callback, site):
    """Also on the same host: what counts is that the address is not ours."""
    assert refusal(callback, site, ()) is None


def test_a_thousand_subscriptions_to_a_victim_cost_it_few_requests(store, reader):
    """From as many clients: one host is asked so often and no more, and less and less while it never confirms."""
    reader.answer = lambda _: (404, {}, b"")
    with open_world(store) as world:
        statuses = []
        for number in range(1_000):
            reply = world.ask(callback=reader.callback(f"/{number}"), client=f"198.51.{number % 250}.{number // 250}")
            statuses.append(reply.status)
            if number % 100 == 99:
                world.clock.go(minutes=1)
                world.settle()
        assert set(statuses) == {202, 429}
        assert len(reader.came) == statuses.count(202) < 150
        assert all(one.method == "GET" and not one.body for one in reader.came)
        world.clock.go(hours=1)
        before = len(reader.came)
        for _ in range(20):
            world.ask(callback=reader.callback("/again"))
            world.settle()
        assert len(reader.came) - before <= 1


def test_a_host_that_confirms_is_forgiven(store, reader):
    """Somebody else's failures at a large host do not keep its honest subscribers out for long."""
    with open_world(store, limits=limited()) as world:
        reader.answer = lambda _: (404, {}, b"")
        for number in range(5):
            world.ask(callback=reader.callback(f"/{number}"))
            world.settle()
        held = world.ask(callback=reader.callback("/honest"))
        assert (held.status, held.retry) == (429, 60)
        del reader.answer
        world.clock.go(seconds=60)
        world.subscribe(reader)
        world.subscribe(reader, "/another")
        assert world.audience() == {"topics/world.atom": (2, 0)}


def test_a_renewal_is_not_kept_waiting_by_others_failures(store, reader):
    with open_world(store, limits=limited()) as world:
        world.subscribe(reader)
        reader.answer = lambda _: (404, {}, b"")
        for number in range(6):
            world.ask(callback=reader.callback(f"/{number}"))
            world.settle()
        assert world.ask(callback=reader.callback("/new")).status == 429
        assert world.ask(callback=reader.callback()).status == 202


def test_one_client_may_ask_so_often(store):
    with open_world(store) as world:
        statuses = [world.ask(callback=f"https://r{n}.example/").status for n in range(200)]
        assert statuses == [202] * 120 + [429] * 80
        assert world.ask(callback="https://other.example/", client="192.0.2.2").status == 202
        world.clock.go(seconds=2)
        statuses = [world.ask(callback=f"https://r{n}.example/").status for n in range(200, 204)]
        assert statuses == [202, 202, 429, 429]


def test_there_is_room_for_so_many(store, reader):
    """All in all, at one host, and waiting; a renewal takes no room."""
    with open_world(store, limits=limited(subscriptions=3, per_host=2)) as world:
        world.subscribe(reader, "/1")
        world.subscribe(reader, "/2")
        full = world.ask(callback=reader.callback("/3"))
        assert (full.status, full.retry) == (429, 3600)
        assert world.ask(callback="https://one.example/").status == 202
        full = world.ask(callback="https://two.example/")
        assert (full.status, full.retry) == (503, 3600)
        assert world.ask(callback=reader.callback("/1")).status == 202
        assert world.ask(callback="https://one.example/", secret="again").status == 202
        assert world.ask(mode="unsubscribe", callback="https://two.example/").status == 202


def test_so_many_may_wait_for_their_verification(store):
    with open_world(store, limits=limited(pending=2)) as world:
        statuses = [world.ask(callback=f"https://r{n}.example/").status for n in (1, 2, 3, 2)]
        assert statuses == [202, 202, 503, 202]


def test_so_many_may_wait_for_one_host(store):
    """Whoever floods one host's callbacks fills neither the table nor the host's day."""
    with open_world(store, limits=limited(pending_there=2)) as world:
        asked = [f"https://r.example/{n}" for n in (1, 2, 3, 2)] + ["https://other.example/1"]
        assert [world.ask(callback=one).status for one in asked] == [202, 202, 429, 202, 202]


def test_nothing_of_a_request_is_repeated(store, reader):
    """Neither in an answer nor, but for what WebSub says, in what the callback is asked."""
    mark = "<script>x</script>"
    with open_world(store, limits=limited()) as world:
        for wrong in (
            {"mode": mark},
            {"topic": mark},
            {"topic": f"{SITE}/{mark}"},
            {"callback": mark},
            {"callback": f"http://{mark}/"},
            {"callback": "http://10.0.0.1/", "secret": mark},
            {"lease_seconds": mark},
        ):
            reply = world.ask(**({"callback": reader.callback()} | wrong))
            assert 400 <= reply.status < 500
            assert "script" not in reply.text
        world.ask(callback=reader.callback(), secret="s3cret-mark", foo=mark)
        world.settle()
        (asked,) = reader.came
        assert "mark" not in asked.path + str(asked.headers)
        assert "script" not in asked.path + str(asked.headers)


def test_no_secret_and_no_callback_reaches_the_log(store, reader, capsys):
    """A callback is the subscriber's password: who knows it may speak as its hub."""
    with open_world(store) as world:
        world.subscribe(reader, "/unguessable-path", secret="unguessable-secret")
        reader.answer = lambda _: (500, {}, b"")
        world.publish("new")
        world.settle()
        world.ask(callback=reader.callback("/unguessable-other"))
        world.settle()
        with store.read() as rooms:
            (number,) = [n for n, _ in rooms.hub.due(world.clock.now().replace(year=2027), limit=9, per_host=9)] or [1]
            assert "unguessable" not in repr(rooms.hub.subscriptions([number]))
    said = capsys.readouterr()
    assert "hub_delivery_failed" in said.out + said.err
    assert "unguessable" not in said.out + said.err


def test_a_topic_with_tokens_is_none(store, reader):
    """As if it were not there."""
    with open_world(store) as world:
        world.publish("secret", topic="closed", forms=("atom",))
        known = world.ask(callback=reader.callback(), topic=f"{SITE}/topics/closed.atom")
        unknown = world.ask(callback=reader.callback(), topic=f"{SITE}/topics/nothing.atom")
        assert known == unknown
        assert known.status == 404


@pytest.mark.parametrize(
    "topic",
    [
        f"{SITE}/topics/world", f"{SITE}/topics/world.html", f"{SITE}/topics/world.atom?x",
        f"{SITE}/topics/world.atom#x",
        f"{SITE}/topics/world/archive/1.atom", "http://news.example/topics/world.atom", f"{SITE}/topics.opml",
        f"{SITE}//topics/world.atom", "https://news.example.evil.example/topics/world.atom", f"{SITE}/index.html",
    ],
)  # fmt: skip
def test_only_our_feeds_are_topics(store, reader, topic):
    with open_world(store) as world:
        assert world.ask(callback=reader.callback(), topic=topic).status == 404


def test_a_topic_may_be_spelled_with_needless_escapes(store, reader):
    """Unreserved characters are decoded (§5.1)."""
    with open_world(store) as world:
        assert world.ask(callback=reader.callback(), topic=f"{SITE}/topics/%77orld.atom").status == 202


def test_no_hub_where_nobody_could_reach_us_or_there_is_to_be_none(store, reader):
    with open_world(store) as world:
        world.edit(hub=None)
        assert world.ask(callback=reader.callback()).status == 404
        world.edit(hub="https://hub.example/")
        assert world.ask(callback=reader.callback()).status == 404
        world.edit(hub="built-in")
        assert world.ask(callback=reader.callback()).status == 202


def test_a_dead_host_is_left_alone_whole(store, reader):
    """Three failures to reach it, and its other callbacks are not even tried; one that answers ends that."""
    with open_subscribers() as (dead,), open_world(store, limits=limited()) as world:
        for number in range(40):
            world.subscribe(dead, f"/{number}")
        world.subscribe(reader)
        dead.close()
        world.publish("new")
        world.settle()
        assert len(reader.got) == 1
        failing = world.audience()["topics/world.atom"][1]
        assert 3 <= failing <= 24  # those that were under way by then
        with store.read() as rooms:
            assert rooms.hub.due(world.clock.now(), limit=99, per_host=99) == []


def test_a_slow_host_keeps_no_other_waiting(store, reader):
    """Sixteen at most are under way to one host; the others get theirs meanwhile."""
    with open_subscribers() as (slow,), open_world(store, limits=limited()) as world:
        for number in range(40):
            world.subscribe(slow, f"/{number}")

        def late(_):
            time.sleep(0.1)
            return 200, {}, b""

        slow.answer = late
        with open_subscribers(3) as others:
            for other in others:
                world.subscribe(other)
            world.publish("new")
            world.until(lambda: [len(one.got) for one in others] == [1, 1, 1])
            assert len(slow.got) < 40
            world.settle()
        assert (len(slow.got), slow.most_open) == (40, 4)


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("", b"hub.mode=subscribe", 415),
        (FORM, b"", 400),
        (FORM, b"hub.mode=subscribe&hub.mode=unsubscribe", 400),
        (FORM, b"\xff=\xff", 400),
        (FORM, b"a=%ff", 400),
        (FORM, b"&".join(b"a%d=1" % n for n in range(200)), 400),
        (f"{FORM}; charset=UTF-8", b"hub.mode=nothing", 400),
    ],
)
def test_what_cannot_be_read(store, kind, body, status):
    with open_world(store) as world:
        assert world.hub.ask(kind, body, "192.0.2.1").status == status


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "s" * 200},
        {"secret": "ü" * 100},
        {"lease_seconds": "-1"},
        {"lease_seconds": "1e3"},
        {"lease_seconds": "٣"},
        {"callback": ""},
        {"callback": "ftp://r.example/"},
        {"callback": "https://u:p@r.example/"},
        {"callback": "https://r.example/#x"},
        {"callback": "https://r.example/ x"},
        {"callback": "https://r.example/\r\nX: y"},
        {"callback": "https://r.example:0/"},
        {"callback": "https://r.example:99999/"},
        {"callback": "https:///x"},
        {"callback": "//r.example/"},
        {"callback": f"https://r.example/{'x' * 2000}"},
    ],
    ids=lambda wrong: "".join(f"{k}={v}" for k, v in wrong.items())[:30],
)
def test_what_is_wrong_is_told(store, wrong):
    with open_world(store) as world:
        reply = world.ask(**({"callback": "https://r.example/"} | wrong))
        assert (reply.status, reply.text != "") == (400, True)


def test_a_parameter_twice_alike_is_one(store, reader):
    with open_world(store) as world:
        said = [("hub.mode", "subscribe"), ("hub.mode", "subscribe"), ("hub.topic", f"{SITE}/topics/world.atom")]
        body = urlencode([*said, ("hub.callback", reader.callback())]).encode()
        assert world.hub.ask(FORM, body, "192.0.2.1").status == 202


def test_more_hosts_than_deliveries_at_once(store, monkeypatch):
    """They take turns, and each gets its own."""
    monkeypatch.setattr("aggregator.pipeline.hub_deliver.AT_ONCE", 3)
    with open_subscribers(8) as readers, open_world(store, limits=limited()) as world:
        for reader in readers:
            for number in range(2):
                world.subscribe(reader, f"/{number}")
        world.publish("new")
        world.settle()
        assert [sorted(one.path for one in reader.got) for reader in readers] == [["/0", "/1"]] * 8
