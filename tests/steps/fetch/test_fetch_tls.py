"""TLS is verified, always, and plain text is no way out."""

import asyncio.sslproto
import os
import socket
import ssl

import pytest

from aggregator.domain.source import Credentials
from aggregator.errors import Code, FetchError
from aggregator.steps.fetch.tls import TLS_BUFFER, client_context
from tests.steps.fetch.conftest import PATIENCE, ask
from tests.steps.fetch.fetch_server import answer

FEED = b"<rss/>"
AUTH = {"auth": Credentials(user="u", password="p")}


def failed(desk, url, **options):
    with pytest.raises(FetchError) as caught:
        desk.get(url, **options)
    return caught.value


@pytest.mark.parametrize("size", [10, 1_000_000])
def test_a_trusted_server_is_read(desk, tls_server, trusting, size):
    """Also bodies far larger than the TLS buffer, byte for byte."""
    body = b"<rss>" + os.urandom(size) + b"</rss>"
    tls_server.routes["/"] = answer("200 OK", 'ETag: "1"', body=body)
    got = desk.get(tls_server.url(scheme="https"), server=tls_server, tls=trusting)
    assert got.body == body


def test_the_tls_buffer_is_small():
    """32 kB a connection instead of 256: asyncio reads the class's attribute when it makes one."""
    client_context()
    assert asyncio.sslproto.SSLProtocol.max_size == TLS_BUFFER

    async def buffer():
        protocol = asyncio.sslproto.SSLProtocol(
            asyncio.get_running_loop(), asyncio.Protocol(), ssl.create_default_context(), None, server_hostname="x"
        )
        if protocol._app_transport is not None:
            protocol._app_transport._closed = True  # never opened: nothing to warn of
        return len(protocol.get_buffer(-1))

    assert asyncio.run(buffer()) == TLS_BUFFER


def test_the_context_verifies_certificate_and_name():
    context = client_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_an_unknown_authority_is_refused(desk, tls_server):
    tls_server.routes["/"] = answer(body=FEED)
    error = failed(desk, tls_server.url(scheme="https"), server=tls_server)
    assert error.code is Code.TLS
    assert "certificate" in error.message
    assert tls_server.asked == []


def test_another_name_is_refused(desk, tls_server, trusting):
    def resolver(_, port):
        return [(socket.AF_INET, 1, 6, "", ("127.0.0.1", port))]

    error = failed(
        desk,
        tls_server.url(host="other.example", scheme="https"),
        tls=trusting,
        resolver=resolver,
        allow_hosts=("other.example",),
    )
    assert error.code is Code.TLS


def test_a_plain_server_on_a_tls_address_fails(desk, server, trusting):
    """It answers our hello with an error page."""

    def handshake(connection, _):
        return answer("400 Bad Request")

    server._head = lambda connection: b"GET / HTTP/1.1\r\n\r\n" if connection.recv(4096) else b""
    server.routes["/"] = handshake
    assert failed(desk, server.url(scheme="https"), server=server, tls=trusting).code is Code.TLS


def test_a_tls_server_on_a_plain_address_fails(desk, tls_server):
    assert failed(desk, tls_server.url(), server=tls_server).code in {Code.PROTOCOL, Code.CONNECT}


def test_a_downgrade_is_refused_to_sources_with_credentials(desk, tls_server, server, trusting):
    """D4: https to http, in the clear from there on; others may follow."""
    server.routes["/"] = answer(body=FEED)
    tls_server.routes["/"] = answer("302 Found", f"Location: {server.url()}")
    both = {"allow_hosts": (f"127.0.0.1:{server.port}", f"127.0.0.1:{tls_server.port}"), "tls": trusting}
    url = tls_server.url(scheme="https")
    assert desk.get(url, **both).body == FEED
    for secret in (AUTH, {"headers": (("X-Key", "k"),)}, {"shown_url": "https://a.example/${KEY}"}):
        assert failed(desk, url, request=secret, **both).code is Code.REDIRECT
    assert failed(desk, url.replace("https://", "https://u:p@"), **both).code is Code.REDIRECT
    assert len(server.asked) == 1


def test_a_source_may_take_any_certificate_of_its_own_host(desk, tls_server):
    """`verify_tls: false`: of this request, not of its neighbours, and with the name unchecked too."""
    tls_server.routes["/"] = answer("200 OK", body=FEED)
    url = tls_server.url(scheme="https")
    fetcher = desk.fetcher(tls_server)
    assert fetcher.fetch(ask(url, verify_tls=False)).result(PATIENCE).body == FEED
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(ask(url)).result(PATIENCE)
    assert caught.value.code is Code.TLS


def test_where_an_unverified_source_redirects_to_is_verified(desk, server, tls_server):
    """The owner vouched for one host, not for whatever that one names."""
    server.routes["/"] = answer("302 Found", f"Location: {tls_server.url(scheme='https', host='localhost')}")
    tls_server.routes["/"] = answer("200 OK", body=FEED)
    listed = (f"127.0.0.1:{server.port}", f"localhost:{tls_server.port}")
    error = failed(desk, server.url(), allow_hosts=listed, request={"verify_tls": False})
    assert error.code is Code.TLS


def test_a_source_may_name_its_own_user_agent(desk, server, other_server):
    """At every hop: it is no secret."""
    server.routes["/"] = answer("302 Found", f"Location: {other_server.url()}")
    other_server.routes["/"] = answer("200 OK", body=FEED)
    listed = (f"127.0.0.1:{server.port}", f"127.0.0.1:{other_server.port}")
    desk.get(server.url(), allow_hosts=listed, request={"user_agent": "Mine/1"})
    assert [asked.header("User-Agent") for asked in server.asked + other_server.asked] == [b"Mine/1"] * 2
