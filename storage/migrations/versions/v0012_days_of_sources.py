"""How often each source was visited, by day. storage/tables_days.py tells more.

Revision ID: 0012
"""

import sqlalchemy as sa
from alembic import op

from storage.types import Number

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "source_days",
        sa.Column("source", Number, autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["sources.pk"], name="fk_source_days_source_sources", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("source", "day", name="pk_source_days"),
        sqlite_with_rowid=False,
    )
