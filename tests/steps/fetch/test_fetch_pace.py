"""Turns: per host, with a gap, in total; and that waiting, cancelling and closing are cheap and clean."""

import threading
import time
from concurrent.futures import wait
from datetime import timedelta

import pytest

from aggregator.domain.settings import FetchSettings, HostLimit
from aggregator.errors import FetchError
from aggregator.steps.fetch import HttpFetcher
from tests.steps.fetch.conftest import PATIENCE, StandingClock, ask, tls_context
from tests.steps.fetch.fetch_server import Server, answer

FEED = b"<rss/>"


def slow(server, seconds=0.05):
    def handle(_, asked):
        server.wait(seconds)
        return answer(body=FEED)

    return handle


@pytest.mark.parametrize("slots", [1, 3])
def test_a_host_sees_no_more_than_its_slots(desk, server, slots):
    """P8."""
    server.routes["/"] = slow(server)
    fetcher = desk.fetcher(server, per_host=slots)
    visits = [fetcher.fetch(ask(server.url())) for _ in range(12)]
    assert all(visit.result(PATIENCE).body == FEED for visit in visits)
    assert server.most_open <= slots


def test_between_two_requests_to_a_host_lies_the_gap(desk, server):
    """P8: from the end of one to the start of the next, redirects included."""
    server.routes |= {"/": slow(server), "/moved": answer("302 Found", "Location: /")}
    fetcher = desk.fetcher(server, per_host=1, host_gap=timedelta(seconds=0.3))
    visits = [fetcher.fetch(ask(server.url(path))) for path in ("/", "/moved", "/")]
    assert all(visit.result(PATIENCE).body == FEED for visit in visits)
    assert server.paths() == ["/", "/moved", "/", "/"]  # a visit that has begun goes on before the next begins
    for before, after in zip(server.asked, server.asked[1:], strict=False):
        assert after.at - before.at >= 0.29


def test_a_host_is_scheme_name_and_port(desk, server, other_server):
    """Another port is another host, and does not wait."""
    server.routes["/"] = other_server.routes["/"] = answer(body=FEED)
    fetcher = desk.fetcher(per_host=1, host_gap=timedelta(seconds=30), allow_hosts=("127.0.0.0/8",))
    began = time.monotonic()
    for one in (server, other_server):
        fetcher.fetch(ask(one.url())).result(PATIENCE)
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("key", ["127.0.0.1", "127.0.0.1:{port}"])
def test_a_host_may_have_limits_of_its_own(desk, server, key):
    server.routes["/"] = slow(server, 0.2)
    limits = {key.format(port=server.port): HostLimit(per_host=4, host_gap=timedelta(0))}
    fetcher = desk.fetcher(server, per_host=1, host_gap=timedelta(seconds=60), hosts=limits)
    visits = [fetcher.fetch(ask(server.url())) for _ in range(8)]
    assert all(visit.result(30).body == FEED for visit in visits)
    assert server.most_open >= 2


def test_the_total_is_kept_and_a_long_queue_at_one_host_keeps_nobody_out(desk):
    """Hosts take turns; 200 visits wait at one host while nine others are served."""
    servers = [Server() for _ in range(10)]
    try:
        for server in servers:
            server.routes["/"] = slow(server, 0.02)
        fetcher = desk.fetcher(per_host=1, concurrency=2, allow_hosts=("127.0.0.0/8",))
        crowd = [fetcher.fetch(ask(servers[0].url())) for _ in range(200)]
        others = [fetcher.fetch(ask(server.url())) for server in servers[1:]]
        assert all(visit.result(PATIENCE).body == FEED for visit in others)
        assert sum(visit.done() for visit in crowd) < 100
        assert max(server.most_open for server in servers) == 1
    finally:
        desk.close()
        for server in servers:
            server.close()


def test_waiting_for_a_turn_is_not_in_the_deadline(desk, server):
    server.routes["/"] = slow(server, 0.3)
    fetcher = desk.fetcher(server, per_host=1, timeout=timedelta(seconds=1.5))
    visits = [fetcher.fetch(ask(server.url())) for _ in range(6)]
    assert all(visit.result(PATIENCE).body == FEED for visit in visits)


