"""Real readers subscribe to what is served and see every entry once, whatever befalls it."""

import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
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


WORDS = [hashlib.sha256(bytes([number])).hexdigest()[:7] for number in range(200)]
HEADLINE = "Harbour of Quane opens its third basin to ships"
STAGES = ("fresh", "edited", "restarted", "merged", "withdrawn", "back", "renamed", "again")
TOPICS = "topics:\n  - {id: %s, limit: 1000%s}\n"


def told(name, words):
    """An outlet's excerpt of one and the same article."""
    return News(
        title=HEADLINE, link=f"https://{name}.example/quane", guid=f"{name}-quane", text=f"<p>{' '.join(words)}</p>"
    )


class World:
    """Three papers: the second copies an item of the first, and each of the two has an excerpt that the third joins."""

    def __init__(self, newsroom, project):
        self.newsroom, self.project = newsroom, project
        self.first = [*paper("first", 6), told("first", WORDS[:60])]
        copy = News(
            title="Copied", link=f"{self.first[0].link}?utm_source=second", guid="copy",
            published=self.first[0].published,
        )  # fmt: skip
        self.second = [*paper("second", 6), copy, told("second", WORDS[120:180])]
        self.third = []
        self.print()
        self.topics("everything")

    def print(self):
        for name in ("first", "second", "third"):
            self.newsroom.put(f"/{name}.xml", rss(getattr(self, name), title=name))

    def topics(self, name, more=""):
        urls = {
            name: {"url": f"{self.newsroom.url}/{name}.xml", "every": "1s", "rank": rank}
            for rank, name in enumerate(("third", "second", "first"))
        }
        self.project.write(urls, topics=TOPICS % (name, more))

    def live(self, look):
        """Go through everything that may befall a feed, and call `look(urls)` after each."""
        daemon, seen = self.project.daemon(), {}
        for end in ("second reports item 5", "first reports item 5", HEADLINE):
            daemon.shows("/topics/everything.atom", end)
        self._shows(daemon, 14)
        port = daemon.url.rsplit(":", 1)[1]
        urls = [f"{daemon.url}/topics/{name}" for name in FEEDS]
        seen["fresh"] = look(urls)
        self.first[0] = replace(self.first[0], title=EDITED)
        self.print()
        daemon.shows("/topics/everything.rss", EDITED)
        seen["edited"] = look(urls)
        daemon = self._restart(daemon, port, "everything")
        seen["restarted"] = look(urls)
        self.third = [told("third", WORDS)]
        self.print()
        self._shows(daemon, 13)
        seen["merged"] = look(urls)
        self.topics("everything", ", query: '-title:\"second reports item 3\"'")
        self._shows(daemon, 12)
        seen["withdrawn"] = look(urls)
        self.topics("everything")
        self._shows(daemon, 13)
        seen["back"] = look(urls)
        self.topics("news", ", was: everything")
        daemon.shows("/topics/news.rss", EDITED)
        daemon.until("/topics/everything.rss", lambda status, text: status == 200 and "topics/news.rss" in text)
        seen["renamed"] = look(urls)
        self._restart(daemon, port, "news")
        seen["again"] = look(urls)
        return seen

    def _restart(self, daemon, port, topic):
        assert daemon.end(signal.SIGTERM) == 0
        daemon = self.project.daemon(port=port, log="restarted.log")
        daemon.shows(f"/topics/{topic}.rss", EDITED)
        return daemon

    def _shows(self, daemon, count):
        for form, mark in (("atom", "</entry>"), ("rss", "</item>")):
            daemon.until(f"/topics/everything.{form}", lambda _, text, mark=mark: text.count(mark) == count)


def newsboat(urls, home):
    """Debian's newsboat, by its own cache: guid and title of every row."""
    # One cache a feed: newsboat knows a guid once, whatever feed it came in, and our formats share their ids.
    return {url: _reload(url, home / url.rsplit(".", 1)[1]) for url in urls}


