"""What a source publishes and how its server answers: the parts that the cast is made of."""

import json
from bisect import bisect_right
from dataclasses import dataclass, field
from email.utils import format_datetime
from hashlib import blake2b

from tests.replay.replay_net import DAY, HOUR, Reply, Wish
from tests.replay.replay_time import moment

SHOWN = 8  # entries a document holds
VERSION = "https://jsonfeed.org/version/1.1"


@dataclass(kw_only=True)
class Script:
    """One source: when it publishes (`entries`, true seconds), and how its server answers.

    `marks` are its validators: both, etag, modified, none, ignored, restless, weak, latin. `troubles` answer first:
    functions of Asked that give a Reply or None. `config` are keys of its configuration.
    """

    id: str
    kind: str
    url: str
    entries: list
    marks: str = "both"
    headers: tuple = ()
    headers_200: tuple = ()
    headers_304: tuple = ()
    fresh: float | None = None
    fresh_304: float | None = None
    wish: Wish = field(default_factory=Wish)
    troubles: list = field(default_factory=list)
    routes: dict = field(default_factory=dict)  # further addresses
    config: dict = field(default_factory=dict)
    dated: bool = True
    shown: int = SHOWN
    delay: float = 0.08
    edits: list = field(default_factory=list)  # (true seconds, keys of its configuration)
    cannot: set = field(default_factory=set)  # entries nobody could have got
    name: str = ""
    rss: bool = False
    _cache: tuple = (None, b"")

    def all_routes(self):
        return {self.url: self.answer, **self.routes}

    def answer(self, asked):
        """By its troubles, else with the document or a 304."""
        for trouble in self.troubles:
            reply = trouble(asked)
            if reply is not None:
                return reply
        return self.document(asked)

    def visible(self, t):
        known = bisect_right(self.entries, t)
        return list(range(known - 1, max(known - self.shown, 0) - 1, -1))

    def guid(self, number):
        return f"{self.name or self.id}-{number}"

    def body(self, t):
        """The document at that moment, and the entries in it."""
        numbers = self.visible(t)
        if self._cache[0] != numbers:
            self._cache = numbers, (self._rss if self.rss or self.wish.xml else self._json)(numbers)
        return self._cache[1], tuple(self.guid(number) for number in numbers)

    def _rss(self, numbers):
        items = "".join(
            f"<item><title>{self._title(n)}</title><guid isPermaLink='false'>{self.guid(n)}</guid>"
            f"<link>{self._link(n)}</link>"
            + (f"<pubDate>{format_datetime(moment(self.entries[n]))}</pubDate>" if self.dated else "")
            + "</item>"
            for n in numbers
        )
        return (
            f"<rss version='2.0' xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'><channel>"
            f"<title>{self.kind}</title>{self.wish.xml}{items}</channel></rss>"
        ).encode()

    def _json(self, numbers):
        items = [
            {"id": self.guid(n), "url": self._link(n), "title": self._title(n), "content_text": ""}
            | ({"date_published": moment(self.entries[n]).isoformat()} if self.dated else {})
            for n in numbers
        ]
        return json.dumps({"version": VERSION, "title": self.kind, "items": items}).encode()

    def _title(self, number):
        word = blake2b(self.guid(number).encode(), digest_size=9).hexdigest()
        return f"{word[:6]} {word[6:12]} {word[12:]}"

    def _link(self, number):
        return f"http://{self.name or self.id}.example.org/{number}"

    def validators(self, body, asked):
        """The validators of this body as header lines; `restless` and `latched` move without need."""
        digest = blake2b(body, digest_size=5).hexdigest().encode()
        etag = {
            "weak": b'W/"%s"' % digest,
            "latin": b'"\xe9%s"' % digest,
            "restless": b'"%s-%d"' % (digest, asked.count),
            "bare": digest,  # without quotes: wrong, and common
        }.get(self.marks, b'"%s"' % digest)
        newest = max((self.entries[n] for n in self.visible(asked.t)), default=0.0)
        modified = format_datetime(moment(newest), usegmt=True).encode()
        if self.marks == "none":
            return ()
        if self.marks in ("etag", "weak", "latin", "restless", "bare"):
            return ((b"ETag", etag),)
        if self.marks == "modified":
            return ((b"Last-Modified", modified),)
        return ((b"ETag", etag), (b"Last-Modified", modified))

    def document(self, asked):
        body, guids = self.body(asked.t)
        marks = self.validators(body, asked)
        known = asked.header(b"If-None-Match")
        since = asked.header(b"If-Modified-Since")
        same = (known is not None and known == dict(marks).get(b"ETag")) or (
            known is None and since is not None and since == dict(marks).get(b"Last-Modified")
        )
        if same and self.marks not in ("ignored", "restless"):
            fresh = self.fresh_304 if self.fresh_304 is not None else self.fresh
            return Reply(status=304, headers=(*self.headers, *self.headers_304, *marks), fresh=fresh, delay=self.delay)
        return Reply(
            headers=(*self.headers, *self.headers_200, *marks, (b"Content-Type", b"application/octet-stream")),
            body=body, good=True, fresh=self.fresh, wish=self.wish, guids=guids, delay=self.delay,
        )  # fmt: skip


def within(start, end, make):
    """A trouble that lasts from `start` to `end` hours; `make` is a Reply, or a function of Asked."""
    return lambda asked: _made(make, asked) if start * HOUR <= asked.t < end * HOUR else None


def daily(first, last, make):
    """In these hours of every day (UTC)."""
    return lambda asked: _made(make, asked) if first <= moment(asked.t).hour < last else None


def once(number, make):
    """At the `number`-th question."""
    return lambda asked: _made(make, asked) if asked.count == number else None


def each(number, make):
    """At every `number`-th question."""
    return lambda asked: _made(make, asked) if asked.count % number == 0 else None


def _made(make, asked):
    return make(asked) if callable(make) else make


def refused(status, retry=None, header=None, **more):
    """A refusal with a Retry-After: `header` is what it says, `retry` what it means in seconds."""
    headers = ((b"Retry-After", header),) if header is not None else ()
    return Reply(status=status, headers=headers, retry=retry, body=b"no", **more)


def until_date(status, seconds):
    """A refusal whose Retry-After is a date."""

    def make(asked):
        date = format_datetime(moment(int(asked.t + seconds) + 1), usegmt=True).encode()
        now = format_datetime(moment(int(asked.t)), usegmt=True).encode()
        return Reply(status=status, headers=((b"Retry-After", date), (b"Date", now)), retry=seconds, body=b"no")

    return make


def moved(status, location):
    return Reply(status=status, headers=((b"Location", location.encode()),))


def hourly(days, *, minute=17, start=-2 * DAY, gap=HOUR):
    """Steady, round the clock."""
    count = int((days * DAY - start) / gap)
    return [start + minute * 60 + n * gap for n in range(count)]


def wire(days, chance, *, an_hour=3, first=6, last=22, start=-8 * DAY):
    """A news wire that sleeps at night: so many an hour, at moments of their own."""
    found = []
    at = start
    while at < days * DAY:
        hour = moment(at).hour
        if first <= hour < last and moment(at).weekday() < 5:
            found += sorted(at + chance.random() * HOUR for _ in range(an_hour))
        at += HOUR
    return found
