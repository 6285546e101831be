"""The tables. What a table is for stands above it; migrations/ makes them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    false,
    true,
)

from storage.types import IndexWords, Json, Moment, Number, Ordered

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# A source, as configured last and as visited. It outlives its place in feeds.yaml (`configured`), and keeps its
# number when it is renamed. Its address, headers and passwords are not here: a hash notices that the address
# changed. `info` is what the feed says of itself.
sources = Table(
    "sources",
    metadata,
    Column("pk", Number, primary_key=True),
    Column("id", Ordered, nullable=False, unique=True),
    Column("position", Integer, nullable=False),
    Column("configured", Boolean, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("title", Text),
    Column("shown_url", Text, nullable=False),
    Column("url_hash", LargeBinary, nullable=False),
    Column("reading_hash", LargeBinary, nullable=False),
    Column("every", Float),
    Column("next_visit", Moment),
    Column("next_visit_reason", Text, nullable=False, server_default=""),
    Column("held_until", Moment),
    Column("gone", Boolean, nullable=False, server_default=false()),
    Column("gone_at", Moment),
    Column("lease_owner", Text),
    Column("lease_until", Moment),
    Column("fence", Number, nullable=False, server_default="0"),
    Column("etag", LargeBinary),
    Column("last_modified", LargeBinary),
    Column("validators_url", Text),
    Column("body_hash", LargeBinary),
    Column("last_visit", Moment),
    Column("last_success", Moment),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failing_since", Moment),
    Column("failure", Json),
    Column("failed_at", Moment),
    Column("moved_to", Text),
    Column("move", Json),
    Column("pattern", Json),
    Column("hints", Json),
    Column("feed_title", Text),
    Column("entries_per_day", Float),
    Column("info", Json),
)
_visited = (sources.c.configured == true()) & (sources.c.enabled == true()) & (sources.c.gone == false())
Index("ix_sources_due", sources.c.next_visit, sqlite_where=_visited, postgresql_where=_visited)
Index(
    "ix_sources_lease_owner",
    sources.c.lease_owner,
    sqlite_where=sources.c.lease_owner.is_not(None),
    postgresql_where=sources.c.lease_owner.is_not(None),
)

# Who an entry is. It outlives the item, so that a pruned entry still in its feed is not announced again. Its
# number is its item's, never given twice: items arrive in that order.
identities = Table(
    "identities",
    metadata,
    Column("pk", Number, primary_key=True),
    Column("source", ForeignKey("sources.pk"), nullable=False),
    Column("public_id", Ordered, nullable=False, unique=True),
    Column("raw_hash", LargeBinary),
    Column("guid_key", LargeBinary),
    Column("last_seen", Moment, nullable=False),
    Index(None, "source", "raw_hash"),
    sqlite_autoincrement=True,
)

# Every key an entry was ever known by: its guids, links and texts.
identity_keys = Table(
    "identity_keys",
    metadata,
    Column("source", ForeignKey("sources.pk"), primary_key=True, autoincrement=False),
    Column("key", LargeBinary, primary_key=True),
    Column("identity", ForeignKey("identities.pk", ondelete="CASCADE"), nullable=False, index=True),
    sqlite_with_rowid=False,
)

# What happened. `public_id` is that of the story's first item, and stays when that item is pruned. `last_copy` is
# when the story last got an item: it waits for more of them for a window of time. A story that was found to be an
# older one keeps its row, without items: `merged_into` is that one's number, `merge` when and why.
stories = Table(
    "stories",
    metadata,
    Column("pk", Number, primary_key=True),
    Column("public_id", Ordered, nullable=False, unique=True),
    Column("first_seen", Moment, nullable=False),
    Column("last_copy", Moment, nullable=False),
    Column("merged_into", Number),
    Column("merge", Json),
    sqlite_autoincrement=True,
)
_merged = stories.c.merged_into.is_not(None)
Index("ix_stories_merged_into", stories.c.merged_into, sqlite_where=_merged, postgresql_where=_merged)

# The index of texts, read by key: stories that have a fingerprint or a headline. No foreign key: twenty rows an
# item would each look their story up; who reads it passes over stories that are no more, and a sweep takes them out.
story_postings = Table(
    "story_postings",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    # Indexed for merges. The newest stories' rows stand together at its end, so that an item's cost few pages.
    Column("story", BigInteger, primary_key=True, autoincrement=False, index=True),
    sqlite_with_rowid=False,
)

# The sketches that a new text is compared with, a few for each story.
story_exemplars = Table(
    "story_exemplars",
    metadata,
    Column("item", ForeignKey("items.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("story", Number, nullable=False, index=True),
    Column("several", Boolean, nullable=False),
    Column("headline_only", Boolean, nullable=False),
    Column("headlines", LargeBinary, nullable=False),
    Column("bare", LargeBinary, nullable=False),
    Column("title", LargeBinary, nullable=False),
    Column("figures", LargeBinary, nullable=False),
    Column("shingles", LargeBinary, nullable=False),
)

# Entries, cleaned. `details` holds what is only carried along: authors, categories, enclosures, media, origin,
# credit. What is `quiet` is in no topic: it was no news when it came. `link_hash` and `guid_hash` are for finding an
# item by what a person pastes.
items = Table(
    "items",
    metadata,
    Column("pk", ForeignKey("identities.pk"), primary_key=True, autoincrement=False),
    Column("source", ForeignKey("sources.pk"), nullable=False),
    Column("story", ForeignKey("stories.pk"), nullable=False),
    Column("story_reason", Json, nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("order_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("published", Moment),
    Column("updated", Moment),
    Column("text_key", LargeBinary, nullable=False),
    Column("link_key", LargeBinary),
    Column("story_link", LargeBinary),
    Column("text_hash", LargeBinary, nullable=False),
    Column("link_hash", LargeBinary),
    Column("guid_hash", LargeBinary),
    Column("words", Integer, nullable=False),
    Column("untitled", Boolean, nullable=False),
    Column("truncated", Boolean, nullable=False),
    Column("quiet", Boolean, nullable=False, server_default=false()),
    Column("language", Text),
    Column("guid", Text),
    Column("guids", Json, nullable=False),
    Column("link", Text),
    Column("title", Text, nullable=False),
    Column("rights", Text),
    Column("comments", Text),
    Column("details", Json),
    Column("summary", Text),
    Column("content", Text),
    Column("text", Text, nullable=False),
    Index(None, "story", "pk"),
    Index(None, "source"),
    Index(None, "first_seen"),
)
for _name in ("story_link", "link_hash", "guid_hash"):
    _known = items.c[_name].is_not(None)
    Index(f"ix_items_{_name}", items.c[_name], sqlite_where=_known, postgresql_where=_known)

# What each item is found by (see storage/search.py). PostgreSQL has a GIN index on `words`; in SQLite triggers keep
# the FTS5 table `search_index` equal to this one.
item_words = Table(
    "item_words",
    metadata,
    Column("item", ForeignKey("items.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("words", IndexWords, nullable=False),
)

# The configuration last applied, in one row: what `plan` compares an edited one with. No secret is in it.
applied = Table(
    "applied",
    metadata,
    Column("pk", Number, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("settings", Json, nullable=False),
)

# What items said before their words moved, for the page of their story.
item_versions = Table(
    "item_versions",
    metadata,
    Column("item", ForeignKey("items.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("until", Moment, primary_key=True, autoincrement=False),
    Column("title", Text, nullable=False),
    Column("figures", Json, nullable=False),
    sqlite_with_rowid=False,
)

# Entries that were not stored, or not announced, and why: what `status --dropped` and `explain` tell of them.
drops = Table(
    "drops",
    metadata,
    Column("source", ForeignKey("sources.pk"), primary_key=True, autoincrement=False),
    Column("key", LargeBinary, primary_key=True),
    Column("title", Text, nullable=False),
    Column("link", Text),
    Column("guid", Text),
    Column("link_hash", LargeBinary, index=True),
    Column("guid_hash", LargeBinary, index=True),
    Column("reason", Json, nullable=False),
    Column("at", Moment, nullable=False, index=True),
)

# Items to be matched against the topics. A table of its own: a mark on the wide row would rewrite that row.
unmatched = Table(
    "unmatched",
    metadata,
    Column("item", ForeignKey("items.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
)

# A topic as published last. It is stale while `changes` is ahead of `published`. `match_digest` is over what its
# matches were made by; `settings_digest` is over all of its settings.
topics = Table(
    "topics",
    metadata,
    Column("pk", Number, primary_key=True),
    Column("id", Ordered, nullable=False, unique=True),
    Column("position", Integer, nullable=False),
    Column("match_digest", LargeBinary, nullable=False),
    Column("settings_digest", LargeBinary, nullable=False),
    Column("changes", Number, nullable=False),
    Column("published", Number, nullable=False),
    Column("recheck_at", Moment),
    Column("selection_digest", LargeBinary),
    Column("stories", Integer, nullable=False),
    Column("updated", Moment),
    Column("first_id", Text),  # its id before it was ever renamed: the feeds' own ids are made of it
    Column("edition", Number, index=True),  # whose items it shows
)

# Subscribers' tokens, as digests. `topic` is an id, or `operator`.
tokens = Table(
    "tokens",
    metadata,
    Column("topic", Ordered, primary_key=True),
    Column("name", Ordered, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("created", Moment, nullable=False),
    Column("used", Moment),
)

# Ids that topics had once. `topic` is the number of the one that was renamed; without it the topic is no more, and
# its addresses are gone for good.
retired_topics = Table(
    "retired_topics",
    metadata,
    Column("id", Ordered, primary_key=True),
    Column("topic", Number),
)

# Which items a topic takes, and why, by one edition of its query (see tables_filling.py). `order_at` is the item's,
# here so that a topic is read in its order. No foreign key to the edition: a hundred thousand rows would look it up.
topic_items = Table(
    "topic_items",
    metadata,
    Column("edition", Number, primary_key=True, autoincrement=False),
    Column("item", ForeignKey("items.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True),
    Column("order_at", Moment, nullable=False),
    Column("reason", Json, nullable=False),
    Index(None, "edition", "order_at"),
    sqlite_with_rowid=False,
)

# Published bytes. `page` is that of an archive, None for what a topic shows now.
documents = Table(
    "documents",
    metadata,
    Column("path", Ordered, primary_key=True),
    Column("topic", ForeignKey("topics.pk", ondelete="CASCADE"), index=True),
    Column("page", Integer),
    Column("media_type", Text, nullable=False),
    Column("etag", Text, nullable=False),
    Column("modified", Moment, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

# How far a topic's archive is: the stories that got a place, the pages frozen, the items looked through for older
# stories and the topic's settings when they were, and what the page that still grows was made of.
archives = Table(
    "archives",
    metadata,
    Column("topic", ForeignKey("topics.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("stories", Integer, nullable=False),
    Column("frozen", Integer, nullable=False),
    Column("seen", Number, nullable=False),
    Column("settings", LargeBinary),
    Column("digest", LargeBinary),
)

# The stories of a topic's archive by their place, and what they are found by. No foreign key: a place is never
# given twice, also when the item is pruned.
archive_stories = Table(
    "archive_stories",
    metadata,
    Column("topic", ForeignKey("topics.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("story", Ordered, nullable=False),
    Column("item", Number, nullable=False),
    Index(None, "topic", "story", unique=True),
    sqlite_with_rowid=False,
)

# The copy that stands for a story in a topic since it was published there, the `updated` that was told, and when the
# copy's words had moved by then.
published_copies = Table(
    "published_copies",
    metadata,
    Column("topic", ForeignKey("topics.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("story", Ordered, primary_key=True),
    Column("item", ForeignKey("items.pk", ondelete="CASCADE"), nullable=False, index=True),
    Column("updated", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    sqlite_with_rowid=False,
)

# What a topic shows, to know what leaves it.
shown_stories = Table(
    "shown_stories",
    metadata,
    Column("topic", ForeignKey("topics.pk", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("story", Ordered, primary_key=True, autoincrement=False),
    Column("item", Number, nullable=False),
    Column("order_at", Moment, nullable=False),
    sqlite_with_rowid=False,
)
