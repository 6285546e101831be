"""The tables of topics that are being filled: what stored items a new or edited query takes."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Table

from storage.tables import metadata
from storage.types import Number

# What a topic takes by one form of its query: `topic_items` holds the items. A topic shows one edition. An edited one
# is filled into a new edition, and comes to show that at once when it is whole, however many items it has; an edition
# that nobody shows or fills any more is swept away, a slice at a time. No number is given twice.
editions = Table(
    "editions",
    metadata,
    Column("pk", Number, primary_key=True),
    sqlite_autoincrement=True,
)

# Topics whose query is being asked of what is stored, newest arrival first: items with a number below `below` are
# still to be asked, None means all. `edition` is what is being filled. A topic that was never published is `fresh` and
# shows it already; another one shows what it took by its old query until the new one has been asked of everything.
fillings = Table(
    "fillings",
    metadata,
    Column("topic", ForeignKey("topics.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("below", Number),
    Column("fresh", Boolean, nullable=False),
    Column("edition", Number, nullable=False),
)
