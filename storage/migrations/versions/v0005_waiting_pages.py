"""Articles' pages still to be asked for. storage/tables_pages.py tells what the table is for.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

from storage.types import Number

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "waiting_pages",
        sa.Column("item", Number, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.pk"], name="fk_waiting_pages_item_items", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item", name="pk_waiting_pages"),
    )


def downgrade() -> None:
    raise NotImplementedError
