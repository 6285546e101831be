"""How long a failing source is left alone. Only a 410, twice and hours apart, ends polling."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from aggregator.errors import Code
from aggregator.steps.due.words import span

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.domain.outcome import Failure

FIRST = timedelta(minutes=15)
LONGEST = timedelta(hours=24)
REFUSED = timedelta(hours=4)  # what a server that says no is left alone for, at least
GONE_AGAIN = timedelta(hours=6)  # from a first 410 to the visit that confirms it
GONE_APART = timedelta(hours=3)  # two 410 closer than this are one
MONTH = timedelta(days=30)
PROBE = timedelta(days=7)
OFFLINE_FIRST, OFFLINE_LONGEST = timedelta(minutes=1), timedelta(minutes=15)

REFUSALS = frozenset({401, 403, 451})
GONE = 410
# Nothing reached the server, so coming back sooner than usual costs it nothing.
UNREACHED = frozenset({Code.DNS, Code.CONNECT, Code.TLS, Code.TIMEOUT, Code.OFFLINE, Code.REFUSED_ADDRESS})


@dataclass(frozen=True, kw_only=True, slots=True)
class Wait:
    """How long, and the rule in words."""

    duration: timedelta
    reason: str


def wait(failure: Failure, failures: int, failing_since: datetime, usual: timedelta, now: datetime) -> Wait:
    """The wait after a failure that was the `failures`-th in a row since `failing_since`.

    It doubles from 15 minutes to a day. A server that did answer is not visited sooner than `usual` because of it.
    """
    if now - failing_since >= MONTH:
        return Wait(duration=PROBE, reason=f"failing for {span(now - failing_since)}, tried once a week")
    doubled = min(LONGEST, FIRST * 2 ** min(failures - 1, 16))
    if failure.code not in UNREACHED:
        doubled = min(max(doubled, usual), max(LONGEST, usual))
    reason = f"back-off after {failures} failure{'' if failures == 1 else 's'}, {span(doubled)}"
    if failure.status == GONE and doubled < GONE_AGAIN:
        return Wait(duration=GONE_AGAIN, reason=f"HTTP 410, asked once more in {span(GONE_AGAIN)} before it counts")
    if (failure.status in REFUSALS or failure.code is Code.CHALLENGE) and doubled < REFUSED:
        said = f"HTTP {failure.status}" if failure.status in REFUSALS else "a challenge for people"
        return Wait(duration=REFUSED, reason=f"refused with {said}, not before {span(REFUSED)}")
    return Wait(duration=doubled, reason=reason)


def fresh(failure: Failure, back: Wait, longest: timedelta) -> Wait:
    """The same, or longer where the server says for how long its answer holds (RFC 9111 §4.2): a 404 may, too.

    No longer than `longest`: a page of errors is often served with the headers of a picture.
    """
    asked = min(failure.fresh_for or timedelta(0), longest)
    if asked <= back.duration:
        return back
    cut = f", cut to {span(asked)}" if failure.fresh_for and failure.fresh_for > asked else ""
    words = f"max-age of the server on its HTTP {failure.status}, {span(failure.fresh_for or asked)}{cut}"
    return Wait(duration=asked, reason=words)


def probe(previous: timedelta | None) -> Wait:
    """The wait while our own network is down, given the last one: from 1 minute, doubled, to 15."""
    duration = min(OFFLINE_LONGEST, max(OFFLINE_FIRST, 2 * previous)) if previous else OFFLINE_FIRST
    return Wait(duration=duration, reason=f"nothing can be reached, tried again in {span(duration)}")
