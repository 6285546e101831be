"""The tables of WebSub's publishing side: our hub's subscriptions, and what an outside hub was told."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text

from storage.tables import metadata
from storage.types import Moment, Number, Ordered

# Who gets a document when it changes: verified, and until `lease_until`. `key` is a digest of topic and callback.
# `path` is None while the topic is not public. A delivery is due while `delivered` differs from the document's ETag
# and `next_try` has come: so nothing is queued, and nothing is lost or sent twice over when the program is killed.
hub_subscriptions = Table(
    "hub_subscriptions",
    metadata,
    Column("pk", Number, primary_key=True),
    Column("key", LargeBinary, nullable=False, unique=True),
    Column("topic", Ordered, nullable=False, index=True),
    Column("path", Ordered),
    Column("callback", Text, nullable=False),
    Column("host", Ordered, nullable=False, index=True),
    Column("secret", Text),
    Column("lease_until", Moment, nullable=False, index=True),
    Column("delivered", Text, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failing_since", Moment),
    Column("failure", Text),
    Column("next_try", Moment, nullable=False),
    # All that the question for what is due looks at.
    Index("ix_hub_subscriptions_due", "path", "next_try", "delivered", "lease_until", "host"),
)

# The form of each document that an outside hub was told of. `hub` is a digest of its address, which may be a secret.
hub_pings = Table(
    "hub_pings",
    metadata,
    Column("path", Ordered, primary_key=True),
    Column("hub", LargeBinary, nullable=False),
    Column("etag", Text),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("next_try", Moment, nullable=False),
    sqlite_with_rowid=False,
)
