"""When a source is visited next, and the sentence that says why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.domain.settings import FetchSettings
from aggregator.domain.source import FeedHints, SourceKind, Visits
from aggregator.errors import Code
from aggregator.steps.due import after, allowed
from aggregator.steps.due.words import rate, span
from tests.steps.due.due_builders import (
    DAY,
    HOUR,
    KNOWN,
    MINUTE,
    NOW,
    SETTINGS,
    due,
    every,
    failure,
    fetched,
    unchanged,
)


def plan(outcome, *, visits=KNOWN, settings=SETTINGS, now=NOW, **source):
    found = after(due(visits, **source), outcome, settings, now)
    return found.next_visit - now, found.next_visit_reason


def test_the_first_rhythm_is_the_configured_one():
    """A burst at start-up does not come back an hour later: the first wait is spread over a quarter."""
    waits = [plan(fetched(dates=every(MINUTE)), visits=Visits(), id=f"s{n}")[0] for n in range(100)]
    assert HOUR <= min(waits) < 65 * MINUTE
    assert 70 * MINUTE < max(waits) <= 75 * MINUTE
    assert plan(fetched(), visits=Visits())[1] == "first rhythm, every 1 h"


def test_the_rhythm_follows_the_dates_of_the_entries():
    """A third of the mean gap: 12 entries a day are looked for every 40 minutes."""
    wait, reason = plan(fetched(dates=every(2 * HOUR)))
    assert reason == "own rhythm: 12 entries a day, every 40 min"
    assert 40 * MINUTE <= wait <= 44 * MINUTE


@pytest.mark.parametrize(
    ("gap", "low", "high", "bound"),
    [(MINUTE, 10 * MINUTE, 11 * MINUTE, "at the shortest"), (9 * DAY, 21 * HOUR, DAY, "at the longest")],
)
def test_the_rhythm_stays_between_the_bounds(gap, low, high, bound):
    wait, reason = plan(fetched(dates=every(gap)))
    assert low <= wait <= high
    assert reason.endswith(bound)


def test_silence_slows_a_source_down_and_entries_speed_it_up():
    """Without dates too: what came since the last visit counts."""
    quiet, now = KNOWN, NOW
    for _ in range(60):
        quiet = after(due(quiet), unchanged(), SETTINGS, now)
        now = quiet.next_visit
    assert quiet.entries_per_day < KNOWN.entries_per_day / 2
    busy = after(due(), fetched(items=(SimpleNamespace(published=None),) * 50), SETTINGS, NOW)
    assert busy.entries_per_day > 3 * KNOWN.entries_per_day


@pytest.mark.parametrize("dates", [(), [NOW - HOUR] * 20, [NOW + DAY] * 5])
def test_dates_that_tell_nothing_teach_nothing(dates):
    """None, one for all, or from the future: the first rhythm stays."""
    visits = after(due(Visits()), fetched(dates=dates), SETTINGS, NOW)
    assert visits.entries_per_day is None
    wait, _ = plan(fetched(dates=dates), visits=visits, now=NOW + HOUR)
    assert 50 * MINUTE <= wait <= 70 * MINUTE


def test_who_visits_his_own_machine_every_few_seconds_saw_no_thousands_of_entries():
    """What is taken for granted of a source without dates stays a rate that a source may have."""
    settings = replace(SETTINGS, every=timedelta(seconds=5), min_interval=timedelta(seconds=5))
    first = after(due(Visits()), fetched(), settings, NOW)
    second = after(due(first), fetched(), settings, NOW + timedelta(seconds=5))
    assert 40 < second.entries_per_day <= 48


def test_a_fixed_rhythm_is_slowed_by_the_server_only():
    wait, reason = plan(fetched(dates=every(MINUTE)), every=30 * MINUTE)
    assert 30 * MINUTE <= wait <= 31.5 * MINUTE
    assert reason == "every 30 min, as configured"
    wait, reason = plan(fetched(fresh_for=2 * HOUR), every=30 * MINUTE)
    assert 2 * HOUR <= wait <= 2.2 * HOUR
    assert reason == "max-age of the server, 2 h"
    assert plan(unchanged(), every=3 * DAY)[0] >= 3 * DAY


def test_a_fixed_rhythm_has_a_floor_except_on_the_owners_hosts():
    wait, reason = plan(unchanged(), every=2 * MINUTE)
    assert wait >= 10 * MINUTE
    assert reason == "every 10 min, the shortest interval"
    mine = replace(SETTINGS, allow_hosts=("127.0.0.1:8000",))
    assert plan(unchanged(), settings=mine, url="http://127.0.0.1:8000/feed", every=2 * MINUTE)[0] < 3 * MINUTE
    assert plan(unchanged(), settings=mine, url="http://127.0.0.1:9000/feed", every=2 * MINUTE)[0] >= 10 * MINUTE
    assert plan(unchanged(), url="feed.xml", kind=SourceKind.FILE, every=timedelta(seconds=5))[0] < 6 * MINUTE


@pytest.mark.parametrize(
    ("outcome", "low", "high", "words"),
    [
        (unchanged(fresh_for=90 * MINUTE), 90 * MINUTE, 99 * MINUTE, "max-age of the server, 1 h 30 min"),
        (unchanged(fresh_for=MINUTE), 40 * MINUTE, 50 * MINUTE, "own rhythm"),
        (unchanged(fresh_for=30 * DAY), DAY, DAY, "max-age of the server, 30 d, cut to 24 h"),
        (fetched(dates=every(HOUR), hints=FeedHints(ttl=3 * HOUR)), 3 * HOUR, 3.3 * HOUR, "ttl of the feed, 3 h"),
        (
            fetched(dates=every(HOUR), hints=FeedHints(update_every=12 * HOUR, ttl=HOUR), fresh_for=2 * HOUR),
            12 * HOUR,
            13.2 * HOUR,
            "sy:updatePeriod of the feed, 12 h",
        ),
    ],
)
def test_the_longest_wish_wins_within_the_bounds(outcome, low, high, words):
    """P2, P3: hints slow us down, never below our own rhythm, never beyond the longest interval; a 304's too."""
    wait, reason = plan(outcome)
    assert low <= wait <= high
    assert reason.startswith(words)


