"""A real server on a real socket over a real database."""

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path

import httpx

from aggregator.app.web import Health, ReaderCount, Server, create_app
from aggregator.domain.document import Document
from aggregator.domain.settings import Configuration
from aggregator.domain.source import Source
from aggregator.domain.topic import Topic
from aggregator.steps.render import TopicSummary, asset_documents, render_site
from storage import Database

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ATOM = "application/atom+xml; charset=utf-8"
TOPIC = Topic(id="world", title="World")
SOURCE = Source(
    id="bbc", url="https://feeds.example.com/secret-token.xml", shown_url="https://feeds.example.com/${T}.xml"
)
FEED = ("<feed>" + "".join(f"<entry>news number {n}</entry>" for n in range(200)) + "</feed>").encode()


def document(path, body, media_type=ATOM):
    return Document(path=path, media_type=media_type, body=body, etag=f'"{blake2b(body, digest_size=16).hexdigest()}"')


@dataclass
class Desk:
    """What is served, and how to reach it."""

    store: Database
    configuration: Configuration
    health: Health
    folder: Path = Path()
    counter: ReaderCount = field(default_factory=lambda: ReaderCount(NOON.date))
    url: str = ""
    client: httpx.Client = field(default=None)

    def reset(self):
        """As it was at noon; only what became of visits stays."""
        self.configuration = Configuration(path=Path("/nowhere/feeds.yaml"), sources=(SOURCE,), topics=(TOPIC,))
        self.health = Health(started=NOON - timedelta(hours=1))
        with self.store.write() as rooms:
            rooms.topics.sync([TOPIC], {"world": b"d" * 16})
            rooms.sources.sync([SOURCE], NOON)
            for owner in (None, "world"):
                rooms.documents.put(owner, [], NOON)
        front = TopicSummary(id="world", title="World", description="", formats=TOPIC.formats, stories=0, updated=None)
        self.put(None, *render_site(self.configuration.site, [front]), *asset_documents())
        page = document("topics/world.html", b"<p>World</p>", "text/html; charset=utf-8")
        self.put("world", document("topics/world.atom", FEED), page)

    def get(self, path, method="GET", **headers):
        """One request with exactly these headers, its body as it came over the wire."""
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        said.setdefault("Accept-Encoding", "identity")
        request = self.client.build_request(method, self.url + path, headers=said)
        response = self.client.send(request, stream=True)
        response.wire = b"".join(response.iter_raw())
        response.close()
        return response

    def put(self, topic, *documents, at=NOON):
        with self.store.write() as rooms:
            rooms.documents.put(topic, documents, at)

    def reconfigure(self, **site):
        self.configuration = replace(self.configuration, site=replace(self.configuration.site, **site))


@contextmanager
def open_desk(folder):
    """A site with one topic and one source, published at noon."""
    store = Database.open(f"sqlite:///{folder}/news.db")
    made = Desk(store, None, None, folder=Path(folder))
    made.reset()
    server = Server(
        create_app(
            store=store, configuration=lambda: made.configuration, health=lambda: made.health, counter=made.counter
        ),
        head_within=1.0,
        answer_within=2.0,
    )
    made.url = server.start("127.0.0.1", 0).rstrip("/")
    with httpx.Client(trust_env=False, timeout=10) as made.client:
        yield made
    server.stop(2.0)
    store.close()
