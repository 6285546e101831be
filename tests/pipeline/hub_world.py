"""A hub over a real store and a real fetcher, and subscribers on loopback that do as a test says."""

import itertools
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from aggregator.domain.document import Document
from aggregator.domain.settings import Configuration, FetchSettings, PublishSettings, Site
from aggregator.domain.topic import Access, Topic
from aggregator.pipeline.hub import Hub
from aggregator.steps.fetch import HttpFetcher

FORM = "application/x-www-form-urlencoded"
SITE = "https://news.example"
TYPES = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}
PATIENCE = 30  # seconds for what should come at once


@dataclass
class Came:
    """One request to a callback."""

    method: str
    path: str
    headers: dict
    body: bytes

    @property
    def said(self):
        return dict(parse_qsl(urlsplit(self.path).query))


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        came = Came(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
        with self.server.lock:
            self.server.came.append(came)
            self.server.open_now += 1
            self.server.most_open = max(self.server.most_open, self.server.open_now)
        try:
            status, headers, answer = self.server.answer(came)
        finally:
            with self.server.lock:
                self.server.open_now -= 1
        self.send_response(status)
        for name, value in {**headers, "Content-Length": len(answer)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_GET  # noqa: N815 - the name http.server calls

    def log_message(self, *_):
        pass


class Subscriber(ThreadingHTTPServer):
    """Confirms whatever it is asked and takes whatever it gets, unless `answer` is replaced."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = threading.Lock()
        self.came, self.open_now, self.most_open = [], 0, 0
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def place(self):
        return f"127.0.0.1:{self.server_port}"

    def callback(self, path="/callback"):
        return f"http://{self.place}{path}"

    def answer(self, came):
        return 200, {}, came.said.get("hub.challenge", "").encode()

    @property
    def asked(self):
        return [one for one in self.came if one.method == "GET"]

    @property
    def got(self):
        return [one for one in self.came if one.method == "POST"]

    def close(self):
        self.shutdown()
        self.server_close()


@dataclass
class Clock:
    moment: datetime = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

    def now(self):
        return self.moment

    def seconds(self):
        return self.moment.timestamp()

    def go(self, **time):
        self.moment += timedelta(**time)


@dataclass
class World:
    """A site with the topic `world` in three forms, and one that only tokens open."""

    store: object
    fetcher: HttpFetcher
    clock: Clock
    configuration: Configuration
    limits: object = None
    challenges: object = field(default_factory=lambda: map("challenge-{}".format, itertools.count(1)))
    hub: Hub = None

    def open(self):
        """A hub as after a start of the program."""
        self.hub = Hub(
            store=self.store,
            caller=self.fetcher,
            clock=self.clock,
            configuration=lambda: self.configuration,
            monotonic=self.clock.seconds,
            fraction=lambda: 0.0,
            challenge=lambda: next(self.challenges),
            limits=self.limits,
        )
        return self

    def publish(self, text, topic="world", forms=("atom", "rss", "json"), *, quietly=False):
        documents = [document(f"topics/{topic}.{form}", f"{form}: {text}".encode(), TYPES[form]) for form in forms]
        with self.store.write() as rooms:
            rooms.documents.put(topic, documents, self.clock.now())
        if not quietly:
            self.hub.published()

    def ask(self, mode="subscribe", callback=None, topic=None, client="192.0.2.1", **more):
        said = {"hub.mode": mode, "hub.topic": topic or f"{SITE}/topics/world.atom", "hub.callback": callback}
        said |= {f"hub.{name}": value for name, value in more.items()}
        body = urlencode({name: value for name, value in said.items() if value is not None}).encode()
        return self.hub.ask(FORM, body, client)

    def subscribe(self, subscriber, path="/callback", **more):
        """Ask, and wait until it is confirmed and stored."""
        reply = self.ask(callback=subscriber.callback(path), **more)
        assert reply.status == 202, reply
        before = self.audience()
        self.until(lambda: self.audience() != before or self.idle())

    def audience(self):
        with self.store.read() as rooms:
            return {one.path: (one.subscribers, one.failing) for one in rooms.hub.audiences(self.clock.now())}

    def idle(self):
        """Nothing waits, nothing is under way, nothing came back that was not recorded."""
        hub = self.hub
        return not (
            hub._requests.may_wait
            or hub._verifications._asking
            or hub._verifications._verified
            or hub._verifications._over
            or hub._deliveries._flying
            or hub._deliveries._results
            or (self.configuration.publish.hub == "built-in" and hub._deliveries._changed)
            or hub._pings._flying
            or hub._pings._results
        )

    def until(self, reached):
        """Let the hub work until something is reached."""
        end = time.monotonic() + PATIENCE
        while not reached():
            assert time.monotonic() < end, "it never came"
            self.hub.step(0.02)

    def settle(self):
        """Let the hub work until there is nothing to do."""
        self.hub.step(0.0)
        self.until(self.idle)

    def edit(self, **publish):
        self.configuration = replace(self.configuration, publish=replace(self.configuration.publish, **publish))


def document(path, body, media_type="application/atom+xml"):
    etag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
    return Document(path=path, media_type=f"{media_type}; charset=utf-8", body=body, etag=etag)


@contextmanager
def open_world(store, *allowed, limits=None):
    """A hub that may call loopback where `allowed` says so (all of it by default)."""
    topics = (Topic(id="world", title="World"), Topic(id="closed", title="Closed", access=Access.TOKEN))
    publish = PublishSettings(hub_allow_hosts=allowed or ("127.0.0.0/8",))
    configuration = Configuration(path=Path("/nowhere/feeds.yaml"), site=Site(url=SITE), publish=publish, topics=topics)
    clock = Clock()
    with store.write() as rooms:
        rooms.topics.sync(topics, {topic.id: topic.id.encode().ljust(16) for topic in topics})
    fetcher = HttpFetcher(FetchSettings(), clock=clock, user_agent_version="1.2")
    try:
        world = World(store, fetcher, clock, configuration, limits).open()
        world.publish("old")
        world.settle()
        yield world
    finally:
        fetcher.close()


@contextmanager
def open_subscribers(count=1):
    made = [Subscriber() for _ in range(count)]
    try:
        yield made
    finally:
        for one in made:
            one.close()
