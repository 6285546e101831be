"""A subscription's life, whatever hubs do and whenever; and which hubs are asked at all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.domain.entry import FeedInfo
from aggregator.domain.subscription import LIVE, PushState, Subscription
from aggregator.steps.push import subscribe
from aggregator.steps.push.discover import follow, offered
from aggregator.steps.push.reach import is_loopback, is_public
from aggregator.steps.push.trust import delivered, polled

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HUBS = ("https://a.example/", "http://b.example:8080/")
NEW = Subscription(source_id="one", hubs=HUBS, hub=HUBS[0], topic="https://one.example/t", next_try=NOW)
MONTH = timedelta(days=30)


def asked(one, now):
    """Its next try, if that has come."""
    if one.next_try is None or one.next_try > now:
        return one
    current = subscribe.overdue(one, now)
    if current.state is PushState.ENDED:
        return current
    return subscribe.asked(current, callback=f"https://x/{now}", secret=f"s{now}", now=now, share=0.5)


def verified(one, now, mode):
    if not subscribe.expects(one, mode, one.topic, now):
        return one
    return subscribe.verified(one, subscribe=mode == "subscribe", lease=86_400, now=now, share=0.5)


def refused(one, now):
    if one.asked_until is None:
        return one
    return subscribe.refused(one, "no", heard=True, retry_at=None, now=now, share=0.5)


STEPS = {
    "ask": asked,
    "verify": lambda one, now: verified(one, now, "subscribe"),
    "confirm": lambda one, now: verified(one, now, "unsubscribe"),
    "refuse": refused,
    "deny": lambda one, now: subscribe.denied(one, "no", now, 0.5),
    "deliver": lambda one, now: delivered(one, now) if one.state in LIVE else one,
    "poll": lambda one, now: polled(one, 0, now),
    "miss": lambda one, now: polled(one, 1, now),
    "leave": lambda one, now: subscribe.left(one, "left", now) if one.state in LIVE else one,
}
EVENTS = st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 2_000_000)), max_size=40)


@given(EVENTS)
def test_no_order_of_events_leaves_a_subscription_stuck_or_trusted_wrongly(happened):
    """It always has a next try until it has ended; trust needs a lease; a secret never goes over http."""
    one, now = NEW, NOW
    for kind, seconds in happened:
        now += timedelta(seconds=seconds)
        before, one = one, STEPS[kind](one, now)
        assert (one.next_try is None) is (one.state is PushState.ENDED)
        assert one.next_try is None or one.next_try <= now + 2 * MONTH
        assert (one.lease_until is not None) or one.state is not PushState.ACTIVE
        assert one.lease_until is None or one.lease_until <= now + MONTH
        if one.proven and not before.proven:
            assert kind == "poll" and one.state is PushState.ACTIVE and now < one.lease_until and one.secret
        if one.state is not PushState.ACTIVE:
            assert not one.proven
        form = dict(parse_qsl(subscribe.form(one).decode()))
        assert "hub.secret" not in form or one.hub.startswith("https:")
        if before.state is PushState.ENDED:
            assert one.state is PushState.ENDED


@given(st.one_of(st.none(), st.text(), st.integers().map(str)))
def test_w4_no_lease_is_longer_than_a_month_or_none_at_all(text):
    lease = subscribe.lease_of(text)
    assert lease is None or 0 < lease <= MONTH.total_seconds()


@pytest.mark.parametrize("share", [0, 0.5, 1])
@pytest.mark.parametrize("days", [1, 10, 30])
def test_w4_a_lease_is_renewed_at_two_thirds_of_it(days, share):
    """Or a little earlier, each subscription by a share of its own: not all of a hub's at once."""
    one = verified(asked(NEW, NOW), NOW, "subscribe")
    one = subscribe.verified(one, subscribe=True, lease=days * 86_400, now=NOW, share=share)
    assert one.lease_until == NOW + timedelta(days=days)
    assert (one.next_try - NOW) / timedelta(days=days) == pytest.approx(2 / 3 - share / 10)


