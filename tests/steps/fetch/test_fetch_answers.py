"""What headers say of time, and that no header can hurt."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.steps.fetch.answers import LONGEST_FRESH, LONGEST_HOLD, fresh_for, http_date, number, retry_at

NOW = datetime(2026, 3, 4, 10, 17, 23, tzinfo=UTC)
LATER = b"Wed, 04 Mar 2026 11:17:23 GMT"  # an hour


def headers(**fields):
    return tuple((name.replace("_", "-"), value) for name, value in fields.items())


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, None),
        ({"cache_control": b"max-age=600"}, 600),
        ({"cache_control": b'Public, MAX-AGE="600"'}, 600),
        ({"cache_control": b"max-age=600", "age": b"100"}, 500),
        ({"cache_control": b"max-age=600", "age": b"600"}, None),
        ({"cache_control": b"max-age=600", "age": b"junk"}, 600),
        ({"cache_control": b"max-age=600", "age": b"-5"}, 600),
        ({"cache_control": b"max-age=0, s-maxage=900"}, 900),
        ({"cache_control": b"max-age=60, s-maxage=900"}, 60),
        ({"cache_control": b"max-age=600, no-cache"}, None),
        ({"cache_control": b"no-store,max-age=600"}, None),
        ({"cache_control": b"max-age=0", "expires": LATER}, None),
        ({"cache_control": b"private", "expires": LATER}, 3600),
        ({"expires": LATER, "date": b"Wed, 04 Mar 2026 10:47:23 GMT"}, 1800),
        ({"expires": LATER, "age": b"600"}, 3000),
        ({"expires": b"0"}, None),
        ({"expires": b"Wed, 04 Mar 2020 11:17:23 GMT"}, None),
        ({"cache_control": b"max-age=99999999999999999999999"}, LONGEST_FRESH.total_seconds()),
        ({"cache_control": b"max-age=-1"}, None),
        ({"cache_control": b"max-age=1e9"}, None),
    ],
)
def test_freshness(fields, expected):
    """P2: what is promised, less Age; 0, no-cache and no-store promise nothing."""
    assert fresh_for(headers(**fields), NOW) == (timedelta(seconds=expected) if expected else None)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, None),
        ({"retry_after": b"120"}, 120),
        ({"retry_after": b" 120 "}, 120),
        ({"retry_after": b"1.5"}, 1.5),
        ({"retry_after": LATER}, 3600),
        ({"retry_after": LATER, "date": b"Wed, 04 Mar 2026 11:07:23 GMT"}, 600),
        ({"retry_after": b"Wednesday, 04-Mar-26 11:17:23 GMT"}, 3600),
        ({"retry_after": b"Wed Mar  4 11:17:23 2026"}, 3600),
        ({"retry_after": b"0"}, None),
        ({"retry_after": b"-5"}, None),
        ({"retry_after": b"soon"}, None),
        ({"retry_after": b"1e20"}, None),
        ({"retry_after": b"Wed, 04 Mar 2020 11:17:23 GMT"}, None),
        ({"retry_after": b"Wed, 04 Mar 99999 11:17:23 GMT"}, None),
        ({"retry_after": b"99999999999999999999"}, LONGEST_HOLD.total_seconds()),
        ({"retry_after": b"9" * 5000}, LONGEST_HOLD.total_seconds()),
        ({"retry_after": b"Wed, 04 Mar 2099 11:17:23 GMT"}, LONGEST_HOLD.total_seconds()),
        ({"x_ratelimit_reset": b"300"}, 300),
        ({"x_ratelimit_reset": b"300.5"}, 300.5),
        ({"x_ratelimit_reset": str(int(NOW.timestamp()) + 77).encode()}, 77),
        ({"x_ratelimit_reset": str(int(NOW.timestamp() + 77) * 1000).encode()}, 77),
        ({"ratelimit_reset": b"30"}, 30),
        ({"retry_after": b"120", "x_ratelimit_reset": b"300"}, 120),
        ({"retry_after": b"junk", "x_ratelimit_reset": b"300"}, 300),
    ],
)
def test_when_to_come_back(fields, expected):
    """P5, P6: seconds or a date, a week at most, nonsense is nothing."""
    assert retry_at(headers(**fields), NOW) == (NOW + timedelta(seconds=expected) if expected else None)


ANY = st.binary(max_size=80) | st.from_regex(rb"[0-9,;=:\- GMTadexy.+]{0,60}")


@given(ANY, ANY, ANY, ANY)
@example(b"max-age=" + b"9" * 5000, b"9" * 5000, b"Wed, 04 Mar 2026 10:00:00 +9999", b"")
@example(b"", b"", b"Fri, 31 Dec 9999 23:59:59 -2359", b"Mon, 01 Jan 0001 00:00:00 +2359")
def test_freshness_never_raises(control, age, expires, date):
    found = fresh_for(headers(cache_control=control, age=age, expires=expires, date=date), NOW)
    assert found is None or timedelta(0) < found <= LONGEST_FRESH


@given(ANY, ANY, ANY)
@example(b"Fri, 31 Dec 9999 23:59:59 -2359", b"", b"")
@example(b"", b"9" * 400, b"")
def test_retry_never_raises(after, reset, date):
    found = retry_at(headers(retry_after=after, x_ratelimit_reset=reset, date=date), NOW)
    assert found is None or NOW < found <= NOW + LONGEST_HOLD


@given(ANY)
def test_dates_and_numbers_never_raise(value):
    moment = http_date(value)
    assert moment is None or moment.utcoffset() == timedelta(0)
    found = number(value)
    assert found is None or 0 <= found <= 1e15
