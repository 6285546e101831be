"""Opening a database: what is told when it cannot be, and what becomes of an older or newer one."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from samples import NOW, add, configure, item, source
from sqlalchemy import create_engine, event, text

from aggregator.errors import StorageError
from storage import Database, engine, migrate
from storage.engine import connect, parse

SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "9998"
down_revision = "{head}"


def upgrade():
    sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("stories", recreate="always" if sqlite else "never") as table:
        table.add_column(sa.Column("place", sa.Text(), server_default="here"))
    {more}
"""


def refused(url, **more):
    with pytest.raises(StorageError) as told:
        Database.open(url, **more)
    return str(told.value)


def test_opening_makes_the_folder_and_the_file(tmp_path):
    """In WAL, so that readers and the writer do not wait for each other."""
    path = tmp_path / "var" / "deep" / "aggregator.db"
    Database.open(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_missing_file_is_told_where_none_may_be_made(tmp_path):
    """`status` and `serve` make no empty database."""
    assert "no such file" in refused(f"sqlite:///{tmp_path / 'x.db'}", create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite://", "needs a file"),
        ("sqlite:///:memory:", "needs a file"),
        ("sqlite:///file:x.db?mode=ro&uri=true", "needs a file"),
        ("mysql://root:S3CRET@localhost/x", "'mysql' is not supported"),
        ("S3CRET no url", "sqlite:///var/aggregator.db"),
        ("postgresql+psycopg2://u:S3CRET@h/x", "not supported"),
        ("postgresql+psycopg://u:S3CRET@127.0.0.1:1/x", "on 127.0.0.1:1"),
        ("postgresql://u:S3CRET@127.0.0.1:1/x", "Connection refused"),
    ],
)
def test_a_url_that_leads_nowhere(url, said):
    """One line that says what to do, without the password; not in the chain of causes' own words either."""
    with pytest.raises(StorageError) as told:
        Database.open(url)
    assert said in str(told.value)
    error = told.value
    while error is not None:
        assert "S3CRET" not in str(error) + repr(error)
        error = error.__cause__


def test_a_missing_driver_is_told_with_its_cure(monkeypatch):
    """The extra is not installed."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "`make extras`" in refused("postgresql+psycopg://u@localhost/x")


@pytest.mark.parametrize("content", [b"another kind of file " * 99, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_file_of_another_kind_is_not_touched(tmp_path, content):
    """It is refused with its path."""
    path = tmp_path / "aggregator.db"
    path.write_bytes(content)
    assert str(path) in refused(f"sqlite:///{path}")
    assert path.read_bytes() == content


def test_an_emptied_file_with_a_log_beside_it_is_not_taken_for_a_new_one(tmp_path):
    """Something cut it to nothing: the log still has the last changes."""
    path = tmp_path / "aggregator.db"
    path.touch()
    log = tmp_path / "aggregator.db-wal"
    log.write_bytes(b"x" * 100)
    assert "aggregator.db-wal" in refused(f"sqlite:///{path}")
    assert log.exists()


def test_another_programs_database_is_refused(tmp_path):
    """Our tables are not put among others'."""
    path = tmp_path / "places.db"
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.execute("CREATE TABLE bookmarks (id)")
    assert "another program" in refused(f"sqlite:///{path}")


READ_ONLY = """
import os, sys
from storage import Database
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
Database.open(sys.argv[1])
"""


@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_may_not_be_written_is_told_at_once(sqlite_template, what):
    """With its path, not at the first visit; root, who always may, becomes another user first."""
    with tempfile.TemporaryDirectory() as name:  # pytest's folders may not be entered by another user
        path = Path(name) / "aggregator.db"
        shutil.copy(sqlite_template, path)
        path.chmod(0o444 if what == "file" else 0o666)
        path.parent.chmod(0o777 if what == "file" else 0o555)
        done = subprocess.run(
            [sys.executable, "-c", READ_ONLY, f"sqlite:///{path}"], capture_output=True, text=True, check=False
        )
        path.parent.chmod(0o700)
    assert f"StorageError: database {path}: {path if what == 'file' else name} is readonly" in done.stderr


def test_a_database_that_is_locked_is_told(sqlite_url):
    """After the busy timeout, with what to do; readers are not concerned."""
    opened = Database.open(f"{sqlite_url}?timeout=0.01")
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as raw:
        raw.execute("BEGIN IMMEDIATE")
        with opened.read() as rooms:
            assert rooms.sources.reports() == []
        with pytest.raises(StorageError, match="another program"), opened.write():
            pass
    opened.close()


def test_a_writer_keeps_more_pages_than_a_reader(sqlite_url):
    """What a hundred new items change fits; many readers at once stay small."""
    opened = Database.open(sqlite_url)
    for _ in range(2):  # of one connection, which is lent again
        for begin, pages in ((opened.write, engine.WRITER_PAGES), (opened.read, engine.READER_PAGES)):
            with begin() as rooms:
                assert rooms.sources._session.value(text("PRAGMA cache_size")) == -pages
    opened.close()


