"""What the operator is told of: and what is only the weather of the network."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.domain.outcome import Failure
from aggregator.domain.source import SourceReport, SourceStatus, Visits
from aggregator.errors import Code
from aggregator.pipeline.troubles import troubles

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FAILURE = Failure(code=Code.HTTP_STATUS, message="HTTP 503 from x", status=503)


def report(name="lwn", *, status=SourceStatus.OK, newest=NOW, **visits):
    return SourceReport(
        id=name, title="LWN", shown_url="https://x", status=status, visits=Visits(**visits), items=1, newest=newest
    )


def told(*reports, now=NOW):
    return [(trouble.key, trouble.title, trouble.since) for trouble in troubles(reports, now)]


@pytest.mark.parametrize(
    "calm",
    [
        {},
        {"newest": None},
        {"failures": 2, "failure": FAILURE, "failing_since": NOW, "status": SourceStatus.FAILING},
        {"newest": NOW - 9 * DAY, "entries_per_day": 1.0},
        {"newest": NOW - 29 * DAY},
        {"newest": NOW - 2 * DAY, "entries_per_day": 100.0},
        {"newest": NOW - 99 * DAY, "status": SourceStatus.PAUSED},
    ],
)
def test_nothing_is_wrong(calm):
    assert told(report(**calm)) == []


def test_a_source_that_broke():
    """After the third failure, dated to the first, under one key as long as it lasts."""
    visits = {"failure": FAILURE, "failing_since": NOW - DAY, "status": SourceStatus.FAILING}
    third, tenth = told(report(failures=3, **visits)), told(report(failures=10, **visits), now=NOW + 5 * DAY)
    assert third == tenth == [("lwn/broken/20261121T120000", "LWN cannot be read: http_status", NOW - DAY)]


@pytest.mark.parametrize(
    ("daily", "allowed"), [(1.0, 10 * DAY), (100.0, 3 * DAY), (0.01, 60 * DAY), (None, 30 * DAY), (0.0, 30 * DAY)]
)
def test_a_source_that_fell_silent(daily, allowed):
    """When ten entries should have come by its own rhythm, but not within three days, and at last after sixty."""
    silent = report(newest=NOW, entries_per_day=daily)
    assert told(silent, now=NOW + allowed - timedelta(seconds=1)) == []
    assert told(silent, now=NOW + allowed) == [("lwn/silent/20261122T120000", "LWN has fallen silent", NOW + allowed)]


def test_a_source_that_ended_or_moved():
    gone = report(status=SourceStatus.GONE, gone=True, gone_at=NOW, newest=NOW - 400 * DAY)
    moved = report("nyt", moved_to="https://new.example/feed")
    (first, second) = told(moved, gone)
    assert first == ("lwn/gone/20261122T120000", "LWN has ended", NOW)
    assert second[0].startswith("nyt/moved/") and second[2] is None
    assert told(report("nyt", moved_to="https://other.example/"))[0][0] != second[0]


def test_a_source_that_turned_empty():
    """Told at the first time, if it ever brought anything: a page whose selectors find nothing mends itself seldom."""
    empty = Failure(code=Code.EMPTY, message="no entry found by 'article'")
    told_of = report(failures=1, failure=empty, failing_since=NOW - DAY, status=SourceStatus.FAILING)
    assert told(told_of) == [("lwn/empty/20261121T120000", "LWN has turned empty", NOW - DAY)]
    assert told(replace(told_of, items=0)) == []
