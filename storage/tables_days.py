"""How often each source was visited, by day."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Table

from storage.tables import metadata

# `day` is a day of UTC, counted as `date.toordinal` does: a plain number costs a visit nothing to write.
source_days = Table(
    "source_days",
    metadata,
    Column("source", ForeignKey("sources.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("visits", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("items", Integer, nullable=False),
    sqlite_with_rowid=False,
)
