"""Sources that publish by the clock are visited just after, and nobody is believed whose dates do not tell."""

import random
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from aggregator.domain.source import Pattern, Visits
from aggregator.steps.due import after
from aggregator.steps.due.appointed import KEPT, appointment, moments
from tests.steps.due.due_builders import DAY, HOUR, MINUTE, SETTINGS, due, fetched, unchanged

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
SHOWN = 20


def days(before=60, during=30):
    return [START + day * DAY for day in range(-before, during)]


def on(weekdays, times, *, jitter=0, **span):
    """Publications on these weekdays at these times of the day."""
    chance = random.Random(7)
    return [
        day + time + timedelta(seconds=chance.uniform(-jitter, jitter))
        for day in days(**span)
        if day.weekday() in weekdays
        for time in times
    ]


def live(published, *, lag=timedelta(0), dated=lambda at: at, name="a", length=30, since=10):
    """Days of visits to a feed that shows its last entries: visits a day, delays in minutes `since` then, reasons."""
    entries = sorted((at + lag, dated(at)) for at in published)
    now, seen, visits, known = START + 7 * HOUR, 0, 0, Visits()
    delays, reasons = [], []
    while now < START + length * DAY:
        there = [entry for entry in entries if entry[0] <= now]
        new = there[seen:] if seen else there[-SHOWN:]
        if seen:
            delays += [(now - at) / MINUTE for at, _ in new if at > START + since * DAY]
        if new or not seen:
            items = tuple(SimpleNamespace(published=date) for _, date in new)
            outcome = fetched(dates=sorted((date for _, date in there[-SHOWN:]), reverse=True), items=items)
        else:
            outcome = unchanged()
        seen, visits = len(there), visits + 1
        known = after(due(known, id=name), outcome, SETTINGS, now)
        reasons.append(known.next_visit_reason)
        assert known.next_visit - now >= SETTINGS.min_interval
        now = known.next_visit
    return visits / length, sorted(delays), reasons


EVERY, WORKDAYS = range(7), range(5)


@pytest.mark.parametrize(
    ("published", "words"),
    [
        (on(EVERY, [6 * HOUR]), "1 entry a day, at about 06:00 UTC"),
        (on(EVERY, [24 * HOUR - 2 * MINUTE], jitter=120), "at about 23:59 UTC"),
        (on(WORKDAYS, [17 * HOUR + 30 * MINUTE]), "at about 17:30 on working days UTC"),
        (on(EVERY, [7 * HOUR, 18 * HOUR]), "2 entries a day, at about 07:00, 18:00 UTC"),
        (on([4], [16 * HOUR], before=140), "1 entry a week, at about 16:00 on Fridays UTC"),
    ],
)
def test_who_publishes_by_the_clock_is_seen_within_minutes(published, words):
    """At hardly more visits than publications and one a day to be sure; never at the full minute, like everybody."""
    visits, delays, reasons = live(published)
    assert delays
    assert delays[0] >= 0.5
    assert delays[-1] <= 10
    assert words in reasons[-1]
    assert visits <= len([at for at in published if START < at < START + 30 * DAY]) / 30 + 1.2


def test_a_burst_is_seen_whole():
    """Ten entries in three minutes, the feed showing the last two bursts: known after three weeks, and waited out."""
    burst = [13 * HOUR + timedelta(seconds=20 * n) for n in range(10)]
    visits, delays, reasons = live(on([0, 2, 4], burst), since=21)
    assert "at about 13:00 on Mondays and Wednesdays and Fridays UTC" in reasons[-1]
    assert delays[-1] <= 10
    assert visits <= 8


def test_sources_of_one_minute_come_one_after_the_other():
    """Each has its own minute after the moment, and keeps it."""
    published = on(EVERY, [6 * HOUR])
    firsts = {round(live(published, name=f"s{n}", length=14)[1][-1], 2) for n in range(12)}
    assert len(firsts) > 6
    assert all(1 <= delay <= 5.1 for delay in firsts)