def test_hints_are_remembered_over_a_304():
    visits = after(due(), fetched(dates=every(HOUR), hints=FeedHints(ttl=5 * HOUR)), SETTINGS, NOW)
    assert plan(unchanged(), visits=visits)[1] == "ttl of the feed, 5 h"


def test_hours_and_days_the_feed_forbids_are_left_out():
    """P4: the visit moves to the first free hour, not to its first second."""
    hints = FeedHints(skip_hours=frozenset(range(10, 18)))
    visits = after(due(), fetched(dates=every(HOUR), hints=hints), SETTINGS, NOW)
    assert visits.next_visit.hour == 18
    assert visits.next_visit > datetime(2026, 3, 4, 18, tzinfo=UTC)
    assert visits.next_visit_reason == "skipHours of the feed, until Wednesday 18:00 GMT"
    weekend = fetched(dates=every(HOUR), hints=FeedHints(skip_days=frozenset({2, 3})))
    visits = after(due(), weekend, SETTINGS, NOW)
    assert visits.next_visit.date().isoformat() == "2026-03-06"
    assert visits.next_visit_reason == "skipDays of the feed, until Friday 00:00 GMT"


def test_a_feed_that_forbids_every_hour_is_visited_all_the_same():
    hints = FeedHints(skip_hours=frozenset(range(24)), skip_days=frozenset(range(7)))
    assert plan(fetched(dates=every(HOUR), hints=hints))[0] < HOUR


def test_the_back_off_doubles_from_a_quarter_of_an_hour_to_a_day():
    """P5: what never reached the server may be tried sooner than usual."""
    visits, now, waits = KNOWN, NOW, []
    for _ in range(9):
        visits = after(due(visits), failure(Code.DNS), SETTINGS, now)
        waits.append(visits.next_visit - now)
        now = visits.next_visit
    assert 15 * MINUTE <= waits[0] <= 16.5 * MINUTE
    assert all(1.7 <= later / sooner <= 2.3 for sooner, later in pairwise(waits[:6]))
    assert waits[-1] == DAY
    wait, reason = plan(failure(Code.DNS), visits=replace(KNOWN, failures=2, failing_since=NOW - HOUR))
    assert reason == "back-off after 3 failures, 1 h"
    assert wait >= HOUR


