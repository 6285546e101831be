"""Every datetime in the domain is aware and in UTC; a naive one is refused where it enters."""

from __future__ import annotations

from datetime import UTC, datetime


def utc(moment: datetime) -> datetime:
    """The same instant in UTC.

    Raises:
        ValueError: the datetime is naive.
    """
    if moment.tzinfo is None:
        raise ValueError(f"naive datetime {moment!r}; give it a zone")
    return moment.astimezone(UTC)
