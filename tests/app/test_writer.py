"""The daemon's writing thread, stepped by hand over local files: edits, folders and stores that fail for a while."""

import threading
from concurrent.futures import Future
from contextlib import closing
from datetime import timedelta

import pytest

from aggregator.app import writer as writing
from aggregator.app.watch import ConfigWatch, is_blank
from aggregator.app.writer import Writer
from aggregator.config.load import load
from aggregator.errors import StorageError
from aggregator.pipeline.configure import configure
from aggregator.pipeline.visit import read
from aggregator.wiring import SystemClock, open_collector, open_fetchers, open_store

FEED = """<rss version="2.0"><channel><title>Local</title><link>https://local.example/</link>
<item><title>A ship sails</title><link>https://local.example/1</link><guid>1</guid></item></channel></rss>"""
CONFIG = """
sources:
  - {id: local, url: local.xml, kind: file}
topics:
  - id: all
"""


class InPlace:
    """Reads where it stands: the documents here are tame."""

    def read(self, context, response, known, now, further=()):
        future = Future()
        future.set_result(read(context, (response,), known, now))
        return future


@pytest.fixture
def desk(tmp_path):
    (tmp_path / "local.xml").write_text(FEED)
    (tmp_path / "feeds.yaml").write_text(CONFIG)
    configuration = load(tmp_path / "feeds.yaml")
    clock = SystemClock()
    with closing(open_store(configuration)) as store:
        configure(store, configuration, clock.now())
        fetchers = open_fetchers(configuration, clock)
        made = Writer(
            configuration,
            store=store,
            collector=open_collector(configuration, store, fetchers, InPlace(), clock),
            clock=clock,
            ending=threading.Event(),
            reconfigure=lambda _: None,
        )
        yield made
        for fetcher in fetchers.values():
            fetcher.close()


def turn(desk, *notes):
    for note in notes:
        desk.leave(note)
    desk._round()


def edit(desk, text):
    desk.configuration.path.write_text(text)
    turn(desk, "reload")


def published(desk):
    with desk._store.read() as rooms:
        return rooms.documents.paths()


def test_a_round_collects_publishes_and_writes_files(desk):
    turn(desk, "collect")
    turn(desk, "publish")
    folder = desk.configuration.publish.directory
    assert "A ship sails" in (folder / "topics/all.atom").read_text()


def test_files_are_written_before_a_hub_is_told(desk, monkeypatch):
    """It comes for the feed at once."""
    found = []
    file = desk.configuration.publish.directory / "topics/all.atom"
    monkeypatch.setattr(desk, "_published", lambda: found.append(file.read_text()))
    turn(desk, "collect")
    turn(desk, "publish")
    assert "A ship sails" in found[-1]


def test_news_is_published_as_soon_as_no_visit_is_under_way(desk, monkeypatch):
    """Without waiting for the next tick."""
    turn(desk)
    turn(desk, "publish")
    folder = desk.configuration.publish.directory
    assert "A ship sails" not in (folder / "topics/all.atom").read_text()
    monkeypatch.setattr(writing, "QUIET", timedelta(0))
    turn(desk, "collect")
    while desk._collector.busy:
        turn(desk)
    assert "A ship sails" in (folder / "topics/all.atom").read_text()


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "sources: [", "topics: 3\n"])
def test_an_edit_that_is_no_configuration_changes_nothing(desk, text):
    """Empty for a moment, half written or wrong: the last good one stays, and it is said."""
    turn(desk, "collect")
    turn(desk, "publish")
    before = published(desk)
    edit(desk, text)
    turn(desk, "publish")
    assert desk.config_error
    assert published(desk) == before
    edit(desk, CONFIG)
    assert desk.config_error is None


def test_who_means_it_may_empty_the_lists(desk):
    edit(desk, "sources: []\ntopics: []\n")
    assert desk.config_error is None
    assert desk.configuration.topics == ()


def test_an_edit_made_while_the_store_fails_is_taken_up_later(desk, monkeypatch):
    def full(*_):
        raise StorageError("disk full")

    desk.configuration.path.write_text(CONFIG + "  - id: ships\n")
    with monkeypatch.context() as patch:
        patch.setattr(writing, "configure", full)
        desk.leave("reload")
        with pytest.raises(StorageError):
            desk._round()
    desk._round()
    assert [topic.id for topic in desk.configuration.topics] == ["all", "ships"]