def test_a_server_that_answered_is_not_asked_sooner_for_having_failed():
    """A feed asked every 6 hours that answers 500 is not asked again within 15 minutes."""
    assert plan(failure(status=500), every=6 * HOUR)[0] >= 6 * HOUR
    assert plan(failure(Code.TIMEOUT), every=6 * HOUR)[0] < HOUR


@pytest.mark.parametrize(
    "refusal", [failure(status=401), failure(status=403), failure(status=451), failure(Code.CHALLENGE, status=503)]
)
def test_a_refusal_is_respected_for_four_hours(refusal):
    """P7."""
    wait, reason = plan(refusal)
    assert 4 * HOUR <= wait <= 4.4 * HOUR
    assert reason.startswith("refused")


def test_a_month_of_failure_slows_to_a_weekly_try():
    """P7: never abandoned, never hammered."""
    old = replace(KNOWN, failures=40, failing_since=NOW - 31 * DAY)
    wait, reason = plan(failure(status=404), visits=old)
    assert wait == 7 * DAY
    assert reason == "failing for 31 d, tried once a week"


@pytest.mark.parametrize(
    ("status", "fresh", "least", "words"),
    [
        (404, 5 * HOUR, 5 * HOUR, "max-age of the server on its HTTP 404, 5 h"),
        (500, 5 * HOUR, 5 * HOUR, "max-age of the server on its HTTP 500, 5 h"),
        (410, 9 * HOUR, 9 * HOUR, "max-age of the server on its HTTP 410, 9 h"),
        (403, 3 * HOUR, 4 * HOUR, "refused with HTTP 403, not before 4 h"),
        (404, 365 * DAY, 24 * HOUR, "max-age of the server on its HTTP 404, 365 d, cut to 24 h"),
        (404, 30 * MINUTE, 40 * MINUTE, "back-off after 1 failure, 40 min"),
    ],
)
def test_an_error_says_how_long_it_holds(status, fresh, least, words):
    """Beyond the back-off and never below it, up to the longest interval: a 404 page may bear a picture's headers."""
    wait, reason = plan(failure(status=status, fresh_for=fresh))
    assert reason == words
    assert least <= wait <= min(least * 1.1, DAY)


def test_retry_after_beats_everything():
    """P5, P9: not before it, whatever the back-off says, and it is remembered for people who ask at once."""
    old = replace(KNOWN, failures=40, failing_since=NOW - 31 * DAY)
    for asked in (20 * MINUTE, 2 * HOUR, 5 * DAY):
        visits = after(due(old), failure(status=429, retry_at=NOW + asked), SETTINGS, NOW)
        assert visits.held_until == NOW + asked
        assert NOW + asked <= visits.next_visit <= NOW + 1.1 * asked
        assert visits.next_visit_reason.startswith("Retry-After of the server")


def test_a_retry_after_is_believed_for_a_week_at_most_and_never_hurries():
    """P6."""
    far = after(due(), failure(status=503, retry_at=NOW + 400 * DAY), SETTINGS, NOW)
    assert far.held_until == far.next_visit == NOW + 7 * DAY
    wait, reason = plan(failure(status=503, retry_at=NOW + timedelta(seconds=1)))
    assert wait >= 10 * MINUTE
    assert reason == "Retry-After of the server, 1 s, at the shortest interval, 10 min"
    assert after(due(), failure(status=503, retry_at=NOW - HOUR), SETTINGS, NOW).held_until is None


def test_a_plan_is_the_same_whenever_it_is_made_and_differs_between_sources():
    """Deterministic jitter: replays agree, sources part."""
    assert plan(unchanged()) == plan(unchanged())
    assert len({plan(unchanged(), id=f"s{n}")[0] for n in range(50)}) == 50


def test_a_thousand_sources_do_not_meet_at_full_hours():
    """P8: of 1,000 sources with skipHours, no minute sees more than a small part."""
    hints = FeedHints(skip_hours=frozenset(range(10, 18)))
    starts = [after(due(id=f"s{n}"), fetched(hints=hints), SETTINGS, NOW).next_visit for n in range(1000)]
    minutes = [moment.minute for moment in starts]
    assert max(minutes.count(minute) for minute in set(minutes)) < 60


