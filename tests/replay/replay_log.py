"""What the rules are checked against: a log of requests as servers saw them, and what it is asked."""

from dataclasses import dataclass, field
from itertools import pairwise

from aggregator.domain.settings import FetchSettings
from tests.replay.replay_time import moment

CONTACT = "https://desk.example/bot"
SETTINGS = FetchSettings(contact=CONTACT, max_body=2_000_000)
SOON = 0.05  # seconds that rounding may take


@dataclass(kw_only=True)
class Log:
    """All that happened: what the rules are checked against. Times in true seconds."""

    scripts: dict
    visits: list = field(default_factory=list)
    unknown: list = field(default_factory=list)
    plans: dict = field(default_factory=dict)  # source → [(true time, next visit by our clock, report)]
    reads: dict = field(default_factory=dict)  # source → [(true time, digest of the body)]
    starts: list = field(default_factory=list)
    steps: list = field(default_factory=list)  # (true time, seconds our clock was put forward)
    down: list = field(default_factory=list)  # (from, to): nothing could be reached
    off: list = field(default_factory=list)  # (from, to): the program did not run
    broken: list = field(default_factory=list)  # (name, from, to)
    reports: list = field(default_factory=list)  # (true time, VisitReport)
    stored: dict = field(default_factory=dict)  # source → {guid: when first seen by our clock}
    states: dict = field(default_factory=dict)  # source → Visits at the end
    outage: dict = field(default_factory=dict)  # source → (failures before, failures after) our network's outage
    end: float = 0.0
    settings: FetchSettings = SETTINGS


@dataclass(frozen=True)
class Broken:
    """A statement that does not hold: its id, whose request at which moment, and how."""

    rule: str
    source: str | None
    at: float
    text: str

    def __str__(self):
        return f"{self.rule} {self.source} at {moment(self.at):%d %H:%M:%S}: {self.text}"


def own(visit):
    """A visit's exchanges without those with robots.txt."""
    return [one for one in visit.exchanges if not one.url.endswith("/robots.txt")]


def edited(script, start, end):
    """Whether the owner changed the source's entry between two moments."""
    return any(start <= at <= end for at, _ in script.edits)


def address(script, t):
    """The configured address at that moment."""
    return next((keys["url"] for at, keys in reversed(script.edits) if at <= t and "url" in keys), script.url)


def elapsed(log, start, end):
    """How much time may have passed between two moments by a clock that is put forward now and then."""
    return end - start + sum(seconds for at, seconds in log.steps if start <= at <= end and seconds > 0)


def pairs(log, script, visits):
    """(visit, the next one, seconds between them) where the next one was of our own choosing."""
    for before, after in pairwise(visits):
        if before.report is None or after.forced or edited(script, before.at, after.at):
            continue
        first, last = own(before), own(after)
        if first and last:
            yield before, after, elapsed(log, first[-1].ended or first[-1].at, last[0].at)


def exchanges(log):
    """Every request in the order of time."""
    return sorted((one for visit in log.visits for one in visit.exchanges), key=lambda one: one.at)
