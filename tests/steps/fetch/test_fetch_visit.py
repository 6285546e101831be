"""One visit: what is asked, what an answer means, where a redirect leads."""

from datetime import timedelta

import pytest

from aggregator.domain.response import NotModified, Response, Validators
from aggregator.domain.source import Credentials
from aggregator.errors import Code, FetchError
from tests.steps.fetch.conftest import NOW, PATIENCE, ask
from tests.steps.fetch.fetch_server import answer, gz

FEED = b"<rss version='2.0'></rss>"


def failed(desk, url, **options):
    with pytest.raises(FetchError) as caught:
        desk.get(url, **options)
    return caught.value


def test_a_200_comes_back_whole(desk, server):
    """Body, raw headers in order, validators of the final URL, freshness, the clock's time."""
    server.routes["/feed"] = answer(
        "200 OK",
        'ETag: "1"',
        "Last-Modified: Tue, 03 Mar 2026 10:00:00 GMT",
        "X-Two: a",
        "X-Two: b",
        "Cache-Control: max-age=600",
        "Age: 60",
        body=FEED,
    )
    got = desk.get(server.url("/feed?x=1#fragment"), server=server)
    assert isinstance(got, Response)
    assert (got.source_id, got.body, got.received_at, got.status) == ("a", FEED, NOW, 200)
    assert got.url == server.url("/feed?x=1")
    assert [value for name, value in got.headers if name == "x-two"] == [b"a", b"b"]
    assert got.validators == Validators(
        etag=b'"1"', last_modified=b"Tue, 03 Mar 2026 10:00:00 GMT", url=server.url("/feed?x=1")
    )
    assert got.fresh_for == timedelta(seconds=540)
    assert got.moved_to is None
    assert server.paths() == ["/feed?x=1"]


def test_what_a_request_says(desk, server):
    """R1, R2, R3: who asks and what for; no cookie, no referer, nothing that cannot be undone."""
    server.routes["/"] = answer(body=FEED)
    desk.get(server.url(), server=server, contact="https://desk.example/bot", subscribers=40)
    asked = server.asked[0]
    assert asked.header("User-Agent") == b"aggregator/1.2 (+https://desk.example/bot; 40 subscribers)"
    assert asked.header("Accept") == (
        b"application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.1"
    )
    assert asked.header("Accept-Encoding") == b"gzip, deflate"
    names = {line.split(b":")[0].lower() for line in asked.head.split(b"\r\n")[1:] if line}
    assert names == {b"host", b"user-agent", b"accept", b"accept-encoding", b"connection"}


@pytest.mark.parametrize(
    ("contact", "subscribers", "expected"),
    [
        (None, 0, b"aggregator/1.2"),
        (None, 1, b"aggregator/1.2 (1 subscriber)"),
        ("mailto:x", 0, b"aggregator/1.2 (+mailto:x)"),
    ],
)
def test_the_user_agent_leaves_out_what_is_not_known(desk, server, contact, subscribers, expected):
    server.routes["/"] = answer(body=FEED)
    desk.get(server.url(), server=server, contact=contact, subscribers=subscribers)
    assert server.asked[0].header("User-Agent") == expected


@pytest.mark.parametrize(
    ("etag", "modified"),
    [
        (b'"a"', b"Tue, 03 Mar 2026 10:00:00 GMT"),
        (b'W/"x-gzip"', None),
        (None, b"yesterday-ish"),
        (b'"\xe9"', None),
        (b"naked", None),
        (b'"\xc3\xa9"', b""),
    ],
)
def test_validators_go_back_byte_for_byte(desk, server, etag, modified):
    """E1, E2: quotes, W/ and non-ASCII bytes kept; only what was received."""
    server.routes["/"] = answer("304 Not Modified", length=False)
    known = Validators(etag=etag, last_modified=modified, url=server.url())
    got = desk.get(server.url(), server=server, request={"validators": known})
    assert isinstance(got, NotModified)
    assert server.asked[0].header("If-None-Match") == etag
    assert server.asked[0].header("If-Modified-Since") == (modified or None)
    assert got.validators.etag == etag


def test_an_etag_survives_the_round_trip(desk, server):
    """Twelve facts, 11: a non-ASCII ETag is no poison pill."""
    server.routes["/"] = lambda _, asked: (
        answer("304 Not Modified", length=False)
        if asked.header("If-None-Match") == b'"\xe9"'
        else answer("200 OK", b'ETag: "\xe9"', body=FEED)
    )
    first = desk.get(server.url(), server=server)
    assert first.validators.etag == b'"\xe9"'
    assert isinstance(desk.get(server.url(), server=server, request={"validators": first.validators}), NotModified)


