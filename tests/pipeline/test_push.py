"""Subscriptions at hubs over the real store: asked for, verified, renewed, refused, left (WebSub)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from newsdesk import source
from pushdesk import HUB, TOPIC, PushDesk

from aggregator.domain.call import Answer
from aggregator.domain.settings import FetchSettings, Site
from aggregator.domain.subscription import PushState
from aggregator.errors import Code, FetchError
from aggregator.pipeline.follow import own_entries

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


def test_w1_w2_a_feed_that_names_a_hub_is_subscribed_to_by_its_self_link(push):
    """The topic is the feed's `self`, not the polled address; the callback is ours and its own."""
    push.collect()
    push.ask()
    [call], [form] = push.hub.calls, push.hub.forms
    assert (call.method, call.url, call.follow, call.allowed) == ("POST", HUB, True, ())
    assert dict(call.headers)["Content-Type"] == "application/x-www-form-urlencoded"
    assert form["hub.mode"] == "subscribe" and form["hub.topic"] == TOPIC
    assert form["hub.callback"] == push.subscription().callback
    assert form["hub.callback"].startswith("https://desk.example/websub/unguessable-")
    assert form["hub.lease_seconds"] == "864000"
    assert 0 < len(form["hub.secret"]) < 200 and form["hub.secret"] not in form["hub.callback"]
    assert push.subscription().state is PushState.WANTED


@pytest.mark.parametrize(
    ("address", "hub", "asked", "told"),
    [
        ("https://one.example/feed", "https://hub.example/x?y", "https://hub.example/x?y", True),
        ("https://one.example/feed", "http://hub.example/x?y", "https://hub.example/x?y", True),
        ("https://one.example/feed", "http://hub.example:8080/", None, False),
        ("http://one.example/feed", "http://hub.example:8080/", "http://hub.example:8080/", False),
        ("http://one.example/feed", "http://127.0.0.1:9/hub", "http://127.0.0.1:9/hub", True),
    ],
)
def test_w8_a_secret_is_told_over_https_or_on_this_machine_only(push, address, hub, asked, told):
    """Without one, nobody could tell who delivers: so a source that is polled over https has no hub over http."""
    push.edit(sources=(replace(source("one"), url=address, shown_url=address), source("two")))
    push.reader.hubs = (hub,)
    push.collect()
    push.ask()
    assert [call.url for call in push.hub.calls] == [asked] * (asked is not None)
    assert ["hub.secret" in form for form in push.hub.forms] == [told] * (asked is not None)


def test_a_feed_without_self_or_with_a_hub_that_is_no_web_address_is_polled_only(push):
    """Without a self link the polled address, which may hold secrets, would be told to the hub."""
    push.reader.topic = None
    push.collect()
    assert push.subscription() is None
    push.reader.topic = TOPIC
    push.reader.hubs = ("ftp://hub.example/", "javascript:alert(1)", "https:///x", "https://desk.example/hub")
    push.fetcher.answers["one"] += b"\ng2|https://one.example/2|More"
    push.poll()
    push.ask()
    assert push.subscription() is None and push.hub.calls == []


def test_a_site_that_nobody_can_call_subscribes_at_the_owners_own_hubs_only(push):
    """site.url on loopback: a hub must be on the entry of allow_hosts that names its source."""
    push.edit(site=Site(url="http://127.0.0.1:8000"), fetch=FetchSettings(allow_hosts=("10.0.0.0/8",)))
    push.reader.hubs = ("http://10.1.2.3/hub",)
    push.collect()
    assert push.subscription() is None
    own = replace(source("one"), url="http://10.9.9.9/feed", shown_url="http://10.9.9.9/feed")
    push.edit(sources=(own,))
    push.collect()
    push.ask()
    assert push.hub.calls[0].url == "http://10.1.2.3/hub"
    assert push.hub.calls[0].allowed == ("10.0.0.0/8",)


