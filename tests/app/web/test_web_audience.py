"""How many read a feed: counted from requests, kept as numbers, nothing about anybody."""

from datetime import UTC, date, datetime, timedelta

import pytest
from starlette.requests import Request
from web_desk import NOON, TOPIC

from aggregator.app.recount import Recount
from aggregator.app.web.audience import ReaderCount
from aggregator.domain.audience import DIRECT, Audience, Count
from aggregator.errors import StorageError

DAY = NOON.date()


class Calendar:
    """A day that a test turns, and a clock over it."""

    def __init__(self, day=DAY):
        self.day = day

    def __call__(self):
        return self.day

    def now(self):
        return datetime(self.day.year, self.day.month, self.day.day, 12, tzinfo=UTC)


def ask(counter, agent, *, address="198.51.100.7", topic="world", form="atom", method="GET", **headers):
    said = {"user-agent": agent, **{name.replace("_", "-"): value for name, value in headers.items()}}
    raw = [(name.encode(), value.encode("latin-1", "replace")) for name, value in said.items()]
    scope = {"type": "http", "method": method, "path": "/", "headers": raw, "client": (address, 5000)}
    counter.note(Request(scope), topic, form)


def counted(counter):
    return {(count.form, count.service, count.day): count.readers for count in counter.take().counts}


@pytest.mark.parametrize(
    ("agent", "service", "readers"),
    [
        ("Feedly/1.0 (+http://www.feedly.com/fetcher.html; 16 subscribers; like FeedFetcher-Google)", "feedly", 16),
        ("NewsBlur Feed Fetcher - 3 subscribers - https://www.newsblur.com/site/1/x", "newsblur feed fetcher", 3),
        ("Feedbin feed-id:1234 - 1,205 subscribers", "feedbin feed", 1205),
        ("Inoreader/1.0 (+http://www.inoreader.com/feed-fetcher; 1 subscribers; )", "inoreader", 1),
        ("aggregator/0.1 (+https://example.org/bot; 40 subscribers)", "aggregator", 40),
        ("Joke/1 (999999999 readers)", "joke", 10_000_000),
    ],
)
def test_services_say_for_how_many_they_read(agent, service, readers):
    """The newest word of each counts, under the name it gives itself."""
    counter = ReaderCount(Calendar())
    ask(counter, agent.replace(str(readers), "7") if readers < 10_000 else agent)
    ask(counter, agent)
    found = counted(counter)
    assert [(name, number) for (_, name, _), number in found.items()] == [(service.split("/")[0], readers)]
    ask(counter, agent)
    assert counted(counter) == {}  # nothing new is nothing to write


def test_everybody_else_is_one_of_the_days_readers():
    """Told apart by address and agent, once a day, whatever they ask in between; HEAD reads nothing."""
    counter = ReaderCount(Calendar())
    for _ in range(3):
        ask(counter, "newsboat/2.21")
        ask(counter, "newsboat/2.21", address="198.51.100.8")
        ask(counter, "Thunderbird/140")
        ask(counter, "", form="rss")
        ask(counter, "curl/8", method="HEAD")
    assert counted(counter) == {("atom", DIRECT, DAY): 3, ("rss", DIRECT, DAY): 1}


def test_a_proxy_on_this_machine_tells_who_asks():
    """Behind it all addresses are one; from anywhere else the header is just a claim."""
    counter = ReaderCount(Calendar())
    for last in (1, 2, 2):
        ask(counter, "a", address="127.0.0.1", x_forwarded_for=f"203.0.113.9, 192.0.2.{last}")
        ask(counter, "b", address="198.51.100.1", x_forwarded_for=f"192.0.2.{last}")
    ask(counter, "c", address="testclient", x_forwarded_for="192.0.2.1")
    assert counted(counter) == {("atom", DIRECT, DAY): 4}


def test_nothing_tells_readers_apart_over_midnight():
    """The salt and every hash go with the day; the day's number stays and the next day begins at one."""
    days = Calendar()
    counter = ReaderCount(days)
    ask(counter, "reader")
    before = (counter._salt, next(iter(counter._readers["world", "atom"])))
    days.day += timedelta(days=1)
    ask(counter, "reader")
    after = (counter._salt, next(iter(counter._readers["world", "atom"])))
    assert before[0] != after[0] and before[1] != after[1]
    assert counted(counter) == {("atom", DIRECT, DAY): 1, ("atom", DIRECT, DAY + timedelta(days=1)): 1}


