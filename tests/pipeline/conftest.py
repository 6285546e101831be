import pytest
from newsdesk import Newsdesk


@pytest.fixture
def desk(database, tmp_path):
    return Newsdesk(database, tmp_path)
