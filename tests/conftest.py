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


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request, tmp_path):
    """The URL of a fresh database with every table, on each of the two kinds."""
    if request.param == "sqlite":
        path = tmp_path / "aggregator.db"
        path.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres_server")
    name = server.create(request.getfixturevalue("postgres_template"))
    try:
        yield server.url(name)
    finally:
        server.drop(name)


@pytest.fixture
def database(database_url):
    """An opened store."""
    opened = Database.open(database_url)
    try:
        yield opened
    finally:
        opened.close()
