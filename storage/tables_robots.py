"""The table of what hosts' robots.txt say, on the metadata of storage/tables.py."""

from __future__ import annotations

from sqlalchemy import Column, Float, Integer, LargeBinary, Table, Text

from storage.tables import metadata
from storage.types import Json, Moment

# One row a host, until `until`; `origin` is a digest, for an address may hold a secret. `rules` are those of the group
# that speaks to us, [permitted, pattern] each; None where there never was an answer. `delay` is Crawl-delay in seconds.
# While it cannot be had, `code` and `status` say why, `failing_since` since when, and `rules` are the last ones.
robots = Table(
    "robots",
    metadata,
    Column("origin", LargeBinary, primary_key=True),
    Column("until", Moment, nullable=False, index=True),
    Column("rules", Json),
    Column("delay", Float),
    Column("failing_since", Moment),
    Column("code", Text),
    Column("status", Integer),
    Column("retry_at", Moment),
    sqlite_with_rowid=False,
)
