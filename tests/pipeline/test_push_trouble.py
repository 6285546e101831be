"""Push when something goes wrong: a store that fails, a crash of ours, a hub that wants too much, an edited site."""

from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from newsdesk import source

from aggregator.domain.settings import Site
from aggregator.domain.subscription import PushState
from aggregator.errors import StorageError
from aggregator.pipeline.inbox import MOST_BYTES, MOST_OF_ONE, Inbox

HOUR = timedelta(hours=1)


def soon(push):
    """Whether source `one` is polled in its own rhythm."""
    return push.visits("one").next_visit - push.clock.now() < 2 * HOUR


@contextmanager
def failing_reads():
    raise StorageError("the disk is full")
    yield


def test_a_delivery_waits_while_the_store_cannot_even_be_read(push, monkeypatch):
    """The hub was told that all is well: it is stored later, once, and nothing of it stays counted."""
    push.subscribed()
    push.hand_over(b"g2|https://one.example/2|Pushed")
    push.hand_over(b"g3|https://one.example/3|And another")
    with monkeypatch.context() as broken:
        broken.setattr(push.store, "read", failing_reads)
        for _ in range(3):
            with pytest.raises(StorageError):
                push.deliveries.step(push.configuration)
    reports = push.deliveries.step(push.configuration)
    assert sum(report.new for report in reports) == 2
    assert push.deliveries.step(push.configuration) == []
    assert push.inbox.waiting == 0
    for number in range(3):
        assert push.inbox.take_room(MOST_BYTES // 3, of=number)


def test_a_crash_while_a_delivery_is_read_ends_the_trust(push):
    """What it held is for the next poll to find."""
    push.proven()
    crashed = Future()
    crashed.set_exception(RuntimeError("a bug"))
    push.reader.read = lambda *_: crashed
    assert push.deliver(b"g3|https://one.example/3|Lost on us") == []
    assert not push.subscription().proven
    assert soon(push)


@pytest.mark.parametrize("told", ["another hub", "another topic", "another site"])
def test_polling_is_back_when_the_subscription_moves(push, told):
    """The new one has proven nothing yet, and until it is verified nobody pushes."""
    push.proven()
    if told == "another site":
        push.edit(site=Site(url="https://moved.example"))
    else:
        if told == "another hub":
            push.reader.hubs = ("https://other.example/",)
        else:
            push.reader.topic = "https://one.example/other"
        push.fetcher.answers["one"] += b"\n"
        push.poll()
    one = push.subscription()
    assert (one.state, one.callback, one.proven) == (PushState.WANTED, None, False)
    assert soon(push)


def test_a_delivery_finds_its_source_under_another_name(push):
    """The source was renamed between the hub's delivery and its reading."""
    push.subscribed()
    push.hand_over(b"g2|https://one.example/2|Pushed")
    push.edit(sources=(replace(source("uno", was="one"), url="https://one.example/feed"), source("two")))
    [report] = push.deliveries.step(push.configuration)
    assert (report.source_id, report.new) == ("uno", 1)


def test_a_hub_that_grants_a_second_is_not_asked_every_second(push):
    """Its subscription is renewed as often as anybody may be asked, and no more."""
    push.collect()
    for _ in range(120):
        asked = len(push.hub.calls)
        push.ask()
        if len(push.hub.calls) > asked:
            assert push.verify(lease=1)
        push.clock.forward(seconds=1)
    assert 2 <= len(push.hub.calls) <= 5


def test_one_hubs_deliveries_leave_room_for_others(push):
    """Neither many small ones nor a few large ones fill the inbox."""
    push.subscribed()
    one = push.subscription().id
    for number in range(MOST_OF_ONE):
        push.hand_over(b"g|https://one.example/%d|Many" % number)
    assert not push.inbox.deliver(SimpleNamespace(subscription_id=one))
    assert push.inbox.deliver(SimpleNamespace(subscription_id=one + 1))
    third = MOST_BYTES // 3
    inbox = Inbox()
    assert inbox.take_room(third, of=one) and not inbox.take_room(1, of=one)
    assert inbox.take_room(third, of=one + 1) and inbox.take_room(third, of=one + 2)
    assert not inbox.take_room(1, of=one + 3)
    inbox.give_back(third, of=one)
    assert inbox.take_room(third, of=one + 3)
