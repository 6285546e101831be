"""A source's own proxy: what it is told, what it is not asked for, and what goes wrong on the way."""

import base64
import socket
import ssl

import pytest

from aggregator.domain.source import Credentials
from aggregator.errors import Code, FetchError
from tests.steps.fetch.conftest import PATIENCE, ask
from tests.steps.fetch.fetch_proxy import LoopbackProxy
from tests.steps.fetch.fetch_server import answer

FEED = b"<rss/>"
PUBLIC = ("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c")
BASIC = b"Basic " + base64.b64encode(b"me:s3cr3t p")


@pytest.fixture
def proxies():
    opened = []

    def make(**options):
        opened.append(LoopbackProxy(**options))
        return opened[-1]

    yield make
    for proxy in opened:
        proxy.close()


def resolver(**names):
    """Names as a test wants them; those it leaves out cannot be resolved here."""

    def resolve(host, port):
        if host.replace(".", "").isdigit() or ":" in host:
            names[host] = (host,)
        if host not in names:
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return [(2 if "." in a else 10, 1, 6, "", (a, port)) for a in names[host]]

    return resolve


def visit(desk, url, proxy, *, names=None, server=None, request=None, **settings):
    fetcher = desk.fetcher(server, resolver=resolver(**(names or {})), **settings)
    return fetcher.fetch(ask(url, proxy=proxy, **(request or {}))).result(PATIENCE)


def failed(*args, **options):
    with pytest.raises(FetchError) as caught:
        visit(*args, **options)
    assert "s3cr3t" not in caught.value.message
    assert "127.0.0.1" not in caught.value.message or caught.value.code is Code.REFUSED_ADDRESS
    return caught.value


def test_http_goes_through_the_proxy_and_its_credentials_go_no_further(desk, server, proxies):
    """RFC 9112 §3.2.2: the whole address; the proxy is private, which is the owner's word; the target is not."""
    proxy = proxies(credentials=BASIC, instead=("127.0.0.1", server.port))
    server.routes["/feed"] = answer(body=FEED)
    got = visit(
        desk,
        "http://news.example/feed",
        proxy.url("me:s3cr3t%20p"),
        names={"news.example": PUBLIC},
        request={"auth": Credentials(user="reader", password="own")},
    )
    assert (got.body, got.url) == (FEED, "http://news.example/feed")
    assert proxy.heads[0].startswith(b"GET http://news.example/feed HTTP/1.1\r\n")
    (asked,) = server.asked
    assert asked.header("Host") == b"news.example"
    assert asked.header("Proxy-Authorization") is None
    assert asked.header("Authorization") == b"Basic " + base64.b64encode(b"reader:own")


@pytest.mark.parametrize("secured", [False, True])
def test_https_goes_through_a_tunnel_that_the_proxy_cannot_look_into(desk, tls_server, certificate, proxies, secured):
    """CONNECT by name, the source's own headers inside TLS only; the way to the proxy may be TLS as well."""
    context = None
    if secured:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
    proxy = proxies(credentials=BASIC, context=context)
    body = b"<rss>" + b"x" * 300_000 + b"</rss>"
    tls_server.routes["/feed"] = answer(body=body)
    got = visit(
        desk,
        tls_server.url("/feed", scheme="https"),
        proxy.url("me:s3cr3t%20p"),
        server=tls_server,
        tls=ssl.create_default_context(cafile=certificate[0]),
        request={"headers": (("X-Key", "own"),)},
    )
    assert got.body == body
    assert proxy.heads[0].startswith(f"CONNECT 127.0.0.1:{tls_server.port} HTTP/1.1\r\n".encode())
    assert b"X-Key" not in proxy.heads[0] and b"own" not in proxy.heads[0]
    (asked,) = tls_server.asked
    assert (asked.header("Proxy-Authorization"), asked.header("X-Key")) == (None, b"own")


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/",
        "https://127.0.0.1:9/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]/",
        "https://inside.example/",  # resolves to a private address here
        "http://mixed.example/",
        "http://printer/",
        "http://nas.local/",
        "https://wiki.corp.internal/",
    ],
)
def test_what_is_not_public_is_not_asked_of_a_proxy(desk, proxies, url):
    proxy = proxies()
    names = {"inside.example": ("10.0.0.1",), "mixed.example": (PUBLIC[0], "192.168.0.1")}
    assert failed(desk, url, proxy.url(), names=names).code is Code.REFUSED_ADDRESS
    assert proxy.heads == []


