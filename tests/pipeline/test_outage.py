"""An outage of ours that shows itself slowly still blames nobody."""

from datetime import timedelta

import pytest
from newsdesk import Newsdesk, StandingClock, source

from aggregator.domain.outcome import Failure
from aggregator.domain.source import DueSource, Visits
from aggregator.errors import Code
from aggregator.pipeline.outage import Outage

NAMES = ("one", "two", "three", "four")
DEAD = Failure(code=Code.DNS, message="no answer")


@pytest.fixture
def desk(database, tmp_path):
    desk = Newsdesk(database, tmp_path, sources=NAMES)
    desk.fetcher.answers = {name: f"g|https://{name}.example/1|{name}".encode() for name in NAMES}
    desk.collect()
    desk.fetcher.answers = {}
    desk.clock.forward(hours=5)
    return desk


def test_a_source_that_failed_twice_before_it_was_clear_is_not_blamed(desk):
    """Its second failure is its own retry, minutes before the third host fails too."""
    for minutes, name in ((0, "one"), (1, "two"), (20, "one"), (21, "three")):
        desk.clock.forward(minutes=minutes)
        desk.collect(frozenset({name}))
    left = [desk.visits(name) for name in ("one", "two", "three")]
    assert [(visits.failures, visits.failure.code) for visits in left] == [(0, Code.OFFLINE)] * 3


def test_a_source_that_is_under_way_when_it_becomes_clear_is_not_blamed(desk):
    """The correction comes too late for its older visit, the newer one brings it."""
    desk.collect(frozenset({"one"}))
    desk.clock.forward(minutes=20)
    desk.collect(frozenset({"two", "one", "three"}))
    assert {desk.visits(name).failures for name in ("one", "two", "three")} == {0}
    waits = []
    for _ in range(6):
        desk.clock.forward(minutes=16)
        desk.collect(frozenset({"one"}))
        waits.append(desk.visits("one").next_visit - desk.clock.now())
    assert waits[-1] == timedelta(minutes=15), "the network is looked for ever more seldom"


def test_an_answer_in_between_clears_everybody():
    """Who fails after it fails alone, and with what is remembered of it then."""
    clock = StandingClock()
    outage = Outage([source(name) for name in NAMES], timedelta(seconds=30), None)
    seen = Visits(last_visit=clock.now(), last_success=clock.now())
    dues = {name: DueSource(source=source(name), visits=seen, fence=1) for name in NAMES}
    assert outage.note(dues["one"], DEAD, clock.now()) == []
    assert outage.note(dues["two"], Failure(code=Code.HTTP_STATUS, message="no", status=500), clock.now()) == []
    assert outage.note(dues["three"], DEAD, clock.now()) == []
    assert outage.note(dues["four"], DEAD, clock.now()) == []
    assert not outage.offline
