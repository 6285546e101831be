"""Who may be visited although due: hosts that told two addresses to wait are left alone, and so are skipped hours."""

from dataclasses import replace
from datetime import timedelta

import pytest
from newsdesk import ALL, Newsdesk, source

from aggregator.domain.source import FeedHints, Visits
from aggregator.errors import Code, FetchError

HOUR = timedelta(hours=1)


@pytest.fixture
def desk(database, tmp_path):
    """Four sources of one host; only two have been visited."""
    sources = [replace(source(name), url=f"https://h.example/{name}") for name in ("a", "b", "c", "d")]
    sources = [replace(one, shown_url=one.url) for one in sources]
    return Newsdesk(database, tmp_path, sources=[*sources, "elsewhere"], topics=ALL)


def refuse(desk, name, wait):
    at = desk.clock.now() + wait
    desk.fetcher.answers[name] = FetchError(name, Code.HTTP_STATUS, "HTTP 429", status=429, retry_at=at)
    desk.collect(frozenset({name}))


def asked_after_a_restart(desk):
    desk.fetcher.requests.clear()
    desk.fetcher.answers |= {"c": b"g|https://h.example/1|A", "d": b"g|https://h.example/2|B"}
    desk.collector = desk.new_collector("desk/2/b")
    desk.collect()
    return {request.source_id for request in desk.fetcher.requests}


def test_two_refused_addresses_hold_their_host_over_a_restart(desk):
    """Nothing is asked of it, nothing is counted, and the visit is planned for the end of the wait."""
    refuse(desk, "a", 9 * HOUR)
    refuse(desk, "b", 3 * HOUR)
    assert asked_after_a_restart(desk) == {"elsewhere"}
    left = desk.visits("c")
    assert (left.failures, left.failure, left.last_visit) == (0, None, None)
    assert left.held_until == desk.clock.now() + 3 * HOUR <= left.next_visit
    assert left.next_visit_reason == "Retry-After of the host, 3 h"
    desk.clock.forward(hours=4)
    assert "c" in desk.collect()


def test_one_refused_address_is_its_own_affair(desk):
    refuse(desk, "a", 9 * HOUR)
    assert asked_after_a_restart(desk) == {"b", "c", "d", "elsewhere"}


def test_a_held_host_takes_no_room_from_others(desk):
    """However many of its sources are due before everybody else's."""
    refuse(desk, "a", 9 * HOUR)
    refuse(desk, "b", 9 * HOUR)
    desk.reconfigure(fetch=replace(desk.configuration.fetch, concurrency=1))
    assert desk.collect().keys() == {"elsewhere"}


def test_a_late_visit_is_not_made_in_skipped_hours(desk):
    """The program was off when it was due: the visit comes after those hours, unless a person asks for it."""
    hints = FeedHints(skip_hours=frozenset({7, 8, 9}))
    with desk.store.write() as rooms:
        [due] = [
            d for d in rooms.sources.claim_due(desk.clock.now(), owner="x", lease=HOUR, limit=9) if d.source.id == "a"
        ]
        rooms.sources.record(due, Visits(hints=hints, next_visit=desk.clock.now()))
        rooms.sources.release("x")
    assert "a" not in desk.collect()
    left = desk.visits("a")
    assert (left.next_visit.hour, left.last_visit) == (10, None)
    assert left.next_visit_reason == "skipHours of the feed, until Sunday 10:00 GMT"
    assert "a" in desk.collect(frozenset({"a"}))
