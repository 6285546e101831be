"""Servers that drip, lie, flood and break: each costs its own source one error, within its limits."""

import time
import tracemalloc
import zlib
from datetime import timedelta

import pytest

from aggregator.errors import Code, FetchError
from tests.steps.fetch.conftest import PATIENCE, ask
from tests.steps.fetch.fetch_server import answer, gz, reset, short

FEED = b"<rss version='2.0'></rss>"
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def sending(*pieces, repeat=None, pause=0.0, server=None):
    """A handler that sends pieces, then one for ever."""

    def handle(connection, _):
        for piece in pieces:
            connection.sendall(piece)
        while repeat is not None:
            connection.sendall(repeat)
            if pause and server.wait(pause):
                return

    return handle


def failed(desk, url, **options):
    with pytest.raises(FetchError) as caught:
        desk.get(url, **options)
    return caught.value


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"", Code.PROTOCOL),
        (b"\r\n\r\n", Code.PROTOCOL),
        (b"<rss>no status line: HTTP/0.9</rss>", Code.PROTOCOL),
        (b"HTTP/0.9 200 OK\r\n\r\n<rss/>", Code.PROTOCOL),
        (b"HTTP/2.0 200 OK\r\n\r\n<rss/>", Code.PROTOCOL),
        (b"HTTP/1.1 abc OK\r\n\r\n", Code.PROTOCOL),
        (b"HTTP/1.1 100 Continue\r\n\r\n", Code.PROTOCOL),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 50, Code.PROTOCOL),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nxxxx", Code.PROTOCOL),
        (HEAD, Code.PROTOCOL),
        (HEAD + b"Bad Name: x\r\n\r\n" + FEED, Code.PROTOCOL),
        (HEAD + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\n" + FEED, Code.PROTOCOL),
        (HEAD + b"Content-Length: -4\r\n\r\n" + FEED, Code.PROTOCOL),
        (HEAD + b"Content-Length: 4000\r\n\r\n" + FEED, Code.TRUNCATED),
        (HEAD + b"A: " + b"x" * 1_000_000 + b"\r\n\r\n" + FEED, Code.PROTOCOL),
        (HEAD + b"".join(b"H%d: x\r\n" % n for n in range(100_000)) + b"\r\n" + FEED, Code.PROTOCOL),
        (HEAD + b"".join(b"H%d: x\r\n" % n for n in range(600)) + b"Content-Length: 25\r\n\r\n" + FEED, Code.PROTOCOL),
        (HEAD + b"Transfer-Encoding: magic\r\n\r\n" + FEED, Code.PROTOCOL),
        (CHUNKED + b"zz\r\n" + FEED, Code.PROTOCOL),
        (CHUNKED + b"19\r\n" + FEED + b"\r\n", Code.PROTOCOL),
        (CHUNKED + b"5;" + b"x" * 200_000 + b"\r\nabcde\r\n0\r\n\r\n", Code.PROTOCOL),
        (answer("200 OK", "Content-Encoding: gzip", body=gz(FEED * 100)[:-20]), Code.TRUNCATED),
        (answer("200 OK", "Content-Encoding: gzip", body=b"\x1f\x8b\x08rubbish rubbish rubbish"), Code.PROTOCOL),
        (answer("200 OK", "Content-Encoding: gzip, gzip", body=gz(gz(FEED))), Code.PROTOCOL),
        (answer("200 OK", "Content-Encoding: br", body=b"\x8b\x0b\x80<rss/>\x03"), Code.PROTOCOL),
        (answer("200 OK", "Content-Encoding: gzip", body=gz(b"x" * 20_000_000)), Code.TOO_LARGE),
    ],
    ids=short,
)
def test_broken_answers_have_stable_codes(desk, server, said, code):
    server.routes["/"] = sending(said)
    assert failed(desk, server.url(), server=server).code is code


@pytest.mark.parametrize(
    "said",
    [
        HEAD + b"Content-Length: 25\r\n\r\n" + FEED + b"more than was said",
        HEAD + b"\r\n" + FEED,
        b"HTTP/1.0 200 OK\r\n\r\n" + FEED,
        b"HTTP/1.1 200\r\n\r\n" + FEED,
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + HEAD + b"\r\n" + FEED,
        CHUNKED + b"5;name=value\r\n<rss \r\n14\r\nversion='2.0'></rss>\r\n0\r\nTrailer: x\r\n\r\n",
        HEAD + b"Content-Length: 25\r\nContent-Length: 25\r\n\r\n" + FEED,
        HEAD + b"Content-Encoding: gzip\r\n\r\n" + gz(FEED[:9]) + gz(FEED[9:]),
    ],
    ids=short,
)
def test_sloppy_answers_are_read(desk, server, said):
    """Lenient where nothing is lost: no length, HTTP/1.0, early hints, two equal lengths, members."""
    server.routes["/"] = sending(said)
    assert desk.get(server.url(), server=server).body == FEED


