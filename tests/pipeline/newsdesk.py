"""A newsroom in memory: scripted answers instead of a network, entries read in place, the real store."""

from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path

from aggregator.domain.entry import Entry, FeedInfo, Text
from aggregator.domain.item import Item
from aggregator.domain.outcome import Reading
from aggregator.domain.response import Response, Validators
from aggregator.domain.settings import Configuration, PublishSettings, Site
from aggregator.domain.source import Source, SourceKind
from aggregator.domain.topic import Topic
from aggregator.errors import Code, FetchError
from aggregator.pipeline.collect import Collector
from aggregator.pipeline.configure import configure
from aggregator.pipeline.fill import fill
from aggregator.steps.dedupe import identify

ALL = (Topic(id="all", title="All"),)
START = datetime(2026, 11, 22, 8, tzinfo=UTC)


@dataclass
class StandingClock:
    moment: datetime = START

    def now(self):
        return self.moment

    def forward(self, **by):
        self.moment += timedelta(**by)


def done(value):
    future = Future()
    if isinstance(value, Exception):
        future.set_exception(value)
    else:
        future.set_result(value)
    return future


@dataclass
class ScriptedFetcher:
    """Answers by source id: bytes, an exception, or any other answer as it is."""

    clock: StandingClock
    answers: dict = field(default_factory=dict)
    requests: list = field(default_factory=list)

    def fetch(self, request):
        self.requests.append(request)
        answer = self.answers.get(request.source_id)
        if answer is None:
            answer = FetchError(request.source_id, Code.DNS, "cannot be resolved")
        if isinstance(answer, bytes):
            etag = b'"' + blake2b(answer, digest_size=4).hexdigest().encode() + b'"'
            answer = Response(
                source_id=request.source_id,
                url=request.url,
                body=answer,
                received_at=self.clock.now(),
                validators=Validators(etag=etag, url=request.url),
            )
        return done(answer)

    def reconfigure(self, settings): ...

    def close(self): ...


class LineReader:
    """Reads a body whose lines are `guid|link|title`, in place."""

    def read(self, context, response, known, now, further=()):
        entries = []
        for line in response.body.decode().splitlines():
            guid, link, title = line.split("|")
            raw = blake2b(line.encode(), digest_size=16).digest()
            entries.append(Entry(raw_hash=raw, guid=guid, link=link, title=Text(value=title, kind="text")))
        items = [
            Item(
                source_id=context.source_id,
                keys=keys,
                raw_hash=entry.raw_hash,
                text_hash=blake2b(entry.title.value.encode(), digest_size=16).digest(),
                guid=entry.guid,
                link=entry.link,
                title=entry.title.value,
                text=entry.title.value,
                language="en",
            )
            for entry, keys in zip(entries, identify(entries), strict=True)
            if entry.raw_hash not in known
        ]
        unchanged = tuple(entry.raw_hash for entry in entries if entry.raw_hash in known)
        return done(Reading(info=FeedInfo(title=f"Feed {context.source_id}"), items=tuple(items), unchanged=unchanged))

    def close(self): ...


def source(name, **more):
    url = f"https://{name}.example/feed"
    return Source(id=name, url=url, shown_url=url, **more)


class Newsdesk:
    """A configured store, and a collector over scripted answers."""

    def __init__(self, store, folder: Path, *, sources=("one", "two"), topics=ALL):
        self.store = store
        self.clock = StandingClock()
        self.fetcher = ScriptedFetcher(self.clock)
        self.configuration = Configuration(
            path=folder / "feeds.yaml",
            site=Site(url="https://desk.example", title="Desk"),
            publish=PublishSettings(directory=folder / "public"),
            sources=tuple(source(s) if isinstance(s, str) else s for s in sources),
            topics=tuple(topics),
        )
        configure(store, self.configuration, self.clock.now())
        fill(store, self.configuration)
        self.collector = self.new_collector()

    def new_collector(self, owner="desk/1/a", **more):
        return Collector(
            store=self.store,
            fetchers={SourceKind.FEED: self.fetcher},
            reader=LineReader(),
            clock=self.clock,
            configuration=self.configuration,
            owner=owner,
            **more,
        )

    def reconfigure(self, **changes):
        self.configuration = replace(self.configuration, **changes)
        configure(self.store, self.configuration, self.clock.now())
        fill(self.store, self.configuration)
        self.collector.configure(self.configuration)

    def collect(self, only=None):
        """Claim and carry on until nothing is under way; reports by source id."""
        reports = {}
        self.collector.claim(only)
        while self.collector.busy:
            reports |= {report.source_id: report for report in self.collector.step(0.5)}
        return reports

    def items(self):
        with self.store.read() as rooms:
            return list(rooms.items.export())

    def visits(self, name):
        with self.store.read() as rooms:
            return rooms.sources.visits(name)
