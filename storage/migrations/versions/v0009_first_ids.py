"""What a topic was called first. storage/tables.py tells what the table is for.

Revision ID: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("topics", sa.Column("first_id", sa.Text(), nullable=True))
