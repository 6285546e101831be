"""Fixtures for every room. The store's tests run on both databases; PostgreSQL is started on first use."""

import pytest
from databases import NoPostgresError, PostgresServer

from storage import Database


@pytest.fixture(scope="session")
def postgres_server():
    """One PostgreSQL server for each test process, stopped at its end."""
    try:
        server = PostgresServer()
    except NoPostgresError as reason:
        pytest.skip(str(reason))
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def postgres_template(postgres_server):
    """A database with every table and no row: copying it is quicker than making the tables again."""
    name = postgres_server.create()
    Database.open(postgres_server.url(name)).close()
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory):
    """A file with every table and no row."""
    path = tmp_path_factory.mktemp("template") / "aggregator.db"
    Database.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def sqlite_url(tmp_path, sqlite_template):
    """The URL of a fresh SQLite database with every table."""
    path = tmp_path / "aggregator.db"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_server, postgres_template):
    """The URL of a fresh PostgreSQL database with every table; it goes with the test. Mark the test `postgres`."""
    name = postgres_server.create(postgres_template)
    try:
        yield postgres_server.url(name)
    finally:
        postgres_server.drop(name)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request):
    """The URL of a fresh database with every table, on each of the two kinds."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def database(database_url):
    """An opened store."""
    opened = Database.open(database_url)
    try:
        yield opened
    finally:
        opened.close()
