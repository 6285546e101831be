"""D1: a permanent redirect is believed after three identical answers over a day, and never for good."""

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.domain.source import Credentials
from aggregator.errors import Code
from aggregator.steps.due import address, after
from tests.steps.due.due_builders import KNOWN, NOW, SETTINGS, due, failure, unchanged

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEW, OTHER = "https://b.example/feed", "https://c.example/feed"


class Life:
    """A source's memory, visit after visit."""

    def __init__(self, **fields):
        self.visits, self.now = KNOWN, NOW
        self.source = replace(due().source, **fields)

    def asks(self):
        return address(self.source, self.visits, SETTINGS)[0]

    def visit(self, outcome, wait=13 * HOUR):
        self.now += wait
        self.visits = after(replace(due(self.visits), source=self.source), outcome, SETTINGS, self.now)
        return self.asks()


def test_three_answers_over_a_day_are_believed():
    life = Life()
    own = life.source.url
    assert [life.visit(unchanged(moved_to=NEW)) for _ in range(3)] == [own, own, NEW]
    assert life.visits.moved_to == NEW


def test_three_answers_within_a_day_are_not_enough():
    """And nothing is shown before it is believed."""
    life = Life()
    for _ in range(5):
        assert life.visit(unchanged(moved_to=NEW), HOUR) == life.source.url
        assert life.visits.moved_to is None
    assert life.visit(unchanged(moved_to=NEW), DAY) == NEW


@pytest.mark.parametrize("between", [unchanged(), unchanged(moved_to=OTHER)])
def test_another_answer_begins_the_count_anew(between):
    life = Life()
    for outcome in (unchanged(moved_to=NEW), unchanged(moved_to=NEW), between, unchanged(moved_to=NEW)):
        assert life.visit(outcome) == life.source.url
    life.visit(unchanged(moved_to=NEW))
    assert life.visit(unchanged(moved_to=NEW)) == NEW


def believed(**fields):
    life = Life(**fields)
    for _ in range(3):
        life.visit(unchanged(moved_to=NEW))
    return life


def test_the_own_address_is_asked_again_every_week():
    """Where it answers by itself again, it is the source's only one."""
    life = believed()
    asked = [life.visit(unchanged(), DAY) for _ in range(7)]
    assert asked == [NEW] * 6 + [life.source.url]
    assert life.visits.moved_to == NEW
    assert life.visit(unchanged(moved_to=NEW)) == NEW
    for _ in range(7):
        life.visit(unchanged(), DAY)
    assert life.visit(unchanged()) == life.source.url
    assert (life.visits.move, life.visits.moved_to) == (None, None)


def test_a_failure_of_the_new_address_leads_back_to_the_own():
    """It may have been the wrong belief; what was known stays."""
    life = believed()
    assert life.visit(failure(Code.DNS)) == life.source.url
    assert life.visits.moved_to == NEW
    assert life.visit(unchanged(moved_to=NEW)) == NEW


def test_a_new_address_that_may_not_be_visited_by_itself_is_followed_to():
    life = believed()
    life.visit(failure(Code.REFUSED_ADDRESS))
    assert [life.visit(unchanged(moved_to=NEW)) for _ in range(3)] == [life.source.url] * 3


def test_a_new_address_that_moves_on_is_not_believed_at_once():
    life = believed()
    assert life.visit(unchanged(moved_to=OTHER)) == life.source.url
    assert life.visits.moved_to is None


@pytest.mark.parametrize("fields", [{"headers": (("X-Key", "k"),)}, {"auth": Credentials(user="u", password="p")}])
def test_credentials_are_never_handed_to_the_new_address(fields):
    """They belong to the origin they were written for: such a source is asked where it was."""
    life = believed(**fields)
    assert life.asks() == life.source.url
    assert life.visits.moved_to == NEW


def test_the_allow_list_counts_for_the_own_address_only():
    """A public source that moved to a name which later resolves into a listed network reaches nothing by it."""
    life = believed()
    listed = replace(SETTINGS, allow_hosts=("10.0.0.0/8", "b.example"))
    assert address(life.source, life.visits, listed) == (NEW, False)
    own = replace(SETTINGS, allow_hosts=(life.source.url.split("/")[2],))
    assert address(life.source, life.visits, own) == (NEW, True)
    assert address(life.source, KNOWN, SETTINGS) == (life.source.url, True)
