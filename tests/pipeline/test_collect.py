"""Due sources → stored items and the next visit, over the real store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from newsdesk import Newsdesk, source

from aggregator.domain.outcome import Failure
from aggregator.domain.response import NotModified, Validators
from aggregator.errors import Code, FetchError, StorageError
from aggregator.pipeline import keep as keeping
from aggregator.pipeline import record as recording
from aggregator.pipeline.asking import base_address


def test_a_visit_stores_items_and_the_validators_that_vouch_for_them(desk):
    desk.fetcher.answers["one"] = b"g1|https://one.example/1|First\ng2|https://one.example/2|Second"
    reports = desk.collect()
    assert reports["one"].new == 2
    assert [stored.item.title for stored in desk.items()] == ["First", "Second"]
    assert desk.visits("one").validators.etag is not None
    desk.clock.forward(days=1)
    desk.collect()
    again = [request for request in desk.fetcher.requests if request.source_id == "one"][-1]
    assert again.validators == desk.visits("one").validators


def test_the_same_body_again_is_not_read(desk):
    """A server that ignores conditional requests costs no parsing: the body's hash is remembered."""
    desk.fetcher.answers["one"] = b"g1|https://one.example/1|First"
    desk.collect()
    desk.clock.forward(days=1)
    desk.collector._stations._reader = None  # a reading would raise
    assert desk.collect()["one"].unchanged


def test_not_modified_changes_no_item_and_counts_as_success(desk):
    desk.fetcher.answers["one"] = b"g1|https://one.example/1|First"
    desk.collect()
    before = desk.items()
    desk.clock.forward(days=1)
    validators = Validators(etag=b'"new"', url="https://one.example/feed")
    desk.fetcher.answers["one"] = NotModified(source_id="one", received_at=desk.clock.now(), validators=validators)
    assert desk.collect()["one"].unchanged
    assert desk.items() == before
    assert desk.visits("one").validators.etag == b'"new"'
    assert desk.visits("one").last_success == desk.clock.now()


def test_nothing_is_visited_before_its_time(desk):
    desk.fetcher.answers |= {"one": b"g|https://one.example/1|A", "two": b"g|https://two.example/1|B"}
    assert set(desk.collect()) == {"one", "two"}
    assert desk.collect() == {}
    with desk.store.read() as rooms:
        first = rooms.sources.next_due()
    desk.clock.moment = first - timedelta(seconds=1)
    assert desk.collect() == {}


def test_a_clock_that_was_years_ahead_starves_nobody(desk):
    """What was planned by a clock gone wrong is due as soon as the clock is right again, without a restart."""
    desk.fetcher.answers |= {"one": b"g|https://one.example/1|A", "two": b"g|https://two.example/1|B"}
    desk.collect()
    right = desk.clock.now()
    desk.clock.forward(days=3650)
    assert set(desk.collect()) == {"one", "two"}
    desk.clock.moment = right + timedelta(minutes=1)
    assert set(desk.collect()) == {"one", "two"}
    assert desk.collect() == {}
    assert desk.visits("one").next_visit < right + timedelta(days=1)


def test_a_clock_that_begins_in_1970_visits_nothing(desk):
    """What is first seen then is old at once, deleted at night and never announced again."""
    desk.fetcher.answers |= {"one": b"g|https://one.example/1|A", "two": b"g|https://two.example/1|B"}
    right = desk.clock.now()
    desk.collector = desk.new_collector(earliest=right - timedelta(days=30))
    desk.clock.moment = datetime(1970, 1, 2, tzinfo=UTC)
    assert desk.collect() == desk.collect(frozenset({"one"})) == {} and desk.items() == []
    desk.clock.moment = right
    assert set(desk.collect()) == {"one", "two"}


def test_one_source_that_fails_costs_the_others_nothing(desk):
    desk.fetcher.answers["one"] = FetchError("one", Code.HTTP_STATUS, "HTTP 503", status=503)
    desk.fetcher.answers["two"] = b"g|https://two.example/1|B"
    reports = desk.collect()
    assert reports["one"].failure.code is Code.HTTP_STATUS
    assert reports["two"].new == 1
    assert desk.visits("one").failures == 1


def test_a_failure_keeps_items_and_validators(desk):
    desk.fetcher.answers["one"] = b"g1|https://one.example/1|First"
    desk.collect()
    kept = desk.visits("one").validators
    desk.clock.forward(days=1)
    desk.fetcher.answers["one"] = FetchError("one", Code.TRUNCATED, "the body ended early")
    desk.collect()
    assert desk.visits("one").validators == kept
    assert len(desk.items()) == 1


