"""How often sources were visited, by day, on both databases."""

from dataclasses import astuple, replace

import pytest
from samples import DAY, HOUR, NOW, claim, configure, source

from aggregator.domain.source import Visits


def days(database, name, now=NOW, count=3):
    with database.read() as rooms:
        return [astuple(day)[1:] for day in rooms.days.of(name, now, count)]


def count(database, *visits, now=NOW):
    with database.write() as rooms:
        rooms.days.add(visits, now)


def test_visits_of_a_day_add_up(database):
    """One row a source and day; days without a visit are told as such, and nobody else's visits count."""
    configure(database, "a", "b")
    count(database, ("a", False, 3), ("b", True, 0), now=NOW - 2 * DAY)
    count(database, ("a", False, 2), ("a", True, 0))
    count(database, ("a", False, 1), ("unknown", False, 9))
    assert days(database, "a") == [(1, 0, 3), (0, 0, 0), (3, 1, 3)]
    assert days(database, "b") == [(1, 1, 0), (0, 0, 0), (0, 0, 0)]
    assert days(database, "unknown") == [(0, 0, 0)] * 3
    with database.read() as rooms:
        assert [day.day for day in rooms.days.of("a", NOW, 2)] == [(NOW - DAY).date(), NOW.date()]


def test_a_renamed_source_keeps_its_days_and_old_ones_go(database):
    configure(database, "a")
    count(database, ("a", False, 1), now=NOW - DAY)
    count(database, ("a", False, 1))
    configure(database, replace(source("b"), was="a"))
    with database.write() as rooms:
        rooms.days.prune(NOW)
    assert days(database, "b") == [(0, 0, 0), (0, 0, 0), (1, 0, 1)]


def broken_off(database, due):
    """A transaction that fails after the visit was written."""
    with database.write() as rooms:
        rooms.sources.record(due, Visits(next_visit=NOW + HOUR))
        rooms.days.add([("a", False, 1)], NOW)
        _ = 1 / 0


def test_a_visit_that_is_undone_is_not_counted(database):
    """It stands in the visit's own transaction."""
    configure(database, "a")
    [due] = claim(database)
    with pytest.raises(ZeroDivisionError):
        broken_off(database, due)
    assert days(database, "a") == [(0, 0, 0)] * 3
