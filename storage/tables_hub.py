"""The tables of WebSub's publishing side: our hub's requests and subscriptions, and what an outside hub was told."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table, Text

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

# What was asked of our hub and answered 202, until its callback has confirmed it or not. `room` says that it will
# take room: it is no renewal. The last request of a `key` is the one that counts.
hub_requests = Table(
    "hub_requests",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("asked_at", Moment, nullable=False, index=True),
    Column("mode", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("callback", Text, nullable=False),
    Column("secret", Text),
    Column("lease", Integer, nullable=False),  # seconds
    Column("name", Ordered, nullable=False, index=True),
    Column("port", Integer, nullable=False),
    Column("path", Text, nullable=False),
    Column("etag", Text, nullable=False),
    Column("room", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