@pytest.mark.parametrize("stage", ["place", "after"])
def test_a_bug_of_ours_is_recorded_and_costs_one_source(desk, monkeypatch, stage):
    """Whatever raises while one visit is stored is that source's `internal`, with nothing of it half stored."""
    room = keeping if stage == "place" else recording
    real = getattr(room, stage)

    def broken(*args, **kwargs):
        of = args[1] if stage == "place" else args[0].source.id
        if of == "one" and not (stage == "after" and isinstance(args[1], Failure)):
            raise RuntimeError("a bug")
        return real(*args, **kwargs)

    monkeypatch.setattr(room, stage, broken)
    desk.fetcher.answers |= {"one": b"g|https://one.example/1|A", "two": b"g|https://two.example/1|B"}
    reports = desk.collect()
    assert reports["one"].failure.code is Code.INTERNAL
    assert [stored.item.source_id for stored in desk.items()] == ["two"]
    assert desk.visits("one").validators is None


def test_a_reader_that_crashes_is_recorded(desk, monkeypatch):
    desk.fetcher.answers["one"] = b"no such line"
    monkeypatch.setattr(desk.collector._stations._reader, "read", lambda *_: _failed())
    assert desk.collect()["one"].failure.code is Code.INTERNAL


def _failed():
    from concurrent.futures import Future

    future = Future()
    future.set_exception(RuntimeError("a bug"))
    return future


def test_a_lost_lease_writes_nothing(desk):
    """A worker that was thought dead comes back: what another one stored meanwhile stays."""
    desk.fetcher.answers["one"] = b"g1|https://one.example/1|Late"
    late = desk.new_collector("desk/2/b")
    late.claim(frozenset({"one"}))
    desk.clock.forward(hours=1)
    desk.fetcher.answers["one"] = b"g1|https://one.example/1|Punctual"
    desk.collect(frozenset({"one"}))
    while late.busy:
        late.step(0.5)
    assert [stored.item.title for stored in desk.items()] == ["Punctual"]


def test_two_copies_at_one_address_are_one_story(desk):
    desk.fetcher.answers |= {
        "one": b"a|https://wire.example/story?utm_source=one|Original",
        "two": b"b|http://wire.example/story/|Copied",
    }
    desk.collect()
    first, second = desk.items()
    assert first.story == second.story == first.public_id
    assert second.public_id != first.public_id


def test_when_nothing_answers_it_is_our_network(database, tmp_path):
    """Every source fails at once: the code is `offline`, no failure is counted, and an answer ends it."""
    desk = Newsdesk(database, tmp_path, sources=("one", "two", "three", "four"))
    reports = desk.collect()
    assert set(reports) == {"one", "two", "three", "four"}
    for name in reports:
        visits = desk.visits(name)
        assert (visits.failure.code, visits.failures) == (Code.OFFLINE, 0)
        assert "cannot be resolved" in visits.failure.message
    desk.clock.forward(hours=1)
    desk.fetcher.answers["one"] = b"g|https://one.example/1|A"
    desk.collect(frozenset({"one"}))
    desk.collect(frozenset({"two"}))
    assert desk.visits("two").failure.code is Code.DNS
    assert desk.visits("two").failures == 1


def test_one_unreachable_host_is_its_own_fault(database, tmp_path):
    desk = Newsdesk(database, tmp_path, sources=("one",))
    assert desk.collect()["one"].failure.code is Code.DNS


def test_a_refused_address_says_nothing_of_our_network(database, tmp_path):
    desk = Newsdesk(database, tmp_path, sources=("one", "two", "three", "four"))
    for name in ("one", "two", "three", "four"):
        desk.fetcher.answers[name] = FetchError(name, Code.REFUSED_ADDRESS, "not public")
    assert {r.failure.code for r in desk.collect().values()} == {Code.REFUSED_ADDRESS}


def test_a_store_that_fails_as_a_whole_stores_nothing_and_is_told(desk, monkeypatch):
    def full(*_):
        raise StorageError("disk full")

    desk.fetcher.answers["one"] = b"g|https://one.example/1|A"
    desk.collector.claim(frozenset({"one"}))
    monkeypatch.setattr(recording, "_one", full)  # not even that the visit failed
    with pytest.raises(StorageError):
        desk.collector.step(0.5)
    assert desk.items() == []
    assert desk.visits("one").validators is None


def test_no_source_is_visited_twice_at_once(desk):
    """Also when its lease runs out meanwhile; and those to be left alone are."""
    assert desk.collector.claim(skip=frozenset({"one"})) == ["two"]
    desk.clock.forward(hours=2)
    assert desk.collector.claim() == ["one"]


def test_no_more_is_claimed_than_can_be_carried(database, tmp_path):
    desk = Newsdesk(database, tmp_path, sources=[f"s{number}" for number in range(6)])
    desk.reconfigure(fetch=replace(desk.configuration.fetch, concurrency=1))
    assert [len(desk.collector.claim()) for _ in range(2)] == [4, 0]


