"""What is not stored, or not announced, and what is told of it."""

from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta

import pytest
from newsdesk import LineReader, Newsdesk, done, source

from aggregator.domain.article import Article
from aggregator.domain.outcome import Reading
from aggregator.domain.topic import Topic
from aggregator.pipeline.admit import admit
from aggregator.pipeline.explain import dropped, explain
from aggregator.pipeline.prune import prune
from aggregator.pipeline.publish import publish
from aggregator.pipeline.search import search
from aggregator.steps.select import parse_query

LINES = (
    "a|https://one.example/1|A ship sails\nb|https://one.example/2|Sponsored: a ship\nc|https://one.example/3|A train"
)


def filtered(name="one", only="", drop=""):
    return source(
        name,
        only=parse_query(only) if only else None,
        drop=parse_query(drop) if drop else None,
        only_text=only,
        drop_text=drop,
    )


def titles(desk):
    return [one.item.title for one in desk.items()]


def drops(desk):
    with desk.store.read() as rooms:
        return rooms.drops.recent(1000)


@pytest.fixture
def desk(database, tmp_path):
    desk = Newsdesk(database, tmp_path, sources=(filtered(only="ship", drop="title:sponsored"),))
    desk.fetcher.answers["one"] = LINES.encode()
    return desk


def test_only_and_drop_decide_what_is_stored(desk):
    report = desk.collect()["one"]
    assert titles(desk) == ["A ship sails"]
    assert (report.new, report.dropped) == (1, 2)


def test_what_was_let_in_stays_with_the_text_of_its_page(desk):
    """The queries are about what the feed says."""
    desk.collect()
    (stored,) = desk.items()
    item = replace(stored.item, title="Sponsored train", article=Article(taken=True, reason="its page was read"))
    assert admit(desk.configuration.sources[0], [item], desk.clock.now()) == ([item], [])


def test_every_drop_is_told_with_its_clause(desk):
    desk.collect()
    told = {drop.title: (drop.reason.rule, drop.reason.text) for drop in drops(desk)}
    assert told["Sponsored: a ship"][0] == "drop"
    assert "title:sponsored: “Sponsored” in the title" in told["Sponsored: a ship"][1]
    why = "the source's `only` does not take it: ship: neither in the title nor in the text"
    assert told["A train"] == ("only", why)
    found = explain(desk.store, desk.configuration, "https://one.example/2", desk.clock.now())
    assert found == []
    assert [drop.title for drop in dropped(desk.store, "https://one.example/2", found)] == ["Sponsored: a ship"]


def test_an_edited_filter_is_applied_at_the_next_visit(desk):
    """The feed is read again although it did not change; what is let in now is announced as new."""
    desk.collect()
    desk.reconfigure(sources=(filtered(drop="train"),))
    desk.clock.forward(hours=2)
    desk.collect()
    assert sorted(titles(desk)) == ["A ship sails", "Sponsored: a ship"]
    assert dropped(desk.store, "https://one.example/3", []) != []
    publish(desk.store, desk.configuration, desk.clock.now())
    with desk.store.read() as rooms:
        assert b"Sponsored" in rooms.documents.get("topics/all.atom").document.body


class ShortReader(LineReader):
    """Has room for one entry."""

    def read(self, context, response, known, now, further=()):
        reading = super().read(context, response, known, now).result()
        first, *others = reading.items
        return done(replace(reading, items=(first,), beyond=tuple(others), left_out=len(others)))


def test_entries_beyond_the_limit_are_told(desk):
    desk.reconfigure(sources=(source("one"),))
    desk.collector._stations._reader = ShortReader()
    report = desk.collect()["one"]
    assert (report.new, report.dropped, report.left_out) == (1, 0, 2)
    assert {drop.reason.rule for drop in drops(desk)} == {"max_entries"}
    assert {drop.title for drop in drops(desk)} == {"Sponsored: a ship", "A train"}


def test_drops_are_forgotten_with_the_items(desk):
    desk.collect()
    desk.clock.forward(days=89)
    prune(desk.store, desk.configuration, desk.clock.now())
    assert len(drops(desk)) == 2
    desk.clock.forward(days=2)
    prune(desk.store, desk.configuration, desk.clock.now())
    assert drops(desk) == []


class DatedReader(LineReader):
    """Every entry's date is the clock's moment less the hours behind its title's last word; `none`: undated."""

    def __init__(self, clock):
        self.clock = clock

    def read(self, context, response, known, now, further=()):
        reading = super().read(context, response, known, now).result()
        items = [self.dated(item) for item in reading.items]
        return done(Reading(info=reading.info, items=tuple(items), unchanged=reading.unchanged))

    def dated(self, item):
        hours = item.title.split()[-1]
        return replace(item, published=None if hours == "none" else self.clock.now() - timedelta(hours=int(hours)))


@pytest.fixture
def dated(database, tmp_path):
    """A source read once, with three entries."""
    desk = Newsdesk(database, tmp_path, sources=("one",), topics=(Topic(id="all", title="All", limit=500),))
    desk.collector._stations._reader = DatedReader(desk.clock)
    visit(desk, dict.fromkeys(range(3), 900), hours=0)
    return desk


