"""Years that are not counted from Christ, read by the source's language: the Thai Buddhist and the Persian solar."""

from __future__ import annotations

from datetime import date

from aggregator.steps.parse.zones import primary

_BUDDHIST = 543  # years ahead
_BUDDHIST_YEARS = range(2500, 2650)
_PERSIAN_YEARS = range(1343, 1473)  # where the cycle of 33 years below is exact
_FIRST_OF_1403 = date(2024, 3, 20)


def gregorian(year: int, month: int, day: int, language: str | None) -> date:
    """The day in the common calendar.

    Raises:
        ValueError: there is no such day.
    """
    spoken = primary(language)
    if spoken == "th" and year in _BUDDHIST_YEARS:
        return date(year - _BUDDHIST, month, day)
    if spoken == "fa" and year in _PERSIAN_YEARS:
        return _persian(year, month, day)
    return date(year, month, day)


def _persian(year: int, month: int, day: int) -> date:
    """Six months of 31 days, five of 30, the last of 29 or 30."""
    if not 1 <= month <= 12:  # noqa: PLR2004
        raise ValueError("no month")
    found = date.fromordinal(_FIRST_OF_1403.toordinal() + _days(year, month, day) - _days(1403, 1, 1))
    following = _days(year + month // 12, month % 12 + 1, 1)
    if not 1 <= day <= following - _days(year, month, 1):
        raise ValueError("no day of that month")
    return found


def _days(year: int, month: int, day: int) -> int:
    """Days since a day long ago; eight years of 33 are leap years."""
    before = 365 * year + (year + 1595) // 33 * 8 + ((year + 1595) % 33 + 3) // 4
    return before + (31 * (month - 1) if month < 7 else 186 + 30 * (month - 7)) + day  # noqa: PLR2004
