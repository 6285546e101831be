"""The tables of topics that are being filled: what stored items a new or edited query takes."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Table

from storage.tables import metadata
from storage.types import Json, Moment, Number

# Topics whose query is being asked of what is stored, newest arrival first: items with a number below `below` are
# still to be asked, None means all. A topic that was never published is `fresh` and takes its items at once; another
# one keeps what it took by its old query until the new one has been asked of everything.
fillings = Table(
    "fillings",
    metadata,
    Column("topic", ForeignKey("topics.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("below", Number),
    Column("fresh", Boolean, nullable=False),
)

# What the new query of such a topic took so far: as in topic_items.
filled_items = Table(
    "filled_items",
    metadata,
    Column("topic", ForeignKey("topics.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("item", ForeignKey("items.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True),
    Column("order_at", Moment, nullable=False),
    Column("reason", Json, nullable=False),
    sqlite_with_rowid=False,
)
