"""The cast: two hundred sources of every kind that the web has shown, each by a few lines."""

import random
from dataclasses import replace
from datetime import timedelta

from aggregator.domain.source import PageSelectors, SourceKind
from tests.replay.replay_failing import Failing
from tests.replay.replay_leading import Leading
from tests.replay.replay_net import DAY, HOUR, Reply, Wish
from tests.replay.replay_script import (
    Script,
    each,
    hourly,
    moved,
    refused,
    until_date,
    wire,
    within,
)  # fmt: skip

# kind → how many of the two hundred
COUNTS = {
    "steady": 6, "ttl-failing": 1, "wire": 5, "weekly": 4, "daily": 5, "dead": 4, "undated": 2,
    "etag-only": 3, "modified-only": 3, "no-validators": 3, "ignores-conditionals": 2, "restless-etag": 2,
    "weak-etag": 2, "latin-etag": 2, "bare-etag": 2, "latched": 2,
    "youtube-404": 3, "429-seconds": 3, "429-date": 2, "429-absurd": 3, "429-silent": 2, "429-reset": 2,
    "503-host": 5, "403": 2, "challenge": 2, "410-once": 2, "410-twice": 2, "500-days": 2,
    "301": 3, "308-chain": 2, "302": 3, "302-wanders": 2, "loop": 2, "loop-later": 2, "301-secret": 2,
    "https-to-http": 1,
    "max-age": 4, "max-age-on-304": 2, "expires": 2, "no-cache": 2, "age": 1,
    "ttl": 3, "sy": 3, "absurd-hints": 2, "skip-hours": 3, "skip-days": 3, "skip-all": 1,
    "truncated": 2, "ends-early": 2, "login-page": 2, "too-large": 1, "empty": 1, "204-206": 2, "304-unasked": 1,
    "412": 1,
    "slow": 2, "silent": 2, "dns-days": 2, "dns-for-ever": 1,
    "many": 50, "twins": 1, "self-link": 1, "fixed": 3, "moved-by-owner": 2, "page": 2, "sitemap-gone-robots": 1,
}  # fmt: skip
AT_LEAST = {"503-host": 3}  # two speak for the host, the third must know it


