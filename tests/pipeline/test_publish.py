"""Stored stories → documents: rendered when the selection changed, written when the bytes did."""

import os
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from newsdesk import Newsdesk

from aggregator.domain.query import Term
from aggregator.domain.settings import Site
from aggregator.domain.topic import Topic
from aggregator.errors import StorageError
from aggregator.pipeline import match as matching
from aggregator.pipeline import publish as publishing
from aggregator.pipeline.directory import mirror, write_changed, write_file
from aggregator.pipeline.explain import explain
from aggregator.pipeline.export import exported
from aggregator.pipeline.prune import prune
from aggregator.pipeline.publish import publish

TOPICS = (
    Topic(id="all", title="All"),
    Topic(id="ships", title="Ships", query=Term(text="ship"), query_text="ship"),
)


@pytest.fixture
def desk(database, tmp_path):
    desk = Newsdesk(database, tmp_path, topics=TOPICS)
    desk.fetcher.answers |= {
        "one": b"a|https://one.example/1|A ship sails\nb|https://one.example/2|A train leaves",
        "two": b"c|https://two.example/1|Another ship",
    }
    desk.collect()
    return desk


def put_out(desk, **more):
    return publish(desk.store, desk.configuration, desk.clock.now(), **more)


def paths(report):
    return {document.path for document in report.changed}


def body(desk, path):
    with desk.store.read() as rooms:
        return rooms.documents.get(path).document.body


def test_every_topic_is_published_in_every_format(desk):
    report = put_out(desk)
    for topic in ("all", "ships"):
        assert {f"topics/{topic}.{form}" for form in ("atom", "rss", "json", "html")} <= paths(report)
    assert {"index.html", "topics.opml"} <= paths(report)
    assert b"Another ship" in body(desk, "topics/ships.atom")
    assert b"train" not in body(desk, "topics/ships.atom")


def test_a_second_publication_changes_nothing(desk, monkeypatch):
    put_out(desk)
    desk.clock.forward(hours=5)
    assert put_out(desk).changed == ()
    monkeypatch.setattr(publishing, "render_topic", None)  # what did not change is not rendered
    again = put_out(desk, only=["all", "ships"])
    assert (again.changed, again.problems) == ((), ())


def test_news_for_one_topic_leaves_the_others_alone(desk):
    """A topic whose selection did not change is not rendered, and keeps its bytes."""
    put_out(desk)
    desk.fetcher.answers["two"] += b"\nd|https://two.example/2|Only a train"
    desk.clock.forward(days=1)
    desk.collect()
    report = put_out(desk)
    assert "topics/all.atom" in paths(report)
    assert not {path for path in paths(report) if "ships" in path}


def test_an_edited_headline_moves_the_entry_not_its_id(desk):
    put_out(desk)
    (before,) = [line for line in exported(desk.store) if line["title"] == "Another ship"]
    desk.fetcher.answers["two"] = b"c|https://two.example/1|Another ship, corrected"
    desk.clock.forward(days=1)
    desk.collect()
    assert "topics/ships.atom" in paths(put_out(desk))
    (after,) = [line for line in exported(desk.store) if line["title"] == "Another ship, corrected"]
    assert after["story"] == before["story"]
    assert after["first_seen"] == before["first_seen"]
    assert len(list(exported(desk.store))) == 3


def test_a_broken_topic_keeps_its_documents_and_costs_the_others_nothing(desk, monkeypatch):
    put_out(desk)
    old = body(desk, "topics/ships.atom")
    desk.fetcher.answers["two"] += b"\nd|https://two.example/2|Third ship"
    desk.clock.forward(days=1)
    desk.collect()
    real = publishing.render_topic

    def broken(selection, site, **more):
        if selection.topic.id == "ships":
            raise RuntimeError("a bug")
        return real(selection, site, **more)

    monkeypatch.setattr(publishing, "render_topic", broken)
    report = put_out(desk)
    assert "topics/all.atom" in paths(report)
    assert "ships" in report.problems[0]
    assert body(desk, "topics/ships.atom") == old
    monkeypatch.undo()
    assert "topics/ships.atom" in paths(put_out(desk))


def test_a_changed_query_takes_and_drops_what_is_stored(desk):
    put_out(desk)
    trains = replace(TOPICS[1], query=Term(text="train"), query_text="train")
    desk.reconfigure(topics=(TOPICS[0], trains))
    assert "topics/ships.atom" in paths(put_out(desk))
    assert b"A train leaves" in body(desk, "topics/ships.atom")
    assert b"Another ship" not in body(desk, "topics/ships.atom")


