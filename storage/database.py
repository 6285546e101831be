"""The way in: a database opened, and its transactions."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock as ThreadLock
from threading import get_ident
from typing import TYPE_CHECKING

from aggregator.errors import StorageError
from storage.applied import Applied
from storage.archives import Archives
from storage.audience import Audiences
from storage.days import Days
from storage.digests import Digests
from storage.documents import Documents
from storage.drops import Drops
from storage.engine import POSTGRES_OPTIONS, connect, connect_reader, parse
from storage.failures import place, storage_error
from storage.filling import Fillings
from storage.hub import Hub
from storage.items import Items
from storage.locks import Lock, advisory_lock, file_lock
from storage.migrate import require, upgrade
from storage.robots import Robots
from storage.search import Search
from storage.session import Memory, Session
from storage.sources import Sources
from storage.stories import Stories
from storage.subscriptions import Subscriptions
from storage.tokens import Tokens
from storage.topics import Topics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy import URL, Engine

    from aggregator.domain.source import Source
    from aggregator.ports import (
        AppliedStore,
        ArchiveStore,
        AudienceStore,
        DayStore,
        DigestStore,
        DocumentStore,
        DropStore,
        FillingStore,
        HubStore,
        ItemStore,
        RobotsStore,
        Rooms,
        SearchStore,
        SourceStore,
        StoryStore,
        SubscriptionStore,
        TokenStore,
        TopicStore,
    )


class Transaction:
    """The rooms within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.sources: SourceStore = Sources(session)
        self.days: DayStore = Days(session)
        self.items: ItemStore = Items(session)
        self.stories: StoryStore = Stories(session)
        self.topics: TopicStore = Topics(session)
        self.filling: FillingStore = Fillings(session)
        self.digests: DigestStore = Digests(session)
        self.search: SearchStore = Search(session)
        self.applied: AppliedStore = Applied(session)
        self.drops: DropStore = Drops(session)
        self.documents: DocumentStore = Documents(session)
        self.archives: ArchiveStore = Archives(session)
        self.tokens: TokenStore = Tokens(session)
        self.audience: AudienceStore = Audiences(session)
        self.hub: HubStore = Hub(session)
        self.subscriptions: SubscriptionStore = Subscriptions(session)
        self.robots: RobotsStore = Robots(session)

    def savepoint(self) -> AbstractContextManager[None]:
        """A part that can fail alone: an exception inside undoes it and is raised on."""
        return self._session.savepoint()


class Database:
    """A store over SQLite or PostgreSQL. Threads may share it; each transaction belongs to one thread."""

    def __init__(self, url: URL, engine: Engine) -> None:
        self._url = url
        self._engine = engine
        self._where = place(url)
        self._memory = Memory()
        self._writing = ThreadLock()
        self._writer: int | None = None

    @classmethod
    def open(cls, url: str, *, create: bool = True) -> Database:
        """Open a database and bring its schema up to date.

        Args:
            url: an SQLAlchemy URL: `sqlite:////absolute/path` or `postgresql+psycopg://user@host/name`.
            create: make an SQLite file, and its folder, where there is none.

        Raises:
            StorageError: what is wrong and what to do; a password in the URL is never part of it.
        """
        parsed = parse(url)
        return cls._checked(parsed, connect(parsed, create=create), upgrade)

    @classmethod
    def look(cls, url: str) -> Database:
        """Open a database for reading alone, also where this user may not write.

        Raises:
            StorageError: it is not there, or its schema is not this program's.
        """
        parsed = parse(url)
        return cls._checked(parsed, connect_reader(parsed), require)

    @classmethod
    def _checked(cls, url: URL, engine: Engine, check: Callable[[Engine, str], None]) -> Database:
        """The database, if `check` finds its schema right or makes it so."""
        database = cls(url, engine)
        try:
            check(engine, database._where)
        except Exception as error:
            engine.dispose()
            raise storage_error(error, database._where) from error
        return database

    @contextmanager
    def write(self) -> Iterator[Rooms]:
        """One transaction that may write: committed at the end, undone by an exception.

        Writers of one process queue here: SQLite's own queue is a sleep that grows, and unfair.
        """
        if self._writer == get_ident():
            raise StorageError(f"{self._where}: a writing transaction inside another; this is a bug")
        with self._writing:
            self._writer = get_ident()
            try:
                with self._transaction(writes=True) as session:
                    yield Transaction(session)
                self._memory.sources = session.sources
            finally:
                self._writer = None

    @contextmanager
    def read(self) -> Iterator[Rooms]:
        """One consistent look; never blocks a writer."""
        with self._transaction(writes=False) as session:
            yield Transaction(session)

    def attach(self, sources: Sequence[Source]) -> None:
        """Tell the store the configured sources without writing: for those who only look."""
        self._memory.sources = {source.id: source for source in sources}

    def try_lock(self, name: str) -> Lock | None:
        """Take the lock of that name for this process, or None where another one has it.

        It is freed when the process ends, however it ends.
        """
        try:
            if self._url.get_backend_name() == "sqlite":
                return file_lock(Path(self._url.database or ""), name)
            return advisory_lock(self._url, name, POSTGRES_OPTIONS)
        except Exception as error:
            raise storage_error(error, self._where) from error

    def close(self) -> None:
        """Close every connection; safe to call twice."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Session]:
        try:
            connection = self._engine.connect().execution_options(writes=writes)
        except Exception as error:
            raise storage_error(error, self._where) from error
        with connection:
            try:
                transaction = connection.begin()
            except Exception as error:
                raise storage_error(error, self._where) from error
            try:
                yield Session(connection, self._memory, self._where, writes=writes)
            except BaseException:
                with suppress(Exception):  # the first error is the one to tell; a lost connection has nothing to undo
                    transaction.rollback()
                raise
            try:
                transaction.commit()
            except Exception as error:
                raise storage_error(error, self._where) from error