def _reload(url, home):
    home.mkdir(exist_ok=True, parents=True)
    (home / "config").touch()
    (home / "urls").write_text(f"{url}\n", encoding="utf-8")
    program = shutil.which("newsboat")
    words = [program, "-u", home / "urls", "-c", home / "cache.db", "-C", home / "config", "-x", "reload"]
    environment = {**os.environ, "HOME": str(home), "TERM": "dumb"}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    with closing(sqlite3.connect(home / "cache.db")) as rows:
        return rows.execute("SELECT guid, title FROM rss_item WHERE deleted = 0").fetchall()


def reader(python, urls, home):
    """`reader` of PyPI, in an environment of its own: id and title of every entry."""
    script = (
        "import json, sys, reader\n"
        "r = reader.make_reader(sys.argv[1])\n"
        "for url in sys.argv[2:]: r.add_feed(url, exist_ok=True, allow_invalid_url=True)\n"
        "r.update_feeds(scheduled=False)\n"
        "print(json.dumps({f.url: [[e.id, e.title] for e in r.get_entries(feed=f.url)] for f in r.get_feeds()}))\n"
        "assert not [f.url for f in r.get_feeds() if f.last_exception], [f.last_exception for f in r.get_feeds()]\n"
    )
    home.mkdir(exist_ok=True, parents=True)
    words = [python, "-c", script, home / "reader.db", *urls]
    done = subprocess.run(words, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return {url: [tuple(entry) for entry in entries] for url, entries in json.loads(done.stdout).items()}


@pytest.fixture(scope="module")
def seen(shared_project, tmp_path_factory, request):
    """What each reader that is here saw after every stage of one life: starting a program takes a second."""
    home, python = tmp_path_factory.mktemp("readers"), reader_python(request.config)
    looks = {"newsboat": lambda urls: newsboat(urls, home / "newsboat")} if shutil.which("newsboat") else {}
    if python is not None:
        looks["reader"] = lambda urls: reader(python, urls, home / "reader")
    if not looks:
        return {}
    stages = World(shared_project.newsroom, shared_project).live(
        lambda urls: {name: look(urls) for name, look in looks.items()}
    )
    return {name: {stage: found[name] for stage, found in stages.items()} for name in looks}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("name", ["newsboat", "reader"])
def test_every_entry_is_seen_once(seen, name):
    """Whatever befalls a feed, a reader shows no entry as new that it had."""
    if name not in seen:
        how = "Debian: apt-get install newsboat" if name == "newsboat" else f"pip install {READER[0]}"
        pytest.skip(f"{name} is not here ({how})")
    _check(seen[name])


def _check(seen):
    """Fourteen stories at first, and never again a new one; the edited headline in its old place."""
    assert tuple(seen) == STAGES
    for url, entries in seen["fresh"].items():
        titles, ids = [title for _, title in entries], {guid for guid, _ in entries}
        assert len(entries) == len(ids) == 14 and len(set(titles)) == 13  # two outlets, one headline
        assert "first reports item 0 of the day" in titles and "Copied" not in titles
        assert all(guid.startswith("tag:news.example.org,2026:") for guid in ids)
        for stage in STAGES[1:]:
            later = seen[stage][url]
            assert len(later) == len({guid for guid, _ in later}), stage
            assert {guid for guid, _ in later} - ids == set(), f"false new entries when {stage}"
            assert (
                EDITED in {title for _, title in later}
                and "first reports item 0 of the day" not in dict(later).values()
            )
        assert sorted(seen["again"][url]) == sorted(seen["renamed"][url])


def reader_python(config):
    """Python with `reader`: AGGREGATOR_TEST_READER, else an environment kept in pytest's cache; None without."""
    given = os.environ.get("AGGREGATOR_TEST_READER")
    if given:
        return given
    home = Path(config.cache.mkdir("reader-environment"))
    python = home / "bin" / "python"
    ready = home / " ".join(READER)
    if not ready.exists():
        try:
            venv.create(home, clear=True, with_pip=True)
            pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", *READER]
            subprocess.run(pip, capture_output=True, timeout=75, check=True)
        except (OSError, subprocess.SubprocessError):
            return None
        ready.touch()
    return python