def test_a_304_renews_validators_and_freshness(desk, server):
    """E4, P2: its own headers replace ours one by one."""
    server.routes["/"] = answer("304 Not Modified", 'ETag: "2"', "Cache-Control: max-age=900", length=False)
    known = Validators(etag=b'"1"', last_modified=b"L", url=server.url())
    got = desk.get(server.url(), server=server, request={"validators": known})
    assert got.validators == Validators(etag=b'"2"', last_modified=b"L", url=server.url())
    assert got.fresh_for == timedelta(minutes=15)


def test_a_304_nobody_asked_for_is_an_error(desk, server):
    """E8."""
    server.routes["/"] = answer("304 Not Modified", length=False)
    error = failed(desk, server.url(), server=server)
    assert (error.code, error.status) == (Code.PROTOCOL, 304)


def test_validators_belong_to_the_final_url(desk, server):
    """D6: behind a redirect they go to the URL they came from; a target that changed answers in full."""
    server.routes["/old"] = lambda _, asked: answer("302 Found", "Location: /new")
    server.routes["/new"] = lambda _, asked: (
        answer("304 Not Modified", length=False)
        if asked.header("If-None-Match")
        else answer("200 OK", 'ETag: "n"', body=FEED)
    )
    server.routes["/newer"] = answer("200 OK", 'ETag: "n"', body=FEED)
    first = desk.get(server.url("/old"), server=server)
    assert first.validators.url == server.url("/new")
    again = {"validators": first.validators}
    assert isinstance(desk.get(server.url("/old"), server=server, request=again), NotModified)
    assert [asked.header("If-None-Match") for asked in server.asked] == [None, None, None, b'"n"']
    server.routes["/old"] = answer("302 Found", "Location: /newer")
    assert isinstance(desk.get(server.url("/old"), server=server, request=again), Response)
    assert server.asked[-1].header("If-None-Match") is None


@pytest.mark.parametrize(
    "status", [201, 202, 204, 205, 206, 300, 305, 400, 401, 403, 404, 410, 451, 500, 503, 599, 999]
)
def test_only_200_is_content(desk, server, status):
    """D8: everything else is an error that names the status."""
    server.routes["/"] = answer(f"{status} Whatever", body=b"" if status in {204, 205} else FEED)
    error = failed(desk, server.url(), server=server)
    assert (error.code, error.status) == (Code.HTTP_STATUS, status)
    assert f"HTTP {status}" in error.message and ("write `auth`" in error.message) is (status == 401)


@pytest.mark.parametrize(
    "name", ["Referer", "If-None-Match", "If-Modified-Since", "Range", "Expect", "Accept-Encoding"]
)
def test_what_is_the_programs_own_no_source_sets(desk, server, name):
    """R2: however a `headers` came past the configuration: no made-up validator, no Referer, no part of a feed."""
    server.routes["/"] = answer(body=FEED)
    desk.get(server.url(), server=server, request={"headers": ((name, "mine"),)})
    assert server.asked[0].header(name) in {None, b"gzip, deflate"}


@pytest.mark.parametrize("status", [403, 404, 410, 500, 503])
def test_an_errors_freshness_travels_with_it(desk, server, status):
    """P2: an error answer is an answer, and may hold for hours."""
    server.routes["/"] = answer(f"{status} Whatever", "Cache-Control: max-age=3600", "Age: 600")
    assert failed(desk, server.url(), server=server).fresh_for == timedelta(minutes=50)
    server.routes["/"] = answer(f"{status} Whatever", "Expires: 0", "Cache-Control: no-store")
    assert failed(desk, server.url(), server=server).fresh_for is None


@pytest.mark.parametrize(
    ("status", "header", "wait"),
    [
        (429, "Retry-After: 120", 120),
        (503, "Retry-After: Wed, 04 Mar 2026 11:17:23 GMT", 3600),
        (429, "X-RateLimit-Reset: 60", 60),
        (429, "Retry-After: 99999999999999999999", 7 * 86400),
        (503, "Retry-After: when it suits", None),
    ],
)
def test_the_servers_wish_travels_with_the_error(desk, server, status, header, wait):
    """P5, P6."""
    server.routes["/"] = answer(f"{status} No", header)
    expected = NOW + timedelta(seconds=wait) if wait else None
    assert failed(desk, server.url(), server=server).retry_at == expected


