"""What push means for the next visit (W9)."""

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.domain.settings import FetchSettings
from aggregator.domain.source import FeedHints, Source, Visits
from aggregator.steps.due import resumed
from aggregator.steps.due.plan import Wish
from aggregator.steps.due.pushed import slowed

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SETTINGS = FetchSettings(every=HOUR, max_interval=24 * HOUR)
MINE = Wish(wait=HOUR, reason="own")


def source(**more):
    return Source(id="one", url="https://one.example/", shown_url="https://one.example/", **more)


def test_w9_a_pushed_source_is_polled_at_the_longest_interval():
    assert slowed(MINE, source(), SETTINGS).wait == 24 * HOUR
    rare = Wish(wait=48 * HOUR, reason="own")
    assert slowed(rare, source(), SETTINGS).wait == 48 * HOUR


@pytest.mark.parametrize("own", [{"every": HOUR}, {"full_text": True}], ids=str)
def test_w9_some_sources_keep_their_rhythm(own):
    """One that the owner fixed, and one whose articles' pages are read at its visits."""
    assert slowed(MINE, source(**own), SETTINGS) is MINE


def test_a_source_whose_push_ended_is_polled_as_if_there_had_been_none():
    """Its rhythm counts from the last visit; what is late comes within minutes, outside the hours it forbids."""
    visits = Visits(last_visit=NOW - HOUR / 2, last_success=NOW - HOUR / 2, entries_per_day=8)
    assert resumed(source(), visits, SETTINGS, NOW, "why").at == NOW + HOUR / 2
    late = Visits(last_visit=NOW - 20 * HOUR, last_success=NOW - 20 * HOUR, entries_per_day=8)
    plan = resumed(source(), late, SETTINGS, NOW, "why")
    assert NOW <= plan.at < NOW + timedelta(minutes=5)
    assert plan.reason == "why; own rhythm: 8 entries a day, every 1 h"
    hints = FeedHints(skip_hours=frozenset({12, 13}))
    kept = Visits(last_visit=late.last_visit, last_success=late.last_success, entries_per_day=8, hints=hints)
    assert resumed(source(), kept, SETTINGS, NOW, "why").at >= NOW + 2 * HOUR
