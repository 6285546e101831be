"""Topics that publish digests. storage/tables_digests.py tells what each table is for.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

from storage.types import Moment, Number, Ordered

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digests",
        sa.Column("topic", Number, autoincrement=False, nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("closed", Moment, nullable=False),
        sa.Column("settings", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["topic"], ["topics.pk"], name="fk_digests_topic_topics", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("topic", name="pk_digests"),
    )
    op.create_table(
        "digest_stories",
        sa.Column("topic", Number, autoincrement=False, nullable=False),
        sa.Column("story", Ordered, autoincrement=False, nullable=False),
        sa.Column("item", Number, nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("starts", Moment, nullable=False),
        sa.Column("ends", Moment, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.pk"], name="fk_digest_stories_item_items", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["topic"], ["topics.pk"], name="fk_digest_stories_topic_topics", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("topic", "story", name="pk_digest_stories"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_digest_stories_item", "digest_stories", ["item"])
    op.create_index("ix_digest_stories_topic_ends", "digest_stories", ["topic", "ends"])
