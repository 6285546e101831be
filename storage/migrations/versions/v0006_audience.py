"""How many read each feed, and when a token was last used. storage/tables_audience.py tells more.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

from storage.types import Moment, Number, Ordered

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audience",
        sa.Column("topic", Number, autoincrement=False, nullable=False),
        sa.Column("form", Ordered, nullable=False),
        sa.Column("service", Ordered, nullable=False),
        sa.Column("day", Moment, nullable=False),
        sa.Column("readers", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["topic"], ["topics.pk"], name="fk_audience_topic_topics", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("topic", "form", "service", "day", name="pk_audience"),
    )
    op.create_index("ix_audience_day", "audience", ["day"])
    op.add_column("tokens", sa.Column("used", Moment))


def downgrade() -> None:
    raise NotImplementedError
