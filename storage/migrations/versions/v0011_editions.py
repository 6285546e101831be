"""Editions of topics, and texts as matching sees them. storage/tables_filling.py and tables_texts.py tell what for.

Revision ID: 0011
"""

import sqlalchemy as sa
from alembic import op

from storage.types import Json, Moment, Number

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "editions",
        sa.Column("pk", Number, nullable=False),
        sa.PrimaryKeyConstraint("pk", name="pk_editions"),
        sqlite_autoincrement=True,
    )
    op.add_column("topics", sa.Column("edition", Number, nullable=True))
    op.create_index("ix_topics_edition", "topics", ["edition"])
    op.execute("INSERT INTO editions (pk) SELECT pk FROM topics")
    op.execute("UPDATE topics SET edition = pk")
    if op.get_bind().dialect.name == "postgresql":
        _rename_column()
    else:
        _copy_rows()
    _begin_fillings_anew()
    op.create_table(
        "item_texts",
        sa.Column("item", Number, autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.pk"], name="fk_item_texts_item_items", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item", name="pk_item_texts"),
    )
    op.create_table(
        "unindexed",
        sa.Column("item", Number, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.pk"], name="fk_unindexed_item_items", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item", name="pk_unindexed"),
    )
    op.execute("INSERT INTO unindexed (item) SELECT pk FROM items")


def _rename_column() -> None:
    op.drop_constraint("fk_topic_items_topic_topics", "topic_items", type_="foreignkey")
    op.alter_column("topic_items", "topic", new_column_name="edition")
    op.execute("ALTER INDEX ix_topic_items_topic_order_at RENAME TO ix_topic_items_edition_order_at")


def _copy_rows() -> None:
    """SQLite changes no foreign key of a table that is there."""
    op.rename_table("topic_items", "topic_items_before")
    op.create_table(
        "topic_items",
        sa.Column("edition", Number, autoincrement=False, nullable=False),
        sa.Column("item", Number, autoincrement=False, nullable=False),
        sa.Column("order_at", Moment, nullable=False),
        sa.Column("reason", Json, nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.pk"], name="fk_topic_items_item_items", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("edition", "item", name="pk_topic_items"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO topic_items (edition, item, order_at, reason)"
        " SELECT topic, item, order_at, reason FROM topic_items_before"
    )
    op.drop_table("topic_items_before")
    op.create_index("ix_topic_items_item", "topic_items", ["item"])
    op.create_index("ix_topic_items_edition_order_at", "topic_items", ["edition", "order_at"])


def _begin_fillings_anew() -> None:
    """Each into an edition of its own, whose number is the topic's beyond all of those that topics show."""
    connection = op.get_bind()
    begun = connection.execute(sa.text("SELECT topic, fresh FROM fillings ORDER BY topic")).all()
    last = connection.execute(sa.text("SELECT coalesce(max(pk), 0) FROM topics")).scalar_one()
    op.drop_table("filled_items")
    op.drop_table("fillings")
    op.create_table(
        "fillings",
        sa.Column("topic", Number, autoincrement=False, nullable=False),
        sa.Column("below", Number),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.Column("edition", Number, nullable=False),
        sa.ForeignKeyConstraint(["topic"], ["topics.pk"], name="fk_fillings_topic_topics", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("topic", name="pk_fillings"),
    )
    add = sa.text("INSERT INTO fillings (topic, below, fresh, edition) VALUES (:topic, NULL, :fresh, :edition)")
    for topic, fresh in begun:
        edition = topic if fresh else last + topic
        if not fresh:
            connection.execute(sa.text("INSERT INTO editions (pk) VALUES (:edition)"), {"edition": edition})
        connection.execute(add, {"topic": topic, "fresh": bool(fresh), "edition": edition})
    if connection.dialect.name == "postgresql":
        op.execute(
            "SELECT setval(pg_get_serial_sequence('editions', 'pk'), coalesce(max(pk), 0) + 1, false) FROM editions"
        )
