"""Days and weeks between midnights, whatever clocks do."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.domain.digest import Rhythm
from aggregator.steps.select import period_of

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("zone", "moment", "hours", "starts"),
    [
        ("Europe/London", datetime(2026, 3, 29, 12, tzinfo=UTC), 23, datetime(2026, 3, 29, 0, tzinfo=UTC)),
        ("Europe/London", datetime(2026, 10, 25, 12, tzinfo=UTC), 25, datetime(2026, 10, 24, 23, tzinfo=UTC)),
        ("Asia/Shanghai", datetime(2026, 11, 22, 16, tzinfo=UTC), 24, datetime(2026, 11, 22, 16, tzinfo=UTC)),
        # Beirut's clocks go from 00:00 to 01:00: the day begins at one.
        ("Asia/Beirut", datetime(2026, 3, 29, 12, tzinfo=UTC), 23, datetime(2026, 3, 28, 22, tzinfo=UTC)),
        ("Pacific/Apia", datetime(2026, 1, 1, tzinfo=UTC), 24, datetime(2025, 12, 31, 11, tzinfo=UTC)),
    ],
)
def test_a_day_has_the_hours_its_clocks_give_it(zone, moment, hours, starts):
    period = period_of(moment, Rhythm.DAILY, ZoneInfo(zone))
    assert period.starts == starts
    assert period.ends - period.starts == hours * HOUR


def test_a_week_of_the_turn_of_the_year_has_the_name_of_its_year():
    period = period_of(datetime(2027, 1, 1, 12, tzinfo=UTC), Rhythm.WEEKLY, ZoneInfo("UTC"))
    assert (period.name, period.starts) == ("2026-W53", datetime(2026, 12, 28, tzinfo=UTC))


@given(
    st.integers(631_152_000, 4_070_908_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.sampled_from(["Europe/London", "America/St_Johns", "Asia/Beirut", "Australia/Lord_Howe", "Africa/Cairo", "UTC"]),
    st.sampled_from([Rhythm.DAILY, Rhythm.WEEKLY]),
)
def test_periods_follow_each_other_without_a_gap(moment, zone, rhythm):
    """Every moment lies in one period, whose end begins the next."""
    one = period_of(moment, rhythm, ZoneInfo(zone))
    assert one.starts <= moment < one.ends
    assert period_of(one.starts, rhythm, ZoneInfo(zone)) == one
    following = period_of(one.ends, rhythm, ZoneInfo(zone))
    assert following.starts == one.ends
    assert following.name > one.name
