"""Fourteen days of scripted sources under a simulated clock: no statement of the etiquette is broken."""

import random
from datetime import timedelta

import pytest

from aggregator.domain.source import FeedHints, Visits
from aggregator.errors import Code
from aggregator.steps.due import after, offline
from tests.steps.due.due_builders import DAY, HOUR, MINUTE, NOW, SETTINGS, due, every, failure, fetched, unchanged

HINTS = (
    FeedHints(),
    FeedHints(ttl=2 * HOUR),
    FeedHints(skip_hours=frozenset({0, 1, 2, 3, 22, 23}), skip_days=frozenset({6})),
)


def script(chance, now, hints):
    """An outcome and what it forbids: (outcome, no visit before, whether it failed)."""
    roll = chance.random()
    if roll < 0.05:
        asked = chance.choice([MINUTE, HOUR, 9 * HOUR, 3 * DAY])
        return failure(status=429, retry_at=now + asked), now + asked
    if roll < 0.15:
        return failure(chance.choice([Code.DNS, Code.TIMEOUT, Code.PARSE_FAILED])), now + 15 * MINUTE
    if roll < 0.2:
        return failure(status=chance.choice([401, 403, 451])), now + 4 * HOUR
    fresh = chance.choice([None, 5 * MINUTE, 3 * HOUR])
    if roll < 0.7:
        return unchanged(fresh_for=fresh), now + (fresh or 10 * MINUTE)
    gap = chance.choice([3 * MINUTE, HOUR, 2 * DAY])
    return fetched(dates=every(gap, start=now), hints=hints, fresh_for=fresh), now + (fresh or 10 * MINUTE)


@pytest.mark.parametrize("seed", range(60))
def test_fourteen_days(seed):
    """Never before a Retry-After, a max-age, a back-off or the floor; never in skipped hours; never lost."""
    chance = random.Random(seed)
    hints = HINTS[seed % 3]
    visits, now, count = Visits(), NOW, 0
    while now < NOW + 14 * DAY:
        count += 1
        outcome, not_before = script(chance, now, hints)
        visits = after(due(visits, id=f"s{seed}"), outcome, SETTINGS, now)
        assert visits.next_visit >= max(not_before, now + 10 * MINUTE)
        assert visits.next_visit <= now + 7 * DAY
        if visits.hints:
            assert visits.next_visit.hour not in visits.hints.skip_hours
            assert visits.next_visit.weekday() not in visits.hints.skip_days
        assert visits.next_visit_reason
        now = visits.next_visit
    assert 10 < count < 14 * 24 * 6


def test_an_outage_of_ours_leaves_the_sources_as_they_were():
    """Six hours without a network: no failures counted, and every source is back within a quarter of an hour."""
    visits, now = after(due(Visits()), fetched(dates=every(HOUR)), SETTINGS, NOW), NOW
    before, probes = visits, 0
    while now < NOW + 6 * HOUR:
        now = visits.next_visit
        visits = offline(due(visits), failure(Code.DNS), SETTINGS, now)
        probes += 1
    assert visits.next_visit - now <= 15 * MINUTE
    assert probes < 40
    again = after(due(visits), unchanged(validators=before.validators), SETTINGS, now)
    assert (again.failures, again.failure, again.validators) == (0, None, before.validators)
    assert again.next_visit - now < timedelta(hours=1)
