"""The schema's versions: applied when a database is opened, all in one transaction.

The scripts lie in migrations/versions and travel in the wheel. A new script raises `HEAD`; a test holds the two
together, so that opening a database that is up to date need not import Alembic.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, text

from aggregator.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

HEAD = "0013"
SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine, where: str, scripts: Path = SCRIPTS, head: str = HEAD) -> None:
    """Bring the schema to `head`.

    Raises:
        StorageError: the database is newer than this program, or belongs to another one.
    """
    with engine.connect().execution_options(writes=False) as connection:
        if version(connection) == head:
            return
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if sqlite:  # a table that is rebuilt is dropped; it must not take the rows that refer to it along
            _foreign_keys(connection, on=False)
        try:
            with connection.begin():  # two programs that start at once migrate one after the other: see engine.py
                _upgrade(connection, where, scripts, head)
        finally:
            if sqlite:
                _foreign_keys(connection, on=True)


def require(engine: Engine, where: str, head: str = HEAD) -> None:
    """See that the schema is this program's, without touching it.

    Raises:
        StorageError: it is older, newer, or not there.
    """
    with engine.connect().execution_options(writes=False) as connection:
        found = version(connection)
    if found != head:
        if found is not None and found > head:
            raise StorageError(f"{where}: {_newer(found, head)}")
        said = "has no tables of this program" if found is None else f"has schema {found}, this program's is {head}"
        raise StorageError(f"{where}: it {said}; `aggregator run` or `aggregator fetch` brings it up to date")


def version(connection: Connection) -> str | None:
    """The schema's version; None for a database without tables of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.execute(text("SELECT version_num FROM alembic_version")).first()
    return None if row is None else str(row[0])


def _newer(found: str, head: str) -> str:
    return f"it was written by a newer version of this program (schema {found}, here {head}); upgrade the program"


def _upgrade(connection: Connection, where: str, scripts: Path, head: str) -> None:
    from alembic.config import Config  # noqa: PLC0415  # 0.4 s that only a change of schema needs
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    old = version(connection)
    if old == head:
        return
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    directory = ScriptDirectory.from_config(config)
    if old is None and connection.dialect.name == "sqlite" and inspect(connection).get_table_names():
        raise StorageError(f"{where}: it holds the tables of another program; name another file in storage.url")
    if old is not None:
        if old not in {script.revision for script in directory.walk_revisions()}:
            raise StorageError(f"{where}: {_newer(old, head)}")
        if connection.dialect.name == "sqlite":
            _copy_aside(connection, old)

    def steps(revision: Any, _context: Any) -> Any:
        return directory._upgrade_revs(head, revision)  # noqa: SLF001  # what alembic.command.upgrade itself calls

    environment = EnvironmentContext(config, directory, fn=steps)
    environment.configure(connection=connection, transactional_ddl=True, render_as_batch=True)
    environment.run_migrations()
    if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise StorageError(f"{where}: rows that others refer to are missing; nothing was changed; restore a backup")


def _foreign_keys(connection: Connection, *, on: bool) -> None:
    # Inside a transaction the pragma does nothing, and SQLAlchemy begins one with every statement.
    raw = connection.connection.driver_connection
    if isinstance(raw, sqlite3.Connection):
        raw.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}").close()


def _copy_aside(connection: Connection, old: str) -> None:
    """A whole copy beside the file, made by SQLite itself: the file alone lacks what is still in its log."""
    path = Path(connection.engine.url.database or "")
    with (
        closing(sqlite3.connect(path)) as source,
        closing(sqlite3.connect(path.with_name(f"{path.name}.schema-{old}"))) as copy,
    ):
        source.backup(copy)
