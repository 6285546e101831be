"""Subscriptions at hubs. storage/tables_push.py tells what each table is for.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

from storage.types import Json, Moment, Number

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "push_subscriptions",
        sa.Column("pk", Number, nullable=False),
        sa.Column("source", Number, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("hubs", Json, nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("callback", sa.Text()),
        sa.Column("token_hash", sa.LargeBinary()),
        sa.Column("secret", sa.Text()),
        sa.Column("asked_until", Moment),
        sa.Column("lease_until", Moment),
        sa.Column("next_try", Moment),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("last_delivery", Moment),
        sa.Column("delivered_at", Moment),
        sa.Column("proven", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["sources.pk"], name="fk_push_subscriptions_source_sources"),
        sa.PrimaryKeyConstraint("pk", name="pk_push_subscriptions"),
        sa.UniqueConstraint("token_hash", name="uq_push_subscriptions_token_hash"),
    )
    op.create_index("ix_push_subscriptions_source", "push_subscriptions", ["source"])
    planned = sa.text("next_try IS NOT NULL")
    op.create_index(
        "ix_push_subscriptions_next_try",
        "push_subscriptions",
        ["next_try"],
        sqlite_where=planned,
        postgresql_where=planned,
    )
    op.create_table(
        "push_deliveries",
        sa.Column("subscription", Number, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription"],
            ["push_subscriptions.pk"],
            name="fk_push_deliveries_subscription_push_subscriptions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscription", "digest", name="pk_push_deliveries"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_push_deliveries_at", "push_deliveries", ["at"])
