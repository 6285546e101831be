"""SOCKS 5 proxies: what they are told, who resolves a name, and what goes wrong on the way."""

import socket
from contextlib import suppress

import pytest

from aggregator.errors import Code, FetchError
from tests.steps.fetch.conftest import PATIENCE, ask
from tests.steps.fetch.fetch_proxy import LoopbackSocks
from tests.steps.fetch.fetch_server import answer

FEED = b"<rss/>"
PUBLIC4, PUBLIC6 = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"


@pytest.fixture
def proxies():
    opened = []

    def make(**options):
        opened.append(LoopbackSocks(**options))
        return opened[-1]

    yield make
    for proxy in opened:
        proxy.close()


class Names:
    """A resolver that remembers what it was asked."""

    def __init__(self, **names):
        self.names, self.asked = names, []

    def __call__(self, host, port):
        with suppress(socket.gaierror):
            return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        self.asked.append(host)
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return [(10 if ":" in a else 2, 1, 6, "", (a, port)) for a in self.names[host]]


def visit(desk, url, proxy, *, names=None, server=None, request=None, **settings):
    fetcher = desk.fetcher(server, resolver=names or Names(), **settings)
    return fetcher.fetch(ask(url, proxy=proxy, **(request or {}))).result(PATIENCE)


def failed(*args, **options):
    with pytest.raises(FetchError) as caught:
        visit(*args, **options)
    assert "s3cr3t" not in caught.value.message
    return caught.value


def test_socks5h_is_given_the_name_and_nobody_here_is_asked_for_it(desk, server, proxies):
    """What a Tor user wants: no look-up leaves this machine, and names that only the proxy knows are reached."""
    proxy, names = proxies(instead=("127.0.0.1", server.port)), Names()
    server.routes["/feed"] = answer(body=FEED)
    got = visit(desk, "http://abcdefghijklmnop.onion/feed?x", proxy.url(), names=names)
    assert (got.body, got.url) == (FEED, "http://abcdefghijklmnop.onion/feed?x")
    assert proxy.opened == [("abcdefghijklmnop.onion", 80)]
    assert names.asked == []
    (asked,) = server.asked
    assert asked.header("Host") == b"abcdefghijklmnop.onion"
    assert asked.path == "/feed?x"


def test_socks5_is_given_the_address_that_was_judged(desk, server, proxies):
    """Resolved here, once; IPv4 first, many proxies have no IPv6, and the next where it does not reach the first."""
    proxy = proxies(instead=("127.0.0.1", server.port), replies={PUBLIC4: 5})
    server.routes["/feed"] = answer(body=FEED)
    names = Names(**{"news.example": (PUBLIC6, PUBLIC4)})
    assert visit(desk, "http://news.example/feed", proxy.url(scheme="socks5"), names=names).body == FEED
    assert proxy.opened == [(PUBLIC4, 80), (PUBLIC6, 80)]
    assert names.asked == ["news.example"]


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_https_goes_through_with_the_servers_own_name_and_certificate(desk, tls_server, trusting, proxies, scheme):
    proxy = proxies(instead=("127.0.0.1", tls_server.port))
    tls_server.routes["/feed"] = answer(body=FEED)
    got = visit(
        desk,
        f"https://localhost:{tls_server.port}/feed",
        proxy.url(scheme=scheme),
        names=Names(localhost=("127.0.0.1",)),
        tls=trusting,
        allow_hosts=(f"localhost:{tls_server.port}",),
    )
    assert got.body == FEED
    error = failed(desk, f"https://127.0.0.1:{tls_server.port}/feed", proxy.url(scheme=scheme), server=tls_server)
    assert error.code is Code.TLS


def test_its_credentials_go_to_it_alone(desk, server, proxies):
    """RFC 1929, percent-decoded; none are offered where none are written."""
    proxy = proxies(credentials=(b"me", b"s3cr3t p"), instead=("127.0.0.1", server.port))
    server.routes["/"] = answer(body=FEED)
    assert visit(desk, "http://news.example/", proxy.url("me:s3cr3t%20p")).body == FEED
    assert server.asked[0].header("Proxy-Authorization") is None
    for userinfo in ("me:s3cr3t", ""):
        error = failed(desk, "http://news.example/", proxy.url(userinfo))
        assert (error.code, "other credentials" in error.message) == (Code.CONNECT, True)
    assert proxy.heads == [b"\0\2", b"\0\2", b"\0"]


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://10.0.0.1/", "http://[::1]/", "http://[::ffff:10.0.0.1]/", "http://2130706433/",
        "http://0x7f.1/", "http://localhost/", "http://router.lan/", "http://intranet/", "http://a.internal/",
        "http://169.254.169.254/latest/meta-data/",
    ],
)  # fmt: skip
def test_what_is_private_is_not_asked_for(desk, proxies, scheme, url):
    """As through an HTTP proxy; nothing reaches the SOCKS proxy at all."""
    proxy = proxies()
    private = Names(**dict.fromkeys(("localhost", "router.lan", "intranet", "a.internal"), ("10.0.0.1",)))
    error = failed(desk, url, proxy.url(scheme=scheme), names=private)
    assert (error.code, proxy.heads) == (Code.REFUSED_ADDRESS, [])


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_what_is_private_behind_a_redirect_is_not_asked_for(desk, server, proxies, scheme):
    proxy = proxies(instead=("127.0.0.1", server.port))
    server.routes["/"] = answer("302 Found", "Location: http://10.0.0.1/")
    names = Names(**{"news.example": (PUBLIC4,)})
    assert failed(desk, "http://news.example/", proxy.url(scheme=scheme), names=names).code is Code.REFUSED_ADDRESS
    assert len(proxy.opened) == 1


def test_a_name_on_the_list_may_be_private(desk, server, proxies):
    """By its name alone: behind socks5h nobody here knows its address."""
    proxy = proxies(instead=("127.0.0.1", server.port))
    server.routes["/"] = answer(body=FEED)
    assert visit(desk, "http://wiki.internal/", proxy.url(), allow_hosts=("wiki.internal",)).body == FEED


def test_a_name_that_is_none_is_no_fault_of_the_proxy(desk, proxies):
    assert failed(desk, "http://news.example/", proxies().url(scheme="socks5")).code is Code.DNS


@pytest.mark.parametrize(
    ("reply", "words"),
    [(1, "it failed"), (2, "rules forbid"), (5, "refused the connection"), (8, "kind of address"), (0xF4, "code 244")],
)
def test_what_the_proxy_says_is_told(desk, proxies, reply, words):
    error = failed(desk, "http://news.example/", proxies(replies={"news.example": reply}).url())
    assert error.code is Code.CONNECT
    assert words in error.message


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", Code.PROTOCOL),
        (b"\x05\x01", Code.CONNECT),
        (b"", Code.CONNECT),
        (b"\x05", Code.CONNECT),
        (b"\x05\0\x05\0\0\x09", Code.PROTOCOL),
        (b"\x05\0\x05\0\0\x01" + b"\0" * 6 + b"HTTP/1.1 200 OK\r\n\r\n", Code.PROTOCOL),
    ],
)
def test_what_is_no_socks_proxy(desk, proxies, raw, code):
    assert failed(desk, "http://news.example/", proxies(raw=raw).url("me:s3cr3t")).code is code


def test_one_that_is_not_there(desk):
    error = failed(desk, "http://news.example/", "socks5h://me:s3cr3t@127.0.0.1:1")
    assert (error.code, "127.0.0.1" in error.message) == (Code.CONNECT, False)
    assert "the proxy cannot be reached" in error.message
