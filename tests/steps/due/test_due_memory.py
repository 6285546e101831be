"""What a source remembers of a visit."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from aggregator.domain.outcome import Unchanged
from aggregator.domain.response import Validators
from aggregator.domain.source import FeedHints, Visits
from aggregator.errors import Code
from aggregator.steps.due import after, offline
from tests.steps.due.due_builders import (
    DAY,
    HOUR,
    KNOWN,
    MINUTE,
    NEW,
    NOW,
    OLD,
    SETTINGS,
    due,
    every,
    failure,
    fetched,
    response,
    unchanged,
)


def test_a_complete_reading_brings_its_validators_and_hash():
    """E3: the next request carries the new validators."""
    visits = after(due(), fetched(), SETTINGS, NOW)
    assert (visits.validators, visits.body_hash, visits.title) == (NEW, b"new", "A")
    assert visits.last_visit == visits.last_success == NOW


def test_a_new_200_without_validators_drops_the_old():
    """E3: a latched validator is worse than none."""
    assert after(due(), fetched(validators=None), SETTINGS, NOW).validators is None


def test_the_same_body_again_renews_the_validators():
    """E9: unchanged, yet the server has another ETag now."""
    visits = after(due(), Unchanged(answer=response(), body_hash=b"old"), SETTINGS, NOW)
    assert (visits.validators, visits.body_hash) == (NEW, b"old")


def test_a_truncated_reading_keeps_the_old_validators():
    """E6: the next visit can read everything, and the error shows."""
    visits = after(due(), fetched(truncated=True), SETTINGS, NOW)
    assert (visits.validators, visits.body_hash) == (OLD, b"old")
    assert visits.failure.code is Code.TRUNCATED
    assert visits.failures == 0


def test_a_304_renews_the_validators_and_keeps_the_rest():
    """E4."""
    renewed = Validators(etag=b'W/"2"', url=OLD.url)
    hints = FeedHints(ttl=HOUR)
    old = replace(KNOWN, title="Kept", hints=hints)
    visits = after(due(old), unchanged(validators=renewed), SETTINGS, NOW)
    assert (visits.validators, visits.body_hash, visits.title, visits.hints) == (renewed, b"old", "Kept", hints)
    assert visits.next_visit > NOW


def test_a_failure_keeps_what_is_known():
    """E6: validators, hash, title and hints survive any failure."""
    old = replace(KNOWN, title="Kept", hints=FeedHints(ttl=HOUR), moved_to="https://b.example/")
    visits = after(due(old), failure(Code.PARSE_FAILED), SETTINGS, NOW)
    for name in ("validators", "body_hash", "title", "hints", "entries_per_day", "last_success", "moved_to"):
        assert getattr(visits, name) == getattr(old, name)
    assert (visits.failures, visits.failing_since, visits.failed_at) == (1, NOW, NOW)
    assert visits.failure.code is Code.PARSE_FAILED


def test_validators_a_server_takes_for_preconditions_are_dropped():
    """412 to every conditional request would last for ever."""
    assert after(due(), failure(status=412), SETTINGS, NOW).validators is None


def test_a_host_that_wants_no_visit_is_no_failure_of_the_source():
    """The Retry-After of its neighbours: nothing was asked, so nothing is counted."""
    held = NOW + 2 * HOUR
    visits = after(due(), failure(Code.HTTP_STATUS, None, held), SETTINGS, NOW)
    assert (visits.failures, visits.failure, visits.last_visit) == (0, None, KNOWN.last_visit)
    assert visits.held_until == held <= visits.next_visit
    assert visits.next_visit_reason == "Retry-After of the host, 2 h"


def test_a_success_ends_every_trouble():
    old = replace(
        KNOWN,
        failures=9,
        failing_since=NOW - DAY,
        failure=failure(),
        failed_at=NOW - HOUR,
        held_until=NOW - MINUTE,
        gone_at=NOW - DAY,
    )
    visits = after(due(old), unchanged(), SETTINGS, NOW)
    assert (visits.failures, visits.failing_since, visits.failure, visits.failed_at) == (0, None, None, None)
    assert (visits.held_until, visits.gone_at, visits.gone) == (None, None, False)


def test_gone_takes_two_410_hours_apart():
    """P7: the first is a failure that is checked hours later, the second ends polling."""
    first = after(due(), failure(status=410), SETTINGS, NOW)
    assert not first.gone
    assert first.gone_at == NOW
    assert NOW + 6 * HOUR <= first.next_visit <= NOW + 7 * HOUR
    assert "410" in first.next_visit_reason
    soon = after(due(first), failure(status=410), SETTINGS, NOW + HOUR)
    assert not soon.gone
    assert soon.gone_at == NOW
    second = after(due(first), failure(status=410), SETTINGS, first.next_visit)
    assert second.gone
    assert second.next_visit is None
    assert "gone" in second.next_visit_reason


@pytest.mark.parametrize(("between", "survives"), [(failure(status=404), False), (failure(Code.DNS), True)])
def test_another_answer_between_two_410_starts_the_count_again(between, survives):
    first = after(due(), failure(status=410), SETTINGS, NOW)
    other = after(due(first), between, SETTINGS, NOW + HOUR)
    again = after(due(other), failure(status=410), SETTINGS, NOW + 8 * HOUR)
    assert again.gone is survives


@pytest.mark.parametrize("status", [404, 500, 503, 403, 451, 204])
def test_nothing_but_410_ends_polling(status):
    """P7: a year of it, and the source is still asked, once a week at least."""
    visits, now = KNOWN, NOW
    while now < NOW + 365 * DAY:
        visits = after(due(visits), failure(status=status), SETTINGS, now)
        assert not visits.gone
        assert now < visits.next_visit <= now + 7 * DAY
        now = visits.next_visit


def test_offline_counts_no_failure_and_probes_from_1_to_15_minutes():
    """When everything fails it is our network."""
    visits, now, waits = replace(KNOWN, failures=2, failing_since=NOW - DAY), NOW, []
    for _ in range(8):
        visits = offline(due(visits), failure(Code.DNS), SETTINGS, now)
        waits.append(visits.next_visit - now)
        now = visits.next_visit
    assert (visits.failures, visits.failing_since, visits.failure.code) == (2, NOW - DAY, Code.OFFLINE)
    assert visits.validators == OLD
    assert MINUTE <= waits[0] <= 1.1 * MINUTE
    assert waits == sorted(waits)
    assert waits[-1] == 15 * MINUTE
    assert "nothing can be reached" in visits.next_visit_reason


def test_offline_respects_skipped_hours():
    """The network may come back within them: P4 holds all the same."""
    old = replace(KNOWN, hints=FeedHints(skip_hours=frozenset({10, 11})))
    again = offline(due(old), failure(Code.DNS), SETTINGS, NOW)
    assert (again.next_visit.hour, again.next_visit_reason) == (12, "skipHours of the feed, until Wednesday 12:00 GMT")


def test_a_failure_brings_nobody_back_sooner_than_the_feed_wishes():
    """P3: a server that did answer, though with an error, is left alone for as long as its ttl says."""
    old = replace(KNOWN, hints=FeedHints(ttl=9 * HOUR, update_every=2 * HOUR))
    assert after(due(old), failure(status=500), SETTINGS, NOW).next_visit >= NOW + 9 * HOUR
    assert after(due(old), failure(Code.DNS), SETTINGS, NOW).next_visit < NOW + HOUR
    absurd = replace(KNOWN, hints=FeedHints(ttl=29 * DAY))
    assert after(due(absurd), failure(status=500), SETTINGS, NOW).next_visit <= NOW + DAY


def test_offline_respects_a_retry_after():
    """P9 holds with a network that comes and goes."""
    held = NOW + 3 * HOUR
    assert offline(due(replace(KNOWN, held_until=held)), failure(), SETTINGS, NOW).next_visit >= held


@pytest.mark.parametrize("jump", [-3650 * DAY, -HOUR, 3650 * DAY])
def test_a_clock_that_jumps_starves_nothing(jump):
    """Whatever the stored times say, the next visit lies within the bounds from now."""
    now = NOW + jump
    old = replace(KNOWN, held_until=NOW + DAY, gone_at=NOW, failures=3, failing_since=NOW)
    for outcome in (unchanged(), fetched(dates=every(HOUR)), fetched(fresh_for=400 * DAY)):
        assert now < after(due(old), outcome, SETTINGS, now).next_visit <= now + DAY
    assert now < after(due(old), failure(Code.DNS), SETTINGS, now).next_visit <= now + 8 * DAY


def test_times_are_utc_and_naive_ones_are_refused():
    local = NOW.astimezone(timezone(timedelta(hours=8)))
    assert after(due(), unchanged(), SETTINGS, local).last_visit.utcoffset() == timedelta(0)
    with pytest.raises(ValueError, match="naive"):
        after(due(), unchanged(), SETTINGS, datetime(2026, 1, 1))  # noqa: DTZ001 - the point


def test_a_first_visit_works_from_an_empty_memory():
    assert after(due(Visits()), fetched(), SETTINGS, NOW).last_success == NOW
    assert after(due(Visits()), failure(Code.DNS), SETTINGS, NOW).failures == 1
    assert offline(due(Visits()), failure(Code.DNS), SETTINGS, NOW).failures == 0
