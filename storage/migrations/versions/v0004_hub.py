"""Subscriptions at our own WebSub hub, and what an outside hub was told. storage/tables_hub.py tells more.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

from storage.types import Moment, Number, Ordered

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hub_subscriptions",
        sa.Column("pk", Number, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("topic", Ordered, nullable=False),
        sa.Column("path", Ordered),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("host", Ordered, nullable=False),
        sa.Column("secret", sa.Text()),
        sa.Column("lease_until", Moment, nullable=False),
        sa.Column("delivered", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failing_since", Moment),
        sa.Column("failure", sa.Text()),
        sa.Column("next_try", Moment, nullable=False),
        sa.PrimaryKeyConstraint("pk", name="pk_hub_subscriptions"),
        sa.UniqueConstraint("key", name="uq_hub_subscriptions_key"),
    )
    for name in ("topic", "host", "lease_until"):
        op.create_index(f"ix_hub_subscriptions_{name}", "hub_subscriptions", [name])
    due = ["path", "next_try", "delivered", "lease_until", "host"]
    op.create_index("ix_hub_subscriptions_due", "hub_subscriptions", due)
    op.create_table(
        "hub_pings",
        sa.Column("path", Ordered, nullable=False),
        sa.Column("hub", sa.LargeBinary(), nullable=False),
        sa.Column("etag", sa.Text()),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try", Moment, nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_hub_pings"),
        sqlite_with_rowid=False,
    )
