"""The tables of what items say as matching sees it, from which the database itself decides most queries."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, Text

from storage.tables import metadata

# The canonical forms (see aggregator/text/terms.py) of an item's headline and text.
item_texts = Table(
    "item_texts",
    metadata,
    Column("item", ForeignKey("items.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
)

# Items whose words and texts were stored by an older version, which folded otherwise or not at all: they are indexed
# again before a topic is filled.
unindexed = Table(
    "unindexed",
    metadata,
    Column("item", ForeignKey("items.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
)