@pytest.mark.parametrize(
    ("address", "listed", "own"),
    [
        ("http://10.1.1.1/f", ("10.1.1.1", "10.1.1.1:81", "10.1.1.2"), ("10.1.1.1", "10.1.1.1:81")),
        ("http://10.1.1.1:80/f", ("10.1.1.1:80", "10.1.1.1:81", "10.1.1.2:81"), ("10.1.1.1:80", "10.1.1.1:81")),
        ("http://10.1.1.1:82/f", ("10.1.1.1:80", "10.1.1.1:81"), ()),
        (
            "http://[fd00::1]:80/f",
            ("[fd00::1]:80", "[fd00::1]:81", "fd00::/8"),
            ("[fd00::1]:80", "[fd00::1]:81", "fd00::/8"),
        ),
        ("https://one.example/f", ("10.1.1.1", "10.0.0.0/8:81"), ()),
        ("http://10.1.1.1/f", ("10.0.0.0/8", "10.0.0.0/8:81", "x y"), ("10.0.0.0/8", "10.0.0.0/8:81")),
    ],
)
def test_a_hub_may_be_listed_where_its_source_is(push, address, listed, own):
    """An entry of the source's own host; no other one, for what is listed there never asked for our forms."""
    push.edit(fetch=FetchSettings(allow_hosts=listed))
    assert own_entries(address, push.configuration) == own


def test_w3_a_verification_is_expected_within_a_window_only(push):
    """It is known from before the hub is asked, also after the program was killed in between, and not for ever."""
    push.collect()
    push.subscriber.ask()  # and then the program dies
    push.new_subscriber()
    assert push.verify()
    assert push.subscription().state is PushState.ACTIVE
    assert push.subscription().lease_until == push.clock.now() + timedelta(seconds=864_000)
    push.clock.forward(minutes=59)
    assert push.verify()  # its hub asks twice
    push.clock.forward(minutes=2)
    assert not push.verify()
    assert not push.verify(mode="unsubscribe")


def test_a_start_asks_again_what_was_asked_before_a_sudden_end(push):
    """The hub may have found nobody at the callback; it is asked under the same one."""
    push.collect()
    push.ask()
    assert push.clock.now() < push.subscription().next_try
    push.new_subscriber()
    push.subscriber.start()
    push.ask()
    first, second = push.hub.forms
    assert first == second


def test_w4_a_lease_is_renewed_in_its_last_third_with_the_same_callback(push):
    push.subscribed()
    first = push.subscription()
    assert 0.5 < (first.next_try - push.clock.now()) / (10 * DAY) < 0.67
    push.clock.moment = first.next_try - timedelta(seconds=1)
    push.ask()
    assert len(push.hub.calls) == 1
    push.clock.forward(seconds=1)
    push.ask()
    assert push.hub.forms[0] == push.hub.forms[1]
    assert push.subscription().state is PushState.ACTIVE
    assert push.verify(lease=60)
    assert push.subscription().lease_until == push.clock.now() + MINUTE


def test_w4_a_renewal_that_fails_is_tried_several_times_before_the_lease_ends(push):
    push.subscribed()
    until = push.subscription().lease_until
    push.hub.answers[HUB] = Answer(status=500)
    push.clock.moment = push.subscription().next_try
    while push.clock.now() < until:
        assert push.subscription().state is PushState.ACTIVE
        push.ask()
        assert push.clock.now() < push.subscription().next_try <= until
        push.clock.moment = push.subscription().next_try
    assert 6 < len(push.hub.calls) < 40
    push.ask()
    assert push.subscription().state is PushState.WANTED and push.subscription().lease_until is None


def test_w4_ninety_days_of_leases_are_renewed_without_a_gap(push):
    """A simulated clock: every lease is renewed before it ends, by one call each."""
    push.subscribed()
    end = push.clock.now() + 90 * DAY
    renewals = 0
    while push.clock.now() < end:
        push.clock.moment = push.subscription().next_try
        assert push.clock.now() < push.subscription().lease_until
        push.ask()
        assert push.verify()
        renewals += 1
    assert 13 <= renewals <= 18
    assert len(push.hub.calls) == renewals + 1


@pytest.mark.parametrize(
    ("answer", "least", "most"),
    [
        (Answer(status=500), 15 * MINUTE, 17 * MINUTE),
        (Answer(status=404), 15 * MINUTE, 17 * MINUTE),
        (Answer(status=429, headers=(("retry-after", b"7200"),)), 2 * HOUR, 2 * HOUR),
        (FetchError("one", Code.CONNECT, "refused"), 15 * MINUTE, 17 * MINUTE),
    ],
    ids=["500", "404", "429", "dead"],
)
def test_a_hub_that_refuses_is_asked_later_and_later(push, answer, least, most):
    """Retry-After is obeyed; else the wait doubles, to a week at most."""
    push.hub.answers[HUB] = answer
    push.collect()
    push.ask()
    wait = push.subscription().next_try - push.clock.now()
    assert least <= wait <= most
    for _ in range(14):
        push.clock.moment = push.subscription().next_try
        push.ask()
    assert len(push.hub.calls) == 15
    last = push.subscription().next_try - push.clock.now()
    assert (0.9 * DAY if isinstance(answer, FetchError) else 6 * DAY) < last < 8 * DAY