@given(
    st.floats(0.001, 10_000) | st.none(),
    st.timedeltas(timedelta(seconds=1), timedelta(days=400)) | st.none(),
    st.integers(0, 200),
    st.sampled_from([*Code]),
    st.sampled_from([None, 200, 304, 401, 404, 410, 429, 500, 999]),
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)) | st.none(),  # noqa: DTZ001
)
def test_every_plan_is_in_the_future_within_the_bounds_and_says_why(  # noqa: PLR0917 - drawn by hypothesis in this order
    speed, fresh, failures, code, status, retry
):
    """Whatever the memory holds and the server says."""
    old = replace(KNOWN, entries_per_day=speed, failures=failures, failing_since=NOW - failures * HOUR)
    wait, reason = plan(unchanged(fresh_for=fresh), visits=old)
    assert 10 * MINUTE <= wait <= DAY
    assert reason
    failed = after(due(old), failure(code, status, retry), SETTINGS, NOW)
    assert failed.gone or NOW + 10 * MINUTE <= failed.next_visit <= NOW + 8 * DAY
    assert failed.next_visit_reason


@pytest.mark.parametrize(
    ("url", "entries", "expected"),
    [
        ("http://a.example/x", ["a.example"], True),
        ("http://A.example./x", ["a.EXAMPLE"], True),
        ("http://a.example:81/x", ["a.example:80"], False),
        ("http://a.example/x", ["a.example:80"], True),
        ("https://a.example/x", ["a.example:443"], True),
        ("http://sub.a.example/", ["a.example"], False),
        ("http://10.1.2.3/", ["10.0.0.0/8"], True),
        ("http://10.1.2.3:81/", ["10.0.0.0/8:80"], False),
        ("http://10.1.2.3:80/", ["10.0.0.0/8:80"], True),
        ("http://[::1]:81/", ["[::1]:81"], True),
        ("http://[0:0::1]/", ["::1"], True),
        ("http://[fd00::5]/", ["[fd00::]/8"], True),
        ("http://[fd00::5]:80/", ["[fd00::/8]:80"], True),
        ("http://bücher.example/", ["xn--bcher-kva.example"], True),
        ("http://a.example/", ["10.0.0.0/8", "nonsense/9", ""], False),
        ("http://[broken/", ["broken"], False),
        ("http://a.example:99999999/", ["a.example"], False),
        ("", ["", "/"], False),
    ],
)
def test_allowed_reads_what_is_written(url, entries, expected):
    """Literal matches of host, host:port, CIDR and CIDR:port; rubbish matches nothing."""
    assert allowed(url, entries) is expected


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        (0, "0 s"),
        (45, "45 s"),
        (2400, "40 min"),
        (3600, "1 h"),
        (5400, "1 h 30 min"),
        (86400, "24 h"),
        (195000, "2 d 6 h"),
    ],
)
def test_durations_read_well(duration, words):
    assert span(timedelta(seconds=duration)) == words


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        (12, "12 entries a day"),
        (1, "1 entry a day"),
        (0.4, "3 entries a week"),
        (0.05, "2 entries a month"),
        (0.001, "less than an entry a month"),
    ],
)
def test_rates_read_well(entries, words):
    assert rate(entries) == words


@pytest.mark.parametrize("gap", [timedelta(0), timedelta(seconds=1), MINUTE])
@pytest.mark.parametrize(("count", "most"), [(1, 0), (2, 8), (5, 20), (19, 76), (20, 480), (300, 480)])
def test_a_burst_is_no_rhythm(gap, count, most):
    """A few entries of this very minute speak for some hours: nobody has thousands a day for it."""
    rate = after(due(Visits()), fetched(dates=every(gap, count)), SETTINGS, NOW).entries_per_day
    assert (rate or 0) <= most


def test_an_owners_host_has_no_floor_in_its_own_rhythm():
    """`no floor for hosts in allow_hosts`."""
    settings = FetchSettings(allow_hosts=("127.0.0.1",))
    wait, _ = plan(fetched(dates=every(MINUTE)), settings=settings, url="http://127.0.0.1:8000/feed")
    assert wait < 2 * MINUTE < settings.min_interval
