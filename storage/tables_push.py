"""The tables of subscriptions at hubs, on the metadata of storage/tables.py."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, false

from storage.tables import metadata
from storage.types import Json, Moment, Number

# A source's place at a hub, and those it had before until they are forgotten. `callback` is the whole address, for
# a subscription is renewed and ended under the one it was made with; it is looked up by `token_hash` alone, so that
# the time of a look-up tells nothing of it.
push_subscriptions = Table(
    "push_subscriptions",
    metadata,
    Column("pk", Number, primary_key=True),
    Column("source", ForeignKey("sources.pk"), nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("hubs", Json, nullable=False),
    Column("hub", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("callback", Text),
    Column("token_hash", LargeBinary, unique=True),
    Column("secret", Text),
    Column("asked_until", Moment),
    Column("lease_until", Moment),
    Column("next_try", Moment),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("reason", Text, nullable=False, server_default=""),
    Column("last_delivery", Moment),
    Column("delivered_at", Moment),
    Column("proven", Boolean, nullable=False, server_default=false()),
)
_planned = push_subscriptions.c.next_try.is_not(None)
Index(
    "ix_push_subscriptions_next_try",
    push_subscriptions.c.next_try,
    sqlite_where=_planned,
    postgresql_where=_planned,
)

# Bodies that were delivered and read: whoever sends one again changes nothing.
push_deliveries = Table(
    "push_deliveries",
    metadata,
    Column(
        "subscription", ForeignKey("push_subscriptions.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    Column("digest", LargeBinary, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    sqlite_with_rowid=False,
)
