"""Callbacks that take their time: however many hosts they are at, the others' news is not kept waiting."""

import threading

import pytest

from aggregator.domain.hub import HubLimits
from storage import Database
from tests.pipeline.hub_world import open_subscribers, open_world


@pytest.fixture
def store(sqlite_url):
    opened = Database.open(sqlite_url)
    yield opened
    opened.close()


def test_many_slow_hosts_keep_no_other_waiting(store, monkeypatch):
    """Whoever was slow shares half of the places: once they are known, the others go on beside them."""
    monkeypatch.setattr("aggregator.pipeline.hub_deliver.AT_ONCE", 4)
    monkeypatch.setattr("aggregator.pipeline.hub_deliver.SLOW", 0.0)
    let_go = threading.Event()
    limits = HubLimits(client_burst=1000, host_burst=1000)
    with open_subscribers(6) as slow, open_subscribers() as (quick,), open_world(store, limits=limits) as world:
        for one in slow:
            world.subscribe(one)
        world.publish("first")
        world.settle()  # every host took longer than no time: known as slow
        monkeypatch.setattr("aggregator.pipeline.hub_deliver.SLOW", 1000.0)
        world.subscribe(quick)
        for one in slow:
            one.answer = lambda _: (let_go.wait(30), (200, {}, b""))[1]
        try:
            world.publish("second")
            world.until(lambda: sum(one.open_now for one in slow) == 2)
            world.until(lambda: quick.got)
            assert sum(one.open_now for one in slow) == 2
        finally:
            let_go.set()
        world.settle()
        assert [len(one.got) for one in (*slow, quick)] == [2] * 6 + [1]


def test_who_is_quick_again_is_slow_no_more(store, monkeypatch):
    """One delivery that did not take long is enough."""
    monkeypatch.setattr("aggregator.pipeline.hub_deliver.AT_ONCE", 2)
    monkeypatch.setattr("aggregator.pipeline.hub_deliver.SLOW", 0.0)
    with open_subscribers() as (reader,), open_world(store) as world:
        for number in range(4):
            world.subscribe(reader, f"/{number}")
        world.publish("first")
        world.settle()
        monkeypatch.setattr("aggregator.pipeline.hub_deliver.SLOW", 1000.0)
        world.publish("second")
        world.settle()
        both = threading.Barrier(2)
        reader.answer = lambda _: (both.wait(30), (200, {}, b""))[1]
        world.publish("third")
        world.settle()
        assert len(reader.got) == 12
