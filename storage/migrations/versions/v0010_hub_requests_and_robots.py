"""Requests to our hub until they are verified (storage/tables_hub.py), robots.txt of hosts (storage/tables_robots.py).

Revision ID: 0010
"""

import sqlalchemy as sa
from alembic import op

from storage.types import Json, Moment, Ordered

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hub_requests",
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", Moment, nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text()),
        sa.Column("lease", sa.Integer(), nullable=False),
        sa.Column("name", Ordered, nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("room", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_hub_requests"),
        sqlite_with_rowid=False,
    )
    for name in ("asked_at", "name"):
        op.create_index(f"ix_hub_requests_{name}", "hub_requests", [name])
    op.create_table(
        "robots",
        sa.Column("origin", sa.LargeBinary(), nullable=False),
        sa.Column("until", Moment, nullable=False),
        sa.Column("rules", Json),
        sa.Column("delay", sa.Float()),
        sa.Column("failing_since", Moment),
        sa.Column("code", sa.Text()),
        sa.Column("status", sa.Integer()),
        sa.Column("retry_at", Moment),
        sa.PrimaryKeyConstraint("origin", name="pk_robots"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_robots_until", "robots", ["until"])