def test_a_feed_that_shows_its_entries_late_is_visited_later():
    """Dated 06:00 and there at 06:20: it is asked a few times until that is known."""
    visits, delays, _ = live(on(EVERY, [6 * HOUR]), lag=20 * MINUTE)
    assert delays[len(delays) // 2] <= 12
    assert visits <= 3


def test_what_has_not_come_is_awaited_ever_more_slowly_and_then_missed():
    """A holiday: a few more visits, then as often as the mean says; the next day as ever."""
    published = [at for at in on(EVERY, [6 * HOUR]) if at.date() != datetime(2026, 3, 20, tzinfo=UTC).date()]
    _, delays, reasons = live(published)
    assert delays[-1] <= 10
    awaited = [reason for reason in reasons if "awaited now" in reason]
    assert 2 <= len(awaited) <= 5
    assert any("every 8 h" in reason for reason in reasons)


def test_who_moves_to_another_hour_is_looked_for_and_found():
    moved = START + 15 * DAY
    published = [at if at < moved else at + 3 * HOUR for at in on(EVERY, [6 * HOUR])]
    visits, delays, reasons = live(published)
    assert "at about 09:00 UTC" in reasons[-1]
    assert sum(delay > 10 for delay in delays) <= 6
    assert visits <= 4


@pytest.mark.parametrize(
    ("month", "hour", "weekdays", "bounds"),
    [(3, 6, EVERY, (7, 2)), (10, 6, EVERY, (7, 2)), (10, 17, WORKDAYS, (6, 1.6)), (3, 10, [1], (3, 1.2))],
)
def test_a_change_of_the_clocks_is_followed_within_days(monkeypatch, month, hour, weekdays, bounds):
    """An hour earlier or later in UTC: no weekday keeps the old one, and three weeks tell a weekly source's."""
    monkeypatch.setattr(sys.modules[__name__], "START", datetime(2026, month, 2, tzinfo=UTC))
    zone = ZoneInfo("Europe/London")
    local = [day.replace(hour=hour, tzinfo=zone) for day in days(140, 60) if day.weekday() in weekdays]
    visits, delays, _ = live([at.astimezone(UTC) for at in local], length=58)
    late, visited = bounds
    assert sum(delay > 10 for delay in delays) <= late
    assert visits <= visited


@pytest.mark.parametrize("minute", range(-60, 61, 10))
@pytest.mark.parametrize("jitter", [(0, 0, 0, 0), (-9, 9, -9, 9), (25, 20, 22, 0)])
def test_a_weekly_slot_about_sundays_midnight_has_a_last_and_a_next_turn(minute, jitter):
    """In every minute about it: the week ends there, and the slot lies on both sides."""
    kept = [START + minute * MINUTE + week * 7 * DAY + off * MINUTE for week, off in enumerate(jitter)]
    known, burst = moments((), 0, kept, kept[-1], None)
    pattern = Pattern(hours=(0.0,) * 24, days=(0.0,) * 7, since=kept[0], at=kept[-1], moments=known, burst=burst)
    for at in range(-120, 121, 5):
        chosen = appointment(pattern, START + 28 * DAY + at * MINUTE, shortest=10 * MINUTE, share=0.5)
        assert timedelta(0) < chosen.wait <= 8 * DAY


def test_moments_that_a_clock_gone_wrong_showed_are_forgotten():
    """Else they would count as the newest until that time comes."""
    ahead, _ = moments((), 0, [START + 900 * DAY], START + 900 * DAY, None)
    assert moments(ahead, 0, [START], START, None) == moments((), 0, [START], START, None)


@pytest.mark.parametrize(
    "dated",
    [lambda at: at.replace(hour=0, minute=0), lambda at: at - 8 * HOUR, lambda at: at - 3 * HOUR],
    ids=["days only", "another zone", "when it was written"],
)
def test_dates_that_do_not_tell_are_not_gone_by(dated):
    """What is dated hours before it comes would be looked for at the wrong hour, for ever."""
    published = on(EVERY, [15 * HOUR], jitter=3600)
    visits, delays, reasons = live(published, dated=dated)
    assert "at about" not in reasons[-1]
    assert 2 <= visits <= 5
    assert sum(delays) / len(delays) <= 8 * 60


def test_a_newsroom_is_not_taken_for_a_clock():
    """Its entries of one minute by chance only bring a visit forward."""
    chance = random.Random(3)
    published = [day + 8 * HOUR + chance.random() * 9 * HOUR for day in days() if day.weekday() < 5 for _ in range(15)]
    visits, delays, _ = live(published)
    assert sum(delays) / len(delays) <= 16
    assert visits <= 36


def test_little_is_remembered():
    """A wire's minute tells nothing of its days: sixty moments, and none within half an hour of another."""
    wire = [START + n * 7 * MINUTE for n in range(2000)]
    kept, burst = moments((), 0, wire, START + 30 * DAY, None)
    assert len(kept) == KEPT
    assert all(later - before > 30 for before, later in pairwise(kept))
    assert burst <= 30
