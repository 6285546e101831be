"""One delivery: what is sent to a callback, and what is remembered of its answer. Pure (W3C WebSub §7)."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from aggregator.domain.call import Answer, Call
from aggregator.domain.hub import Delivered
from aggregator.errors import Code
from aggregator.steps.push.hub import link_header
from aggregator.steps.push.signature import sign

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.domain.document import Document
    from aggregator.domain.hub import Subscription
    from aggregator.errors import FetchError

FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(hours=6)
MOST_TRIES = 12  # in a row, over half a day; then what was to be delivered is given up
HOST_TRIES = 3  # failures to reach a host, one after another, before all its callbacks wait
LONGEST_ASKED = timedelta(days=1)  # of a Retry-After
GONE = 410
_SUCCESS = range(200, 300)
# The host cannot be reached, or does not speak: true for every callback there.
UNREACHABLE = frozenset({Code.DNS, Code.CONNECT, Code.TIMEOUT, Code.TLS, Code.PROTOCOL, Code.REFUSED_ADDRESS})


def delivery(subscription: Subscription, document: Document, hub: str, allowed: tuple[str, ...], *, about: str) -> Call:
    """The POST: the document as it is published, its type, both links, and a signature if there is a secret."""
    headers = [("Content-Type", document.media_type), ("Link", link_header(hub, subscription.topic))]
    if subscription.secret is not None:
        headers.append(("X-Hub-Signature", sign(subscription.secret, document.body)))
    return Call(
        about=about,
        method="POST",
        url=subscription.callback,
        headers=tuple(headers),
        body=document.body,
        allowed=allowed,
    )


def after(
    subscription: Subscription, etag: str, outcome: Answer | FetchError, now: datetime, *, fraction: float
) -> Delivered:
    """What is remembered of a try to deliver the document with that ETag; `fraction` (0 to 1) spreads the next one.

    Only a 2xx is success. After 410 the subscription is over. Everything else is tried again, later each time; what
    is sent then is the document as it is then. After many tries it is given up, and the next change is tried.
    """
    if isinstance(outcome, Answer):
        if outcome.status in _SUCCESS:
            return Delivered(number=subscription.number, etag=etag, next_try=now)
        if outcome.status == GONE:
            return Delivered(number=subscription.number, next_try=now, ended=True)
    failures = subscription.failures + 1
    wait = waiting(failures, fraction)
    if isinstance(outcome, Answer):
        wait = max(wait, asked_to_wait(outcome, now))
    return Delivered(
        number=subscription.number,
        etag=etag if failures % MOST_TRIES == 0 else None,
        failures=failures,
        failure=f"HTTP {outcome.status}" if isinstance(outcome, Answer) else outcome.code.value,
        failing_since=subscription.failing_since or now,
        next_try=now + wait,
    )


def waiting(failures: int, fraction: float) -> timedelta:
    """The wait after so many failures in a row: doubled from 15 seconds to six hours, and up to a fifth longer."""
    doubled = min(FIRST_WAIT * (1 << min(failures - 1, 20)), LONGEST_WAIT)
    return doubled + doubled * fraction / 5


def asked_to_wait(answer: Answer, now: datetime) -> timedelta:
    """What `Retry-After` asks for (RFC 9110 §10.2.3), at most a day; nothing where it cannot be read."""
    said = answer.header("retry-after").strip()
    if said.isascii() and said.isdigit():
        return min(timedelta(seconds=int(said[:9])), LONGEST_ASKED)
    try:
        moment = parsedate_to_datetime(said[:64])
        wait = moment - now if moment.tzinfo else timedelta(0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return timedelta(0)
    return max(min(wait, LONGEST_ASKED), timedelta(0))
