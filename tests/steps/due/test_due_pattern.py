"""A source is visited when it publishes, by hour and by day of the week: as often as by its mean, and sooner."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.domain.source import FeedHints
from aggregator.steps.due import plan
from aggregator.steps.due.pattern import learnt, tells, wait, words
from aggregator.steps.due.rhythm import interval
from tests.steps.due.due_builders import SETTINGS, due

START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def newsroom(weeks, *, hours=range(7, 19), days=range(5)):
    """An entry at a quarter past each of these hours, on these days."""
    moments = (
        START + week * 7 * DAY + day * DAY + hour * HOUR for week in range(weeks) for day in days for hour in hours
    )
    return [moment + timedelta(minutes=15) for moment in moments]


def pattern_of(weeks, **when):
    return learnt(None, newsroom(weeks, **when), START + weeks * 7 * DAY)


def test_office_hours_are_learnt():
    known = pattern_of(6)
    now = START + 42 * DAY
    assert tells(known, now)
    assert words(known, now) == "mostly 7 to 19 UTC, hardly on Saturday and Sunday"
    rate = 60 / 7
    morning, evening, friday = (
        wait(known, rate, START + 42 * DAY + shift, 30 * DAY) for shift in (9 * HOUR, 20 * HOUR, 4 * DAY + 20 * HOUR)
    )
    assert morning < interval(rate) / 2
    assert timedelta(hours=5) < evening < timedelta(hours=14)
    assert friday > evening + timedelta(hours=2)


def test_a_wait_ends_at_the_longest():
    known = pattern_of(6, hours=[3], days=[0])
    assert wait(known, 1 / 7, START + 43 * DAY, DAY) == DAY


def test_little_is_no_pattern():
    """Neither few entries, nor many of one day; weekdays count after three weeks only."""
    now = START + 2 * DAY
    assert not tells(learnt(None, newsroom(1)[:24], now), now)
    assert not tells(learnt(None, [START], START + 30 * DAY), START + 30 * DAY)
    week = pattern_of(1)
    assert "hardly" not in words(week, START + 7 * DAY)


def test_no_dates_and_future_dates_change_nothing():
    known = pattern_of(3)
    assert learnt(known, [], START + 30 * DAY) is known
    assert learnt(known, [START + 900 * DAY], START + 30 * DAY) is known
    assert learnt(None, [], START) is None


def test_an_even_source_keeps_its_mean():
    """Within a tenth."""
    known = pattern_of(6, hours=range(24), days=range(7))
    now = START + 42 * DAY + timedelta(minutes=37)
    assert words(known, now) == ""
    assert abs(wait(known, 24.0, now, DAY) / interval(24.0) - 1) < 0.1


def test_round_midnight_is_one_span():
    known = pattern_of(6, hours=[22, 23, 0, 1], days=range(7))
    assert words(known, START + 42 * DAY) == "mostly 22 to 2 UTC"


def life(next_wait, entries):
    """Two weeks: how many visits, and how late they find an entry on average."""
    begin = now = START + 42 * DAY
    visits, late, waiting = 0, [], list(entries)
    while now < begin + 14 * DAY:
        now += next_wait(now)
        visits += 1
        late += [now - moment for moment in waiting if moment <= now]
        waiting = [moment for moment in waiting if moment > now]
    return visits, sum(late, timedelta(0)) / len(late)


# A newsroom with office hours, a wire that sleeps at night, a weekend paper, bursts at noon.
LIVES = {
    "office": {},
    "wire": {"hours": range(6, 22), "days": range(7)},
    "weekend": {"hours": range(8, 14), "days": (5, 6)},
    "noon": {"hours": (11, 12, 13), "days": range(7)},
}


@pytest.mark.parametrize("name", LIVES)
def test_it_finds_news_as_soon_with_fewer_visits(name):
    """Against the mean rhythm: sooner at as many visits, or with a fifth fewer at the same delay."""
    known = pattern_of(6, **LIVES[name])
    entries = [moment + 42 * DAY for moment in newsroom(2, **LIVES[name])]
    rate = len(entries) / 14
    often, sooner = life(lambda now: wait(known, rate, now, DAY), entries)
    usual, later = life(lambda _: interval(rate), entries)
    assert often <= usual * 1.1
    assert sooner < later * 0.85
    # The mean rhythm, made quicker until it finds them as soon.
    quicker = next(
        visits
        for percent in range(100, 1, -1)
        for visits, delay in [life(lambda _, percent=percent: interval(rate) * percent / 100, entries)]
        if delay <= sooner
    )
    assert often < 0.8 * quicker


def test_the_stored_reason_says_so_and_the_bounds_hold():
    known, now = replace(pattern_of(6), moments=()), START + 42 * DAY + 9 * HOUR  # at other minutes every day
    source = due().source
    wish = plan.own(source, SETTINGS, 60 / 7, first=False, pattern=known, now=now)
    assert wish.reason.startswith(
        "own rhythm: 9 entries a day, mostly 7 to 19 UTC, hardly on Saturday and Sunday, now in "
    )
    assert SETTINGS.min_interval <= wish.wait <= SETTINGS.max_interval
    again = plan.own(source, SETTINGS, 60 / 7, first=False, pattern=known, now=now)
    assert again == wish
    fixed = plan.next_visit(source, SETTINGS, wish, hints=FeedHints(), fresh_for=5 * HOUR, now=now)
    assert fixed.reason == "max-age of the server, 5 h"
