"""Nothing that is not public is dialled: at any hop, by any spelling, unless the source's own address is listed."""

import socket
import sys
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from aggregator.errors import Code, FetchError
from aggregator.steps.fetch.guard import AllowList, host_and_port, is_public
from tests.steps.fetch.conftest import PATIENCE, ask
from tests.steps.fetch.fetch_server import Server, answer

CORPUS = Path(__file__).parents[4] / "shared" / "cases" / "hostile" / "hostile_urls.txt"
FEED = b"<rss/>"
_dialled = []
_watching = []


def _audit(event, arguments):
    if event == "socket.connect" and _watching:
        _dialled.append(arguments[1])


sys.addaudithook(_audit)


@contextmanager
def dialled():
    """Every address that any socket of this process tries to connect to."""
    _dialled.clear()
    _watching.append(True)
    try:
        yield _dialled
    finally:
        _watching.clear()


def names(**known):
    """A resolver that knows these names, reads literals as the machine does, and knows nothing else."""

    def resolver(host, port):
        if host in known:
            return [(10 if ":" in a else 2, 1, 6, "", (a, port)) for a in known[host]]
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)

    return resolver


def failed(desk, url, **options):
    with pytest.raises(FetchError) as caught:
        desk.get(url, **options)
    return caught.value


@pytest.mark.parametrize(
    "address",
    """
    0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.127.127.127 169.254.169.254 172.16.0.1
    172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.51.100.1 203.0.113.1
    224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1
    64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1:: 3fff::1 5f00::1
    fc00::1 fd00:ec2::254 fe80::1 fe80::1%lo fec0::1 ff02::1
    """.split(),  # noqa: SIM905 - a list this long reads better as words
)
def test_private_and_special_addresses_are_not_public(address):
    """The IANA special-purpose registries, and what is wrapped in mapped and NAT64 addresses."""
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    """
    1.1.1.1 8.8.8.8 100.128.0.1 172.32.0.1 192.0.1.1 2606:4700::1111 2a00:1450::1 ::ffff:8.8.8.8
    64:ff9b::8.8.8.8
    """.split(),  # noqa: SIM905 - a list this long reads better as words
)
def test_public_addresses_are_public(address):
    assert is_public(address)


def corpus():
    if not CORPUS.exists():
        return [pytest.param("", marks=pytest.mark.skip(reason="shared/cases/hostile is not beside this checkout"))]
    return CORPUS.read_text("utf-8").split("\n")[:-1]


@pytest.mark.parametrize("url", corpus())
def test_a_hostile_address_is_never_dialled(desk, server, url):
    """Directly, as https, and as the Location of a server that is itself allowed: 0 connections but the wanted one."""
    server.routes["/"] = answer("302 Found", b"Location: " + url.encode())
    own = f"127.0.0.1:{server.port}"
    resolver = names(localhost=["127.0.0.1", "::1"], **{"ip6-localhost": ["::1"]})
    fetcher = desk.fetcher(resolver=resolver, timeout=timedelta(seconds=10))
    with dialled() as seen:
        for spelling in {url, url.replace("http://", "https://")}:
            with pytest.raises(FetchError) as caught:
                fetcher.fetch(ask(spelling)).result(PATIENCE)
            assert caught.value.code in {Code.REFUSED_ADDRESS, Code.DNS}
        assert seen == []
    listed = desk.fetcher(resolver=resolver, allow_hosts=(own,), timeout=timedelta(seconds=10))
    with dialled() as seen:
        with pytest.raises(FetchError) as caught:
            listed.fetch(ask(server.url())).result(PATIENCE)
        assert set(seen) == {("127.0.0.1", server.port)}
    assert caught.value.code in {Code.REFUSED_ADDRESS, Code.DNS, Code.REDIRECT, Code.HTTP_STATUS}
    assert len(server.asked) <= 2


@pytest.mark.parametrize(
    "addresses",
    [["8.8.8.8", "127.0.0.1"], ["2606:4700::1111", "::ffff:10.0.0.1"], ["8.8.8.8", "fe80::1%lo"], ["0.0.0.0"]],
)
def test_one_bad_address_condemns_the_name(desk, addresses):
    with dialled() as seen:
        error = failed(desk, "http://mixed.example/", resolver=names(**{"mixed.example": addresses}))
    assert error.code is Code.REFUSED_ADDRESS
    assert seen == []
    assert "fetch.allow_hosts" in error.message


