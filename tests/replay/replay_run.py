"""The replay: the real collector, store, rules and fetcher live through days that pass in seconds."""

import ssl
from concurrent.futures import Future
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from hashlib import blake2b
from math import inf

from aggregator.domain.settings import Configuration, PublishSettings, Site
from aggregator.domain.source import Source, SourceKind
from aggregator.pipeline.configure import configure
from aggregator.pipeline.visit import read
from aggregator.steps.fetch import HttpFetcher, ObedientFetcher
from aggregator.wiring import open_collector, open_store
from tests.replay.replay_log import SETTINGS, Log
from tests.replay.replay_net import DAY, HOUR, Network
from tests.replay.replay_time import START, Loop, Time

# How much later than due a visit may begin. The daemon looks every second; fewer looks make a faster replay.
TICK = 20.0


class InPlace:
    """`ports.Reader` in this process: what is read here is harmless."""

    def __init__(self, time, log):
        self._time, self._log = time, log

    def read(self, context, response, known, now, further=()):
        digest = blake2b(response.body, digest_size=8).digest()
        self._log.reads.setdefault(context.source_id, []).append((self._time.t, digest))
        future = Future()
        future.set_result(read(context, (response, *further), known, now))
        return future

    def close(self): ...


def usual_events():
    """What happens to every program: restarts, a kill, impatience, an outage, a clock that is set."""
    return [
        (1.3 * DAY, Replay.restart),
        (2.6 * DAY, Replay.killed),
        (3.2 * DAY, Replay.fetch_all),
        (3.7 * DAY, lambda replay: replay.down(True)),
        (3.7 * DAY + 2 * HOUR, lambda replay: replay.down(False)),
        (5.1 * DAY, lambda replay: replay.set_clock(2400)),
        (8.4 * DAY, lambda replay: replay.set_clock(-2400)),
        (9.0 * DAY, Replay.restart),
        (10.2 * DAY, Replay.stop),
        (10.7 * DAY, Replay.start),
    ]


