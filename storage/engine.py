"""The connections: how each database is told to keep the transaction rule."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from aggregator.errors import StorageError
from storage.failures import place, storage_error

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

BUSY_SECONDS = 10
TURN_LOOK = 0.003  # seconds
POSTGRES_OPTIONS = {"connect_timeout": 10, "application_name": "aggregator"}
# PostgreSQL lets many write at once. Two programs that collected and published beside each other then waited for one
# another's rows, or added the same row: 10 of 60 rounds failed ("deadlock detected", "duplicate key"). One at a time,
# as in SQLite, none fails, and the rounds are no slower: what takes long is fetching and reading.
WRITER_LOCK = 0x6167677265676174  # 'aggregat'
TURN_SECONDS = 60
LOG_BYTES = 64 * 2**20  # what is kept of SQLite's write-ahead log after a large transaction
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    f"journal_size_limit={LOG_BYTES}",
    # A new item writes some thirty rows of the index of texts, each on a page of its own: with a checkpoint every 4 MB,
    # the default, a page is read and written again and again.
    f"wal_autocheckpoint={LOG_BYTES // 4096}",
)
# KiB of pages kept by a connection. Of a hundred new items beside a million 9 MB of pages change: where they do not
# fit, some go to the log early, are changed again, and all that stands behind them there is summed anew at the commit.
READER_PAGES, WRITER_PAGES = 8_000, 16_000


def parse(url: str) -> URL:
    """The URL, its driver filled in.

    Raises:
        StorageError: it is not one of a file or of PostgreSQL.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise storage_error(error, "storage.url") from None  # the cause quotes the URL, which is a secret
    name = parsed.drivername
    if name in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    if name not in ("sqlite", "postgresql+psycopg"):
        raise StorageError(f"storage.url: {name!r} is not supported; write sqlite:///… or postgresql+psycopg://…")
    if name == "sqlite" and (not parsed.database or parsed.database.startswith((":memory:", "file:"))):
        raise StorageError("storage.url: SQLite needs a file; write sqlite:///var/aggregator.db")
    return parsed


def connect(url: URL, *, create: bool) -> Engine:
    """An engine over the database; nothing is read or written yet but the folder of an SQLite file.

    Raises:
        StorageError: there is no file and none may be made, or the driver is missing.
    """
    where = place(url)
    try:
        if url.get_backend_name() == "sqlite":
            _prepare(Path(url.database or ""), where, create=create)
            wait = {} if "timeout" in url.query else {"timeout": BUSY_SECONDS}
            engine = create_engine(url, pool_size=5, max_overflow=20, connect_args=wait)
            event.listen(engine, "connect", _tune)
        else:
            # Whatever the server's default is: a writer sees what was written while it waited for its turn.
            level = {"isolation_level": "READ COMMITTED", "connect_args": POSTGRES_OPTIONS}
            engine = create_engine(url, pool_size=5, max_overflow=20, pool_pre_ping=True, **level)
    except Exception as error:
        raise storage_error(error, where) from error
    event.listen(engine, "begin", _begin)
    return engine


def connect_reader(url: URL) -> Engine:
    """An engine that only reads: for who looks at a store that another program, or another user, writes.

    Raises:
        StorageError: there is no file, or the driver is missing.
    """
    where = place(url)
    if url.get_backend_name() != "sqlite":
        engine = connect(url, create=False)
        event.listen(engine, "connect", _forbid)
        return engine
    path = Path(url.database or "").absolute()
    if not path.exists():
        raise StorageError(f"{where}: there is no such file; `aggregator run` or `aggregator fetch` makes it")
    # SQLite wants to write beside a database even to read it. Where it cannot, and no log waits there to be
    # read, the file is taken as it lies.
    log = path.with_name(path.name + "-wal")
    frozen = not os.access(path.parent, os.W_OK) and not (log.exists() and log.stat().st_size)
    address = f"file:{quote(str(path))}?mode=ro{'&immutable=1' if frozen else ''}"
    engine = create_engine("sqlite://", creator=lambda: _reader(address), poolclass=QueuePool, max_overflow=20)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _forbid(connection: Any, _record: object) -> None:
    connection.read_only = True  # psycopg: every transaction of this connection


def _reader(address: str) -> sqlite3.Connection:
    connection = sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, check_same_thread=False)
    connection.isolation_level = None
    return connection


def _prepare(path: Path, where: str, *, create: bool) -> None:
    if not path.exists():
        if not create:
            raise StorageError(f"{where}: there is no such file; `aggregator run` or `aggregator fetch` makes it")
        path.parent.mkdir(parents=True, exist_ok=True)
        return
    log = path.with_name(path.name + "-wal")
    if path.stat().st_size == 0 and log.exists() and log.stat().st_size:
        raise StorageError(f"{where}: the file is empty, yet {log.name} beside it is not; restore a backup")
    # Told now, not at the first visit. SQLite writes its log beside the file.
    for needed in (path, path.parent):
        if not os.access(needed, os.W_OK):
            raise StorageError(f"{where}: {needed} is readonly; make the file and its folder writable for this user")


def _tune(connection: Any, _record: object) -> None:
    # The driver's own lazy BEGIN loses updates: of 240 increments by 4 threads 61 survived, without an error.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _took_turn(connection: Connection) -> bool:
    """Begin to write, looking every few milliseconds whether others have done, as long as the driver would wait.

    SQLite's own waiting sleeps for up to 100 ms at a time: beside a program that writes one slice after another, and
    pauses for less than that, 20 of 20 turns were missed.
    """
    raw = connection.connection.driver_connection
    if not isinstance(raw, sqlite3.Connection):
        return False
    [patience] = raw.execute("PRAGMA busy_timeout").fetchone()
    until = time.monotonic() + patience / 1000
    raw.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                raw.execute("BEGIN IMMEDIATE").close()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    return False  # the usual way meets the error again, and tells it
                if time.monotonic() >= until:
                    raise  # the usual way would wait as long again
                time.sleep(TURN_LOOK)
            else:
                return True
    finally:
        raw.execute(f"PRAGMA busy_timeout = {patience}").close()


def _begin(connection: Connection) -> None:
    """One writer at a time, whatever the database: what a writing transaction read is true until it ends.

    Writers queue from their first statement: in SQLite a reader that turns writer fails at once, whatever the timeout.
    """
    writes = connection.get_execution_options().get("writes", True)
    if connection.dialect.name == "sqlite":
        if not (writes and _took_turn(connection)):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
        connection.exec_driver_sql(f"PRAGMA cache_size = -{WRITER_PAGES if writes else READER_PAGES}")
    elif writes:
        patience = f"set_config('lock_timeout', '{TURN_SECONDS:g}s', true)"
        connection.exec_driver_sql(f"SELECT {patience}, pg_advisory_xact_lock({WRITER_LOCK})")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