def test_nobody_waits_for_a_locked_database_twice(sqlite_url, monkeypatch):
    """When the busy timeout is over, it is over: SQLite's own waiting does not begin once more behind it."""
    opened, moments, asked = Database.open(f"{sqlite_url}?timeout=5"), iter(range(100)), []
    event.listen(opened._engine, "before_cursor_execute", lambda *sent: asked.append(sent[2]))
    monkeypatch.setattr(engine, "time", SimpleNamespace(monotonic=lambda: next(moments), sleep=lambda _: None))
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as raw:
        raw.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="is locked; another program"), opened.write():
            pass
    assert (next(moments), asked) == (6, [])
    with opened.write() as rooms:  # nothing of it is left
        assert rooms.sources.reports() == []
    opened.close()


def test_a_newer_database_is_refused(database, database_url):
    """A downgraded program does not guess."""
    with database._engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    for opened in (Database.open, Database.look):  # the daemon, and who only looks
        with pytest.raises(StorageError, match=r"newer version.*9999"):
            opened(database_url)


@pytest.fixture
def scripts(tmp_path):
    """The migrations and one more, whose ending a test chooses."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))

    def with_second(more="pass"):
        (folder / "versions" / "v9998_place.py").write_text(SECOND.format(more=more, head=migrate.HEAD))
        return folder

    return with_second


def columns(url):
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return set(connection.execute(text("SELECT * FROM stories")).keys())
    finally:
        engine.dispose()


def upgrade(url, scripts):
    engine = connect(parse(url), create=False)
    try:
        migrate.upgrade(engine, "here", scripts, "9998")
    finally:
        engine.dispose()


def test_an_older_database_is_brought_up_to_date_with_its_rows(database, database_url, scripts):
    """Rebuilding a table takes nothing along that refers to it; an SQLite file is copied aside first."""
    configure(database, "a")
    add(database, item("a", "one"))
    upgrade(database_url, scripts())
    upgrade(database_url, scripts())
    assert "place" in columns(database_url)
    with database.read() as rooms:
        assert len(list(rooms.items.export())) == 1
    if database_url.startswith("sqlite"):
        copy = f"{database_url}.schema-{migrate.HEAD}"
        assert "place" not in columns(copy)
        opened = Database.open(copy, create=False)
        with opened.read() as rooms:
            assert [one.first_seen for one in rooms.items.export()] == [NOW]
        opened.close()


def test_a_migration_that_fails_changes_nothing(database, database_url, scripts):
    """All of it is one transaction: the program can be put back to its old version."""
    configure(database, "a")
    add(database, item("a", "one"))
    with pytest.raises(ZeroDivisionError):
        upgrade(database_url, scripts("1 / 0"))
    assert "place" not in columns(database_url)
    database.close()
    again = Database.open(database_url)
    with again.read() as rooms:
        assert len(list(rooms.items.export())) == 1
    again.close()


def test_two_programs_that_start_at_once(tmp_path):
    """One makes the tables, the other finds them."""
    url = f"sqlite:///{tmp_path / 'aggregator.db'}"
    program = f"from storage import Database; Database.open({url!r}).close(); print('opened')"
    started = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) for _ in range(3)]
    assert [one.communicate()[0] for one in started] == [b"opened\n"] * 3


def test_looking_needs_no_right_to_write(sqlite_url, tmp_path):
    """`status` and `serve` work for a user who may only read; nothing appears beside the file."""
    database = Database.open(sqlite_url)
    configure(database, "a")
    database.close()
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    path.chmod(0o444)
    path.parent.chmod(0o555)
    before = sorted(path.parent.iterdir())
    try:
        looked = Database.look(sqlite_url)
        looked.attach([source("a")])
        with looked.read() as rooms:
            assert [report.id for report in rooms.sources.reports()] == ["a"]
        looked.close()
        assert os.geteuid() == 0 or sorted(path.parent.iterdir()) == before
    finally:
        path.parent.chmod(0o755)


def test_looking_beside_a_writer_sees_what_is_committed_and_writes_nothing(database, database_url):
    configure(database, "a")
    looked = Database.look(database_url)
    looked.attach([source("a")])
    with looked.read() as rooms:
        assert [report.id for report in rooms.sources.reports()] == ["a"]
    try:
        with pytest.raises(StorageError), looked.write() as rooms:
            rooms.sources.sync([source("b")], NOW)
    finally:
        looked.close()


def test_looking_makes_and_migrates_nothing(tmp_path):
    with pytest.raises(StorageError, match="no such file"):
        Database.look(f"sqlite:///{tmp_path}/none.db")
    (tmp_path / "empty.db").touch()
    with pytest.raises(StorageError, match="no tables"):
        Database.look(f"sqlite:///{tmp_path}/empty.db")
