"""The served side under attack."""

import socket
import time
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from web_desk import FEED, document


def raw(desk, request, *, wait=5.0):
    """What comes back for these very bytes, until the server closes."""
    address = urlsplit(desk.url)
    with socket.create_connection((address.hostname, address.port), timeout=wait) as connection:
        with suppress(ConnectionError):  # refused before all of it was sent
            connection.sendall(request)
        answer = b""
        with suppress(ConnectionError):
            while chunk := connection.recv(65536):
                answer += chunk
        return answer


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/assets/../../feeds.yaml",
        "/assets/..%5c..%5cfeeds.yaml",
        "/topics/world.atom%00",
        "/%00",
        "//etc/passwd",
        "/topics//world.atom",
        "/topics/./world.atom",
        "/.git/config",
        "/topics/world.atom/",
        "/" + "a/" * 3000,
        "/topics/wörld.atom",
        "/%ff%fe",
        "/%0d%0aSet-Cookie:%20a=b",
    ],
)
def test_paths_that_lead_nowhere(desk, path):
    """No spelling of a path reaches anything but a published document."""
    answer = raw(
        desk,
        f"GET {path.encode().decode('latin-1')} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode("latin-1"),
    )
    assert answer.split(b" ")[1] in {b"400", b"404", b"308"}
    assert b"root:" not in answer and b"Set-Cookie" not in answer.split(b"\r\n\r\n")[0]


def test_absolute_form_and_strange_hosts(desk):
    """The Host header and absolute request targets choose nothing and come back nowhere."""
    for request in (
        b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        b"GET /nothing HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        b'GET /nothing HTTP/1.1\r\nHost: "><script>\r\nConnection: close\r\n\r\n',
    ):
        assert b"evil" not in raw(desk, request) and b"<script" not in raw(desk, request)


def test_error_pages_escape(desk):
    """A missing page repeats nothing of its address."""
    response = desk.get("/<script>alert(1)</script>?q=<script>")
    assert response.status_code == 404
    assert b"<script" not in response.wire


@pytest.mark.parametrize("path", ["/", "/nothing", "/topics/world.atom", "/status", "/assets/icon.svg", "/healthz"])
def test_protection_on_every_answer(desk, path):
    """Browsers are told to run and load nothing of others but pictures."""
    headers = desk.get(path).headers
    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; img-src 'self' https: data:; style-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "server" not in headers


def test_the_demos_pictures_are_let_in(desk):
    """One more origin of pictures, where the program itself was told so; the rest of the policy stands."""
    desk.reconfigure(pictures_from="http://127.0.0.1:4000/")
    assert desk.get("/").headers["Content-Security-Policy"] == (
        "default-src 'none'; img-src 'self' http://127.0.0.1:4000/ https: data:; style-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(10_000)) + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
    ],
)
def test_oversized_and_broken_requests(desk, request_):
    """They are refused at once, and others are served."""
    started = time.monotonic()
    answer = raw(desk, request_)
    assert answer == b"" or answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 414", b"HTTP/1.1 431"))
    assert time.monotonic() - started < 20
    assert desk.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("line", "headers", "status"),
    [
        (b"GET /healthz", [b"Host: a b"], 400),
        (b"GET /healthz", [b"Host: a/b"], 400),
        (b"GET /healthz", [b"Host: a@b"], 400),
        (b"GET /healthz", [b"Host: a,b"], 400),
        (b"GET /healthz", [b"Host: a", b"Host: b"], 400),
        (b"GET /healthz", [b"Host: [::1"], 400),
        (b"GET /healthz", ["Host: wörld".encode()], 400),
        (b"GET /healthz", [b"Host: x"] + [b"a:b"] * 4_000, 431),
        (b"GET /healthz", [b"Host: x"] + [b"a:b"] * 120, 431),
        (b"GET /healthz", [b"Host: x", b"a: " + b"b" * 40_000], 431),
        (b"GET /?q=" + b"a" * 9_000, [b"Host: x"], 414),
        (b"GET /healthz", [b"Host: x:8000"], 200),
        (b"GET /healthz", [b"Host: [::1]:8000"], 200),
        (b"GET /healthz", [b"Host:"], 200),
        (b"GET http://evil.example/healthz", [b"Host: x"], 400),
    ],
)
def test_requests_that_nobody_honest_makes(desk, line, headers, status):
    """A Host that is none, floods of headers and endless addresses are refused by name, before anything looks."""
    head = b"\r\n".join([line + b" HTTP/1.1", *headers, b"Connection: close", b"", b""])
    answer = raw(desk, head)
    assert int(answer.split(b" ")[1]) in {status, 400 if status == 431 else status}  # h11 has a limit of its own
    assert desk.get("/healthz").status_code == 200


def test_slow_clients_are_cut(desk):
    """Five hundred clients that never finish their request cost others nothing, and are closed."""
    address = urlsplit(desk.url)
    slow = [socket.create_connection((address.hostname, address.port), timeout=20) for _ in range(500)]
    for connection in slow:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow:")
    assert desk.get("/topics/world.atom").wire == FEED
    for connection in slow:
        with suppress(ConnectionResetError):
            assert connection.recv(1024) == b""
        connection.close()


def test_a_client_that_sends_drop_by_drop_is_cut(desk):
    """A byte now and then does not start the clock anew."""
    address = urlsplit(desk.url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        sent = 0
        with suppress(ConnectionError):
            while sent < 100:
                connection.sendall(b"G")
                sent += 1
                time.sleep(0.1)
    assert sent < 100


def test_clients_that_never_read_are_cut(desk):
    """A client that asks for much and takes nothing is closed; others are served meanwhile."""
    desk.put("world", document("topics/world.atom", b"x" * 20_000_000))
    address = urlsplit(desk.url)
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(20)
    connection.connect((address.hostname, address.port))
    connection.sendall(b"GET /topics/world.atom HTTP/1.1\r\nHost: x\r\n\r\n")
    assert desk.get("/healthz").status_code == 200
    time.sleep(3)
    taken = 0
    with suppress(ConnectionError):
        while chunk := connection.recv(1_000_000):
            taken += len(chunk)
    connection.close()
    assert taken < 20_000_000