def test_an_edit_that_subscriptions_could_not_follow_is_taken_up_later(desk):
    """The store fails after the sources were stored: the edit is wanted whole."""

    class Subscriber:
        failures = 1

        def configure(self, _):
            if self.failures:
                self.failures -= 1
                raise StorageError("disk full")

        def step(self): ...

    class Deliveries:
        def step(self, _):
            return []

    desk._push = (Subscriber(), Deliveries())
    desk.configuration.path.write_text(CONFIG + "  - id: ships\n")
    desk.leave("reload")
    with pytest.raises(StorageError):
        desk._round()
    desk._round()
    assert [topic.id for topic in desk.configuration.topics] == ["all", "ships"]


def test_a_folder_that_cannot_be_written_costs_no_visit_and_heals(desk):
    """The files are a copy: the store has the news, and the files follow when they can."""
    folder = desk.configuration.publish.directory
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file where the folder should be")
    turn(desk, "collect")
    turn(desk, "publish")
    assert "topics/all.atom" in published(desk)
    assert not desk.store_failed and "free space or mend its rights" in desk.files_error
    folder.unlink()
    turn(desk, "recheck")
    assert desk.files_error is None
    assert "A ship sails" in (folder / "topics/all.atom").read_text()


def test_a_store_that_fails_is_tried_again_and_a_bug_ends_the_daemon(desk, monkeypatch):
    rounds = []

    def failing():
        rounds.append(1)
        if len(rounds) < 3:
            raise StorageError("disk full")
        raise RuntimeError("a bug")

    monkeypatch.setattr(writing, "STORE_RETRY", 0.01)
    monkeypatch.setattr(desk, "_round", failing)
    desk.run()
    assert len(rounds) == 3
    assert "bug" in str(desk.fatal)
    assert desk._ending.is_set()


def test_an_included_file_that_is_made_later_is_noticed(desk):
    """feeds.yaml names it first: the edit is refused, and the file's coming is its cure without another edit."""
    edit(desk, CONFIG + "include: [more.yaml]\n")
    assert "more.yaml" in desk.config_error
    turn(desk, "watch")
    turn(desk, "watch")
    assert desk.config_error
    (desk.configuration.path.parent / "more.yaml").write_text("topics:\n  - id: ships\n")
    turn(desk, "watch")
    turn(desk, "watch")
    assert desk.config_error is None
    assert [topic.id for topic in desk.configuration.topics] == ["all", "ships"]


def test_an_edit_is_seen_once_and_only_when_it_has_settled(tmp_path):
    """Replaced, rewritten or swung as a link: two looks in a row that agree make an edit."""
    path = tmp_path / "feeds.yaml"
    path.write_text("a")
    watch = ConfigWatch(path)
    assert not watch.changed()
    path.write_text("ab")
    assert not watch.changed()
    path.write_text("abc")
    assert not watch.changed()
    assert watch.changed()
    assert not watch.changed()
    other = tmp_path / "other.yaml"
    other.write_text("abcd")
    other.replace(path)
    assert [watch.changed(), watch.changed(), watch.changed()] == [False, True, False]
    path.unlink()
    assert [watch.changed(), watch.changed()] == [False, False]


def test_a_symbolic_link_that_swings_is_an_edit(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "feeds.yaml").write_text(name * 2)
    (tmp_path / "now").symlink_to("one")
    watch = ConfigWatch(tmp_path / "now/feeds.yaml")
    (tmp_path / "new").symlink_to("two")
    (tmp_path / "new").replace(tmp_path / "now")
    assert [watch.changed(), watch.changed()] == [False, True]


def test_blank_is_blank(tmp_path):
    path = tmp_path / "f"
    for text, blank in (("", True), ("# c\n\n", True), ("sources: []\n", False)):
        path.write_text(text)
        assert is_blank(path) is blank
    assert not is_blank(tmp_path / "none")


def test_a_daemon_ends_where_another_has_taken_over(desk):
    """Its lock was the database server's to let go of: it is looked at with every recheck."""
    held = [True, False]
    desk._alone = lambda: held.pop(0)
    turn(desk, "recheck")
    assert desk.fatal is None
    turn(desk, "recheck")
    assert "another daemon has taken over" in str(desk.fatal)
    assert desk._ending.is_set()
