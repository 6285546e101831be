"""How many read each feed: numbers by the day, nothing about anybody."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Table

from storage.tables import metadata
from storage.types import Moment, Ordered

# `service` is what reads a feed for many, by the name it gives itself; empty for those who read by themselves. `day`
# is the midnight (UTC) at which it began.
audience = Table(
    "audience",
    metadata,
    Column("topic", ForeignKey("topics.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("form", Ordered, primary_key=True),
    Column("service", Ordered, primary_key=True),
    Column("day", Moment, primary_key=True, index=True),
    Column("readers", Integer, nullable=False),
)
