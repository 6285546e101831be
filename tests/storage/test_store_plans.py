"""No source is left behind: leases, clocks, edits and returns, on both databases."""

from dataclasses import replace

from samples import DAY, HOUR, MINUTE, NOW, add, claim, configure, item, source

from aggregator.domain.source import Visits

DONE = Visits(last_visit=NOW, last_success=NOW, next_visit=NOW + HOUR, next_visit_reason="own rhythm")


def visited(database, name, visits=DONE, now=NOW):
    [due] = claim(database, now, only=frozenset({name}))
    with database.write() as rooms:
        assert rooms.sources.record(due, visits)


def seen(database, name):
    with database.read() as rooms:
        return rooms.sources.visits(name)


def next_due(database):
    with database.read() as rooms:
        return rooms.sources.next_due()


def test_a_lease_that_is_never_given_back_runs_out(database):
    """Whoever claimed a source and vanished delays it by the lease, not for ever."""
    configure(database, "a")
    assert len(claim(database, NOW, lease=10 * MINUTE)) == 1
    assert next_due(database) == NOW + 10 * MINUTE
    assert claim(database, NOW + 9 * MINUTE) == []
    assert len(claim(database, NOW + 10 * MINUTE)) == 1


def test_the_first_due_counts_holds_and_leases(database):
    configure(database, "a", "b")
    visited(database, "a", replace(DONE, held_until=NOW + 3 * HOUR))
    visited(database, "b", replace(DONE, next_visit=NOW + 2 * HOUR))
    assert next_due(database) == NOW + 2 * HOUR
    claim(database, NOW + 2 * HOUR, lease=DAY)
    assert next_due(database) == NOW + 3 * HOUR


def test_a_rename_during_a_visit_frees_the_source(database):
    """The result under the old name is refused, and the new name is due at once."""
    configure(database, "a")
    [late] = claim(database, NOW, lease=DAY)
    configure(database, source("b", was="a"))
    with database.write() as rooms:
        assert not rooms.sources.record(late, DONE)
    assert [due.source.id for due in claim(database, NOW)] == ["b"]


def test_a_clock_that_was_ahead_puts_nobody_to_sleep(database):
    """A machine that booted in 2036 and was put right visits its sources again at the next start."""
    configure(database, "a", "b")
    future = NOW + 3650 * DAY
    visited(database, "a", replace(DONE, last_visit=future, next_visit=future + HOUR, held_until=future + DAY), future)
    claim(database, future, lease=HOUR)
    configure(database, "a", "b", now=NOW)
    assert {due.source.id for due in claim(database, NOW)} == {"a", "b"}


def test_another_way_of_reading_reads_everything_again(database):
    """A corrected encoding, zone or language counts although the feed has not changed."""
    configure(database, "a")
    add(database, item("a", "one"))
    visited(database, "a", replace(DONE, body_hash=b"b" * 16))
    configure(database, source("a", encoding="gb18030"), now=NOW + MINUTE)
    assert (seen(database, "a").body_hash, seen(database, "a").next_visit) == (None, NOW + MINUTE)
    with database.read() as rooms:
        assert rooms.items.raw_hashes("a") == frozenset()
        assert len(list(rooms.items.export())) == 1


def test_a_gone_source_returns_when_it_is_put_back_or_named(database):
    configure(database, "a", "b")
    gone = replace(DONE, gone=True, gone_at=NOW, next_visit=None, failures=2)
    visited(database, "a", gone)
    configure(database, source("a", rank=5), "b")
    assert seen(database, "a").gone
    assert "a" not in {due.source.id for due in claim(database, NOW + DAY)}
    assert [due.source.id for due in claim(database, NOW, only=frozenset({"a"}))] == ["a"]
    configure(database, "b")
    configure(database, "a", "b", now=NOW + DAY)
    assert (seen(database, "a").gone, seen(database, "a").next_visit) == (False, NOW + DAY)


def test_a_source_taken_out_and_put_back_keeps_its_plan(database):
    """Editing feeds.yaml twice is no reason to visit a server twice."""
    configure(database, "a", "b")
    visited(database, "a")
    configure(database, "b")
    configure(database, "a", "b", now=NOW + MINUTE)
    assert seen(database, "a").next_visit == NOW + HOUR


def test_the_last_answer_of_any_source(database):
    configure(database, "a", "b")
    with database.read() as rooms:
        assert rooms.sources.last_answer() is None
    visited(database, "a")
    with database.read() as rooms:
        assert rooms.sources.last_answer() == NOW
