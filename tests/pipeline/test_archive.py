"""A topic's past (RFC 5005): a new subscriber reads back to the beginning, and what is frozen never changes."""

import io
import re
from dataclasses import replace
from datetime import timedelta

import feedparser
import pytest
from newsdesk import Newsdesk, source

import storage.archives
from aggregator.domain import archive as domain
from aggregator.domain.query import Term
from aggregator.domain.settings import Format, Site
from aggregator.domain.topic import Access, Topic
from aggregator.pipeline import archive as archiving
from aggregator.pipeline.directory import mirror, write_changed
from aggregator.pipeline.explain import explain
from aggregator.pipeline.prune import prune
from aggregator.pipeline.publish import publish

TOPIC = Topic(id="all", title="All", limit=10)
BASE = "https://desk.example/"


@pytest.fixture(autouse=True)
def small_pages(monkeypatch):
    """Twenty stories a page, to have several soon."""
    for module in (archiving, storage.archives):
        monkeypatch.setattr(module, "PAGE_SIZE", 20)


def test_a_page_has_a_hundred_stories():
    """As the interface says; every page but the last is full."""
    assert domain.PAGE_SIZE == 100


@pytest.fixture
def desk(database, tmp_path):
    return Newsdesk(database, tmp_path, sources=("one",), topics=(TOPIC,))


def arrive(desk, start, count, name="one"):
    """So many entries, ten at a time, with a publication after each."""
    for first in range(start, start + count, 10):
        ten = range(first, min(first + 10, start + count))
        desk.fetcher.answers[name] = "\n".join(f"g{n}|https://{name}.example/{n}|News {n}" for n in ten).encode()
        desk.clock.forward(seconds=10)
        desk.collect(frozenset({name}))
        put_out(desk)


def put_out(desk):
    return publish(desk.store, desk.configuration, desk.clock.now())


def stored(desk):
    with desk.store.read() as rooms:
        return {
            path: rooms.documents.get(path).document.body for path in rooms.documents.paths() if path.endswith("atom")
        }


def links(body):
    return {link["rel"]: link["href"] for link in feedparser.parse(io.BytesIO(body)).feed.links}


def read_back(desk, topic="all"):
    """The titles a new subscriber gets, by following prev-archive from the topic's feed: newest document first."""
    documents, path, pages = stored(desk), f"topics/{topic}.atom", []
    while path:
        body = documents[path]
        pages.append([entry.title for entry in feedparser.parse(io.BytesIO(body)).entries])
        path = links(body).get("prev-archive", "").removeprefix(BASE)
    return pages


def numbers(pages):
    return sorted({int(title.split()[-1]) for page in pages for title in page})


