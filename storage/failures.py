"""Foreign errors → `StorageError`, in one place: a message for people, without secrets, the cause kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from aggregator.errors import StorageError

if TYPE_CHECKING:
    from sqlalchemy import URL

POSTGRES_EXTRA = "type `make extras` in the program's folder (or pip install '.[postgres]')"
CURES = {
    "file is not a database": "it is another kind of file or damaged; move it away or restore a backup",
    "malformed": "the file is damaged; restore a backup",
    "readonly": "make the file and its folder writable for this user",
    "unable to open": "check that the folder exists and is writable for this user",
    "locked": "another program has held it for too long; try again when it is done",
    "lock timeout": "another program has held it for too long; try again when it is done",
    "full": "free some disk space",
}


def place(url: URL) -> str:
    """Where the database is, without its password."""
    if url.get_backend_name() == "sqlite":
        return f"database {url.database}"
    where = url.host or url.query.get("host") or "the local socket"
    return f"PostgreSQL database {url.database or ''!r} on {where}{f':{url.port}' if url.port else ''}"


def storage_error(error: Exception, where: str) -> StorageError:
    """The error as this program tells it.

    SQLAlchemy's own message quotes the statement and its values, PostgreSQL's detail quotes a row: neither is
    repeated, for a value may be a secret. They stay in the cause.
    """
    if isinstance(error, StorageError):
        return error
    cause: BaseException | None = error
    if isinstance(error, ModuleNotFoundError):
        what = f"the driver {error.name!r} is not installed; {POSTGRES_EXTRA}"
    elif isinstance(error, PoolTimeoutError):
        what = "every connection is in use"
    elif isinstance(error, ArgumentError | NoSuchModuleError):
        what = "its URL cannot be read; write sqlite:///var/aggregator.db or postgresql+psycopg://user@host/name"
    elif isinstance(error, UnicodeError):
        what = f"a text cannot be stored: {error.reason if isinstance(error, UnicodeEncodeError) else 'not Unicode'}"
    elif isinstance(error, DBAPIError | StatementError):
        cause = error.orig or error
        what = _first_line(cause)
    else:
        what = _first_line(error)
    cure = next((cure for sign, cure in CURES.items() if sign in what), None)
    told = StorageError(f"{where}: {what}{f'; {cure}' if cure else ''}")
    told.__cause__ = error
    return told


def _first_line(error: BaseException) -> str:
    primary = getattr(getattr(error, "diag", None), "message_primary", None)
    text = primary or next(iter(str(error).splitlines()), "") or type(error).__name__
    return str(text).removeprefix("connection failed: ")
