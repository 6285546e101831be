"""Locks that outlive a transaction and die with their process: one daemon per database."""

from __future__ import annotations

import fcntl
import os
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

    from sqlalchemy import URL, Connection, Engine


class Lock:
    """A lock held; give it back with `release` or by leaving the `with` block. The process's death frees it.

    Args:
        release: gives it back.
        keep: see `held`.
    """

    def __init__(self, release: Callable[[], None], keep: Callable[[], bool] = lambda: True) -> None:
        self._release: Callable[[], None] | None = release
        self._keep = keep

    def held(self) -> bool:
        """Whether it is still ours. One that was lost is taken again where nobody else has it."""
        return self._release is not None and self._keep()

    def release(self) -> None:
        """Give it back; safe to call twice."""
        if self._release is not None:
            self._release()
            self._release = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def file_lock(database: Path, name: str) -> Lock | None:
    """A lock file beside an SQLite database. It stays when the lock is given back: removing it would race."""
    path = database.with_name(f"{database.name}.{name}.lock")
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    except BaseException:
        os.close(handle)
        raise
    return Lock(lambda: os.close(handle))


def advisory_lock(url: URL, name: str, options: dict[str, Any]) -> Lock | None:
    """A session lock of PostgreSQL, on a connection of its own: whatever cuts the connection frees the lock."""
    number = int.from_bytes(blake2b(f"aggregator {name}".encode(), digest_size=8).digest(), "big", signed=True)
    engine = create_engine(url, poolclass=NullPool, connect_args=options, isolation_level="AUTOCOMMIT")
    connection = _granted(engine, number)
    if connection is None:
        return None

    def keep() -> bool:
        nonlocal connection
        if connection is not None:
            try:
                connection.execute(text("SELECT 1"))
            except DBAPIError:
                connection.close()
                connection = None
        if connection is None:
            try:
                connection = _granted(engine, number)
            except DBAPIError:
                return True  # the server is away: nobody has the lock, and who writes will tell
        return connection is not None

    def release() -> None:
        if connection is not None:
            connection.close()

    return Lock(release, keep)


def _granted(engine: Engine, number: int) -> Connection | None:
    """A connection that holds the lock, or None where another one does."""
    connection = engine.connect()
    try:
        granted = connection.execute(text("SELECT pg_try_advisory_lock(:number)"), {"number": number}).scalar_one()
    except BaseException:
        connection.close()
        raise
    if not granted:
        connection.close()
        return None
    return connection
