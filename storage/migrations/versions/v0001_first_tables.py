"""The first tables. storage/tables.py tells what each is for.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

from storage.types import IndexWords, Json, Moment, Number, Ordered

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _sources()
    _stories()
    _topics()
    _documents()
    _identities()
    _identity_keys()
    _items()
    _story_index()
    _topic_items()
    _unmatched()
    _item_words()
    _applied()
    _drops()
    _publishing()
    _published_copies()


def _sources() -> None:
    op.create_table(
        "sources",
        sa.Column("pk", Number, nullable=False),
        sa.Column("id", Ordered, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("configured", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text()),
        sa.Column("shown_url", sa.Text(), nullable=False),
        sa.Column("url_hash", sa.LargeBinary(), nullable=False),
        sa.Column("reading_hash", sa.LargeBinary(), nullable=False),
        sa.Column("every", sa.Float()),
        sa.Column("next_visit", Moment),
        sa.Column("next_visit_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("held_until", Moment),
        sa.Column("gone", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("gone_at", Moment),
        sa.Column("lease_owner", sa.Text()),
        sa.Column("lease_until", Moment),
        sa.Column("fence", Number, server_default="0", nullable=False),
        sa.Column("etag", sa.LargeBinary()),
        sa.Column("last_modified", sa.LargeBinary()),
        sa.Column("validators_url", sa.Text()),
        sa.Column("body_hash", sa.LargeBinary()),
        sa.Column("last_visit", Moment),
        sa.Column("last_success", Moment),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failing_since", Moment),
        sa.Column("failure", Json),
        sa.Column("failed_at", Moment),
        sa.Column("moved_to", sa.Text()),
        sa.Column("move", Json),
        sa.Column("pattern", Json),
        sa.Column("hints", Json),
        sa.Column("feed_title", sa.Text()),
        sa.Column("entries_per_day", sa.Float()),
        sa.Column("info", Json),
        sa.PrimaryKeyConstraint("pk", name="pk_sources"),
        sa.UniqueConstraint("id", name="uq_sources_id"),
    )
    op.create_index(
        "ix_sources_due",
        "sources",
        ["next_visit"],
        sqlite_where=sa.text("configured = 1 AND enabled = 1 AND gone = 0"),
        postgresql_where=sa.text("configured AND enabled AND NOT gone"),
    )
    _index_known("ix_sources_lease_owner", "sources", "lease_owner")


def _stories() -> None:
    op.create_table(
        "stories",
        sa.Column("pk", Number, nullable=False),
        sa.Column("public_id", Ordered, nullable=False),
        sa.Column("first_seen", Moment, nullable=False),
        sa.Column("last_copy", Moment, nullable=False),
        sa.Column("merged_into", Number),
        sa.Column("merge", Json),
        sa.PrimaryKeyConstraint("pk", name="pk_stories"),
        sa.UniqueConstraint("public_id", name="uq_stories_public_id"),
        sqlite_autoincrement=True,
    )
    _index_known("ix_stories_merged_into", "stories", "merged_into")


def _topics() -> None:
    op.create_table(
        "topics",
        sa.Column("pk", Number, nullable=False),
        sa.Column("id", Ordered, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("match_digest", sa.LargeBinary(), nullable=False),
        sa.Column("settings_digest", sa.LargeBinary(), nullable=False),
        sa.Column("changes", Number, nullable=False),
        sa.Column("published", Number, nullable=False),
        sa.Column("recheck_at", Moment),
        sa.Column("selection_digest", sa.LargeBinary()),
        sa.Column("stories", sa.Integer(), nullable=False),
        sa.Column("updated", Moment),
        sa.PrimaryKeyConstraint("pk", name="pk_topics"),
        sa.UniqueConstraint("id", name="uq_topics_id"),
    )


def _documents() -> None:
    op.create_table(
        "documents",
        sa.Column("path", Ordered, nullable=False),
        sa.Column("topic", Number),
        sa.Column("page", sa.Integer()),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("modified", Moment, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["topic"], ["topics.pk"], name="fk_documents_topic_topics", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("path", name="pk_documents"),
    )
    op.create_index("ix_documents_topic", "documents", ["topic"])


def _identities() -> None:
    op.create_table(
        "identities",
        sa.Column("pk", Number, nullable=False),
        sa.Column("source", Number, nullable=False),
        sa.Column("public_id", Ordered, nullable=False),
        sa.Column("raw_hash", sa.LargeBinary()),
        sa.Column("guid_key", sa.LargeBinary()),
        sa.Column("last_seen", Moment, nullable=False),
        sa.ForeignKeyConstraint(["source"], ["sources.pk"], name="fk_identities_source_sources"),
        sa.PrimaryKeyConstraint("pk", name="pk_identities"),
        sa.UniqueConstraint("public_id", name="uq_identities_public_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_identities_source_raw_hash", "identities", ["source", "raw_hash"])


def _identity_keys() -> None:
    op.create_table(
        "identity_keys",
        sa.Column("source", Number, autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("identity", Number, nullable=False),
        sa.ForeignKeyConstraint(
            ["identity"], ["identities.pk"], name="fk_identity_keys_identity_identities", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["source"], ["sources.pk"], name="fk_identity_keys_source_sources"),
        sa.PrimaryKeyConstraint("source", "key", name="pk_identity_keys"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_identity_keys_identity", "identity_keys", ["identity"])


def _items() -> None:
    op.create_table(
        "items",
        sa.Column("pk", Number, autoincrement=False, nullable=False),
        sa.Column("source", Number, nullable=False),
        sa.Column("story", Number, nullable=False),
        sa.Column("story_reason", Json, nullable=False),
        sa.Column("first_seen", Moment, nullable=False),
        sa.Column("order_at", Moment, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("published", Moment),
        sa.Column("updated", Moment),
        sa.Column("text_key", sa.LargeBinary(), nullable=False),
        sa.Column("link_key", sa.LargeBinary()),
        sa.Column("story_link", sa.LargeBinary()),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
        sa.Column("link_hash", sa.LargeBinary()),
        sa.Column("guid_hash", sa.LargeBinary()),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("untitled", sa.Boolean(), nullable=False),
        sa.Column("truncated", sa.Boolean(), nullable=False),
        sa.Column("quiet", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("language", sa.Text()),
        sa.Column("guid", sa.Text()),
        sa.Column("guids", Json, nullable=False),
        sa.Column("link", sa.Text()),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("rights", sa.Text()),
        sa.Column("comments", sa.Text()),
        sa.Column("details", Json),
        sa.Column("summary", sa.Text()),
        sa.Column("content", sa.Text()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pk"], ["identities.pk"], name="fk_items_pk_identities"),
        sa.ForeignKeyConstraint(["source"], ["sources.pk"], name="fk_items_source_sources"),
        sa.ForeignKeyConstraint(["story"], ["stories.pk"], name="fk_items_story_stories"),
        sa.PrimaryKeyConstraint("pk", name="pk_items"),
    )
    op.create_index("ix_items_first_seen", "items", ["first_seen"])
    _index_known("ix_items_guid_hash", "items", "guid_hash")
    _index_known("ix_items_link_hash", "items", "link_hash")
    op.create_index("ix_items_source", "items", ["source"])
    _index_known("ix_items_story_link", "items", "story_link")
    op.create_index("ix_items_story_pk", "items", ["story", "pk"])


def _story_index() -> None:
    op.create_table(
        "story_postings",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("story", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "story", name="pk_story_postings"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "story_exemplars",
        sa.Column("item", Number, autoincrement=False, nullable=False),
        sa.Column("story", Number, nullable=False),
        sa.Column("several", sa.Boolean(), nullable=False),
        sa.Column("headline_only", sa.Boolean(), nullable=False),
        sa.Column("headlines", sa.LargeBinary(), nullable=False),
        sa.Column("bare", sa.LargeBinary(), nullable=False),
        sa.Column("title", sa.LargeBinary(), nullable=False),
        sa.Column("figures", sa.LargeBinary(), nullable=False),
        sa.Column("shingles", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.pk"], name="fk_story_exemplars_item_items", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item", name="pk_story_exemplars"),
    )
    op.create_index("ix_story_exemplars_story", "story_exemplars", ["story"])


def _topic_items() -> None:
    op.create_table(
        "topic_items",
        sa.Column("topic", Number, autoincrement=False, nullable=False),
        sa.Column("item", Number, autoincrement=False, nullable=False),
        sa.Column("order_at", Moment, nullable=False),
        sa.Column("reason", Json, nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.pk"], name="fk_topic_items_item_items", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["topic"], ["topics.pk"], name="fk_topic_items_topic_topics", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("topic", "item", name="pk_topic_items"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_topic_items_item", "topic_items", ["item"])
    op.create_index("ix_topic_items_topic_order_at", "topic_items", ["topic", "order_at"])


def _unmatched() -> None:
    op.create_table(
        "unmatched",
        sa.Column("item", Number, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.pk"], name="fk_unmatched_item_items", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item", name="pk_unmatched"),
    )


def _drops() -> None:
    op.create_table(
        "drops",
        sa.Column("source", Number, autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("link", sa.Text()),
        sa.Column("guid", sa.Text()),
        sa.Column("link_hash", sa.LargeBinary()),
        sa.Column("guid_hash", sa.LargeBinary()),
        sa.Column("reason", Json, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["source"], ["sources.pk"], name="fk_drops_source_sources"),
        sa.PrimaryKeyConstraint("source", "key", name="pk_drops"),
    )
    for column in ("at", "guid_hash", "link_hash"):
        op.create_index(f"ix_drops_{column}", "drops", [column])


def _applied() -> None:
    op.create_table(
        "applied",
        sa.Column("pk", Number, autoincrement=False, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("settings", Json, nullable=False),
        sa.PrimaryKeyConstraint("pk", name="pk_applied"),
    )


def _item_words() -> None:
    op.create_table(
        "item_words",
        sa.Column("item", Number, autoincrement=False, nullable=False),
        sa.Column("words", IndexWords, nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.pk"], name="fk_item_words_item_items", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item", name="pk_item_words"),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE INDEX search_index ON item_words USING gin (words)")
        return
    # "ascii" leaves everything beyond ASCII as it is: words are folded and cut before they come here.
    op.execute(
        "CREATE VIRTUAL TABLE search_index USING fts5(words, content='item_words', content_rowid='item',"
        " detail='none', columnsize=0, tokenize=\"ascii tokenchars '+#'\")"
    )
    gone = "INSERT INTO search_index (search_index, rowid, words) VALUES ('delete', old.item, old.words);"
    added = "INSERT INTO search_index (rowid, words) VALUES (new.item, new.words);"
    op.execute(f"CREATE TRIGGER item_words_added AFTER INSERT ON item_words BEGIN {added} END")
    op.execute(f"CREATE TRIGGER item_words_gone AFTER DELETE ON item_words BEGIN {gone} END")
    op.execute(
        "CREATE TRIGGER item_words_changed AFTER UPDATE ON item_words WHEN old.words <> new.words "
        f"BEGIN {gone} {added} END"
    )


def _published_copies() -> None:
    op.create_table(
        "published_copies",
        sa.Column("topic", Number, autoincrement=False, nullable=False),
        sa.Column("story", Ordered, nullable=False),
        sa.Column("item", Number, nullable=False),
        sa.Column("updated", Moment, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.pk"], name="fk_published_copies_item_items", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["topic"], ["topics.pk"], name="fk_published_copies_topic_topics", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("topic", "story", name="pk_published_copies"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_published_copies_item", "published_copies", ["item"])


def _publishing() -> None:
    op.create_table(
        "archives",
        sa.Column("topic", Number, autoincrement=False, nullable=False),
        sa.Column("stories", sa.Integer(), nullable=False),
        sa.Column("frozen", sa.Integer(), nullable=False),
        sa.Column("seen", Number, nullable=False),
        sa.Column("settings", sa.LargeBinary()),
        sa.Column("digest", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["topic"], ["topics.pk"], name="fk_archives_topic_topics", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("topic", name="pk_archives"),
    )
    op.create_table(
        "archive_stories",
        sa.Column("topic", Number, autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("story", Ordered, nullable=False),
        sa.Column("item", Number, nullable=False),
        sa.ForeignKeyConstraint(["topic"], ["topics.pk"], name="fk_archive_stories_topic_topics", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("topic", "place", name="pk_archive_stories"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_archive_stories_topic_story", "archive_stories", ["topic", "story"], unique=True)
    op.create_table(
        "shown_stories",
        sa.Column("topic", Number, autoincrement=False, nullable=False),
        sa.Column("story", Ordered, autoincrement=False, nullable=False),
        sa.Column("item", Number, nullable=False),
        sa.Column("order_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["topic"], ["topics.pk"], name="fk_shown_stories_topic_topics", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("topic", "story", name="pk_shown_stories"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "item_versions",
        sa.Column("item", Number, autoincrement=False, nullable=False),
        sa.Column("until", Moment, autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("figures", Json, nullable=False),
        sa.ForeignKeyConstraint(["item"], ["items.pk"], name="fk_item_versions_item_items", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item", "until", name="pk_item_versions"),
        sqlite_with_rowid=False,
    )
    named = sa.PrimaryKeyConstraint("id", name="pk_retired_topics")
    op.create_table("retired_topics", sa.Column("id", Ordered, nullable=False), named)
    op.create_table(
        "tokens",
        sa.Column("topic", Ordered, nullable=False),
        sa.Column("name", Ordered, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created", Moment, nullable=False),
        sa.PrimaryKeyConstraint("topic", "name", name="pk_tokens"),
    )


def _index_known(name: str, table: str, column: str) -> None:
    known = sa.text(f"{column} IS NOT NULL")
    op.create_index(name, table, [column], sqlite_where=known, postgresql_where=known)