def test_a_second_refusal_speaks_for_the_host(desk, server, other_server):
    """P5: one address that is told to wait waits alone; with two, nothing of the host is asked."""
    server.routes |= {path: answer("429 No", "Retry-After: 600") for path in ("/a", "/b")}
    server.routes["/c"] = other_server.routes["/c"] = answer(body=FEED)
    fetcher = desk.fetcher(allow_hosts=("127.0.0.0/8",))

    def get(one, path):
        return fetcher.fetch(ask(one.url(path)))

    for _ in range(2):
        assert get(server, "/a").exception(PATIENCE).status == 429
    assert get(server, "/c").result(PATIENCE).body == FEED
    assert get(server, "/b").exception(PATIENCE).status == 429
    error = get(server, "/c").exception(PATIENCE)
    assert (error.code, error.status, error.retry_at) == (Code.HTTP_STATUS, None, NOW + timedelta(minutes=10))
    assert len(server.asked) == 4
    assert get(other_server, "/c").result(PATIENCE).body == FEED


def test_a_location_in_latin_1_is_followed(desk, server):
    server.routes |= {
        "/": answer("302 Found", b"Location: /caf\xe9"),
        "/8": answer("302 Found", "Location: /café".encode()),
        "/caf%C3%A9": answer(body=FEED),
    }
    assert desk.get(server.url("/"), server=server).body == FEED
    assert desk.get(server.url("/8"), server=server).body == FEED


def test_a_secret_that_is_no_text_is_sent_as_it_is(desk, server):
    """Bytes of the environment that are not UTF-8 reach Python as surrogates."""
    server.routes["/"] = answer(body=FEED)
    desk.get(server.url(), server=server, request={"headers": (("X-Key", "k\udce9"),)})
    assert server.asked[0].header("X-Key") == b"k\xe9"


def test_a_challenge_is_called_by_its_name(desk, server):
    """D8."""
    server.routes["/"] = answer("403 Forbidden", "cf-mitigated: challenge", body=b"<html>")
    error = failed(desk, server.url(), server=server)
    assert (error.code, error.status) == (Code.CHALLENGE, 403)


@pytest.mark.parametrize("body", [b"", b" \r\n\t "])
def test_an_empty_200_is_an_error(desk, server, body):
    server.routes["/"] = answer(body=body)
    assert failed(desk, server.url(), server=server).code is Code.EMPTY


def test_moved_is_said_when_every_hop_was_permanent(desk, server):
    """D1, D2."""
    server.routes |= {
        "/a": answer("301 Moved", "Location: /b"),
        "/b": answer("308 Moved", "Location: /c#there"),
        "/t": answer("302 Found", "Location: /b"),
        "/c": answer(body=FEED),
    }
    assert desk.get(server.url("/a"), server=server).moved_to == server.url("/c")
    assert desk.get(server.url("/t"), server=server).moved_to is None
    secret = {"shown_url": "https://shown.example/${TOKEN}"}
    assert desk.get(server.url("/a"), server=server, request=secret).moved_to is None


@pytest.mark.parametrize(
    ("location", "code"),
    [
        (None, Code.REDIRECT),
        ("", Code.REDIRECT),
        ("http://[broken/", Code.REDIRECT),
        ("/", Code.REDIRECT),
        ("/#x", Code.REDIRECT),
        ("file:///etc/passwd", Code.REFUSED_ADDRESS),
        ("gopher://x/", Code.REFUSED_ADDRESS),
        ("data:text/xml,<rss/>", Code.REFUSED_ADDRESS),
        ("http://", Code.REDIRECT),
    ],
)
def test_a_redirect_that_leads_nowhere(desk, server, location, code):
    """No Location, a bad one, a circle, or what is no web address."""
    server.routes["/"] = answer("302 Found", *([f"Location: {location}"] if location is not None else []))
    assert failed(desk, server.url(), server=server).code is code
    assert len(server.asked) == 1


def test_ten_redirects_are_followed_and_no_more(desk, server):
    """D3."""
    for n in range(12):
        server.routes[f"/{n}"] = answer("307 Temporary", f"Location: /{n + 1}")
    server.routes["/12"] = answer(body=FEED)
    assert desk.get(server.url("/2"), server=server).body == FEED
    assert failed(desk, server.url("/1"), server=server).code is Code.REDIRECT


