"""Which topic an older id belongs to. storage/tables.py tells what the table is for.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

from storage.types import Number

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("retired_topics", sa.Column("topic", Number, nullable=True))
