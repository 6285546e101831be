"""What whole-program tests share: a news site to read, and the real command over a folder of its own."""

from contextlib import closing

import pytest
from command import Project
from newsroom import Newsroom


@pytest.fixture
def newsroom():
    """A news site on loopback, empty."""
    with closing(Newsroom()) as site:
        yield site


@pytest.fixture
def project(tmp_path, newsroom):
    """A folder for feeds.yaml; what was started over it ends with the test."""
    with closing(Project(tmp_path, newsroom)) as made:
        yield made


@pytest.fixture(scope="module")
def shared_project(tmp_path_factory):
    """One project for the tests of a file that leave it as it is: starting a program takes a second."""
    with closing(Newsroom()) as site, closing(Project(tmp_path_factory.mktemp("shared"), site)) as made:
        yield made
