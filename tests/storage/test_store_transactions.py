"""What a transaction promises, on both databases; also when a process is killed in the middle of one."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from samples import NOW, add, claim, configure, item, new, source
from sqlalchemy import NullPool, create_engine, make_url, text

from aggregator.domain.source import Visits
from aggregator.errors import StorageError
from storage import Database

HERE = Path(__file__).parent


def names(database):
    with database.read() as rooms:
        return [one.item.title.split()[0] for one in rooms.items.export()]


def write(database, *items):
    with database.write() as rooms:
        for it in items:
            rooms.items.apply("a", [new(it)], NOW)


def test_an_exception_undoes_everything(database):
    """And is raised on as it was; the configuration handed out is the one that was committed."""
    configure(database, "a")

    def fail():
        with database.write() as rooms:
            rooms.items.apply("a", [new(item("a", "one"))], NOW)
            rooms.sources.sync([source("b")], NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert names(database) == []
    assert [due.source.id for due in claim(database)] == ["a"]


def test_a_savepoint_fails_alone(database):
    """What stood before it and what comes after it are kept."""
    configure(database, "a")

    def fail(rooms):
        with rooms.savepoint():
            rooms.items.apply("a", [new(item("a", "inside"))], NOW)
            raise ZeroDivisionError

    with database.write() as rooms:
        rooms.items.apply("a", [new(item("a", "before"))], NOW)
        with pytest.raises(ZeroDivisionError):
            fail(rooms)
        with rooms.savepoint():
            rooms.items.apply("a", [new(item("a", "after"))], NOW)
    assert names(database) == ["before", "after"]


def test_an_error_of_the_database_costs_its_savepoint_only(database):
    """PostgreSQL refuses every statement after an error until the savepoint is undone."""
    configure(database, "a")

    def fail(rooms):
        with rooms.savepoint():
            rooms.items.apply("a", [new(item("a", "inside"))], NOW)
            rooms.sources.sync([source("b")], NOW)
            rooms.items.apply("a", [new(item("a", "lost"), story=10**9)], NOW)

    with database.write() as rooms:
        with pytest.raises(StorageError) as told:
            fail(rooms)
        rooms.items.apply("a", [new(item("a", "kept"))], NOW)
    assert names(database) == ["kept"]
    assert str(10**9) not in str(told.value)  # PostgreSQL's detail quotes the row
    assert [due.source.id for due in claim(database)] == ["a"]


@pytest.mark.parametrize(
    "bad",
    [{"text": "half \ud800 pair"}, {"words": 2**70}],
    ids=["text", "number"],
)
def test_what_cannot_be_stored_is_a_storage_error(database, bad):
    """Cleaning takes such things away; if one slips through, it is told without the values beside it."""
    configure(database, "a")
    broken = item("a", "one", title="S3CRET", **bad)
    with pytest.raises(StorageError) as told:
        write(database, broken)
    assert "S3CRET" not in str(told.value)
    assert told.value.__cause__ is not None
    assert names(database) == []
    write(database, item("a", "two"))


@pytest.mark.postgres
def test_nul_is_a_storage_error_in_postgresql(postgres_url):
    """Its text has no NUL; SQLite's has."""
    database = Database.open(postgres_url)
    configure(database, "a")
    with pytest.raises(StorageError, match="NUL"):
        write(database, item("a", "one", text="a\x00b"))
    assert names(database) == []
    database.close()


def test_a_reader_sees_one_moment(database):
    """What is committed meanwhile is not seen, and neither waits for the other."""
    configure(database, "a")
    add(database, item("a", "one"))
    with database.read() as rooms:
        assert len(list(rooms.items.export())) == 1
        write(database, item("a", "two"))
        assert len(list(rooms.items.export())) == 1
    assert names(database) == ["one", "two"]


def test_a_reader_may_not_write(database):
    """A change inside `read()` is a bug and is told as one, on SQLite too."""
    configure(database, "a")
    with pytest.raises(StorageError, match="reading"), database.read() as rooms:
        rooms.items.apply("a", [new(item("a", "one"))], NOW)