class Cast(Failing, Leading):
    """Makes the scripts. `share` of each kind takes part, one at least; all publish `pace` times slower."""

    def __init__(self, days, share=1.0, pace=1.0, seed=7):
        self.days = days
        self.pace = pace
        self.share = share
        self.chance = random.Random(seed)
        self.scripts = []
        self.broken = []  # (name, from, to) in true seconds
        for kind, count in COUNTS.items():
            for number in range(max(AT_LEAST.get(kind, 1), round(count * share))):
                made = getattr(self, "_" + kind.replace("-", "_"), None) or getattr(self, "_k" + kind.replace("-", "_"))
                script = made(f"{kind}-{number}", number)
                self.scripts += script if isinstance(script, list) else [script]
        for script in self.scripts:
            script.entries.sort()

    def _feed(self, name, entries, **more):
        more.setdefault("url", f"http://{name}.example.org/feed")
        return Script(id=name, kind=name.rpartition("-")[0], entries=entries, **more)

    def _every(self, gap=HOUR, **more):
        return hourly(self.days, gap=gap * self.pace, **more)

    def _slow_pace(self, gap=9 * HOUR):
        return self._every(gap=gap * (0.8 + 0.4 * self.chance.random()), minute=self.chance.randrange(60))

    # How they publish
    def _steady(self, name, _):
        return self._feed(name, self._every(minute=self.chance.randrange(60)), shown=20)

    def _wire(self, name, number):
        an_hour = 2 + number % 2 if self.pace == 1.0 else 1
        return self._feed(name, wire(self.days, self.chance, an_hour=an_hour), shown=50)

    def _weekly(self, name, number):
        return self._feed(name, self._every(gap=7 * DAY, start=-60 * DAY + number * 0.9 * DAY))

    def _daily(self, name, number):
        return self._feed(name, self._every(gap=DAY, start=-9 * DAY + number * HOUR))

    def _dead(self, name, _):
        return self._feed(name, [-900 * DAY, -800 * DAY, -790 * DAY])

    def _undated(self, name, _):
        return self._feed(name, self._slow_pace(5 * HOUR), dated=False)

    # What they know of caching
    def _marks(self, name, marks, **more):
        return self._feed(name, self._slow_pace(), marks=marks, **more)

    def _etag_only(self, name, _):
        return self._marks(name, "etag")

    def _modified_only(self, name, _):
        return self._marks(name, "modified")

    def _no_validators(self, name, _):
        return self._marks(name, "none")

    def _ignores_conditionals(self, name, _):
        return self._marks(name, "ignored")

    def _restless_etag(self, name, _):
        return self._marks(name, "restless")

    def _weak_etag(self, name, _):
        return self._marks(name, "weak")

    def _latin_etag(self, name, _):
        return self._marks(name, "latin")

    def _bare_etag(self, name, _):
        return self._marks(name, "bare")

    def _latched(self, name, _):
        """A server that renews its ETag in a 304, and for a day has none at all."""
        script = self._marks(name, "both")
        bare = self._marks(name, "none")
        script.headers_304 = ((b"X-Cache", b"HIT"),)
        script.troubles = [within(60, 84, bare.document)]
        bare.entries = script.entries
        return script

    def _max_age(self, name, number):
        seconds = (1800, 7200, 5 * 3600, 40 * 3600)[number % 4]
        header = (b"public, max-age=%d", b"max-age=%d", b'max-age="%d"', b"MAX-AGE=%d, stale-if-error=60")[number % 4]
        return self._feed(name, self._every(), headers=((b"Cache-Control", header % seconds),), fresh=seconds, shown=60)

    def _max_age_on_304(self, name, _):
        script = self._feed(name, self._slow_pace(), fresh=0.0, fresh_304=3 * HOUR)
        script.headers_304 = ((b"Cache-Control", b"max-age=10800"),)
        return script

    def _expires(self, name, _):
        script = self._feed(name, self._every(), shown=20)

        def answer(asked):
            told = dict(until_date(200, 4 * HOUR)(asked).headers)
            reply = script.document(asked)
            later = (*reply.headers, (b"Expires", told[b"Retry-After"]), (b"Date", told[b"Date"]))
            return replace(reply, headers=later, fresh=4 * HOUR)

        script.troubles = [answer]
        return script

    def _no_cache(self, name, number):
        said = (b"no-cache, no-store, must-revalidate, max-age=0", b"max-age=0")[number % 2]
        return self._feed(name, self._slow_pace(), headers=((b"Cache-Control", said), (b"Expires", b"0")))

    def _age(self, name, _):
        headers = ((b"Cache-Control", b"max-age=14400"), (b"Age", b"3600"))
        return self._feed(name, self._every(), headers=headers, fresh=3 * HOUR, shown=20)

    # What they wish
    def _ttl(self, name, number):
        minutes = (60, 180, 600)[number % 3]
        wish = Wish(interval=minutes * 60.0, xml=f"<ttl>{minutes}</ttl>")
        return self._feed(name, self._every(), wish=wish, shown=60)

    def _ttl_failing(self, name, _):
        script = self._ttl(name, 2)
        script.troubles = [each(4, refused(500))]
        return script

    def _sy(self, name, number):
        period, frequency, hours = (("hourly", 1, 1), ("daily", 4, 6), ("weekly", 2, 84))[number % 3]
        xml = f"<sy:updatePeriod>{period}</sy:updatePeriod><sy:updateFrequency>{frequency}</sy:updateFrequency>"
        return self._feed(name, self._every(), wish=Wish(interval=hours * HOUR, xml=xml), shown=60)

    def _absurd_hints(self, name, number):
        xml = ("<ttl>-5</ttl><skipHours><hour>77</hour></skipHours>", "<ttl>1000000000000</ttl>")[number % 2]
        return self._feed(name, self._slow_pace(), wish=Wish(xml=xml))

    def _skip_hours(self, name, number):
        hours = ({0, 1, 2, 3, 4, 5, 23}, {12}, set(range(24)) - {9})[number % 3]
        xml = "<skipHours>" + "".join(f"<hour>{24 if h == 0 else h}</hour>" for h in sorted(hours)) + "</skipHours>"
        return self._feed(name, self._every(), wish=Wish(skip_hours=frozenset(hours), xml=xml), shown=60)

    def _skip_days(self, name, number):
        days = ({5, 6}, {2}, {0, 1, 2, 3, 4})[number % 3]
        names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
        xml = "<skipDays>" + "".join(f"<day>{names[d]}</day>" for d in sorted(days)) + "</skipDays>"
        script = self._feed(name, self._slow_pace(), wish=Wish(skip_days=frozenset(days), xml=xml), shown=60)
        script.troubles = [within(24, 60, refused(500))] if number == 0 else []
        return script

    def _skip_all(self, name, _):
        xml = "<skipHours>" + "".join(f"<hour>{h}</hour>" for h in range(24)) + "</skipHours>"
        return self._feed(name, self._slow_pace(), wish=Wish(xml=xml))

    # The rest
    def _many(self, name, number):
        gap = (HOUR, 6 * HOUR, DAY, 3 * DAY, 12 * HOUR)[number % 5]
        entries = self._every(gap=gap, minute=number, start=-4 * gap)
        return self._feed(name, entries, url=f"http://many.example.org/feed/{number}", shown=20)

    def _twins(self, name, _):
        """Two sources that come to stand for the same feed."""
        script = self._feed(name + "-a", self._slow_pace(), shown=30)
        other = self._feed(name + "-b", script.entries, shown=30)
        other.name = script.id
        target = f"http://{name}.example.net/feed"
        script.routes = {target: script.document}
        for one in (script, other):
            one.troubles = [within(40, 1e9, moved(301, target))]
        return [script, other]

    def _self_link(self, name, _):
        links = b'<http://%s.example.net/self>; rel="self", <http://hub.example.net/>; rel="hub"' % name.encode()
        return self._feed(name, self._slow_pace(), headers=((b"Link", links),))

    def _fixed(self, name, number):
        every = (timedelta(hours=2), timedelta(minutes=2), timedelta(minutes=30))[number % 3]
        return self._feed(name, self._slow_pace(4 * HOUR), config={"every": every})

    def _moved_by_owner(self, name, number):
        script = self._feed(name, self._slow_pace(), shown=30)
        new = f"http://{name}.example.{('org', 'net')[number % 2]}/new"
        script.routes = {new: script.document}
        script.edits = [(100 * HOUR, {"url": new, "shown_url": new})]
        return script

    def _page(self, name, number):
        script = self._feed(name, self._slow_pace(), url=f"http://{name}.example.org/news")
        script.config = {"kind": SourceKind.PAGE, "page": PageSelectors(entry="article", title="a", link="a@href")}
        script.troubles = [lambda asked: _as_page(script, asked)]
        robots = (Reply(status=404), Reply(body=b"User-agent: *\nDisallow: /private\n", good=True))[number % 2]
        script.routes = {f"http://{name}.example.org/robots.txt": lambda _: robots}
        return script

    def _sitemap_gone_robots(self, name, _):
        script = self._page(name, 0)
        script.routes = {
            f"http://{name}.example.org/robots.txt": within(
                0, 1e9, lambda asked: refused(503) if 50 * HOUR < asked.t < 70 * HOUR else Reply(status=404)
            )
        }
        return script


def _as_page(script, asked):
    numbers = script.visible(asked.t)
    articles = "".join(f"<article><a href='/{script.guid(n)}'>Article {script.guid(n)}</a></article>" for n in numbers)
    body = f"<!doctype html><html><body>{articles}</body></html>".encode()
    marks = script.validators(body, asked)
    if asked.header(b"If-None-Match") == dict(marks)[b"ETag"]:
        return Reply(status=304, headers=marks)
    return Reply(
        headers=marks,
        body=body,
        good=True,
        guids=tuple(f"http://{script.id}.example.org/{script.guid(n)}" for n in numbers),
    )