def test_w9_one_poll_that_finds_what_was_missed_ends_the_trust_until_something_is_delivered_again():
    one = verified(asked(NEW, NOW), NOW, "subscribe")
    trusted = polled(delivered(one, NOW), 0, NOW)
    assert trusted.proven and polled(trusted, 0, NOW).proven
    missed = polled(trusted, 1, NOW)
    assert not missed.proven and not polled(missed, 0, NOW).proven
    assert polled(delivered(missed, NOW), 0, NOW).proven


def test_what_is_sent_is_utf_8_and_a_hub_reads_it_back():
    """Topics are sent as they are written, whatever characters they hold."""
    one = replace(NEW, topic="https://one.example/t?q=新闻&a=b+c%20d#é", callback="https://x/websub/t", secret="ß")
    form = dict(parse_qsl(subscribe.form(one).decode("ascii"), strict_parsing=True))
    assert form["hub.topic"] == one.topic and form["hub.secret"] == "ß"


@pytest.mark.parametrize(
    ("url", "public", "loopback"),
    [
        ("https://news.example.org/x", True, False),
        ("http://93.184.216.34/", True, False),
        ("https://[2606:4700::1111]/", True, False),
        ("http://127.0.0.1:8000", False, True),
        ("http://[::1]/", False, True),
        ("http://localhost:8000", False, True),
        ("http://desk.localhost", False, True),
        ("http://192.168.1.9/", False, False),
        ("http://printer.local/", False, False),
        ("http://intranet/", False, False),
        ("ftp://news.example.org/", False, False),
        ("http://", False, False),
        ("http://[nonsense", False, False),
    ],
)
def test_who_can_follow_an_address(url, public, loopback):
    """As it is written: no name is looked up."""
    assert (is_public(url), is_loopback(url)) == (public, loopback)


def test_w1_only_usable_hubs_are_offered_in_the_feeds_order():
    """At most four, none twice, and none without a topic."""
    named = (
        "https://no.example/",
        *(f"https://h{n}.example/" for n in range(9)),
        "https://h0.example/",
        "mailto:x@y.z",
    )
    info = FeedInfo(hubs=named, self_link="https://one.example/t")
    offer = offered(info, usable=lambda hub: "no." not in hub, own=lambda _: False, secured=True)
    assert offer.hubs == tuple(f"https://h{n}.example/" for n in range(4))
    nothing = {"usable": lambda _: True, "own": lambda _: False, "secured": True}
    assert offered(replace(info, self_link=None), **nothing) is None
    assert offered(replace(info, self_link="file:///etc/passwd"), **nothing) is None
    assert offered(replace(info, self_link=f"https://one.example/{'x' * 3000}"), **nothing) is None
    assert offered(None, **nothing) is None


def test_a_hub_without_a_name_is_asked_over_https_too():
    """An address of IPv6 keeps its brackets."""
    info = FeedInfo(self_link="https://a.example/feed", hubs=("http://[2001:db8::7]/hub",))
    offer = offered(info, usable=lambda _: True, own=lambda _: False, secured=True)
    assert offer.hubs == ("https://[2001:db8::7]/hub",)


def test_a_subscription_stays_as_long_as_its_hub_and_topic_are_offered():
    """Another order of hubs is remembered; another topic is another subscription."""
    info = FeedInfo(hubs=HUBS, self_link=NEW.topic)
    always = {"usable": lambda _: True, "own": lambda _: True, "secured": False}
    assert follow("one", NEW, offered(info, **always), NOW, "why") == []
    turned = offered(replace(info, hubs=HUBS[::-1]), **always)
    assert follow("one", NEW, turned, NOW, "why") == [replace(NEW, hubs=HUBS[::-1])]
    moved = offered(replace(info, self_link="https://one.example/other"), **always)
    [old, fresh] = follow("one", NEW, moved, NOW, "why")
    assert old.state is PushState.ENDED and fresh.topic == "https://one.example/other"