def visit(desk, ages, *, hours=2):
    """Hours later the feed has these entries, by number, so many hours old. Returns the visit's report."""
    desk.clock.forward(hours=hours)
    lines = [f"{n}|https://one.example/{n}|Number{n} {age}" for n, age in ages.items()]
    desk.fetcher.answers["one"] = "\n".join(lines).encode()
    report = desk.collect(frozenset({"one"}))["one"]
    publish(desk.store, desk.configuration, desk.clock.now())
    return report


def announced(desk):
    with desk.store.read() as rooms:
        return len(list(rooms.topics.groups(desk.configuration.topics[0])))


def test_a_first_reading_is_no_flood(dated):
    """However old its entries are."""
    assert announced(dated) == 3
    assert drops(dated) == []


def test_a_feed_that_was_empty_at_first_is_read_for_the_first_time(database, tmp_path):
    """A success without entries makes no archive of the entries that follow."""
    desk = Newsdesk(database, tmp_path, sources=("one",), topics=(Topic(id="all", title="All", limit=500),))
    desk.collector._stations._reader = DatedReader(desk.clock)
    visit(desk, {}, hours=0)
    assert visit(desk, dict.fromkeys(range(20), 500)).quiet == 0
    assert announced(desk) == 20


def test_a_returning_archive_is_entered_quietly(dated):
    """Stored and found by a search, in no topic, told with its reason; the news beside it is announced."""
    report = visit(dated, dict.fromkeys(range(10, 40), 500) | {99: 0})
    assert (report.new, report.quiet) == (31, 30)
    assert announced(dated) == 4
    hits = search(dated.store, dated.configuration, "number10", dated.clock.now())
    assert [hit.copy.stored.item.title for hit in hits] == ["Number10 500"]
    assert len(drops(dated)) == 30
    assert "30 new entries at once are dated before the last reading" in drops(dated)[0].reason.text
    for _ in range(2):
        (one,) = explain(dated.store, dated.configuration, "https://one.example/10", dated.clock.now())
        assert [(verdict.matched, verdict.reason.rule) for verdict in one.verdicts] == [(False, "flood")]
        assert one.through == {}  # itself is not another outlet's copy
        with dated.store.write() as rooms:  # the record of drops is short, the item stays
            rooms.drops.prune(dated.clock.now() + timedelta(hours=1), 0)
    assert drops(dated) == []


def test_what_an_edited_filter_lets_in_is_no_flood(dated):
    """However old and many: whoever takes the filter away waits for them. An archive that came with them is one."""
    dated.reconfigure(sources=(filtered(drop="number*"),))
    assert visit(dated, dict.fromkeys(range(10, 40), 500)).dropped == 30
    dated.reconfigure(sources=(source("one"),))
    assert visit(dated, dict.fromkeys(range(10, 80), 500)).quiet == 40
    assert announced(dated) == 33


def test_a_quiet_item_stays_quiet(dated):
    """An edit of its text and an edited topic do not announce it after all."""
    visit(dated, dict.fromkeys(range(10, 40), 500))
    visit(dated, dict.fromkeys(range(10, 40), 400))
    assert announced(dated) == 3
    topic = Topic(id="all", title="All", query=parse_query("number*"), query_text="number*", limit=500)
    dated.reconfigure(topics=(topic,))
    publish(dated.store, dated.configuration, dated.clock.now())
    assert announced(dated) == 3


@pytest.mark.parametrize(
    ("ages", "hours"),
    [
        (dict.fromkeys(range(10, 19), 500), 2),  # nine: late news
        (dict.fromkeys(range(10, 90), 50), 60),  # a weekend's outage: dated after the last reading
        (dict.fromkeys(range(10, 40), 20), 2),  # shown some hours late
        (dict.fromkeys(range(10, 20), "none"), 2),  # undated, but not beyond custom
    ],
)
def test_news_is_announced(dated, ages, hours):
    assert visit(dated, ages, hours=hours).quiet == 0
    assert announced(dated) == 3 + len(ages)


def test_undated_entries_beyond_all_custom_are_a_flood(dated):
    assert visit(dated, dict.fromkeys(range(10, 60), "none")).quiet == 50
    assert announced(dated) == 3


def test_a_weekly_issue_without_dates_is_news(dated):
    """Visited every day, written once a week: what a week brings is not measured by an hour."""
    known = dict.fromkeys(range(3), 900)
    for _ in range(7):
        visit(dated, known, hours=24)
    assert visit(dated, known | dict.fromkeys(range(10, 25), "none"), hours=1).quiet == 0
    assert announced(dated) == 18


def test_what_a_reading_cut_short_missed_is_news(database, tmp_path):
    """The first reading was truncated: the rest of the feed belongs to it."""
    desk = Newsdesk(database, tmp_path, sources=("one",), topics=(Topic(id="all", title="All", limit=500),))
    reader = DatedReader(desk.clock)
    whole = reader.read

    def cut(*args, **kwargs):
        future = Future()
        future.set_result(replace(whole(*args, **kwargs).result(), truncated=True))
        return future

    desk.collector._stations._reader = reader
    reader.read = cut
    visit(desk, dict.fromkeys(range(3), 500), hours=0)
    reader.read = whole
    assert visit(desk, dict.fromkeys(range(40), 500)).quiet == 0
    assert announced(desk) == 40
