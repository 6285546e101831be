"""No spelling of a private address is ever dialled as a hub, wherever a feed or another hub names it."""

import json
import socket
import sys
import threading
import time
from contextlib import closing
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from newsdesk import done
from pushdesk import PushDesk

from aggregator.domain.response import Response
from aggregator.domain.settings import FetchSettings
from aggregator.domain.source import Source
from aggregator.pipeline.visit import read
from aggregator.steps.fetch import HttpFetcher
from storage import Database

CORPUS = Path(__file__).parents[3] / "shared" / "cases" / "hostile" / "hostile_urls.txt"
FEED = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{links}<entry><id>1</id><title>t</title></entry></feed>'
)
WITHIN = 100  # seconds


class Calls:
    """Whom this process calls while somebody looks. An audit hook cannot be taken out again; it can be idle."""

    def __init__(self):
        self.seen = None
        self.added = False

    def watch(self):
        self.seen = []
        if not self.added:
            sys.addaudithook(self._hook)
            self.added = True
        return self.seen

    def _hook(self, event, arguments):
        if event == "socket.connect" and self.seen is not None and isinstance(arguments[1], tuple):
            self.seen.append(arguments[1][:2])


CALLS = Calls()


@pytest.fixture
def connects():
    """Whom this process calls while the test runs."""
    yield CALLS.watch()
    CALLS.seen = None


class InPlace:
    """Reads where it stands: the documents here are tame."""

    def read(self, context, response, known, now, further=()):
        return done(read(context, (response,), known, now))


class _Redirecting(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(307)
        self.send_header("Location", self.server.urls[int(self.path[1:])])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        """Silent."""


@pytest.fixture
def own_hub():
    """A hub on the owner's network, allowed, that sends whoever asks on to other addresses."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Redirecting)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def resolve(host, port):
    """Spellings of addresses as the system reads them; every name is one of this machine."""
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except OSError:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


def feed(address, hub, *, header):
    links = [(hub, "hub"), (address, "self")]
    body = "" if header else "".join(f'<link rel="{rel}" href="{escape(url)}"/>' for url, rel in links)
    told = ", ".join(f'<{url}>; rel="{rel}"' for url, rel in links).encode("utf-8")
    return body, (("link", told),) if header else ()


def test_no_hostile_hub_is_connected_to(sqlite_url, tmp_path, connects, own_hub):
    """In the Link header, in the document, and where an allowed hub redirects to: 0 connections to anybody else."""
    if not CORPUS.exists():
        pytest.skip("shared/cases/hostile is not beside this checkout")
    urls = own_hub.urls = [url for url in CORPUS.read_text("utf-8").splitlines() if url.isprintable()]
    own = f"127.0.0.1:{own_hub.server_address[1]}"
    named = {f"{kind}-{n}": url for kind in ("header", "body") for n, url in enumerate([*urls, f"http://{own}/0"])}
    named |= {f"own-{n}": f"http://{own}/{n}" for n in range(len(urls))}
    sources = []
    for name in named:
        address = f"http://{own if name.startswith('own') else f'{name}.example'}/{name}"
        sources.append(Source(id=name, url=address, shown_url=address))
    settings = FetchSettings(allow_hosts=(own,), per_host=1000)
    with closing(Database.open(sqlite_url)) as store:
        desk = PushDesk(store, tmp_path, sources=sources)
        desk.edit(fetch=settings)
        desk.reader = InPlace()
        desk.collector = desk.new_collector()
        for source in sources:
            body, headers = feed(source.url, named[source.id], header=not source.id.startswith("body"))
            document = FEED.format(links=body).encode()
            desk.fetcher.answers[source.id] = Response(
                source_id=source.id, url=source.url, headers=headers, body=document, received_at=desk.clock.now()
            )
        desk.collect()
        while len(desk.items()) < len(sources):
            desk.collect()
        with closing(HttpFetcher(settings, clock=desk.clock, user_agent_version="1", resolver=resolve)) as fetcher:
            asked = ask_all(desk, fetcher)
    assert len(asked) > 100
    assert sum(name.startswith("own") for name in asked) == len(urls)
    assert set(connects) == {("127.0.0.1", own_hub.server_address[1])}
    refusals = {code for name, code in asked.items() if not name.startswith("own")}
    assert refusals <= {"refused_address", "dns"}, json.dumps(asked, indent=1)


def ask_all(desk, fetcher):
    """Every subscription is asked for once; what became of it, by source."""
    asked = {}

    class Watched:
        def call(self, call):
            future = fetcher.call(call)
            asked[call.about] = future
            return future

    desk.subscriber._caller = Watched()
    end = time.monotonic() + WITHIN
    while True:
        with desk.store.read() as rooms:
            left = [one for one in rooms.subscriptions.live().values() if one.source_id not in asked]
        if not left:
            break
        assert time.monotonic() < end
        desk.ask()
        for future in list(asked.values()):
            future.exception(30)
        desk.subscriber.step()
        desk.clock.forward(seconds=61)  # a hub that fails is left alone for a minute
    outcomes = {}
    for name, future in asked.items():
        error = future.exception(30)
        outcomes[name] = error.code.value if error else str(future.result().status)
    return outcomes