def test_a_new_subscriber_reads_back_to_the_beginning(desk):
    """Every story that ever was in the topic is in one of the documents, newest first in each."""
    arrive(desk, 0, 57)
    pages = read_back(desk)
    assert [len(page) for page in pages] == [10, 7, 20, 20]
    assert numbers(pages) == list(range(57))
    assert all(page == sorted(page, key=lambda title: -(int(title.split()[-1]) // 10)) for page in pages)


def test_a_page_is_a_document_of_its_own(desk):
    """It names itself, its neighbours and the feed it is the past of; only a frozen one is marked as an archive."""
    arrive(desk, 0, 57)
    documents = stored(desk)
    assert links(documents["topics/all.atom"])["prev-archive"] == BASE + "topics/all/archive/3.atom"
    first, second, third = (documents[f"topics/all/archive/{n}.atom"] for n in (1, 2, 3))
    assert links(second) == {
        "self": BASE + "topics/all/archive/2.atom",
        "prev-archive": BASE + "topics/all/archive/1.atom",
        "next-archive": BASE + "topics/all/archive/3.atom",
        "current": BASE + "topics/all.atom",
        "alternate": BASE + "topics/all.html",
    }
    assert "prev-archive" not in links(first)
    assert "next-archive" not in links(third)
    mark = b"<fh:archive"
    assert [mark in page for page in (first, second, third)] == [True, True, False]
    ids = {re.search(rb"<id>(.*?)</id>", page)[1] for page in documents.values()}
    assert ids == {b"tag:desk.example,2026:topic:all"}


def test_frozen_bytes_never_change(desk):
    """Not by a correction, a withdrawal, another title, another site: those show in what the topic shows now."""
    arrive(desk, 0, 57)
    before = stored(desk)
    desk.fetcher.answers["one"] = b"g3|https://one.example/3|Corrected 3\ng45|https://one.example/45|Corrected 45"
    desk.clock.forward(days=1)
    desk.collect()
    topic = replace(TOPIC, title="Other", query=Term(text="news"), query_text="news")
    desk.reconfigure(topics=(topic,), site=Site(url="https://other.example", title="Desk"))
    put_out(desk)
    after = stored(desk)
    for page in (1, 2):
        assert after[f"topics/all/archive/{page}.atom"] == before[f"topics/all/archive/{page}.atom"]
    assert b"News 45" in before["topics/all/archive/3.atom"]
    assert b"45</title>" not in after["topics/all/archive/3.atom"]  # it matches no more
    assert b"https://other.example" in after["topics/all/archive/3.atom"]


def test_a_correction_shows_on_the_page_that_still_grows(desk):
    arrive(desk, 0, 20)
    desk.fetcher.answers["one"] = b"g3|https://one.example/3|Corrected 3"
    desk.clock.forward(days=1)
    desk.collect()
    assert {document.path for document in put_out(desk).changed} >= {"topics/all/archive/1.atom"}
    assert b"Corrected 3" in stored(desk)["topics/all/archive/1.atom"]


def test_publishing_again_changes_nothing(desk):
    arrive(desk, 0, 40)
    before = stored(desk)
    for _ in range(2):
        desk.clock.forward(days=1)
        assert publish(desk.store, desk.configuration, desk.clock.now(), only=["all"]).changed == ()
    assert stored(desk) == before


def test_a_topic_that_is_new_over_old_stories_has_its_past(desk, monkeypatch):
    """A long past is written in several publications; each says that there is more to do."""
    monkeypatch.setattr(archiving, "PAGES_AT_ONCE", 1)
    arrive(desk, 0, 57)
    desk.reconfigure(topics=(TOPIC, replace(TOPIC, id="new")))
    put_out(desk)
    assert len(read_back(desk, "new")) == 2
    with desk.store.read() as rooms:
        assert rooms.topics.stale(desk.clock.now()) == ["new"]
    put_out(desk)
    assert numbers(read_back(desk, "new")) == list(range(57))
    with desk.store.read() as rooms:
        assert rooms.topics.stale(desk.clock.now()) == []


def test_stories_that_come_in_behind_have_a_place(desk):
    """A source added later brings entries older than those the topic shows: they are in its past."""
    arrive(desk, 0, 20)
    desk.reconfigure(topics=(replace(TOPIC, limit=3),))
    put_out(desk)
    late = desk.clock.moment
    desk.reconfigure(sources=(source("one"), source("two")))
    arrive(desk, 100, 5, name="two")
    assert numbers(read_back(desk)) == [*range(20), *range(100, 105)]
    assert desk.clock.moment > late


def test_what_is_withdrawn_is_in_no_page(desk):
    """A source that is removed takes its stories with it, unless they are frozen already."""
    arrive(desk, 0, 15)
    desk.reconfigure(sources=())
    put_out(desk)
    assert read_back(desk) == [[]]
    assert list(stored(desk)) == ["topics/all.atom"]


def test_what_grew_too_old_is_in_the_past(desk):
    """`max_age` empties what the topic shows, not what it showed."""
    desk.reconfigure(topics=(replace(TOPIC, max_age=timedelta(days=1)),))
    arrive(desk, 0, 15)
    desk.clock.forward(days=2)
    put_out(desk)
    first, second = read_back(desk)
    assert first == [] and len(second) == 15


def test_a_page_goes_when_all_its_stories_are_pruned(desk, tmp_path):
    """Its number is not given again, and its file goes too."""
    arrive(desk, 0, 32)
    folder = tmp_path / "public"
    mirror(desk.store, folder)
    assert (folder / "topics/all/archive/1.atom").exists()
    desk.clock.forward(days=100)
    prune(desk.store, desk.configuration, desk.clock.now())
    put_out(desk)
    mirror(desk.store, folder)
    assert list(stored(desk)) == ["topics/all.atom"]
    assert not (folder / "topics/all/archive/1.atom").exists()
    arrive(desk, 500, 15)
    assert list(stored(desk)) == ["topics/all.atom", "topics/all/archive/2.atom"]
    assert numbers(read_back(desk)) == list(range(500, 515))


def test_half_a_page_of_living_stories_keeps_it(desk):
    arrive(desk, 0, 10)
    desk.clock.forward(days=80)
    arrive(desk, 10, 30)
    before = stored(desk)["topics/all/archive/1.atom"]
    desk.clock.forward(days=20)
    prune(desk.store, desk.configuration, desk.clock.now())
    put_out(desk)
    assert stored(desk)["topics/all/archive/1.atom"] == before


def test_a_topic_without_atom_has_no_archive(desk):
    desk.reconfigure(topics=(replace(TOPIC, formats=(Format.RSS,)),))
    arrive(desk, 0, 30)
    assert stored(desk) == {}


def test_a_renamed_topic_keeps_its_past_and_its_id(desk):
    """Under its new address; only the addresses change, and in frozen pages nothing else."""
    arrive(desk, 0, 57)
    before = stored(desk)
    desk.reconfigure(topics=(replace(TOPIC, id="new", was="all"),))
    put_out(desk)
    after = stored(desk)
    assert list(after) == ["topics/new.atom", *(f"topics/new/archive/{n}.atom" for n in (1, 2, 3))]
    assert numbers(read_back(desk, "new")) == list(range(57))
    for page in (1, 2):
        was, now = before[f"topics/all/archive/{page}.atom"], after[f"topics/new/archive/{page}.atom"]
        assert now == was.replace(b"/topics/all", b"/topics/new") != was
        assert b"topics/all" not in now
    assert b"<id>tag:desk.example,2026:topic:all</id>" in after["topics/new.atom"]
    assert b"topics/new.atom" in after["topics/new.atom"] and b"topics/all" not in after["topics/new.atom"]
    with desk.store.read() as rooms:
        assert rooms.topics.retired("all") and not rooms.topics.retired("new")


def test_a_feed_keeps_its_id_however_often_its_topic_is_renamed(desk):
    """Also when `was` left feeds.yaml, and when the topic has its first name again."""
    arrive(desk, 0, 12)
    own = b"<id>tag:desk.example,2026:topic:all</id>"
    for name, was in (("new", "all"), ("newer", "new"), ("newer", None), ("all", "newer"), ("last", "all")):
        desk.reconfigure(topics=(replace(TOPIC, id=name, was=was),))
        put_out(desk)
        assert own in stored(desk)[f"topics/{name}.atom"]
        assert own in stored(desk)[f"topics/{name}/archive/1.atom"]
    desk.reconfigure(topics=(replace(TOPIC, id="last"), TOPIC))
    put_out(desk)
    assert own in stored(desk)["topics/last.atom"]
    assert b"<id>tag:desk.example,2026:topic:all.2</id>" in stored(desk)["topics/all.atom"]


def test_the_order_and_shares_of_a_topic_do_not_thin_its_past(desk):
    """Every story that left is there, whatever the topic shows of one source at a time."""
    desk.reconfigure(topics=(replace(TOPIC, per_source=2),))
    arrive(desk, 0, 12)
    desk.reconfigure(topics=(TOPIC,))
    arrive(desk, 12, 30)
    assert numbers(read_back(desk)) == list(range(42))


def test_nothing_of_a_topic_for_subscribers_is_written(desk, tmp_path):
    """Its documents and its past are stored apart; made private later, its files go, and no list or page names it."""
    arrive(desk, 0, 57)
    folder = tmp_path / "public"
    mirror(desk.store, folder)
    before = stored(desk)
    assert (folder / "topics/all/archive/1.atom").exists()
    desk.reconfigure(topics=(replace(TOPIC, title="Board papers", access=Access.TOKEN),))
    report = put_out(desk)
    write_changed(desk.store, folder, report.changed)
    mirror(desk.store, folder)
    assert not [file for file in (folder / "topics").rglob("*") if file.is_file()]
    assert not any(b"Board papers" in file.read_bytes() for file in folder.rglob("*") if file.is_file())
    after = stored(desk)
    assert list(after) == ["private/topics/all.atom", *(f"private/topics/all/archive/{n}.atom" for n in (1, 2, 3))]
    assert after["private/topics/all/archive/1.atom"] == before["topics/all/archive/1.atom"]
    assert links(after["private/topics/all.atom"])["self"] == BASE + "topics/all.atom"
    desk.reconfigure(topics=(TOPIC,))
    put_out(desk)
    assert stored(desk) == before


def numbered(desk, name, *numbers, at="https://{name}.example/{n}"):
    """What a source's next visit brings, and a publication after it."""
    lines = (f"{name}{n}|{at.format(name=name, n=n)}|News {n}" for n in numbers)
    desk.fetcher.answers[name] = "\n".join(lines).encode()
    desk.collect(frozenset({name}))
    put_out(desk)


def test_a_story_that_waits_is_archived_when_newer_ones_stand_before_it(desk):
    """`settle` keeps it back while others fill the topic: it has its place in the past, and not before its time."""
    desk.reconfigure(topics=(replace(TOPIC, limit=2, settle=timedelta(hours=1)),))
    numbered(desk, "one", 1)
    desk.clock.forward(minutes=30)
    numbered(desk, "one", 2, 3)
    assert numbers(read_back(desk)) == []
    desk.clock.forward(minutes=80)  # all three are old enough at once: the topic shows the newer two
    numbered(desk, "one", 4)
    assert numbers(read_back(desk)) == [1, 2, 3]
    desk.clock.forward(minutes=70)
    put_out(desk)
    assert numbers(read_back(desk)) == [1, 2, 3, 4]


def test_a_story_that_finds_its_sources_late_is_archived(database, tmp_path):
    """`min_sources` may be met long after newer stories filled the topic; then it stands in the past."""
    topic = replace(TOPIC, limit=2, min_sources=2)
    desk = Newsdesk(database, tmp_path, sources=("one", "two"), topics=(topic,))
    same = "https://paper.example/{n}"
    numbered(desk, "one", 1, at=same)
    for n in (2, 3, 4):
        desk.clock.forward(hours=1)
        for name in ("one", "two"):
            numbered(desk, name, n, at=same)
    assert numbers(read_back(desk)) == [2, 3, 4]
    desk.clock.forward(days=2)
    numbered(desk, "two", 1, at=same)
    assert numbers(read_back(desk)) == [1, 2, 3, 4]


def test_stories_that_per_source_leaves_out_are_archived(database, tmp_path):
    """They are never shown, also while the topic has room: the past is where they stand."""
    topic = replace(TOPIC, limit=10, per_source=1)
    desk = Newsdesk(database, tmp_path, sources=("one", "two"), topics=(topic,))
    for n in (1, 2, 3):
        desk.clock.forward(minutes=1)
        numbered(desk, "one", n)
    assert numbers(read_back(desk)) == [1, 2, 3]


def test_explain_tells_the_page_of_what_left_the_topic(desk):
    """By the limit or by its age; what is shown has none."""
    arrive(desk, 0, 45)
    told = {n: _standing(desk, n) for n in (0, 20, 44)}
    assert told[0].endswith("10 newer stories fill the topic's limit; it is on page 1 of the archive")
    assert told[20].endswith("; it is on page 2 of the archive")
    assert told[44].startswith("shown now, at place ")
    desk.reconfigure(topics=(replace(TOPIC, max_age=timedelta(days=1)),))
    desk.clock.forward(days=2)
    put_out(desk)
    assert _standing(desk, 0).endswith("older than the topic's max_age; it is on page 1 of the archive")


def _standing(desk, number):
    (one,) = explain(desk.store, desk.configuration, f"https://one.example/{number}", desk.clock.now())
    return one.standings["all"].text
