"""Killed at any instant: nothing is lost, nothing is doubled, nothing keeps running."""

import os
import signal
import sqlite3
import time

import pytest
from newsroom import paper, rss

FEEDS, ITEMS = 12, 10


@pytest.mark.parametrize("answered", [1, 5, 12])
def test_kill_9_in_the_middle_of_a_fetch_loses_and_doubles_nothing(answered, newsroom, project):
    """After `answered` feeds were sent the process dies; a plain `fetch` then completes the work."""
    project.write(
        {
            f"slow-{number}": newsroom.put(f"/{number}.xml", rss(paper(f"slow-{number}", ITEMS)), delay=0.15 * number)
            for number in range(FEEDS)
        }
    )
    process = project.start("fetch")
    newsroom.wait_for_answers(answered)
    time.sleep(0.02 * answered)  # a different instant of storing each time
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    _nothing_runs_on(process.pid)

    for page in newsroom.pages.values():
        page.delay = 0
    project.ok("fetch")
    project.ok("fetch", "--all")  # a validator that ran ahead of its items would hide the loss until here
    items = project.items()
    keys = [(item["source"], item["guid"]) for item in items]
    assert len(keys) == len(set(keys)) == FEEDS * ITEMS
    assert len({item["story"] for item in items}) == FEEDS * ITEMS
    with sqlite3.connect(project.folder / "var" / "aggregator.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    database.close()


def _nothing_runs_on(group):
    """Worker processes notice that their owner is gone."""
    end = time.monotonic() + 15
    while True:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        assert time.monotonic() < end, "worker processes run on after their owner was killed"
        time.sleep(0.05)


def test_kill_9_of_the_daemon_frees_the_database(newsroom, project):
    """The next daemon starts at once: a dead owner's lock and leases are nobody's."""
    project.write({"a": newsroom.put("/a.xml", rss(paper("a", 3)))})
    first = project.daemon()
    first.shows("/topics/everything.atom", "a reports item 2")
    os.kill(first.process.pid, signal.SIGKILL)
    first.process.wait(10)
    second = project.daemon(log="second.log")
    second.shows("/topics/everything.atom", "a reports item 2")
    assert len(project.items()) == 3