@pytest.mark.parametrize(
    ("start", "repeat", "pause"),
    [
        (b"", b"", 0.1),
        (b"", b"H", 0.1),
        (HEAD, b"X-Drip: 1\r\n", 0.1),
        (HEAD + b"\r\n", b"x", 0.1),
        (CHUNKED, b"1\r\nx\r\n", 0.1),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n", 1.0),
    ],
)
def test_a_drip_ends_at_the_deadline(desk, server, start, repeat, pause):
    """The deadline is over the whole visit: a byte now and then buys no time."""
    server.routes["/"] = sending(start, repeat=repeat, pause=pause, server=server)
    began = time.monotonic()
    error = failed(desk, server.url(), server=server, timeout=timedelta(seconds=1))
    assert error.code is Code.TIMEOUT
    assert time.monotonic() - began < 15


def test_redirects_share_one_deadline(desk, server):
    """Ten slow hops are one slow visit."""

    def slow(_, asked):
        server.wait(0.4)
        return answer("302 Found", f"Location: /{len(server.asked)}")

    server.routes |= {f"/{n}": slow for n in range(12)}
    error = failed(desk, server.url("/0"), server=server, timeout=timedelta(seconds=1))
    assert error.code is Code.TIMEOUT
    assert len(server.asked) <= 4


@pytest.mark.parametrize(
    "handler",
    [
        sending(HEAD + b"\r\n", repeat=b"x" * 65_536),
        sending(CHUNKED, repeat=b"1000\r\n" + b"x" * 4096 + b"\r\n"),
        sending(CHUNKED, repeat=b"1;" + b"e" * 30_000 + b"\r\nx\r\n"),
        sending(HEAD + b"Content-Length: 99999999999\r\n\r\n", repeat=b"x" * 65_536),
    ],
)
def test_an_endless_body_is_cut_at_the_limit(desk, server, handler):
    """And so is endless framing around a body that never grows."""
    server.routes["/"] = handler
    began = time.monotonic()
    error = failed(desk, server.url(), server=server, max_body=500_000)
    assert error.code is Code.TOO_LARGE
    assert time.monotonic() - began < 15


def test_an_announced_giant_is_not_waited_for(desk, server):
    """Its Content-Length says enough."""
    server.routes["/"] = lambda connection, _: (
        connection.sendall(HEAD + b"Content-Length: 99999999999\r\n\r\n"),
        server.wait(30),
        b"",
    )[-1]
    assert failed(desk, server.url(), server=server).code is Code.TOO_LARGE


def test_a_bomb_takes_no_memory(desk, server):
    """200 MB from 200 kB, ten times at once: each is cut at the limit, and together they take less than 64 MB."""
    coder = zlib.compressobj(wbits=31)
    bomb = b"".join(coder.compress(bytes(1_000_000)) for _ in range(200)) + coder.flush()
    server.routes["/"] = answer("200 OK", "Content-Encoding: gzip", body=bomb)
    fetcher = desk.fetcher(server, max_body=5_000_000)
    tracemalloc.start()
    try:
        visits = [fetcher.fetch(ask(server.url())) for _ in range(10)]
        assert {visit.exception(PATIENCE).code for visit in visits} == {Code.TOO_LARGE}
        assert tracemalloc.get_traced_memory()[1] < 64_000_000
    finally:
        tracemalloc.stop()


def test_a_reset_connection(desk, server):
    """Before the answer it is `connect`, within the body `truncated`."""
    server.routes["/head"] = lambda connection, _: reset(connection)

    def body(connection, _):
        connection.sendall(HEAD + b"Content-Length: 100000\r\n\r\n" + b"x" * 500)
        server.wait(0.3)
        reset(connection)

    server.routes["/body"] = body
    assert failed(desk, server.url("/head"), server=server).code is Code.CONNECT
    assert failed(desk, server.url("/body"), server=server).code is Code.TRUNCATED


def test_nobody_listens(desk, server):
    server.close()
    assert failed(desk, server.url(), server=server).code is Code.CONNECT