def test_credentials_stay_with_their_origin(desk, server, other_server):
    """D5: Basic credentials and the source's own headers do not follow to another host or port."""
    server.routes |= {
        "/a": answer("302 Found", "Location: /b"),
        "/b": answer("302 Found", f"Location: {other_server.url('/c')}"),
    }
    other_server.routes["/c"] = answer(body=FEED)
    request = {
        "auth": Credentials(user="mé", password="p:w"),
        "headers": (
            ("X-Token", "s3cret"),
            ("Cookie", "a=b"),
            ("User-Agent", "Mine"),
            ("accept-encoding", "br"),
            ("Host", "evil"),
        ),
    }
    both = (f"127.0.0.1:{server.port}", f"127.0.0.1:{other_server.port}")
    desk.get(server.url("/a"), request=request, allow_hosts=both)
    for asked in server.asked:
        assert asked.header("Authorization") == b"Basic bcOpOnA6dw=="
        assert asked.header("X-Token") == b"s3cret"
        assert asked.header("User-Agent") == b"Mine"
        assert asked.header("Accept-Encoding") == b"gzip, deflate"
        assert asked.header("Host") == f"127.0.0.1:{server.port}".encode()
    (there,) = other_server.asked
    assert [there.header(n) for n in ("Authorization", "X-Token", "Cookie")] == [None, None, None]
    assert there.header("User-Agent") == b"aggregator/1.2"


def test_user_info_becomes_basic_credentials_and_leaves_the_address(desk, server):
    """The password is in no URL that links are resolved against."""
    server.routes["/"] = answer("200 OK", 'ETag: "1"', body=FEED)
    got = desk.get(f"http://me:p%40w@127.0.0.1:{server.port}/", server=server)
    assert server.asked[0].header("Authorization") == b"Basic bWU6cEB3"
    assert got.url == got.validators.url == server.url()


def test_cookies_are_never_kept(desk, server):
    """R2."""
    server.routes |= {
        "/a": answer("302 Found", "Set-Cookie: a=1", "Location: /b"),
        "/b": answer("200 OK", "Set-Cookie: b=2", body=FEED),
    }
    fetcher = desk.fetcher(server)
    for _ in range(2):
        fetcher.fetch(ask(server.url("/a"))).result(PATIENCE)
    assert all(asked.header("Cookie") is None and asked.header("Referer") is None for asked in server.asked)
    assert len(server.asked) == 4


def test_proxies_of_the_environment_are_not_used(desk, server, other_server, monkeypatch):
    """A proxy resolves names by itself: the guard would see nothing."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, other_server.url())
    server.routes["/"] = answer(body=FEED)
    assert desk.get(server.url(), server=server).body == FEED
    assert other_server.asked == []


@pytest.mark.parametrize("coding", ["gzip", "GZip"])
def test_compressed_bodies_are_read(desk, server, coding):
    server.routes["/"] = answer("200 OK", f"Content-Encoding: {coding}", body=gz(FEED))
    assert desk.get(server.url(), server=server).body == FEED


def test_names_of_the_whole_world_are_asked_in_ascii(desk, server):
    """IDNA: the resolver and the Host header see A-labels."""
    names = []

    def resolver(host, port):
        names.append(host)
        return [(2, 1, 6, "", ("127.0.0.1", port))]

    server.routes["/"] = answer(body=FEED)
    desk.get(f"http://Bücher.example:{server.port}/", resolver=resolver, allow_hosts=("bücher.example",))
    assert names == ["xn--bcher-kva.example"]
    assert server.asked[0].header("Host") == f"xn--bcher-kva.example:{server.port}".encode()


def test_an_error_never_shows_the_address(desk, server):
    """Promise 5: secrets of URL, headers and credentials are in no message and no repr."""
    request = {
        "headers": (("X-Token", "s3cret"),),
        "auth": Credentials(user="me", password="s3cret"),
        "shown_url": "http://shown.example/${TOKEN}",
    }
    url = server.url("/s3cret?token=s3cret")
    server.routes["/s3cret"] = answer("302 Found", "Location: http://s3cret:s3cret@127.0.0.1:1/s3cret")
    errors = [
        failed(desk, url, server=server, request=request),
        failed(desk, url, allow_hosts=("127.0.0.0/8",), request=request),
        failed(desk, server.url("/s3cret/404"), server=server, request=request),
        failed(desk, server.url(), server=server, request=request | {"headers": (("X", "s3cret\r\nY: z"),)}),
        failed(desk, "http://127.0.0.1:99999/s3cret", request=request),
        failed(desk, "s3cret://s3cret/", request=request),
        failed(desk, "http://[s3cret/", request=request),
    ]
    for error in errors:
        assert "s3cret" not in f"{error} {error!r} {error.__dict__}"
    assert "shown.example" in errors[0].message
    assert [error.code for error in errors] == [
        Code.REFUSED_ADDRESS,
        Code.CONNECT,
        Code.HTTP_STATUS,
        Code.PROTOCOL,
        Code.REFUSED_ADDRESS,
        Code.REFUSED_ADDRESS,
        Code.REFUSED_ADDRESS,
    ]