def test_a_new_site_address_is_in_every_document(desk):
    put_out(desk)
    desk.reconfigure(site=Site(url="https://news.example/desk", title="Desk"))
    report = put_out(desk, only=["all", "ships"])
    assert b"https://news.example/desk/topics/all.atom" in body(desk, "topics/all.atom")
    assert "topics/ships.rss" in paths(report)


@pytest.mark.parametrize(
    ("section", "edit"),
    [("site", {"author_name": "Ann"}), ("site", {"language": "de"}), ("publish", {"hub": "https://hub.example/"})],
)
def test_an_edit_of_what_documents_say_of_their_publisher_is_published(desk, section, edit):
    """Although no selection moved."""
    put_out(desk)
    desk.reconfigure(**{section: replace(getattr(desk.configuration, section), **edit)})
    assert "topics/all.atom" in paths(put_out(desk, only=["all"]))


def test_an_item_over_max_age_leaves_without_any_visit(desk):
    """Time enters selection: a story crosses its limit although nothing else happened."""
    desk.reconfigure(topics=(replace(TOPICS[0], max_age=timedelta(days=2)),))
    put_out(desk)
    assert b"A ship sails" in body(desk, "topics/all.atom")
    desk.clock.forward(days=3)
    put_out(desk)
    assert b"A ship sails" not in body(desk, "topics/all.atom")


def test_files_are_a_copy_of_what_is_published(desk, tmp_path):
    folder = tmp_path / "public"
    write_changed(desk.store, folder, put_out(desk).changed)
    assert (folder / "topics/all.atom").read_bytes() == body(desk, "topics/all.atom")
    assert mirror(desk.store, folder) == 0
    (folder / "topics/all.atom").write_bytes(b"touched")
    (folder / "topics/ships.rss").unlink()
    (folder / "topics/gone.rss").write_bytes(b"of a topic that is no more")
    (folder / "robots.txt").write_bytes(b"the owner's own file")
    assert mirror(desk.store, folder) == 3
    assert (folder / "topics/all.atom").read_bytes() == body(desk, "topics/all.atom")
    assert not (folder / "topics/gone.rss").exists()
    assert (folder / "robots.txt").exists()


def test_a_retired_topic_is_published_no_more(desk, tmp_path):
    write_changed(desk.store, tmp_path / "public", put_out(desk).changed)
    desk.reconfigure(topics=(TOPICS[0],))
    put_out(desk)
    mirror(desk.store, tmp_path / "public")
    assert not (tmp_path / "public/topics/ships.atom").exists()
    with desk.store.read() as rooms:
        assert rooms.documents.get("topics/ships.atom") is None


def test_what_a_killed_process_left_half_written_goes(tmp_path, desk):
    """After an hour: what is younger may be under another process's hands."""
    folder = tmp_path / "public"
    folder.mkdir()
    left, written = folder / ".index.html.0a1b.new", folder / ".index.html.77.new"
    for file in (left, written):
        file.write_bytes(b"half")
    os.utime(left, (time.time() - 4000,) * 2)
    mirror(desk.store, folder)
    assert [left.exists(), written.exists()] == [False, True]


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "topics/../../x", "topics/a.php", "topics/.rss"])
def test_nothing_is_written_outside_the_folder(tmp_path, path):
    with pytest.raises(StorageError):
        write_file(tmp_path / "public", path, b"")


def test_a_file_that_cannot_be_written_leaves_the_old_one_and_no_part(tmp_path):
    folder = tmp_path / "public"
    (folder / "topics/a.atom/kept").mkdir(parents=True)
    with pytest.raises(StorageError, match="cannot write"):
        write_file(folder, "topics/a.atom", b"new")
    assert [path.name for path in (folder / "topics").iterdir()] == ["a.atom"]


def test_who_reads_a_file_while_it_is_written_reads_the_old_one_whole(tmp_path):
    write_file(tmp_path, "topics/a.atom", b"old")
    with (tmp_path / "topics/a.atom").open("rb") as reader:
        write_file(tmp_path, "topics/a.atom", b"new")
        assert reader.read() == b"old"
    assert [path.read_bytes() for path in (tmp_path / "topics").iterdir()] == [b"new"]


def test_a_pruned_item_that_is_still_in_its_feed_is_not_announced_again(desk):
    put_out(desk)
    desk.clock.forward(days=100)
    assert prune(desk.store, desk.configuration, desk.clock.now()) == 3
    desk.fetcher.answers["one"] += b"\nz|https://one.example/9|New ship"
    reports = desk.collect()
    assert reports["one"].new == 1
    assert [line["title"] for line in exported(desk.store)] == ["New ship"]