def test_a_flood_of_agents_is_bounded(monkeypatch):
    """Invented services and readers cost no memory beyond a bound."""
    monkeypatch.setattr("aggregator.app.web.audience._MOST_SERVICES", 3)
    monkeypatch.setattr("aggregator.app.web.audience._MOST_READERS", 5)
    counter = ReaderCount(Calendar())
    for number in range(20):
        ask(counter, f"svc{chr(97 + number)}/1 (4 subscribers)")
        ask(counter, f"reader{number}")
    found = counted(counter)
    assert found[("atom", DIRECT, DAY)] == 5 and len(found) == 4


def test_what_is_counted_reaches_status_and_the_visited(new_desk):
    """Requests for feeds are counted with their answers; pages and what is not there are not; the sum is told on."""
    days, told, serve = Calendar(), [], new_desk.get
    recount = Recount(new_desk.store, new_desk.counter, days, told.append)
    serve("/topics/world.atom", User_Agent="Feedly/1.0 (12 subscribers)")
    serve("/topics/world.atom", User_Agent="newsboat")
    serve("/topics/world", User_Agent="Firefox")
    serve("/topics/none.atom", User_Agent="newsboat")
    recount()
    recount()
    with new_desk.store.read() as rooms:
        assert rooms.audience.now(days.now()) == {"world": Audience(through_services=12, direct=1)}
    assert told == [13]
    written = b"".join(file.read_bytes() for file in new_desk.folder.glob("news.db*"))
    assert b"newsboat" not in written and b"Firefox" not in written


def test_sites_that_read_one_another_count_no_reader_for_ever(new_desk):
    """What another site of this program says is shown, and not told on: the other one would tell it back."""
    days, told = Calendar(), []
    recount = Recount(new_desk.store, new_desk.counter, days, told.append)
    new_desk.get("/topics/world.atom", User_Agent="Feedly/1.0 (12 subscribers)")
    for theirs in (13, 26, 39):
        new_desk.get("/topics/world.atom", User_Agent=f"aggregator/0.1 (+https://b.example; {theirs} subscribers)")
        recount()
    assert told == [12]
    with new_desk.store.read() as rooms:
        assert rooms.audience.now(days.now())["world"].total == 12 + 39


def test_what_the_store_refused_is_stored_later(new_desk):
    """Over midnight too; nobody has to come a second time."""
    days, told = Calendar(), []

    class Full:
        def write(self):
            raise StorageError("the disk is full")

    new_desk.get("/topics/world.atom", User_Agent="Feedly/1.0 (12 subscribers)")
    new_desk.get("/topics/world.atom", User_Agent="newsboat")
    counter = new_desk.counter
    counter._today = days
    with pytest.raises(StorageError):
        Recount(Full(), counter, days, told.append)()
    days.day += timedelta(days=1)
    counter.note_token(b"t" * 32)
    with pytest.raises(StorageError):
        Recount(Full(), counter, days, told.append)()
    Recount(new_desk.store, counter, days, told.append)()
    assert told == [13]


def test_the_store_adds_up_what_is_believed(database):
    """The last word of a service within a week, the better of today and yesterday of the others; restarts lose none."""
    moment = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def count(service, day, readers, form="atom", topic="world"):
        return Count(topic=topic, form=form, service=service, day=date(2026, 11, day), readers=readers)

    with database.write() as rooms:
        rooms.topics.sync([TOPIC], {"world": b"d" * 16})
        rooms.audience.put([count("feedly", 15, 9), count("feedly", 19, 5), count("feedly", 19, 2, "rss")])
        rooms.audience.put(
            [count("old", 12, 99), count(DIRECT, 18, 50), count(DIRECT, 19, 7), count("x", 19, 1, topic="no")]
        )
        rooms.audience.put([count(DIRECT, 20, 3), count(DIRECT, 20, 2, "rss")])
        rooms.audience.put([count(DIRECT, 20, 1), count("feedly", 20, 4)])
    with database.read() as rooms:
        assert rooms.audience.now(moment) == {"world": Audience(through_services=6, direct=7)}
    with database.write() as rooms:
        rooms.audience.prune(moment - timedelta(days=1))
        assert rooms.audience.now(moment) == {"world": Audience(through_services=4, direct=5)}


def test_a_tokens_last_use_is_known(database):
    """By the token, not by whom or from where."""
    with database.write() as rooms:
        rooms.tokens.add("world", "ann", b"a" * 32, NOON)
        rooms.tokens.add("world", "bo", b"b" * 32, NOON)
        rooms.audience.used({b"a" * 32}, NOON + timedelta(days=1))
    with database.read() as rooms:
        assert [used for *_, used in rooms.tokens.named()] == [NOON + timedelta(days=1), None]
