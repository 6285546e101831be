"""The tables of topics that publish digests."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from storage.tables import metadata
from storage.types import Moment, Ordered

# How far a topic's digests are: periods that ended by `closed` have theirs. `base` is what their ids begin with;
# `settings` are those by which stories were put into them.
digests = Table(
    "digests",
    metadata,
    Column("topic", ForeignKey("topics.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("base", Text, nullable=False),
    Column("closed", Moment, nullable=False),
    Column("settings", LargeBinary, nullable=False),
)

# Which digest a story went into, once and for all; at place 0 it was left out of it. The item is the story's first.
digest_stories = Table(
    "digest_stories",
    metadata,
    Column("topic", ForeignKey("topics.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("story", Ordered, primary_key=True, autoincrement=False),
    Column("item", ForeignKey("items.pk", ondelete="CASCADE"), nullable=False, index=True),
    Column("period", Text, nullable=False),
    Column("starts", Moment, nullable=False),
    Column("ends", Moment, nullable=False),
    Column("place", Integer, nullable=False),
    Index(None, "topic", "ends"),
    sqlite_with_rowid=False,
)
