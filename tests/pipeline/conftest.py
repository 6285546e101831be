import pytest
from newsdesk import Newsdesk
from pushdesk import PushDesk


@pytest.fixture
def desk(database, tmp_path):
    return Newsdesk(database, tmp_path)


@pytest.fixture
def push(database, tmp_path):
    """A newsroom whose source `one` names a hub."""
    return PushDesk(database, tmp_path)
