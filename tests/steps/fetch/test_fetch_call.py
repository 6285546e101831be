"""Calls: requests with a body, to other servers, under the guard."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from aggregator.domain.call import Call
from aggregator.errors import Code, FetchError
from tests.steps.fetch.conftest import PATIENCE


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.server.asked.append((self.command, self.path, self.headers["User-Agent"], self.headers["X-Own"], body))
        status, headers, answer = self.server.answers[self.path]
        self.send_response(status)
        for name, value in {**headers, "Content-Length": len(answer)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST  # noqa: N815 - the name http.server calls

    def log_message(self, *_):
        pass


@pytest.fixture
def hub():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.asked, server.answers = [], {}
    server.place = f"127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def call(desk, hub, path, **fields):
    wanted = {"about": "a", "url": f"http://{hub.place}{path}", "allowed": (hub.place,)} | fields
    return desk.fetcher().call(Call(**wanted)).result(PATIENCE)


def test_a_call_carries_its_body_and_any_status_is_an_answer(desk, hub):
    hub.answers["/hub?x=1"] = (409, {"X-Said": "no"}, b"not now")
    got = call(desk, hub, "/hub?x=1", method="POST", headers=(("X-Own", "yes"),), body=b"hub.mode=subscribe")
    assert hub.asked == [("POST", "/hub?x=1", "aggregator/1.2", "yes", b"hub.mode=subscribe")]
    assert (got.status, got.header("x-said"), got.body) == (409, "no", b"not now")


def test_307_and_308_are_followed_with_the_body_where_the_call_says_so(desk, hub):
    """RFC 9110 §15.4.8: method and body stay; a call that does not follow gets the redirect itself."""
    hub.answers["/old"] = (308, {"Location": "/new"}, b"")
    hub.answers["/new"] = (202, {}, b"")
    assert call(desk, hub, "/old", method="POST", body=b"x").status == 308
    assert call(desk, hub, "/old", method="POST", body=b"x", follow=True).status == 202
    assert [(one[0], one[1], one[4]) for one in hub.asked[1:]] == [("POST", "/old", b"x"), ("POST", "/new", b"x")]


def test_a_303_is_never_followed(desk, hub):
    hub.answers["/old"] = (303, {"Location": "/new"}, b"")
    assert call(desk, hub, "/old", follow=True).status == 303


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/", "http://2130706433:{port}/", "file:///etc/passwd"])
def test_an_address_that_is_not_public_is_not_called(desk, hub, url):
    """Only entries of the call's own list open a private address; nothing is dialled."""
    with pytest.raises(FetchError) as told:
        call(desk, hub, "/", url=url.format(port=hub.server_port), allowed=("10.0.0.1:80",))
    assert told.value.code is Code.REFUSED_ADDRESS
    assert hub.asked == []


def test_a_redirect_into_a_private_address_is_refused(desk, hub):
    hub.answers["/old"] = (307, {"Location": f"http://localhost:{hub.server_port}/inside"}, b"")
    with pytest.raises(FetchError) as told:
        call(desk, hub, "/old", follow=True)
    assert told.value.code is Code.REFUSED_ADDRESS
    assert [one[1] for one in hub.asked] == ["/old"]


def test_redirects_end(desk, hub):
    hub.answers["/old"] = (307, {"Location": "/old"}, b"")
    with pytest.raises(FetchError) as told:
        call(desk, hub, "/old", follow=True)
    assert told.value.code is Code.REDIRECT


def test_an_endless_answer_is_cut(desk, hub):
    hub.answers["/"] = (200, {}, b"x" * 1_000_000)
    with pytest.raises(FetchError) as told:
        call(desk, hub, "/")
    assert told.value.code is Code.TOO_LARGE


def test_a_closed_fetcher_makes_no_call(desk, hub):
    fetcher = desk.fetcher()
    fetcher.close()
    assert fetcher.call(Call(about="a", url=f"http://{hub.place}/")).cancelled()
