"""One transaction: every statement of the store passes here, so that every foreign error is mapped here."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import column, func, select, text
from sqlalchemy import table as naming
from sqlalchemy.dialects import postgresql, sqlite

from aggregator.errors import StorageError
from storage.failures import storage_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Executable, Row, Select, Table

    from aggregator.domain.source import Source

# SQLite takes 32,766 parameters in a statement, PostgreSQL 65,535.
MANY = 10_000


@dataclass(kw_only=True, slots=True)
class Memory:
    """What a process remembers beside its database.

    `sources` are the configured ones: the store keeps no secret, so it hands out what it was given. `read_at`
    is how far each topic had changed when its groups were last read: what changes between the reading and the
    publishing of a topic leaves it stale.
    """

    sources: Mapping[str, Source] = field(default_factory=dict)
    read_at: dict[str, int] = field(default_factory=dict)


class Session:
    """A connection inside one transaction."""

    def __init__(self, connection: Connection, memory: Memory, where: str, *, writes: bool) -> None:
        self._connection = connection
        self._where = where
        self.memory = memory
        self.sources = memory.sources  # becomes the memory's at commit
        self.read_at: dict[str, int] = {}  # as in the memory, of this transaction alone
        self.writes = writes
        self.postgres = connection.dialect.name == "postgresql"

    def rows(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """Every row of a query."""
        try:
            return self._connection.execute(statement, parameters).all()
        except Exception as error:
            raise storage_error(error, self._where) from error

    def row(self, statement: Executable) -> Row[Any] | None:
        """The first row of a query, or None."""
        return next(iter(self.rows(statement)), None)

    def value(self, statement: Executable) -> Any:
        """The first column of the first row, or None."""
        row = self.row(statement)
        return None if row is None else row[0]

    def run(self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] = ()) -> int:
        """Execute a change, once or for each of the parameters. Returns the rows it met."""
        self._must_write()
        try:
            return self._connection.execute(statement, parameters or None).rowcount
        except Exception as error:
            raise storage_error(error, self._where) from error

    def insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows."""
        if rows:
            self.run(table.insert(), rows)

    def insert_missing(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add those rows whose primary key is not there yet."""
        if rows:
            self.run(self._insert(table).on_conflict_do_nothing(), rows)

    def upsert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows; where the primary key is there, the other columns are replaced."""
        if not rows:
            return
        keys = [key.name for key in table.primary_key]
        statement = self._insert(table)
        # As `statement.excluded`, which makes a copy of every column of the table, anew for each statement.
        names = [name for name in rows[0] if name not in keys]
        excluded = naming("excluded", *map(column, names))
        others = {name: excluded.c[name] for name in names}
        self.run(statement.on_conflict_do_update(index_elements=keys, set_=others), rows)

    def insert_selected(self, table: Table, names: Sequence[str], query: Select[Any]) -> None:
        """Add what a query gives, but rows whose primary key is there already. The query has a condition."""
        self.run(self._insert(table).from_select(names, query).on_conflict_do_nothing())

    def numbers(self, table: Table, count: int) -> list[int]:
        """New, rising primary keys of an autoincrement table.

        Asking for them beforehand lets rows that refer to each other be inserted many at once; RETURNING a row
        at a time is dear on both databases.
        """
        if not count:
            return []
        self._must_write()
        if self.postgres:
            sequence = func.nextval(func.pg_get_serial_sequence(table.name, "pk"))
            return [row[0] for row in self.rows(select(sequence).select_from(func.generate_series(1, count)))]
        last = text("SELECT seq FROM sqlite_sequence WHERE name = :name").bindparams(name=table.name)
        first = (self.value(last) or 0) + 1
        return list(range(first, first + count))

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part that can fail alone."""
        try:
            nested = self._connection.begin_nested()
        except Exception as error:
            raise storage_error(error, self._where) from error
        kept = self.sources
        try:
            yield
        except BaseException:
            self.sources = kept
            self._end(nested.rollback)
            raise
        self._end(nested.commit)

    def _must_write(self) -> None:
        if not self.writes:  # SQLite would take it
            raise StorageError(f"{self._where}: a change inside a reading transaction; this is a bug")

    def _end(self, action: Any) -> None:
        try:
            action()
        except Exception as error:
            raise storage_error(error, self._where) from error

    def _insert(self, table: Table) -> Any:
        return postgresql.insert(table) if self.postgres else sqlite.insert(table)


def chunks(values: Iterable[Any], size: int = MANY) -> Iterator[list[Any]]:
    """Parts small enough for one statement's parameters."""
    part: list[Any] = []
    for value in values:
        part.append(value)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part
