"""One server for the tests that only read; a new one for those that visit sources."""

import pytest
from web_desk import open_desk


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    with open_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture
def desk(standing):
    """The site as published at noon."""
    standing.reset()
    return standing


@pytest.fixture
def new_desk(tmp_path):
    """A site whose sources were never visited."""
    with open_desk(tmp_path) as desk:
        yield desk
