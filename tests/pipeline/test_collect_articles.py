"""Articles' pages within a visit, over the real store: nothing about them ends the collector or moves a text."""

from dataclasses import replace
from datetime import timedelta
from hashlib import blake2b

import pytest
from newsdesk import LineReader, done, source

from aggregator.domain.article import Article
from aggregator.domain.entry import FeedInfo
from aggregator.domain.outcome import Reading
from aggregator.domain.source import SourceKind
from aggregator.errors import Code, FetchError, StorageError


class PageReader(LineReader):
    """Reads pages too: the words of one are the item's text."""

    def read(self, context, response, known, now, further=()):
        if context.item is None:
            return super().read(context, response, known, now, further)
        text = response.body.decode()
        hashed = blake2b(text.encode(), digest_size=16).digest()
        own = context.item.text_hash.hex()
        article = Article(taken=True, reason="taken", own=own, page=hashed.hex())
        item = replace(context.item, text=text, content=text, text_hash=hashed, article=article)
        return done(Reading(info=FeedInfo(), items=(item,)))


class Pages:
    """Answers every page with the same article."""

    def __init__(self, desk):
        self._desk, self.asked, self.body = desk, [], b"the whole article"

    def fetch(self, request):
        self.asked.append(request.url)
        if request.url != f"https://one.example/{request.url[20:]}":
            return done(FetchError(request.source_id, Code.PROTOCOL, "no address"))
        self._desk.fetcher.answers["page"] = self.body
        return self._desk.fetcher.fetch(replace(request, source_id="page"))


@pytest.fixture
def whole(desk):
    """The desk with one source that has full_text."""
    desk.reconfigure(sources=(source("one", full_text=True), source("two")))
    stations = desk.collector._stations
    pages = Pages(desk)
    stations._reader = PageReader()
    stations._fetchers = {**stations._fetchers, SourceKind.PAGE: pages}
    desk.pages = pages
    return desk


@pytest.mark.parametrize(
    "link", ["http://[bad]/x", "http://\u2100.example/", "http://a.example]/", "https://[1.2.3.4]/"]
)
def test_a_link_that_is_no_address_costs_its_page_alone(whole, link):
    """It once ended the daemon."""
    whole.fetcher.answers |= {
        "one": f"g1|{link}|First\ng2|https://one.example/2|Second".encode(),
        "two": b"g|https://two.example/1|B",
    }
    reports = whole.collect()
    assert (reports["one"].new, reports["one"].failure, reports["two"].new) == (2, None, 1)


def test_a_bug_between_two_stations_costs_one_source(whole, monkeypatch):
    stations = whole.collector._stations
    real = stations._judge

    def broken(due, work, result):
        if due.source.id == "one":
            raise RuntimeError("a bug")
        return real(due, work, result)

    monkeypatch.setattr(stations, "_judge", broken)
    whole.fetcher.answers |= {"one": b"g|https://one.example/1|A", "two": b"g|https://two.example/1|B"}
    reports = whole.collect()
    assert reports["one"].failure.code is Code.INTERNAL
    assert reports["two"].new == 1


def test_a_store_that_fails_between_two_stations_is_no_sources_fault(whole, monkeypatch):
    def failing(*_):
        raise StorageError("the disk is full")

    monkeypatch.setattr(whole.collector._stations, "_judge", failing)
    whole.fetcher.answers["one"] = b"g|https://one.example/1|A"
    with pytest.raises(StorageError):
        whole.collect()


def test_full_text_that_is_switched_off_moves_no_text(whole):
    """The feed says the same words of the entry, whatever else of it changed, now and later: nothing is announced."""
    whole.fetcher.answers["one"] = b"g1|https://one.example/1|First"
    whole.collect({"one"})
    (before,) = whole.items()
    assert before.item.text == "the whole article"
    whole.reconfigure(sources=(source("one"), source("two")))
    for number in (2, 3):
        whole.clock.forward(days=1)
        whole.fetcher.answers["one"] = f"g1|https://one.example/1?v={number}|First".encode()
        assert whole.collect({"one"})["one"].changed == 0
        (now,) = whole.items()
        assert (now.changed_at, now.item.text_hash) == (before.changed_at, before.item.text_hash)
    whole.clock.forward(days=1)
    whole.fetcher.answers["one"] = b"g1|https://one.example/1|First, corrected"
    assert whole.collect({"one"})["one"].changed == 1
    (now,) = whole.items()
    assert (now.item.text, now.changed_at > before.changed_at) == ("First, corrected", True)


def test_a_page_read_late_does_not_undo_what_came_meanwhile(whole):
    """A hub may bring the entry anew while the pages of the older one are on their way."""
    whole.pages.body = b"too late"
    stations, real = whole.collector._stations, whole.collector._stations._fetchers[SourceKind.PAGE].fetch
    lines = [f"g{n}|https://one.example/{n}|Title {n}" for n in range(25)]
    whole.fetcher.answers["one"] = "\n".join(lines).encode()
    whole.collect({"one"})
    waiting = next(stored for stored in whole.items() if stored.item.article.waiting)
    guid = waiting.item.guid

    def fetch(request):
        if request.url == waiting.item.link:
            with whole.store.write() as rooms:
                newer = replace(waiting.item, raw_hash=b"n" * 16, title="Newer", text="Newer", text_hash=b"n" * 16)
                from aggregator.pipeline.place import place

                place(rooms, "one", [newer], unchanged=(), configuration=whole.configuration, now=whole.clock.now())
        return real(request)

    stations._fetchers[SourceKind.PAGE].fetch = fetch
    whole.clock.forward(days=1)
    whole.collect({"one"})
    (now,) = (stored for stored in whole.items() if stored.item.guid == guid)
    assert now.item.title == "Newer"


def test_a_visit_is_not_kept_by_its_pages(whole):
    """Nobody answers: the entries are stored all the same, and their pages asked for later."""
    from concurrent.futures import Future

    whole.pages.fetch = lambda _: Future()
    whole.fetcher.answers["one"] = b"g1|https://one.example/1|First"
    whole.collector.claim(frozenset({"one"}))
    reports = whole.collector.step(0.5)
    assert reports == []
    whole.clock.forward(minutes=7)
    while whole.collector.busy:
        reports += whole.collector.step(0.1)
    assert [report.new for report in reports] == [1]
    (one,) = whole.items()
    assert one.item.article.waiting
    assert whole.clock.now() - one.first_seen <= timedelta(minutes=1)
