"""Of several addresses the first that answers is taken; those that do not cost a quarter of a second."""

import asyncio
import socket

import pytest

from aggregator.steps.fetch.dial import dial


def listening():
    listener = socket.create_server(("127.0.0.1", 0))
    return listener, (socket.AF_INET, listener.getsockname())


def refusing():
    listener, address = listening()
    listener.close()
    return address


@pytest.fixture
def silent():
    """An address that never answers: its queue of connections is full."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    address = listener.getsockname()
    fillers = []
    for _ in range(8):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(address)
        fillers.append(filler)
    yield socket.AF_INET, address
    for one in (*fillers, listener):
        one.close()


def peer(*addresses):
    with asyncio.run(dial(addresses)) as sock:
        return sock.getpeername()


def test_the_second_is_tried_as_soon_as_the_first_refuses():
    listener, good = listening()
    with listener:
        assert peer(refusing(), good) == good[1]


def test_a_silent_address_does_not_use_up_the_visit(silent):
    """The next is begun beside it: without that this would wait for the system's own timeout of minutes."""
    listener, good = listening()
    with listener:
        assert peer(silent, good) == good[1]


def test_where_nobody_answers_the_last_error_is_told():
    with pytest.raises(ConnectionRefusedError):
        peer(refusing(), refusing())


def test_giving_up_leaves_no_connection(silent):
    """ResourceWarnings are errors here: a socket that is left open fails the test."""

    async def give_up():
        async with asyncio.timeout(0.6):
            await dial((silent, silent))

    with pytest.raises(TimeoutError):
        asyncio.run(give_up())