class Replay:
    """`run()` lives through the days and gives the Log.

    Args:
        folder: for the database.
        cast: the sources' scripts.
        events: (true seconds, function of the Replay): restarts, outages, edits, steps of the clock.
    """

    def __init__(self, folder, cast, events=(), tick=TICK):
        self.time = Time()
        self.network = Network(self.time)
        self.scripts = {script.id: script for script in cast.scripts}
        self.log = Log(scripts=self.scripts, broken=cast.broken)
        self.end = cast.days * DAY
        self._tick = tick
        self.running, self._stopped = False, 0.0
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        for script in cast.scripts:
            self.network.routes |= script.all_routes()
        self.configuration = Configuration(
            path=folder / "feeds.yaml",
            site=Site(url="https://desk.example"),
            publish=PublishSettings(directory=folder / "public"),
            fetch=SETTINGS,
            sources=tuple(
                Source(**({"id": one.id, "url": one.url, "shown_url": one.url} | one.config)) for one in cast.scripts
            ),
        )
        url = f"sqlite:///{folder / 'replay.db'}"
        self.configuration = replace(self.configuration, storage=replace(self.configuration.storage, url=url))
        edits = [(at, self._edit(one.id, keys)) for one in cast.scripts for at, keys in one.edits]
        names = [(at, self._break(name, True)) for name, at, _ in cast.broken]
        names += [(at, self._break(name, False)) for name, _, at in cast.broken]
        self._events = sorted([*events, *edits, *names], key=lambda event: event[0])

    def run(self):
        with closing(open_store(self.configuration)) as self.store:
            self.start()
            try:
                self._live()
            finally:
                self._fetcher.close()
            self._look()
        self.log.visits, self.log.unknown, self.log.end = self.network.visits, self.network.unknown, self.end
        return self.log

    # What events do.
    def start(self):
        """The daemon begins; that takes it two seconds."""
        self.time.t += 2.0 if self.log.starts else 0.0
        if not self.running:
            self.log.off.append((self._stopped, self.time.t))
        self.running = True
        self.log.starts.append(self.time.t)
        self._fetcher = HttpFetcher(
            self.configuration.fetch,
            clock=self.time,
            user_agent_version="1.0",
            tls=self._tls,
            loop=lambda: Loop(self.time, self.network),
        )
        self._fetcher._transport._guard._lookups = self.network
        self.network.fetcher = self._fetcher
        obedient = ObedientFetcher(self._fetcher, self.time)
        fetchers = {SourceKind.FEED: self._fetcher, SourceKind.PAGE: obedient, SourceKind.SITEMAP: obedient}
        reader = InPlace(self.time, self.log)
        self.store.attach(self.configuration.sources)
        self.collector = open_collector(self.configuration, self.store, fetchers, reader, self.time)
        configure(self.store, self.configuration, self.time.now())

    def stop(self):
        """The daemon ends in order."""
        self.collector.stop()
        self._fetcher.close()
        self.network.under_way.clear()
        self.running, self._stopped = False, self.time.t
        self.network.forced.clear()

    def kill(self):
        """The daemon is killed in the middle of its work."""
        self._fetcher.close()
        self.network.under_way.clear()
        self.network.forced.clear()

    def restart(self):
        self.stop()
        self.start()

    def killed(self):
        """Killed while visits are under way, and started again at once, twice."""
        self.fetch_all()
        self._settle()
        self.time.t += 0.03  # the requests are out, the answers are not in
        self._fetcher._loop.call_soon_threadsafe(lambda: None)
        self._fetcher._loop.gate.settle()
        self.kill()
        self.start()
        self.restart()

    def fetch_all(self):
        """Somebody asks for everything by hand."""
        self.network.forced |= set(self.scripts) - set(self.network.under_way)
        self.network.forced &= set(self.collector.claim(frozenset(self.scripts)))

    def down(self, down):
        """Our own network goes, or comes back."""
        self.network.down = down
        with self.store.read() as rooms:
            failures = {name: rooms.sources.visits(name).failures for name in self.scripts}
        if down:
            self.log.down.append((self.time.t, inf))
            self.log.outage = {name: (count, None) for name, count in failures.items()}
        else:
            self.log.down[-1] = (self.log.down[-1][0], self.time.t)
            self.log.outage = {name: (self.log.outage[name][0], count) for name, count in failures.items()}

    def set_clock(self, seconds):
        """Somebody puts our clock forward, or back."""
        self.time.off += timedelta(seconds=seconds)
        self.log.steps.append((self.time.t, seconds))

    def _edit(self, name, keys):
        def edit(replay):
            sources = tuple(replace(one, **keys) if one.id == name else one for one in replay.configuration.sources)
            replay.configuration = replace(replay.configuration, sources=sources)
            configure(replay.store, replay.configuration, replay.time.now())
            replay.collector.configure(replay.configuration)

        return edit

    @staticmethod
    def _break(name, broken):
        return lambda replay: (replay.network.broken.add if broken else replay.network.broken.discard)(name)

    # How time goes by.
    def _live(self):
        look = 0.0  # when the daemon looks for what is due
        while self.time.t < self.end:
            while self._events and self._events[0][0] <= self.time.t:
                self._events.pop(0)[1](self)
                look = self.time.t
            if not self.running:
                self.time.t = self._events[0][0]
                continue
            before = len(self.log.reports)
            looked = look <= self.time.t
            if looked:
                self.collector.claim()
            deadline = self._settle()
            if looked or len(self.log.reports) > before:
                look = self._next_look()
            self.time.t = max(self.time.t, min(deadline, look, self._events[0][0] if self._events else inf, self.end))
            self._fetcher._loop.call_soon_threadsafe(lambda: None)

    def _settle(self):
        """Carry on all that has arrived, at this very moment."""
        while True:
            deadline = self._fetcher._loop.gate.settle()
            busy = self.collector.busy
            reports = self.collector.step(0)
            self._remember(reports)
            if not reports and self.collector.busy == busy and self._fetcher._loop.gate.settle() == deadline:
                return deadline

    def _next_look(self):
        with self.store.read() as rooms:
            due = rooms.sources.next_due()
        if due is None:
            return inf
        at = max((due - self.time.off - START).total_seconds(), self.time.t + 0.001)
        return (at // self._tick + 1) * self._tick

    def _remember(self, reports):
        for report in reports:
            self.log.reports.append((self.time.t, report))
            self.log.plans.setdefault(report.source_id, []).append((self.time.t, report.next_visit, report))
            self.network.forced.discard(report.source_id)
            visit = self.network.under_way.pop(report.source_id, None)
            if visit is not None:
                visit.report = report

    def _look(self):
        with self.store.read() as rooms:
            for stored in rooms.items.export():
                guid = stored.item.guid or stored.item.link
                self.log.stored.setdefault(stored.item.source_id, {})[guid] = stored.first_seen
            self.log.states = {name: rooms.sources.visits(name) for name in self.scripts}