def test_what_left_its_feed_and_comes_back_within_a_year_is_no_news(desk):
    """A restored backup, a returning archive: its item was pruned long ago, who it is was not."""
    desk.fetcher.answers["one"] = b"b|https://one.example/2|A train leaves"
    desk.clock.forward(days=2)
    desk.collect()
    desk.clock.forward(days=200)
    desk.fetcher.answers["one"] += b"\nz|https://one.example/9|New ship"
    desk.collect()
    prune(desk.store, desk.configuration, desk.clock.now())
    desk.clock.forward(days=1)
    desk.fetcher.answers["one"] += b"\na|https://one.example/1|A ship sails"
    assert desk.collect()["one"].new == 0


def test_a_blog_that_wakes_after_years_announces_its_new_entry_only(desk):
    """It answered 304 all the time: nothing was read, and its old entries are in its feed as before."""
    for _ in range(25):
        desk.clock.forward(days=30)
        desk.collect()
        prune(desk.store, desk.configuration, desk.clock.now())
    assert list(exported(desk.store)) == []
    desk.fetcher.answers["one"] = b"z|https://one.example/9|New ship\n" + desk.fetcher.answers["one"]
    assert desk.collect(frozenset({"one"}))["one"].new == 1


def test_explain_tells_source_story_and_every_topics_verdict(desk):
    (found,) = explain(desk.store, desk.configuration, "https://one.example/2", desk.clock.now())
    assert found.stored.item.title == "A train leaves"
    assert found.stored.story_reason
    assert [(verdict.topic_id, verdict.matched) for verdict in found.verdicts] == [("all", True), ("ships", False)]
    assert all(verdict.reason.text for verdict in found.verdicts)
    assert explain(desk.store, desk.configuration, "https://nowhere.example/", desk.clock.now()) == []


def test_export_has_every_field_of_the_interface(desk):
    put_out(desk)
    line = next(iter(exported(desk.store)))
    assert set(line) == {
        *("source", "guid", "guids", "link", "title", "authors", "published", "updated", "first_seen", "lang", "story"),
        *("represents_story", "topics", "categories", "summary", "content", "enclosures"),
    }
    assert line["topics"] == ["all", "ships"]
    assert line["guids"] == ["a"]


def test_export_lists_every_guid_folded_into_an_item(desk):
    """A publisher changed its guid scheme: scripts find the item under either."""
    desk.fetcher.answers["two"] = b"new-scheme-c|https://two.example/1|Another ship"
    desk.clock.forward(days=1)
    desk.collect()
    (line,) = [line for line in exported(desk.store) if line["source"] == "two"]
    assert (line["guid"], line["guids"]) == ("new-scheme-c", ["c", "new-scheme-c"])


def test_a_topic_that_cannot_be_selected_costs_neither_the_others_nor_the_front_page(desk, monkeypatch):
    real = publishing.select

    def broken(topic, groups, now):
        if topic.id == "ships":
            raise ValueError("a bug")
        return real(topic, groups, now)

    monkeypatch.setattr(publishing, "select", broken)
    report = put_out(desk)
    assert {"topics/all.atom", "index.html"} <= paths(report)
    assert "ships" in report.problems[0]


def test_an_item_that_breaks_the_matcher_costs_itself_only(desk, monkeypatch):
    real = matching.Matcher.match

    def broken(matcher, copy):
        if copy.stored.item.title == "Another ship":
            raise ValueError("a bug")
        return real(matcher, copy)

    monkeypatch.setattr(matching.Matcher, "match", broken)
    put_out(desk)
    assert b"A ship sails" in body(desk, "topics/all.atom")
    assert b"Another ship" not in body(desk, "topics/all.atom")
    assert put_out(desk).matched == 0


def test_items_wait_while_another_process_has_applied_another_configuration(desk):
    """Matched by queries that are no longer the store's, an item would miss the new topic for good."""
    put_out(desk)
    old = desk.configuration
    trains = Topic(id="trains", title="Trains", query=Term(text="train"), query_text="train")
    desk.reconfigure(topics=(*TOPICS, trains))
    desk.fetcher.answers["two"] += b"\nd|https://two.example/2|Second train"
    desk.clock.forward(days=1)
    desk.collect()
    assert publish(desk.store, old, desk.clock.now()).matched == 0
    assert put_out(desk).matched == 1
    assert b"Second train" in body(desk, "topics/trains.atom")
