"""How far a Retry-After reaches."""

from datetime import UTC, datetime, timedelta

from aggregator.steps.fetch.holds import Holds

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOST = ("https", "busy.example", 443)


def test_one_refused_address_holds_itself_only():
    holds = Holds()
    holds.refused(HOST, "/a", NOON + timedelta(hours=1))
    assert holds.until(HOST, NOON) is None


def test_a_second_one_holds_the_host_for_as_long_as_two_are_held():
    """One absurd Retry-After of one address does not put the whole host off for a week."""
    holds = Holds()
    holds.refused(HOST, "/a", NOON + timedelta(days=7))
    holds.refused(HOST, "/b", NOON + timedelta(hours=2))
    assert holds.until(HOST, NOON) == NOON + timedelta(hours=2)
    assert holds.until(HOST, NOON + timedelta(hours=2)) is None


def test_an_answer_ends_it():
    holds = Holds()
    for path in ("/a", "/b"):
        holds.refused(HOST, path, NOON + timedelta(hours=1))
    holds.answered(HOST, "/b")
    assert holds.until(HOST, NOON) is None