def test_a_hub_that_never_verifies_is_asked_later_and_later(push):
    push.collect()
    waits = []
    for _ in range(6):
        push.ask()
        waits.append(push.subscription().next_try - push.clock.now())
        push.clock.moment = push.subscription().next_try
    assert len(push.hub.calls) == 6
    assert waits[0] == HOUR and waits[-1] >= 8 * HOUR


def test_the_next_of_several_hubs_is_asked_as_a_stranger(push):
    """Neither the callback nor the secret that the first hub was told."""
    push.reader.hubs = ("https://a.example/", "https://b.example/")
    push.hub.answers["https://a.example/"] = Answer(status=403)
    push.collect()
    push.ask()
    push.clock.moment = push.subscription().next_try
    push.ask()
    first, second = push.hub.forms
    assert [call.url for call in push.hub.calls] == ["https://a.example/", "https://b.example/"]
    assert first["hub.callback"] != second["hub.callback"] and first["hub.secret"] != second["hub.secret"]
    assert push.verify() and push.subscription().state is PushState.ACTIVE


@pytest.mark.parametrize("how", ["removed", "paused", "gone", "hub gone", "moved", "address"])
def test_w7_a_source_that_goes_is_unsubscribed_and_its_callback_ends(push, how):
    """The hub is told at its own callback; it asks, is told yes, and that was all."""
    push.subscribed()
    was = push.subscription()
    if how == "removed":
        push.edit(sources=(source("two"),))
    elif how == "paused":
        push.edit(sources=(source("one", enabled=False), source("two")))
    elif how == "address":
        push.edit(sources=(replace(source("one"), url="https://one.example/new"), source("two")))
    elif how == "gone":
        push.fetcher.answers["one"] = FetchError("one", Code.HTTP_STATUS, "HTTP 410", status=410)
        push.poll()
        push.poll()
    elif how == "moved":
        push.edit(site=Site(url="https://desk.example/elsewhere"))
    else:
        push.reader.hubs = ()
        push.fetcher.answers["one"] += b"\ng2|https://one.example/2|More"
        push.poll()
    left = push.subscription(PushState.LEAVING)
    assert left.id == was.id and left.callback == was.callback
    push.ask()
    form = next(form for form in push.hub.forms if form["hub.mode"] == "unsubscribe")
    assert form == {"hub.mode": "unsubscribe", "hub.topic": TOPIC, "hub.callback": was.callback}
    assert push.verify(mode="unsubscribe", state=PushState.LEAVING)
    assert push.subscription(PushState.ENDED).id == was.id
    assert (push.subscription() is not None) is (how == "moved")


def test_a_source_that_comes_back_is_subscribed_again_under_another_callback(push):
    push.subscribed()
    was = push.subscription()
    push.edit(sources=(source("two"),))
    push.edit(sources=(source("one"), source("two")))
    push.ask(3)
    assert push.subscription().callback != was.callback


def test_an_unsubscription_that_nobody_verifies_ends_by_itself(push):
    push.subscribed()
    push.edit(sources=(source("two"),))
    for _ in range(5):
        push.ask()
        push.clock.forward(days=1)
    assert push.subscription(PushState.ENDED) is not None
    assert 1 < len(push.hub.calls) <= 4
    push.clock.forward(days=40)
    push.subscriber.prune()
    assert push.subscription(PushState.ENDED) is None


def test_many_sources_of_one_hub_are_asked_for_a_few_at_a_time(database, tmp_path):
    """A turn is a second: no burst, whoever is first; and a hub that fails is left alone by all of them."""
    names = [f"s{number}" for number in range(40)]
    push = PushDesk(database, tmp_path, sources=names)
    push.fetcher.answers |= {name: f"g|https://{name}.example/1|T".encode() for name in names}

    def read(context, response, known, now, further=()):
        return push_read(replace(context, source_id="one"), response, known, now, further)

    push_read, push.reader.read = push.reader.read, read
    push.collect()
    for turn in range(1, 6):
        push.ask()
        assert len(push.hub.calls) <= 3 * turn
    assert len(push.hub.calls) >= 10
    push.hub.answers[HUB] = Answer(status=503)
    push.ask()
    before = len(push.hub.calls)
    push.ask(10)
    assert len(push.hub.calls) == before
    push.clock.forward(minutes=2)
    push.ask()
    assert len(push.hub.calls) > before