def test_thousands_may_wait_and_be_cancelled(desk, server):
    """A waiting visit is a ticket, not a task."""
    blocked = threading.Event()

    def handle(_, asked):
        blocked.wait(30)
        return answer(body=FEED)

    server.routes["/"] = handle
    fetcher = desk.fetcher(server, per_host=1)
    began = time.monotonic()
    visits = [fetcher.fetch(ask(server.url())) for _ in range(5000)]
    assert all(visit.cancel() for visit in visits[1:])
    assert wait(visits[1:], timeout=PATIENCE).not_done == set()
    blocked.set()
    assert visits[0].result(PATIENCE).body == FEED
    assert time.monotonic() - began < 30
    assert len(server.asked) == 1
    assert fetcher.fetch(ask(server.url())).result(PATIENCE).body == FEED


def test_a_cancelled_visit_frees_its_turn(desk, server):
    """While it waits for the answer, too."""
    arrived = threading.Event()

    def handle(connection, _):
        arrived.set()
        connection.settimeout(30)
        connection.recv(1)

    server.routes |= {"/stuck": handle, "/": answer(body=FEED)}
    fetcher = desk.fetcher(server, per_host=1)
    stuck = fetcher.fetch(ask(server.url("/stuck")))
    after = fetcher.fetch(ask(server.url()))
    assert arrived.wait(PATIENCE)
    assert stuck.cancel()
    assert after.result(15).body == FEED


def test_other_settings_hold_from_the_next_visit_on(desk, server):
    """Hot reload: visits on their way end as they began, those that wait feel the new pace."""
    arrived, go = threading.Event(), threading.Event()

    def handle(_, asked):
        arrived.set()
        go.wait(30)
        return answer(body=FEED)

    server.routes["/"] = handle
    fetcher = desk.fetcher(server, per_host=1, host_gap=timedelta(seconds=60))
    first, second = (fetcher.fetch(ask(server.url())) for _ in range(2))
    assert arrived.wait(PATIENCE)
    own = (f"127.0.0.1:{server.port}",)
    fetcher.reconfigure(FetchSettings(host_gap=timedelta(0), per_host=2, contact="me", allow_hosts=own), subscribers=7)
    go.set()
    assert first.result(PATIENCE).body == second.result(20).body == FEED
    agents = {asked.header("User-Agent") for asked in server.asked}
    assert agents == {b"aggregator/1.2", b"aggregator/1.2 (+me; 7 subscribers)"}
    fetcher.reconfigure(FetchSettings())
    with pytest.raises(FetchError):
        fetcher.fetch(ask(server.url())).result(PATIENCE)


def test_close_ends_everything_and_can_be_repeated(server):
    """Visits on their way and waiting are cancelled, later ones too; the thread is gone."""
    arrived = threading.Event()

    def handle(connection, _):
        arrived.set()
        connection.recv(1)

    server.routes["/"] = handle
    before = set(threading.enumerate())
    fetcher = HttpFetcher(
        FetchSettings(allow_hosts=("127.0.0.1",)), clock=StandingClock(), user_agent_version="1", tls=tls_context()
    )
    visits = [fetcher.fetch(ask(server.url())) for _ in range(50)]
    assert arrived.wait(PATIENCE)
    fetcher.close()
    fetcher.close()
    visits.append(fetcher.fetch(ask(server.url())))
    fetcher.reconfigure(FetchSettings())
    assert wait(visits, timeout=10).not_done == set()
    assert all(visit.cancelled() for visit in visits)
    assert not [thread for thread in set(threading.enumerate()) - before if thread.name == "fetch"]


def test_every_turn_is_given_back(desk, server):
    """After success, failure and cancellation alike, the pace remembers nobody."""
    server.routes |= {"/": answer(body=FEED), "/moved": answer("302 Found", "Location: /")}
    fetcher = desk.fetcher(server)
    visits = [fetcher.fetch(ask(server.url(path))) for path in ("/", "/moved", "/404") * 20]
    for visit in visits[::7]:
        visit.cancel()
    assert wait(visits, timeout=PATIENCE).not_done == set()
    deadline = time.monotonic() + 20
    while (fetcher._pace._queues or fetcher._pace._active) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert (fetcher._pace._queues, fetcher._pace._active, fetcher._visits) == ({}, 0, set())
