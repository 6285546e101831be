"""The schema: what migrations make, and that every query of the daemon's ticks has its index."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from samples import NOW, add, claim, configure, item, match_all, publish, topic, topics
from sqlalchemy import event, text

from aggregator.domain.settings import SameStory
from storage import Database, migrate
from storage.story_index import merge
from storage.tables import metadata

# Small tables, and those that are read from their beginning on purpose.
READ_WHOLE = ("topics", "fillings", "unmatched", "anon_1", "sqlite_sequence", "sources")


def test_migrations_make_what_the_tables_say(database):
    """Alembic finds no difference between the database and tables.py, which cannot tell of the search index."""
    opts = {"compare_type": True, "include_name": lambda name, *_: not (name or "").startswith("search_index")}
    with database._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=opts), metadata) == []
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [migrate.HEAD]


def test_head_is_the_newest_script():
    """The constant that spares opening a database the import of Alembic."""
    assert ScriptDirectory(str(migrate.SCRIPTS)).get_current_head() == migrate.HEAD


@pytest.fixture
def sqlite(sqlite_url):
    opened = Database.open(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def plans(sqlite):
    """SQLite's plan of every statement a piece of work runs: (statement, step) pairs."""

    def of(work):
        asked = []

        def note(*given):
            statement, parameters, many = given[2], given[3], given[5]
            asked.append((statement, parameters[0] if many else parameters))

        event.listen(sqlite._engine, "before_cursor_execute", note)
        work()
        event.remove(sqlite._engine, "before_cursor_execute", note)
        with sqlite._engine.connect() as connection:
            return [
                (statement, row[-1])
                for statement, parameters in asked
                if statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT"))
                for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters)
            ]

    return of


def test_no_query_of_a_tick_reads_all_items(sqlite, plans):
    """SQLite searches by an index and scans small tables only; PostgreSQL plans by size, and tells less."""
    configure(sqlite, "a", "b")
    topics(sqlite, topic())

    def work():
        rows = add(sqlite, item("a", "one", story_link="p"), item("b", "two", story_link="p"))
        match_all(sqlite, "all")
        publish(sqlite, topic())
        publish(sqlite, topic(source_ids=frozenset({"a"})))
        configure(sqlite, "a")
        [due, *_] = claim(sqlite)
        with sqlite.write() as rooms:
            rooms.sources.record(due, due.visits)
            rooms.items.raw_hashes("a")
            rooms.items.touch("a", [rows[0].item.raw_hash], NOW)
            rooms.items.find("https://x.example/")
            rooms.topics.verdicts(1)
            rooms.filling.open()
            rooms.stories.copies("x")
            rooms.sources.next_due()
            rooms.sources.owners()
            rooms.documents.head("x")

    steps = plans(work)
    assert len(steps) > 50
    assert [one for one in steps if one[1].startswith("SCAN") and one[1].split()[1] not in READ_WHOLE] == []


def test_a_merge_reads_the_keys_of_its_story_alone(sqlite, plans):
    """Among a million stories one merge took a fifth of a second when it read those of all."""

    def work():
        with sqlite._transaction(writes=True) as session:
            merge(session, 1, 2)

    steps = [step for _, step in plans(work)]
    assert any("ix_story_postings_story (story=?)" in step for step in steps)
    assert [step for step in steps if step.startswith("SCAN story_")] == []


@pytest.mark.parametrize("same", SameStory)
@pytest.mark.parametrize("source_ids", [None, frozenset({"a"})], ids=["all sources", "some"])
def test_a_topic_is_walked_in_its_order(sqlite, plans, same, source_ids):
    """By its index, never sorted whole; the earlier copies of an item are looked up by its story, never by topic.

    Joined the other way round the first fifty of 20,000 took 1.9 s instead of 13 ms, and all of them minutes.
    """
    configure(sqlite, "a")
    one = topic(same_story=same, source_ids=source_ids)
    topics(sqlite, one)
    add(sqlite, item("a", "one"))
    match_all(sqlite, "all")
    asked = plans(lambda: publish(sqlite, one))
    steps = [step for statement, step in asked if "ORDER BY topic_items.order_at DESC" in statement]
    assert any("ix_topic_items_edition_order_at" in step for step in steps)
    assert not any(step == "USE TEMP B-TREE FOR ORDER BY" for step in steps)
    assert not any("item<" in step for step in steps)
    if same is not SameStory.OFF:
        assert any("ix_items_story_pk (story=? AND pk<?)" in step for step in steps)
