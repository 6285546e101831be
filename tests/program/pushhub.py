"""A WebSub hub on loopback that does what a test tells it to."""

import hashlib
import hmac
import json
import threading
import time
import urllib.error
import urllib.request
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode


class Hub:
    """`asked` are the forms that came, oldest first.

    It answers `status` with `headers`, and then verifies by itself with `lease` seconds unless `verifies` is False.
    """

    def __init__(self):
        self.asked = []
        self.status = 202
        self.headers = {}
        self.verifies = True
        self.lease = 864_000
        self.answers = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.hub = self
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.host}/hub?kind=test"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def verify(self, form, *, mode=None, challenge="challenge-4711&<b>", topic=None, **more):
        """Ask the subscriber whether it meant it; status and body of its answer."""
        question = {
            "hub.mode": mode or form["hub.mode"],
            "hub.topic": topic or form["hub.topic"],
            "hub.challenge": challenge,
            "hub.lease_seconds": str(self.lease),
            **{f"hub.{name}": value for name, value in more.items()},
        }
        status, _, body = call(f"{form['hub.callback']}?{urlencode(question)}")
        self.answers.append((status, body))
        return status, body

    def deny(self, form, reason="not here"):
        question = {"hub.mode": "denied", "hub.topic": form["hub.topic"], "hub.reason": reason}
        return call(f"{form['hub.callback']}?{urlencode(question)}")[0]

    def deliver(self, form, body, *, method="sha256", signature=None, kind="application/rss+xml", **headers):
        """Deliver a body as it is signed; the status of the answer."""
        sent = {"Content-Type": kind, "Link": f'<{self.url}>; rel="hub", <{form["hub.topic"]}>; rel="self"', **headers}
        if signature is None and "hub.secret" in form:
            digest = hmac.new(form["hub.secret"].encode(), body, getattr(hashlib, method)).hexdigest()
            signature = f"{method}={digest}"
        if signature is not None:
            sent["X-Hub-Signature"] = signature
        return call(form["hub.callback"], body, sent)[0]

    def wait(self, count=1, timeout=30, mode=None):
        """Until that many forms (of a mode) came; the last of them."""
        return (
            until(
                lambda: (found := [f for f in self.asked if mode in (None, f["hub.mode"])])[count - 1 : count], timeout
            )[0]
            if count
            else None
        )

    def verified(self, count=1, timeout=30):
        """Until that many verifications were answered well."""
        until(lambda: len([1 for status, _ in self.answers if status == 200]) >= count, timeout)

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def call(url, body=None, headers=None, method=None):
    """Status, headers and text of an answer; 0 where nobody listens."""
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read().decode()
    except (urllib.error.URLError, OSError) as error:
        return 0, {}, str(error)


def until(found, timeout=30):
    """What `found` gives as soon as it gives anything."""
    end = time.monotonic() + timeout
    while not (answer := found()):
        assert time.monotonic() < end, f"not within {timeout} s"
        time.sleep(0.02)
    return answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    hub: Hub

    def handle_error(self, request, client_address):
        """A program that was killed leaves broken connections behind."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_POST(self):
        hub = self.server.hub
        body = self.rfile.read(int(self.headers["Content-Length"]))
        form = dict(parse_qsl(body.decode(), strict_parsing=True))
        status, verifies = hub.status, hub.verifies
        self.send_response(status)
        for name, value in hub.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.wfile.flush()
        hub.asked.append({**form, "content-type": self.headers["Content-Type"], "path": self.path})
        if status // 100 == 2 and verifies:
            with suppress(json.JSONDecodeError):
                hub.verify(form)

    def log_message(self, *args):
        """Silent: `asked` has it all."""
