"""The server's start and end."""

import socket
import threading
import time

import httpx
import pytest
from starlette.applications import Starlette

from aggregator.app.web import Server
from aggregator.errors import ConfigError


def test_a_busy_port_is_one_line():
    """Who starts a second program on a port reads what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError) as caught:
            Server(Starlette()).start("127.0.0.1", port)
    assert str(caught.value) == f"port {port} is in use; stop the other program or choose another with --port"


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_a_foreign_address_is_one_line(host):
    with pytest.raises(ConfigError, match="is no address of this machine; give one with --host"):
        Server(Starlette()).start(host, 0)


def test_an_impossible_port_is_one_line():
    with pytest.raises(ConfigError, match="--port"):
        Server(Starlette()).start("127.0.0.1", 99_999)


def test_start_and_stop():
    """It answers once `start` returned, frees its port at the end, and can be stopped twice; threads end."""
    before = threading.active_count()
    server = Server(Starlette())
    url = server.start("127.0.0.1", 0)
    assert httpx.get(url, trust_env=False).status_code == 404
    server.stop(2.0)
    server.stop(2.0)
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)
    assert threading.active_count() == before
    again = Server(Starlette())
    assert again.start("127.0.0.1", int(url.rsplit(":", 1)[1].strip("/"))) == url
    again.stop(2.0)


def test_stop_does_not_wait_for_idle_clients():
    """Open connections do not hold up the end."""
    server = Server(Starlette())
    url = server.start("127.0.0.1", 0)
    port = int(url.rsplit(":", 1)[1].strip("/"))
    connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
    started = time.monotonic()
    server.stop(2.0)
    assert time.monotonic() - started < 20
    for connection in connections:
        connection.close()


def test_small_answers_are_not_held_back():
    """Head and body go out at once: with Nagle's algorithm on, every answer took 40 ms longer."""
    server = Server(Starlette())
    url = server.start("127.0.0.1", 0)
    with httpx.Client(trust_env=False) as client:
        client.get(url)
        [connection] = server._server.server_state.connections
        accepted = connection.transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    server.stop(2.0)
