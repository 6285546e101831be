"""What hubs deliver over the real store, and what it means for polling: slowed while push is proven (WebSub)."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from newsdesk import done, source
from pushdesk import HUB, TOPIC

from aggregator.domain.outcome import Failure
from aggregator.domain.subscription import PushState
from aggregator.errors import Code, FetchError, StorageError
from aggregator.pipeline import deliver as delivering
from aggregator.pipeline.inbox import MOST_BYTES, Inbox

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def test_w9_what_is_not_signed_proves_nothing(push):
    """A hub over http delivers, and the source is polled in its own rhythm all the same."""
    push.edit(sources=(replace(source("one"), url="http://one.example/feed", shown_url="x"), source("two")))
    push.reader.hubs = ("http://hub.example:8080/",)
    push.subscribed()
    assert push.deliver(b"g2|https://one.example/2|Pushed")[0].new == 1
    push.fetcher.answers["one"] = b"g1|https://one.example/1|First\ng2|https://one.example/2|Pushed"
    push.poll()
    assert not push.subscription().proven
    assert push.visits("one").next_visit - push.clock.now() < 2 * HOUR


def test_w5_a_delivery_is_stored_as_a_visit_is_and_leaves_the_visits_alone(push):
    push.subscribed()
    before = push.visits("one")
    [report] = push.deliver(b"g2|https://one.example/2|Pushed")
    assert (report.source_id, report.new) == ("one", 1)
    assert [stored.item.title for stored in push.items()] == ["First", "Second", "Pushed"]
    assert push.visits("one") == before
    assert push.subscription().last_delivery == push.clock.now()


def test_what_a_hub_was_told_is_stored_when_the_store_works_again(push, monkeypatch):
    """The delivery was acknowledged: it waits, and is stored once."""
    push.subscribed()
    with monkeypatch.context() as broken:
        broken.setattr(push.store, "write", failing)
        with pytest.raises(StorageError):
            push.deliver(b"g2|https://one.example/2|Pushed")
    [report] = push.deliveries.step(push.configuration)
    assert report.new == 1
    assert push.deliveries.step(push.configuration) == []
    with monkeypatch.context() as broken:
        broken.setattr(push.store, "write", failing)
        with pytest.raises(StorageError):
            push.deny()
    push.subscriber.step()
    assert push.subscription().reason == "denied by the hub: no more"


def failing():
    raise StorageError("the disk is full")


def test_a_bug_of_ours_costs_one_delivery_and_the_trust(push, monkeypatch):
    """The others that came with it are stored; a poll will find what it held."""
    push.proven()
    real = delivering.keep

    def broken(rooms, due, reading, *more):
        if reading.items[0].title == "Poison":
            raise RuntimeError("a bug")
        return real(rooms, due, reading, *more)

    monkeypatch.setattr(delivering, "keep", broken)
    push.hand_over(b"g3|https://one.example/3|Poison")
    [report] = push.deliver(b"g4|https://one.example/4|Fine")
    assert report.new == 1
    assert not push.subscription().proven
    assert push.visits("one").next_visit - push.clock.now() < 2 * HOUR


def test_a_replayed_delivery_changes_nothing(push):
    """Also one that would take back a correction that came after it."""
    push.subscribed()
    push.deliver(b"g2|https://one.example/2|Pushed")
    push.deliver(b"g2|https://one.example/2|Pushed and corrected")
    assert push.deliver(b"g2|https://one.example/2|Pushed") == []
    assert push.items()[-1].item.title == "Pushed and corrected"
    assert push.inbox.take_room(MOST_BYTES // 3, of=push.subscription().id)  # nothing is held any more


def test_w6_what_a_delivery_says_of_itself_does_not_move_the_subscription(push):
    push.subscribed()
    before = push.subscription()
    push.reader.hubs, push.reader.topic = ("https://evil.example/",), "https://evil.example/topic"
    push.deliver(b"g2|https://one.example/2|Pushed")
    after = push.subscription()
    assert (after.id, after.hub, after.topic) == (before.id, HUB, TOPIC)


def test_a_delivery_during_a_visit_meets_no_lease(push):
    """The visit goes on and finds what was delivered already there: one item, and no miss of push."""
    push.subscribed()
    push.clock.moment = push.visits("one").next_visit
    body = b"g1|https://one.example/1|First\ng2|https://one.example/2|Pushed"
    push.fetcher.answers["one"] = body
    push.collector.claim()
    [report] = push.deliver(body)
    assert report.new == 1
    while push.collector.busy:
        visit = {one.source_id: one for one in push.collector.step(0.5)}.get("one")
    assert visit.failure is None and visit.new == 0
    assert [s.item.title for s in push.items() if s.item.source_id == "one"] == ["First", "Pushed"]
    assert push.subscription().proven


def test_w9_polling_is_slowed_while_push_is_proven(push):
    """A delivery and a poll after it that finds nothing else; the stored reason says so."""
    push.subscribed()
    push.poll()
    assert not push.subscription().proven
    usual = push.visits("one").next_visit - push.clock.now()
    push.deliver(b"g2|https://one.example/2|Pushed")
    push.fetcher.answers["one"] = b"g1|https://one.example/1|First\ng2|https://one.example/2|Pushed"
    push.poll()
    slow = push.visits("one").next_visit - push.clock.now()
    assert usual < 2 * HOUR < 20 * HOUR < slow <= DAY
    assert push.visits("one").next_visit_reason == "its hub pushes, proven: polled every 24 h to be sure"


def test_w9_a_rhythm_that_the_owner_fixed_stays(push):
    push.edit(sources=(source("one", every=HOUR), source("two")))
    push.proven()
    assert push.visits("one").next_visit - push.clock.now() < 2 * HOUR


def test_w9_a_poll_that_finds_what_push_missed_ends_the_trust(push):
    """Polling is back in its own rhythm, and it takes another delivery to earn it again."""
    push.proven()
    push.fetcher.answers["one"] += b"\ng3|https://one.example/3|Missed"
    assert push.poll().new == 1
    assert push.visits("one").next_visit - push.clock.now() < 2 * HOUR
    assert not push.subscription().proven
    push.poll()
    assert not push.subscription().proven
    push.deliver(b"g4|https://one.example/4|Again")
    push.fetcher.answers["one"] += b"\ng4|https://one.example/4|Again"
    push.poll()
    assert push.subscription().proven


def test_w4_polling_is_back_when_the_hub_denies_or_the_lease_ends(push):
    push.proven()
    push.deny("gone\nfishing\x1b[31m")
    assert push.visits("one").next_visit - push.clock.now() < 2 * HOUR
    assert push.visits("one").next_visit_reason.startswith("push was denied by the hub; ")
    one = push.subscription()
    assert one.state is PushState.WANTED and one.reason == "denied by the hub: gone fishing [31m"
    assert DAY <= one.next_try - push.clock.now() < 2 * DAY
    assert not push.verify()


def test_polling_is_back_when_the_lease_ends(push):
    push.proven()
    push.hub.answers[HUB] = FetchError("one", Code.TIMEOUT, "nothing came")
    while push.subscription().state is PushState.ACTIVE:
        push.clock.moment = max(push.subscription().next_try, push.clock.now() + MINUTE)
        if push.clock.now() >= push.visits("one").next_visit:
            push.collect()
        push.ask()
    assert push.visits("one").next_visit - push.clock.now() < 2 * HOUR
    assert "lease ended" in push.visits("one").next_visit_reason


def test_after_time_away_slowed_sources_are_polled_in_their_own_rhythm(push):
    """What a hub delivered while the program was not there is not waited for; nor is a source polled sooner."""
    push.proven()
    last = push.visits("one").last_visit
    push.clock.forward(minutes=10)
    push.new_subscriber()
    push.subscriber.start()
    assert HOUR * 0.9 < push.visits("one").next_visit - last < 2 * HOUR
    assert push.visits("one").next_visit_reason.startswith("the program was away")


def test_a_delivery_that_cannot_be_read_ends_the_trust(push):
    """What it held is for the next poll to find."""
    push.proven()
    push.reader.read = lambda *_: done(Failure(code=Code.NOT_A_FEED, message="no feed"))
    assert push.deliver(b"no feed") == []
    assert not push.subscription().proven
    assert push.visits("one").next_visit - push.clock.now() < 2 * HOUR


def test_what_a_removed_sources_hub_still_delivers_is_not_stored(push):
    push.subscribed()
    one = push.subscription()
    push.edit(sources=(source("two"),))
    push.subscription = lambda: one
    assert push.deliver(b"g2|https://one.example/2|Pushed") == []
    assert len(push.items()) == 2


def test_a_delivery_that_was_cut_short_ends_the_trust(push):
    """Its complete entries are kept; what was cut off is for the next poll to find."""
    push.proven()
    real = push.reader.read
    push.reader.read = lambda *given: done(replace(real(*given).result(), truncated=True))
    [report] = push.deliver(b"g3|https://one.example/3|Whole")
    assert report.new == 1 and not push.subscription().proven
    assert push.visits("one").next_visit - push.clock.now() < 2 * HOUR


def test_what_push_brings_is_not_unlearnt_by_polls_that_find_nothing(push):
    """When push ends the source's own rhythm is as it was."""
    push.proven()
    before = push.visits("one")
    for _ in range(8):
        push.deliver(f"h|https://one.example/h|{push.clock.now()}".encode())
        push.poll()
    after = push.visits("one")
    assert after.last_visit - before.last_visit > 7 * DAY
    assert (after.entries_per_day, after.pattern) == (before.entries_per_day, before.pattern)


def test_nothing_is_accepted_once_nobody_would_look(push):
    """The program ends: hubs are told to come again."""
    ended = Inbox(closed=lambda: True)
    assert not ended.deliver(SimpleNamespace(subscription_id=1))
    assert not ended.tell(None)