def test_a_second_address_is_tried(desk, server):
    """A dead first address costs an attempt, not the visit."""
    server.routes["/"] = answer(body=FEED)
    resolver = lambda _, port: [(2, 1, 6, "", (a, port)) for a in ("127.0.0.9", "127.0.0.1")]  # noqa: E731 - one line says it
    got = desk.get(server.url(host="two.example"), resolver=resolver, allow_hosts=("two.example",))
    assert got.body == FEED


def test_a_hanging_name_server_ends_with_the_connect_timeout(desk, server):
    """And neither it nor a hundred of its kind stand before another name, or delay close()."""
    import threading

    stuck = threading.Event()

    def resolver(host, port):
        if host == "live.example":
            return [(2, 1, 6, "", ("127.0.0.1", port))]
        stuck.wait(60)
        return []

    server.routes["/"] = answer(body=FEED)
    limits = {"timeout": timedelta(seconds=1), "concurrency": 200, "per_host": 200, "allow_hosts": ("live.example",)}
    fetcher = desk.fetcher(resolver=resolver, **limits)
    visits = [fetcher.fetch(ask(f"http://n{n}.example/")) for n in range(100)]
    assert {visit.exception(PATIENCE).code for visit in visits} == {Code.TIMEOUT}
    for _ in range(20):  # a second may be short on a busy machine
        live = fetcher.fetch(ask(server.url(host="live.example"), listed=True))
        if live.exception(PATIENCE) is None:
            break
    assert live.result().body == FEED
    waiting = [fetcher.fetch(ask(f"http://m{n}.example/")) for n in range(100)]
    began = time.monotonic()
    fetcher.close()
    assert time.monotonic() - began < 10
    assert all(visit.done() for visit in waiting)
    stuck.set()


def test_good_sources_are_untouched_by_bad_ones(desk, server):
    """A rule for all of it: each bad source fails alone."""
    server.routes |= {
        "/good": answer(body=FEED),
        "/drip": sending(HEAD, repeat=b"X: 1\r\n", pause=0.1, server=server),
        "/endless": sending(CHUNKED, repeat=b"1;" + b"e" * 30_000 + b"\r\nx\r\n"),
        "/reset": lambda connection, _: reset(connection),
    }
    fetcher = desk.fetcher(server, timeout=timedelta(seconds=3), max_body=500_000)
    bad = [fetcher.fetch(ask(server.url(path))) for path in ("/drip", "/endless", "/reset") * 3]
    good = [fetcher.fetch(ask(server.url("/good"))) for _ in range(30)]
    assert all(visit.result(PATIENCE).body == FEED for visit in good)
    assert {visit.exception(PATIENCE).code for visit in bad} == {Code.TIMEOUT, Code.TOO_LARGE, Code.CONNECT}


def test_large_bodies_wait_for_each_other_and_nobody_fails(desk, server):
    """Ten of several megabytes at once: two are read at a time, and waiting counts against no deadline."""
    body = b"<rss>" + b"x" * 3_000_000 + b"</rss>"

    def slow(connection, _):
        connection.sendall(HEAD + b"\r\n" + body[:2_000_000])
        server.wait(0.4)
        return body[2_000_000:]

    server.routes["/"] = slow
    fetcher = desk.fetcher(server, timeout=timedelta(seconds=1.5))
    visits = [fetcher.fetch(ask(server.url())) for _ in range(10)]
    assert all(visit.result(PATIENCE).body == body for visit in visits)


def test_an_answer_is_not_kept_once_it_was_taken(desk, server):
    """No circle of references holds bodies until garbage is collected."""
    import gc
    import weakref

    class Taken:
        pass

    server.routes["/"] = answer(body=FEED)
    fetcher = desk.fetcher(server)
    gc.collect()
    gc.disable()
    try:
        visit = fetcher.fetch(ask(server.url()))
        visit.result(PATIENCE)
        witness = Taken()
        visit.witness = witness
        gone = weakref.ref(witness)
        del visit, witness
        end = time.monotonic() + 5
        while gone() is not None and time.monotonic() < end:
            time.sleep(0.01)
        assert gone() is None
    finally:
        gc.enable()


def test_what_is_told_of_a_broken_answer_holds_nothing_of_it(desk, server):
    """The line that cannot be read may be a cookie; messages are logged and shown."""
    server.routes["/"] = sending(HEAD + b"Set-Cookie: session=\0hunter2\r\n\r\n")
    message = failed(desk, server.url(), server=server).message
    assert message.startswith("the answer is not HTTP: illegal header line (")
