"""An index by which the keys of a story are found when it is merged; without it every key there is was read.

Revision ID: 0013
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_story_postings_story", "story_postings", ["story"])