def test_a_write_inside_a_write_is_told(database):
    """It would wait for itself."""
    with database.write(), pytest.raises(StorageError, match="inside another"), database.write():
        pass
    with database.write():
        pass


def test_a_closed_store_opens_again_with_everything(database, database_url):
    """Also its sources' memory, once the configuration was applied again."""
    configure(database, "a")
    add(database, item("a", "one"))
    [due] = claim(database)
    with database.write() as rooms:
        rooms.sources.record(due, Visits(title="kept", next_visit=NOW))
    database.close()
    database.close()
    again = Database.open(database_url, create=False)
    try:
        assert names(again) == ["one"]
        assert claim(again) == []
        configure(again, "a")
        assert [due.visits.title for due in claim(again)] == ["kept"]
    finally:
        again.close()


WRITER = """
import sys
sys.path.insert(0, sys.argv[2])
from samples import NOW, configure, item, new
from aggregator.domain.source import Visits
from storage import Database
database = Database.open(sys.argv[1])
configure(database, "a")
for n in range(10**6):
    with database.write() as rooms:
        [due] = rooms.sources.claim_due(NOW, owner=f"{n}", lease=NOW - NOW, limit=1)
        rooms.items.apply("a", [new(item("a", f"{n}-{k}")) for k in range(5)], NOW)
        if n == 3:
            print("in the middle", flush=True)
            sys.stdin.read()
        rooms.sources.record(due, Visits(next_visit=NOW, next_visit_reason=str(n)))
"""


def test_killed_in_the_middle_of_a_transaction(database_url):
    """Whole visits are stored or nothing of them: items and what the visit remembers agree, nothing is doubled."""
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, database_url, str(HERE)], stdout=subprocess.PIPE, stdin=subprocess.PIPE
    )
    with child:
        assert child.stdout.readline() == b"in the middle\n"
        os.kill(child.pid, signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
    opened = Database.open(database_url)
    try:
        assert names(opened) == [f"{n}-{k}" for n in range(3) for k in range(5)]
        with opened.read() as rooms:
            assert rooms.sources.visits("a").next_visit_reason == "2"
        configure(opened, "a")
        add(opened, item("a", "on it goes"))
    finally:
        opened.close()
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        with sqlite3.connect(url.database) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
        raw.close()


LOCKER = """
import sys
from storage import Database
database = Database.open(sys.argv[1])
lock = database.try_lock("daemon")
print("held" if lock else "refused", flush=True)
sys.stdin.read()
"""


def test_a_lock_is_one_processs_and_dies_with_it(database, database_url):
    """A second process is refused, also under another name of the same database; SIGKILL frees it."""
    with subprocess.Popen(
        [sys.executable, "-c", LOCKER, database_url], stdout=subprocess.PIPE, stdin=subprocess.PIPE
    ) as child:
        assert child.stdout.readline() == b"held\n"
        assert database.try_lock("daemon") is None
        with database.try_lock("other"):
            pass
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    lock = wait_for_lock(database)
    assert database.try_lock("daemon") is None
    lock.release()
    lock.release()
    with database.try_lock("daemon"):
        pass


def test_a_lock_whose_connection_was_cut_is_taken_again_or_lost_for_good(database, database_url):
    """PostgreSQL frees the locks of a connection that it ends, and whoever comes first has them."""
    lock = database.try_lock("daemon")
    assert lock.held()
    cut_other_connections(database_url)
    assert lock.held()
    assert database.try_lock("daemon") is None
    if make_url(database_url).get_backend_name() == "postgresql":
        cut_other_connections(database_url)
        other = wait_for_lock(database)
        assert not lock.held()
        other.release()
    lock.release()
    assert not lock.held()


def cut_other_connections(url):
    """SQLite's lock is a file's: nothing can cut it."""
    if make_url(url).get_backend_name() == "postgresql":
        engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )


def wait_for_lock(database):
    """PostgreSQL's server notices a closed socket when it next looks at it."""
    import time

    until = time.monotonic() + 20
    while (lock := database.try_lock("daemon")) is None:
        assert time.monotonic() < until
        time.sleep(0.02)
    return lock
