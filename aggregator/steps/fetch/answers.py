"""What an answer's headers say of time: how long it is fresh, and when to come back.

Every parser takes raw header bytes from strangers: it gives a believable value or None, and never raises.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Headers = tuple[tuple[str, bytes], ...]

LONGEST_HOLD = timedelta(days=7)
LONGEST_FRESH = timedelta(days=365)  # RFC 9111 §1.2.2: a larger value means no more than this

_DIGITS = 15  # int() refuses 4,301 digits, timedelta far fewer
_NUMBER = re.compile(rb"[0-9]+(?:\.[0-9]*)?\Z")
_EPOCH = 1_000_000_000  # a reset "in" more than 30 years is a point in time
_EPOCH_MS = 1_000_000_000_000


def values(headers: Headers, name: str) -> list[bytes]:
    """Every value of a (lower-case) header, in order."""
    return [value for key, value in headers if key == name]


def first(headers: Headers, name: str) -> bytes:
    """The first value of a (lower-case) header, or b''."""
    return next((value for key, value in headers if key == name), b"")


def http_date(value: bytes) -> datetime | None:
    """An HTTP-date in any of its three forms (RFC 9110 §5.6.7), in UTC; None if it is none or absurd."""
    if len(value) > 64:  # noqa: PLR2004 - the longest form has 33 characters
        return None
    try:
        moment = parsedate_to_datetime(value.decode("latin-1"))
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment


def number(value: bytes) -> float | None:
    """A number, 0 and more; a number too long to be meant is 1e15. None if it is no number."""
    text = value.strip()
    if not _NUMBER.match(text):
        return None
    whole = text.split(b".")[0].lstrip(b"0")
    return 1e15 if len(whole) > _DIGITS else float(text[: _DIGITS * 4])


def fresh_for(headers: Headers, now: datetime) -> timedelta | None:
    """How long the answer asks not to be asked for again (RFC 9111 §4.2), less its Age.

    `max-age` is meant for us; `s-maxage` is what the server's own cache keeps, so asking sooner gains nothing; then
    `Expires`. None where nothing is promised: `no-cache`, `no-store` and 0 never mean "come sooner".
    """
    directives = dict(_directives(values(headers, "cache-control")))
    if "no-cache" in directives or "no-store" in directives:
        return None
    ages = [number(directives[name]) for name in ("max-age", "s-maxage") if name in directives]
    promised = next((age for age in ages if age), None)
    if promised is None and not ages:
        promised = _until_expiry(headers, now)
    if not promised:
        return None
    left = promised - (number(first(headers, "age")) or 0)
    return min(timedelta(seconds=min(left, 1e9)), LONGEST_FRESH) if left > 0 else None


def _directives(lines: Iterable[bytes]) -> Iterable[tuple[str, bytes]]:
    for line in lines:
        for part in line.split(b","):
            name, _, value = part.partition(b"=")
            yield name.strip().lower().decode("latin-1"), value.strip().strip(b'"')


def _until_expiry(headers: Headers, now: datetime) -> float | None:
    expires = http_date(first(headers, "expires"))
    if expires is None:
        return None
    return (expires - (http_date(first(headers, "date")) or now)).total_seconds()


def retry_at(headers: Headers, now: datetime) -> datetime | None:
    """When the server wants us back: Retry-After (RFC 9110 §10.2.3), else X-RateLimit-Reset; at most 7 days on.

    None where it says nothing that can be believed: junk, zero, the past. A point in time is read against the
    server's own clock where it shows it.
    """
    delay = _retry_after(headers, now)
    if delay is None:
        delay = _rate_limit_reset(headers, now)
    if delay is None or delay <= 0:
        return None
    return now + min(timedelta(seconds=min(delay, 1e9)), LONGEST_HOLD)


def _retry_after(headers: Headers, now: datetime) -> float | None:
    value = first(headers, "retry-after")
    delay = number(value)
    if delay is not None:
        return delay
    moment = http_date(value)
    if moment is None:
        return None
    return (moment - (http_date(first(headers, "date")) or now)).total_seconds()


def _rate_limit_reset(headers: Headers, now: datetime) -> float | None:
    """Seconds from now (Reddit, the IETF draft), or the time itself in seconds or milliseconds (GitHub and others)."""
    value = first(headers, "x-ratelimit-reset") or first(headers, "ratelimit-reset")
    reset = number(value)
    if reset is None or reset < _EPOCH:
        return reset
    at = (http_date(first(headers, "date")) or now).timestamp()
    return (reset / 1000 if reset >= _EPOCH_MS else reset) - at
