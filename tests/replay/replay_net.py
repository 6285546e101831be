"""The other side: servers that answer by their script and write down every request they get."""

import asyncio
import errno
import socket
from dataclasses import dataclass, field
from hashlib import blake2b

REASONS = {200: b"OK", 304: b"Not Modified"}


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a feed asks of those who visit it, as its author meant it."""

    interval: float = 0.0  # seconds, by ttl or sy:updatePeriod
    skip_hours: frozenset = frozenset()
    skip_days: frozenset = frozenset()
    xml: str = ""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer and what it means. All durations in seconds; `delay` None: it never comes.

    `good`: a whole 200 that can be read. `fresh`: how long it asks not to be asked again. `retry`: when it wants us
    back. `guids` are the entries in it.
    """

    status: int = 200
    headers: tuple = ()
    body: bytes = b""
    good: bool = False
    fresh: float | None = None
    retry: float | None = None
    wish: Wish = Wish()
    guids: tuple = ()
    delay: float | None = 0.08
    cut: int = 0  # bytes of the body that never come
    challenge: bool = False

    def bytes(self):
        head = [b"HTTP/1.1 %d %s" % (self.status, REASONS.get(self.status, b"Because"))]
        head += [name + b": " + value for name, value in self.headers]
        if self.status not in (204, 304):
            head.append(b"Content-Length: %d" % len(self.body))
        return b"\r\n".join(head) + b"\r\n\r\n" + (self.body[: -self.cut] if self.cut else self.body)

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(kw_only=True)
class Exchange:
    """One request and its answer. `at` and `ended` in true seconds, `ours` by our own clock."""

    source: str | None
    url: str
    at: float
    ours: object
    method: str
    headers: tuple
    reply: Reply
    ended: float | None = None
    in_flight: int = 0  # others of the same host that had not ended

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def host(self):
        return self.url.split("/", 3)[2] if self.url.startswith("http:") else "s:" + self.url.split("/", 3)[2]


@dataclass(kw_only=True)
class Visit:
    """What one visit of a source asked, and what became of it: `report` is None where we were killed meanwhile."""

    source: str
    exchanges: list = field(default_factory=list)
    forced: bool = False
    report: object = None

    @property
    def at(self):
        return self.exchanges[0].at

    @property
    def last(self):
        return self.exchanges[-1]


class Network:
    """Names, addresses and servers.

    Attributes:
        routes: url → function of (Asked) that gives a Reply.
        visits: every visit that reached a server, in the order they began.
        down: nothing at all can be reached.
        broken: names that cannot be resolved, now.
    """

    latency = 0.02

    def __init__(self, time):
        self.time = time
        self.routes = {}
        self.visits = []
        self.under_way = {}
        self.forced = set()  # sources somebody asked for by hand
        self.down = False
        self.broken = set()
        self.fetcher = None
        self._counts = {}
        self._open = {}
        self.unknown = []

    # The resolver: what Lookups is to the guard.
    async def find(self, host, port):
        if self.down or host in self.broken:
            await asyncio.sleep(0.05)
            raise socket.gaierror(socket.EAI_AGAIN, "no answer")
        digest = blake2b(host.encode(), digest_size=3).digest()
        return [(socket.AF_INET, (f"8.{digest[0]}.{digest[1]}.{digest[2]}", port))]

    def dial(self, address):
        if self.down:
            raise OSError(errno.ENETUNREACH, "unreachable")

    def ask(self, head, *, secure, address):
        """A request came: answer it by its script."""
        line, *rest = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
        method, path, _ = line.decode("latin-1").split(" ")
        headers = tuple(tuple(part.strip() for part in one.split(b":", 1)) for one in rest)
        host = next(value for name, value in headers if name.lower() == b"host").decode()
        url = f"http{'s' if secure else ''}://{host}{path}"
        self._counts[url] = self._counts.get(url, 0) + 1
        source = self._source()
        asked = Asked(t=self.time.t, count=self._counts[url], headers=headers, url=url, source=source)
        route = self.routes.get(url)
        if route is None:
            self.unknown.append((source, url))
        reply = route(asked) if route else Reply(status=404)
        exchange = Exchange(
            source=source, url=url, at=self.time.t, ours=self.time.now(), method=method, headers=headers, reply=reply
        )
        flying = self._open.setdefault(exchange.host, set())
        exchange.in_flight = len(flying)
        flying.add(id(exchange))
        visit = self.under_way.get(source)
        if visit is None:
            visit = self.under_way[source] = Visit(source=source, forced=source in self.forced)
            self.visits.append(visit)
        visit.exchanges.append(exchange)
        return exchange

    def ended(self, exchange):
        if exchange.ended is None:
            exchange.ended = self.time.t
            self._open[exchange.host].discard(id(exchange))

    def _source(self):
        """Whose visit the running task is."""
        task = asyncio.current_task()
        return next((one.request.source_id for one in self.fetcher._visits if one.task is task), None)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request as a script sees it: `count` is how often this address was asked, this time included."""

    t: float
    count: int
    headers: tuple
    url: str
    source: str | None = None

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


HOUR, DAY = 3600.0, 86400.0