def test_stopping_gives_the_leases_back(desk):
    desk.collector.claim()
    desk.collector.stop()
    with desk.store.read() as rooms:
        assert rooms.sources.owners() == set()


def test_a_renamed_source_keeps_its_items(desk):
    desk.fetcher.answers["one"] = b"g1|https://one.example/1|First"
    desk.collect()
    before = desk.items()[0].public_id
    desk.reconfigure(sources=(source("uno", was="one"), source("two")))
    desk.clock.forward(days=1)
    desk.fetcher.answers["uno"] = b"g1|https://one.example/1|First, edited"
    desk.collect()
    (item,) = [stored for stored in desk.items() if stored.item.source_id == "uno"]
    assert item.public_id == before
    assert item.item.title == "First, edited"


@pytest.mark.parametrize(
    ("url", "shown", "base"),
    [
        ("https://a.example/x/feed?token=s3cret", "https://a.example/x/feed?token=${T}", "https://a.example/x/feed"),
        ("https://a.example/s3cret/feed", "https://a.example/${T}/feed", "https://a.example/"),
        ("https://u:p@a.example/feed", "https://a.example/feed", "https://a.example/feed"),
        ("https://a.example:8443/x/", "https://a.example:8443/x/", "https://a.example:8443/x/"),
    ],
)
def test_links_are_resolved_against_an_address_without_secrets(url, shown, base):
    """A feed's `#top` or empty link must not publish the token its address carries."""
    assert base_address(url, shown) == base


def test_an_unasked_refusal_is_no_sign_of_a_network(database, tmp_path):
    """A Retry-After that holds for a whole host refuses without asking: nobody out there said anything."""
    desk = Newsdesk(database, tmp_path, sources=("one", "two", "three", "four"))
    desk.fetcher.answers["two"] = FetchError("two", Code.HTTP_STATUS, "not asked: its host said to wait")
    reports = desk.collect()
    assert {name: r.failure.code for name, r in reports.items() if name != "two"} == dict.fromkeys(
        ("one", "three", "four"), Code.OFFLINE
    )


def dead(*names):
    return {name: FetchError(name, Code.DNS, "cannot be resolved") for name in names}


def alive(*names):
    return {name: f"g|https://{name}.example/1|News of {name}".encode() for name in names}


def test_three_dead_hosts_among_living_ones_are_their_own_fault(database, tmp_path):
    """They come last in every pass, and in a row: that must not keep them from being counted and backed off."""
    living, gone = ("one", "two", "three", "four"), ("five", "six", "seven")
    desk = Newsdesk(database, tmp_path, sources=(*living, *gone))
    desk.fetcher.answers |= alive(*living) | dead(*gone)
    desk.collect()
    for _ in range(2):
        desk.clock.forward(minutes=20)
        desk.collect(frozenset({"one"}))
        desk.clock.forward(seconds=1)
        desk.collect(frozenset(gone))
    assert {desk.visits(name).failure.code for name in gone} == {Code.DNS}
    assert min(desk.visits(name).failures for name in gone) >= 1


def test_a_timeout_proves_nothing_while_others_answer(database, tmp_path):
    slow = ("five", "six", "seven")
    desk = Newsdesk(database, tmp_path, sources=("one", *slow))
    desk.fetcher.answers |= alive("one")
    desk.fetcher.answers |= {name: FetchError(name, Code.TIMEOUT, "too slow") for name in slow}
    desk.collect(frozenset({"one"}))
    desk.clock.forward(seconds=20)
    reports = desk.collect(frozenset(slow))
    assert {report.failure.code for report in reports.values()} == {Code.TIMEOUT}


def test_one_host_with_many_sources_keeps_nobody_waiting(database, tmp_path):
    """Of a host that answers one visit after the other only a few are claimed: the room is for the others too."""
    many = [
        replace(s, url=f"https://slow.example/{s.id}", shown_url=f"https://slow.example/{s.id}")
        for s in map(source, (f"slow{i}" for i in range(40)))
    ]
    desk = Newsdesk(database, tmp_path, sources=(*many, "fast"))
    desk.reconfigure(fetch=replace(desk.configuration.fetch, concurrency=2))
    claimed = desk.collector.claim()
    assert "fast" in claimed
    assert sum(name.startswith("slow") for name in claimed) == 4
    while desk.collector.busy:
        desk.collector.step(0.5)
    assert len(desk.collector.claim()) == 4


def test_after_the_store_failed_no_source_waits_for_its_lease(desk):
    """Visits given up are visited again at the first claim that works."""
    desk.fetcher.answers |= alive("one", "two")
    assert set(desk.collector.claim()) == {"one", "two"}
    desk.collector.forget()
    assert set(desk.collector.claim()) == {"one", "two"}
    while desk.collector.busy:
        desk.collector.step(0.5)
    assert {stored.item.source_id for stored in desk.items()} == {"one", "two"}
