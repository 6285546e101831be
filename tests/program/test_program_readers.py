"""Real readers subscribe to what is served and see every entry once, also after an edit and a restart."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import venv
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from newsroom import News, paper, rss

pytestmark = pytest.mark.readers

# The second is what the first needs and does not name once feedparser is newer than itself.
READER = ("reader==3.26", "sgmllib3k==1.0.0")
FEEDS = ("everything.atom", "everything.rss")
EDITED = "A headline that was edited"


@pytest.fixture
def sources(newsroom, project):
    """Two papers of six items; the second copies the first item of the first."""
    first = paper("first", 6)
    copy = News(title="Copied", link=first[0].link + "?utm_source=second", guid="copy", published=first[0].published)
    urls = {
        "first": {"url": newsroom.put("/first.xml", rss(first)), "every": "1s", "rank": 1},
        "second": {"url": newsroom.put("/second.xml", rss([*paper("second", 6), copy])), "every": "1s"},
    }
    project.write(urls)
    return first


def through_an_edit_and_a_restart(project, newsroom, first, look):
    """Call `look(urls)` when the news are served, then after an edit of one, then after a restart."""
    daemon = project.daemon()
    daemon.shows("/topics/everything.atom", "second reports item 5")
    daemon.shows("/topics/everything.atom", "first reports item 5")
    port = daemon.url.rsplit(":", 1)[1]
    urls = [f"{daemon.url}/topics/{name}" for name in FEEDS]
    seen = [look(urls)]
    newsroom.put("/first.xml", rss([replace(first[0], title=EDITED), *first[1:]]))
    daemon.shows("/topics/everything.rss", EDITED)
    seen.append(look(urls))
    assert daemon.end(signal.SIGTERM) == 0
    project.daemon(port=port, log="restarted.log").shows("/topics/everything.rss", EDITED)
    seen.append(look(urls))
    return seen


def expected(titles, edited):
    """What a reader shows of one feed: eleven stories and the one that two papers have."""
    assert len(titles) == len(set(titles)) == 12
    assert ("first reports item 0 of the day" in titles, EDITED in titles) == (not edited, edited)
    assert "Copied" not in titles


def test_newsboat_sees_every_entry_once(sources, newsroom, project, tmp_path):
    """Debian's newsboat, by its own cache: one row an entry, the edited title in the old row."""
    newsboat = shutil.which("newsboat")
    if newsboat is None:
        pytest.skip("newsboat is not installed (Debian: apt-get install newsboat)")

    def look(urls):
        return {url: reload(url, tmp_path / url.rsplit(".", 1)[1]) for url in urls}

    # One cache a feed: newsboat knows a guid once, whatever feed it came in, and our formats share their ids.
    def reload(url, home):
        home.mkdir(exist_ok=True)
        (home / "config").touch()
        (home / "urls").write_text(f"{url}\n", encoding="utf-8")
        words = [newsboat, "-u", home / "urls", "-c", home / "cache.db", "-C", home / "config", "-x", "reload"]
        environment = {**os.environ, "HOME": str(home), "TERM": "dumb"}
        done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        with closing(sqlite3.connect(home / "cache.db")) as rows:
            return rows.execute("SELECT guid, title FROM rss_item WHERE deleted = 0").fetchall()

    _check(through_an_edit_and_a_restart(project, newsroom, sources, look))


def test_reader_sees_every_entry_once(sources, newsroom, project, tmp_path, reader_python):
    """`reader` of PyPI, in an environment of its own: one entry each, the edited one updated in place."""
    script = (
        "import json, sys, reader\n"
        "r = reader.make_reader(sys.argv[1])\n"
        "for url in sys.argv[2:]: r.add_feed(url, exist_ok=True, allow_invalid_url=True)\n"
        "r.update_feeds(scheduled=False)\n"
        "print(json.dumps({f.url: [[e.id, e.title] for e in r.get_entries(feed=f.url)] for f in r.get_feeds()}))\n"
        "assert not [f.url for f in r.get_feeds() if f.last_exception], [f.last_exception for f in r.get_feeds()]\n"
    )

    def look(urls):
        words = [reader_python, "-c", script, tmp_path / "reader.db", *urls]
        done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return {url: [tuple(entry) for entry in entries] for url, entries in json.loads(done.stdout).items()}

    _check(through_an_edit_and_a_restart(project, newsroom, sources, look))


def _check(seen):
    fresh, edited, restarted = seen
    for url, entries in fresh.items():
        expected([title for _, title in entries], edited=False)
        expected([title for _, title in edited[url]], edited=True)
        ids = sorted(guid for guid, _ in entries)
        assert all(guid.startswith("tag:news.example.org,2026:") for guid in ids)
        assert sorted(guid for guid, _ in edited[url]) == ids
        assert sorted(restarted[url]) == sorted(edited[url])


@pytest.fixture
def reader_python(request):
    """Python with `reader`: AGGREGATOR_TEST_READER, else an environment kept in pytest's cache."""
    given = os.environ.get("AGGREGATOR_TEST_READER")
    if given:
        return given
    home = Path(request.config.cache.mkdir("reader-environment"))
    python = home / "bin" / "python"
    ready = home / " ".join(READER)
    if not ready.exists():
        try:
            venv.create(home, clear=True, with_pip=True)
            pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", *READER]
            subprocess.run(pip, capture_output=True, timeout=75, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            pytest.skip(f"{READER[0]} could not be installed for {sys.executable}: {type(error).__name__}")
        ready.touch()
    return python
