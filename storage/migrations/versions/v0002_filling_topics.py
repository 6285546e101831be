"""Topics that are filled in the background. storage/tables_filling.py tells what each table is for.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

from storage.types import Json, Moment, Number

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fillings",
        sa.Column("topic", Number, autoincrement=False, nullable=False),
        sa.Column("below", Number),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["topic"], ["topics.pk"], name="fk_fillings_topic_topics", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("topic", name="pk_fillings"),
    )
    op.create_table(
        "filled_items",
        sa.Column("topic", Number, autoincrement=False, nullable=False),
        sa.Column("item", Number, autoincrement=False, nullable=False),
        sa.Column("order_at", Moment, nullable=False),
        sa.Column("reason", Json, nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.pk"], name="fk_filled_items_item_items", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["topic"], ["topics.pk"], name="fk_filled_items_topic_topics", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("topic", "item", name="pk_filled_items"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_filled_items_item", "filled_items", ["item"])