def test_a_redirect_is_judged_through_a_proxy_too(desk, server, proxies):
    proxy = proxies(instead=("127.0.0.1", server.port))
    server.routes["/"] = answer("302 Found", "Location: http://10.0.0.1/admin")
    error = failed(desk, "http://news.example/", proxy.url(), names={"news.example": PUBLIC})
    assert error.code is Code.REFUSED_ADDRESS
    assert proxy.opened == [("news.example", None)]


def test_a_name_that_only_the_proxy_can_resolve_is_left_to_it(desk, server, proxies):
    """Behind a proxy there is often no name server at all."""
    proxy = proxies(instead=("127.0.0.1", server.port))
    server.routes["/"] = answer(body=FEED)
    assert visit(desk, "http://unknown.example/", proxy.url()).body == FEED


def test_a_redirect_goes_through_the_proxy_as_well(desk, server, proxies):
    proxy = proxies(instead=("127.0.0.1", server.port))
    server.routes["/a"] = answer("301 Moved", "Location: http://two.example/b")
    server.routes["/b"] = answer(body=FEED)
    got = visit(desk, "http://one.example/a", proxy.url(), names={"one.example": PUBLIC, "two.example": PUBLIC})
    assert got.url == "http://two.example/b"
    assert [name for name, _ in proxy.opened] == ["one.example", "two.example"]


@pytest.mark.parametrize("url", ["http://news.example/", "https://news.example/"])
def test_a_proxy_that_wants_other_credentials_says_so(desk, proxies, url):
    error = failed(desk, url, proxies(credentials=BASIC).url("me:s3cr3t"), names={"news.example": PUBLIC})
    assert error.code is Code.CONNECT
    assert "407" in error.message


def test_a_proxy_that_reaches_nobody_is_told_from_the_source(desk, proxies):
    proxy = proxies(instead=("127.0.0.1", 9))
    error = failed(desk, "https://news.example/", proxy.url(), names={"news.example": PUBLIC})
    assert (error.code, error.status) == (Code.CONNECT, None)
    assert "502" in error.message


def test_a_proxy_that_is_not_there_is_told_from_the_source(desk):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    error = failed(desk, "http://news.example/", f"http://me:s3cr3t@127.0.0.1:{port}", names={"news.example": PUBLIC})
    assert error.code is Code.CONNECT
    assert "proxy" in error.message


def test_a_certificate_is_verified_through_the_tunnel(desk, tls_server, proxies):
    """The proxy cannot pass another server off as the source's."""
    error = failed(desk, tls_server.url(scheme="https"), proxies().url(), server=tls_server)
    assert error.code is Code.TLS
    assert tls_server.asked == []


@pytest.mark.parametrize("host", ["169.254.169.254", "127.1", "0x7f.1", "10.0.0.1", "127.0.0.1.", "127。0。0。1"])
def test_an_address_is_judged_though_no_name_can_be_looked_up(desk, proxies, host):
    """Behind a proxy look-ups may hang, and whoever waits for one that is queued behind them gets no answer."""
    proxy = proxies()

    def silent(*_):
        raise OSError("no answer in time")

    fetcher = desk.fetcher(resolver=silent)
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(ask(f"http://{host}/latest", proxy=proxy.url(), listed=False)).result(PATIENCE)
    assert caught.value.code is Code.REFUSED_ADDRESS
    assert proxy.heads == []
