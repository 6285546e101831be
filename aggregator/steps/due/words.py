"""Durations and rates as people say them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
_MONTH_DAYS, _WEEK_DAYS = 30.0, 7.0


def span(duration: timedelta) -> str:
    """`45 s`, `40 min`, `1 h 30 min`, `24 h`, `2 d 6 h`: two units at most, days from 2 on."""
    left = max(0, round(duration.total_seconds()))
    parts: list[str] = []
    for name, size in _UNITS:
        if name == "d" and left < 2 * size:
            continue
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {name}")
        elif parts:
            break
        if len(parts) == 2:  # noqa: PLR2004 - as the docstring says
            break
    return " ".join(parts) or "0 s"


def rate(entries_per_day: float) -> str:
    """`12 entries a day`, `3 entries a week`, `1 entry a month`, in whole numbers."""
    for unit, days in (("day", 1.0), ("week", _WEEK_DAYS), ("month", _MONTH_DAYS)):
        count = round(entries_per_day * days)
        if count >= 1:
            return f"{count} {'entry' if count == 1 else 'entries'} a {unit}"
    return "less than an entry a month"
