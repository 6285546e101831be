"""The daemon as its owner meets it: it starts, serves, takes edits and signals, and ends in time."""

import signal
import socket
import sqlite3
import threading
import time
from contextlib import closing

import pytest
from newsroom import paper, rss

TWO_TOPICS = "topics:\n  - id: everything\n  - id: second\n    title: The second topic\n"


def started(project, **source):
    """A daemon that has published a paper of three items."""
    write(project, **source)
    running = project.daemon()
    running.shows("/topics/everything.atom", "a reports item 2")
    return running


def write(project, *, topics="topics:\n  - id: everything\n", **source):
    project.write({"a": {"url": project.newsroom.put("/a.xml", rss(paper("a", 3))), **source}}, topics=topics)


@pytest.fixture(scope="module")
def calm(shared_project):
    """A daemon for the tests that leave it as it is."""
    return started(shared_project)


def test_it_fetches_publishes_and_serves(calm):
    """Within seconds of a start news are served in every format, with pages round them."""
    for path in ("/topics/everything", "/topics/everything.html", "/topics/everything.rss", "/topics/everything.json"):
        status, text = calm.get(path)
        assert status == 200 and "a reports item 2" in text
    assert calm.get("/")[0] == calm.get("/topics.opml")[0] == calm.get("/healthz")[0] == 200
    assert "A paper" in calm.get("/status")[1]
    assert calm.get("/topics/nothing.atom")[0] == 404


def test_a_second_daemon_on_the_same_database_is_refused(calm):
    """Exit 2 and one line that says what to do; the first one is not disturbed."""
    second = calm.project.run("run", "--port", "0", timeout=30)
    assert second.code == 2
    assert len(second.complaint) == 1
    assert "another daemon" in second.complaint[0] and "stop it" in second.complaint[0]
    assert calm.get("/healthz")[0] == 200


def test_other_verbs_run_beside_the_daemon(calm):
    """Only `run` takes the lock."""
    assert len(calm.project.items()) == 3
    calm.project.ok("fetch", "--all")
    calm.project.ok("publish")
    assert calm.get("/healthz")[0] == 200


def test_sighup_reloads(calm):
    """A reload can be asked for; the daemon goes on serving."""
    before = calm.told().count(" reloaded ")
    calm.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + 10
    while calm.told().count(" reloaded ") == before:
        assert time.monotonic() < end, calm.told()[-3000:]
        time.sleep(0.05)
    assert calm.get("/healthz")[0] == 200


def test_edits_and_news_are_taken_up_and_a_broken_edit_is_not(newsroom, project):
    """One life of a daemon: news arrive, a broken edit is named and ignored, its cure adds a topic."""
    daemon = started(project, every="1s")
    newsroom.put("/a.xml", rss(paper("a", 4)))
    daemon.shows("/topics/everything.atom", "a reports item 3")

    write(project, topics="topics:\n  - id: everything\n    limitt: 5\n")
    shown = daemon.shows("/status", "limitt")
    assert "feeds.yaml:" in shown
    assert "limitt" in daemon.told()
    assert "a reports item 2" in daemon.get("/topics/everything.atom")[1]

    assert daemon.get("/topics/second.atom")[0] == 404
    reloads = daemon.told().count(" reloaded ")
    edited = time.monotonic()
    write(project, topics=TWO_TOPICS)
    while daemon.told().count(" reloaded ") == reloads:
        assert time.monotonic() - edited < 20, "two seconds are promised; a busy machine gets twenty"
        time.sleep(0.05)
    daemon.shows("/topics/second.atom", "a reports item 2")
    assert "limitt" not in daemon.get("/status")[1]
    assert daemon.process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_within_ten_seconds(number, newsroom, project):
    """Also in the middle of a visit to a server that does not answer; the exit is clean."""
    silent = threading.Event()
    project.write(
        {
            "a": newsroom.put("/a.xml", rss(paper("a", 3))),
            "silent": newsroom.put("/silent.xml", rss(paper("silent", 3)), hold=silent),
        }
    )
    daemon = project.daemon()
    daemon.shows("/topics/everything.atom", "a reports item 2")
    assert any(visit.path == "/silent.xml" for visit in newsroom.visits)
    assert daemon.end(number, timeout=10) == 0
    assert "Traceback" not in daemon.told()
    silent.set()
    assert len(project.items()) == 3


def test_a_signal_ends_it_while_another_program_holds_the_database(newsroom, project):
    """Its writer waits for its turn, ten seconds each time; the end does not. The next one finds everything."""
    project.write({"a": {"url": newsroom.put("/a.xml", rss(paper("a", 2))), "every": "1s"}})
    running = project.daemon()
    running.shows("/topics/everything.atom", "a reports item 1")
    with closing(sqlite3.connect(project.folder / "var" / "aggregator.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        newsroom.put("/a.xml", rss(paper("a", 3)))
        time.sleep(2)  # the visit is due, and the writer waits
        assert running.end(timeout=14) == 0
    project.ok("fetch", "--all")
    assert len(project.items()) == 3


def test_a_busy_port_is_one_line(project):
    """Exit 2, the port's number, and what to do."""
    write(project)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = project.run("run", "--port", port, timeout=30)
    assert done.code == 2
    assert len(done.complaint) == 1
    assert f"port {port}" in done.complaint[0] and "--port" in done.complaint[0]


def test_a_wrong_feeds_yaml_stops_the_start(project):
    """Exit 2 with every mistake and its place, no traceback."""
    project.config.write_text("sources:\n  - id: a\n    urll: https://a.example/\ntopics:\n  - id: A B\n")
    done = project.run("run", "--port", "0", timeout=30)
    assert done.code == 2
    assert "feeds.yaml:3:5:" in done.err and "url" in done.err
    assert "feeds.yaml:5:9:" in done.err
    assert "Traceback" not in done.err


def test_a_restart_serves_at_once_what_was_published(newsroom, project):
    """After an end and a start the documents are there before any visit, with the same bytes."""
    daemon = started(project)
    body = daemon.get("/topics/everything.atom")[1]
    assert daemon.end() == 0
    newsroom.forget()
    again = project.daemon(log="again.log")
    assert again.get("/topics/everything.atom") == (200, body)
    time.sleep(2)
    assert newsroom.visits == []