def test_a_name_is_looked_up_once_and_the_judged_address_dialled(desk, server):
    """DNS rebinding: the second answer of the name server is never asked for within a visit."""
    calls = []

    def resolver(host, port):
        calls.append(host)
        return [(2, 1, 6, "", ("127.0.0.1" if len(calls) == 1 else "127.0.0.2", port))]

    server.routes["/"] = answer(body=FEED)
    fetcher = desk.fetcher(resolver=resolver, allow_hosts=("127.0.0.1/32",))
    url = f"http://rebind.example:{server.port}/"
    with dialled() as seen:
        assert fetcher.fetch(ask(url)).result(PATIENCE).body == FEED
        assert seen == [("127.0.0.1", server.port)]
        with pytest.raises(FetchError):
            fetcher.fetch(ask(url)).result(PATIENCE)
        assert len(seen) == 1
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("entry", "host", "opens"),
    [
        ("127.0.0.1:{port}", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.0/8", "127.0.0.1", True),
        ("127.0.0.0/8:{port}", "127.0.0.1", True),
        ("127.0.0.0/8:1", "127.0.0.1", False),
        ("127.0.0.1:1", "127.0.0.1", False),
        ("intra.example", "intra.example", True),
        ("INTRA.example.:{port}", "intra.example", True),
        ("intra.example:{port}", "127.0.0.1", False),
        ("127.0.0.1:{port}", "intra.example", False),
        ("127.0.0.0/8", "intra.example", True),
        ("10.0.0.0/8", "127.0.0.1", False),
        ("nonsense/8", "127.0.0.1", False),
    ],
)
def test_the_allow_list_opens_what_it_names(desk, server, entry, host, opens):
    """A host entry opens that host only; a network opens what resolves into it."""
    server.routes["/"] = answer(body=FEED)
    options = {
        "resolver": names(**{"intra.example": ["127.0.0.1"]}),
        "allow_hosts": (entry.format(port=server.port),),
    }
    url = server.url(host=host)
    if opens:
        assert desk.get(url, **options).body == FEED
    else:
        assert failed(desk, url, **options).code is Code.REFUSED_ADDRESS
        assert server.asked == []


def test_the_allow_list_opens_ipv6(desk):
    try:
        six = Server(family=socket.AF_INET6, address="::1")
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    six.routes["/"] = answer(body=FEED)
    try:
        for entry in (f"[::1]:{six.port}", "::1", "::1/128", f"[::/64]:{six.port}"):
            assert desk.get(six.url(host="[::1]"), allow_hosts=(entry,)).body == FEED
    finally:
        six.close()


def test_the_allow_list_counts_only_for_a_source_that_is_on_it(desk, server, other_server, monkeypatch):
    """A public feed that redirects to a listed host is refused; a listed one may."""
    from aggregator.steps.fetch import guard

    # 127.0.0.2 stands for the public internet: the server must be reachable, and be on no list.
    monkeypatch.setattr(guard, "is_public", lambda address: address == "127.0.0.2")
    public = Server(address="127.0.0.2")
    try:
        public.routes["/"] = answer("302 Found", f"Location: {server.url('/x')}")
        server.routes |= {"/x": answer(body=FEED), "/y": answer("302 Found", f"Location: {other_server.url('/z')}")}
        other_server.routes["/z"] = answer(body=FEED)
        listed = {"allow_hosts": (f"127.0.0.1:{server.port}", f"127.0.0.1:{other_server.port}")}
        assert failed(desk, public.url(), **listed).code is Code.REFUSED_ADDRESS
        assert server.asked == []
        assert desk.get(server.url("/y"), **listed).body == FEED
    finally:
        public.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.example", ("a.example", None)),
        ("A.example.:80", ("a.example", 80)),
        ("[::1]:443", ("::1", 443)),
        ("::1", ("::1", None)),
        ("bücher.example:1", ("xn--bcher-kva.example", 1)),
        *((text, None) for text in ("a b", "a/b", "u@a", "", "a:b")),
    ],
)
def test_hosts_are_read_as_urls_write_them(text, expected):
    assert host_and_port(text) == expected


def test_a_list_without_sense_opens_nothing():
    listed = AllowList.parse(["", "/", "x:y:z", "10.0.0.0/8:x", "[::1", "10.0.0.0/99"])
    assert not listed.covers("10.0.0.1", "10.0.0.1", 80)


def test_the_transport_asks_the_guard_itself():
    """Whatever calls it: without extensions nothing private is reached."""
    import asyncio

    from aggregator.steps.fetch.errors import Trouble
    from aggregator.steps.fetch.guard import Guard
    from aggregator.steps.fetch.lookup import Lookups
    from aggregator.steps.fetch.tls import client_context
    from aggregator.steps.fetch.transport import GuardedTransport

    async def attempt():
        transport = GuardedTransport(Guard(Lookups()), client_context())
        await transport.handle_async_request(httpx.Request("GET", "http://127.0.0.1:1/"))

    with pytest.raises(Trouble) as caught:
        asyncio.run(attempt())
    assert caught.value.code is Code.REFUSED_ADDRESS
