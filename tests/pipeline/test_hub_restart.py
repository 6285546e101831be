"""Requests to the hub outlive it: what was answered 202 is verified by whoever comes after a kill."""

from contextlib import closing

import pytest

from storage import Database
from tests.pipeline.hub_world import open_subscribers, open_world


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def world(request):
    store = Database.open(request.getfixturevalue(f"{request.param}_url"))
    with closing(store), open_world(store) as made:
        yield made


@pytest.fixture
def reader():
    with open_subscribers() as (made,):
        yield made


def test_what_was_answered_202_survives_a_kill(world, reader):
    """Asked for, and the hub gone before it asked the callback, or before it had the answer: the next one does."""
    reply = world.ask(callback=reader.callback(), secret="s" * 20, lease_seconds="3600")
    assert (reply.status, reader.came) == (202, [])
    world.open()
    world.until(lambda: reader.asked)  # killed again, the question on its way
    world.open()
    world.settle()
    assert world.audience() == {"topics/world.atom": (1, 0)}
    assert {one.said["hub.lease_seconds"] for one in reader.asked} == {"3600"}
    world.publish("new")
    world.settle()
    assert "x-hub-signature" in reader.got[0].headers
    world.ask("unsubscribe", callback=reader.callback())
    world.open()
    world.settle()
    assert world.audience() == {}
    before = len(reader.came)
    world.open()
    world.settle()
    assert len(reader.came) == before


def test_a_request_that_nobody_waits_for_any_more_is_forgotten(world, reader):
    """The program was away for more than a day."""
    world.ask(callback=reader.callback())
    world.clock.go(hours=25)
    world.open()
    world.settle()
    assert reader.came == []


def test_asked_anew_while_it_is_verified_it_is_verified_anew(world, reader):
    """The newer request's secret and lease are those that count."""
    asked_again = []

    def answer(came):
        if not asked_again:
            asked_again.append(world.ask(callback=reader.callback(), lease_seconds="7200").status)
        return 200, {}, came.said.get("hub.challenge", "").encode()

    reader.answer = answer
    world.ask(callback=reader.callback(), lease_seconds="3600")
    world.settle()
    assert asked_again == [202]
    assert [one.said["hub.lease_seconds"] for one in reader.asked] == ["3600", "7200"]
