"""The table of articles' pages that are still to be asked for."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table

from storage.tables import metadata

# Items that were stored with what their feed says of them: their own page is asked for at a later visit.
waiting_pages = Table(
    "waiting_pages",
    metadata,
    Column("item", ForeignKey("items.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
)
