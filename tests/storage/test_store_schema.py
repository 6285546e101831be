"""The schema: what migrations make, and that every query of the daemon's ticks has its index."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from samples import NOW, add, claim, configure, item, match_all, publish, topic, topics
from sqlalchemy import event, text

from storage import migrate
from storage.tables import metadata

# Small tables, and those that are read from their beginning on purpose.
READ_WHOLE = ("topics", "unmatched", "anon_1", "sqlite_sequence", "sources")


def test_migrations_make_what_the_tables_say(database):
    """Alembic finds no difference between the database and tables.py."""
    with database._engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [migrate.HEAD]


def test_head_is_the_newest_script():
    """The constant that spares opening a database the import of Alembic."""
    assert ScriptDirectory(str(migrate.SCRIPTS)).get_current_head() == migrate.HEAD


def test_no_query_of_a_tick_reads_all_items(database):
    """SQLite tells its plan: SEARCH by an index, never SCAN, but for the small tables."""
    if database._engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by size: it reads a small table whole, whatever indexes there are")
    configure(database, "a", "b")
    topics(database, topic())
    asked = []

    def note(*given):
        statement, parameters, many = given[2], given[3], given[5]
        asked.append((statement, parameters[0] if many else parameters))

    event.listen(database._engine, "before_cursor_execute", note)
    rows = add(database, item("a", "one", story_link="p"), item("b", "two", story_link="p"))
    match_all(database, "all")
    publish(database, topic())
    publish(database, topic(source_ids=frozenset({"a"})))
    configure(database, "a")
    [due, *_] = claim(database)
    with database.write() as rooms:
        rooms.sources.record(due, due.visits, NOW)
        rooms.items.raw_hashes("a")
        rooms.items.touch("a", [rows[0].item.raw_hash], NOW)
        rooms.items.find("https://x.example/")
        rooms.topics.verdicts(1)
        rooms.topics.fill("all", {})
        rooms.stories.copies("x")
        rooms.sources.next_due()
        rooms.sources.owners()
        rooms.documents.head("x")
    event.remove(database._engine, "before_cursor_execute", note)
    scans = []
    with database._engine.connect() as connection:
        for statement, parameters in asked:
            if statement.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
                plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters).all()
                found = [row[-1] for row in plan if row[-1].startswith("SCAN")]
                scans += [(step, statement) for step in found if step.split()[1] not in READ_WHOLE]
    assert len(asked) > 50
    assert scans == []
