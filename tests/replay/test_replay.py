"""Fourteen days of every kind of source pass in seconds: no statement of polite fetching is broken."""

import logging

import pytest
import structlog

from tests.replay.replay_cast import COUNTS, Cast
from tests.replay.replay_figures import bursts, in_vain, lateness
from tests.replay.replay_log import exchanges
from tests.replay.replay_net import HOUR
from tests.replay.replay_rules import broken
from tests.replay.replay_run import Replay, usual_events

pytestmark = pytest.mark.timeout(400)  # one life serves all tests here; other work on the machine makes it long
DAYS = 14.0
# A few of each kind, which publish seldom and are looked for every ten minutes: the whole cast at its own pace takes
# minutes and is played by `make replay`.
SHARE, PACE, TICK = 0.1, 10.0, 1200.0


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """One life of all, restarts, a kill, an outage and a clock that is set included."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        return Replay(tmp_path_factory.mktemp("replay"), Cast(DAYS, SHARE, PACE), usual_events(), tick=TICK).run()
    finally:
        structlog.configure(**before)


def test_no_statement_is_broken(log):
    """As the servers saw it: validators, pace, wishes, refusals, failures, redirects, headers, hosts."""
    assert [str(one) for one in broken(log)] == []


def test_every_kind_took_part(log):
    """A replay that asks nobody breaks nothing."""
    visited = {log.scripts[visit.source].kind.removesuffix("-0") for visit in log.visits}
    assert set(COUNTS) - visited == {"dns-for-ever"}
    statuses = {one.reply.status for one in exchanges(log)}
    assert {200, 204, 301, 302, 304, 308, 403, 404, 410, 412, 429, 500, 503} <= statuses
    assert any(visit.report is None for visit in log.visits)
    assert any(visit.forced for visit in log.visits)


def test_a_whole_body_comes_in_vain_only_where_the_server_wants_it(log):
    """It gives no validator, ignores its own, leads elsewhere; or the source was edited, or we were killed."""
    reasons = {why for _, why in in_vain(log)}
    assert "the server gives no validator" in reasons
    assert "our fault" not in reasons


def test_visits_are_spread(log):
    """The first minute of an hour is like any other, and no host ever meets a crowd."""
    found = bursts(log)
    assert found["mean of those first minutes"] < 3 * found["fair share"]
    assert found["to one host"] <= 60


def test_news_is_noticed(log):
    """Half of it within a sixth of the gap between two entries, and some."""
    waits = sorted(wait for name in ("steady-0", "etag-only-0", "many-0") for wait in lateness(log)[name])
    assert len(waits) > 60
    assert waits[len(waits) // 2] < PACE * HOUR
