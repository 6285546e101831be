"""`fetch`, `publish` and `prune` as a person and a script meet them, in this process over local files."""

import json
import signal
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from aggregator.app.cli import app
from aggregator.config.load import load
from aggregator.domain.source import Visits
from aggregator.wiring import open_store

FEED = """<rss version="2.0"><channel><title>Local</title><link>https://local.example/</link>
<item><title>A ship sails</title><link>https://local.example/1</link><guid>1</guid></item></channel></rss>"""
CONFIG = """
sources:
  - {id: local, url: local.xml, kind: file}
  - {id: paused, url: local.xml, kind: file, enabled: false}
topics:
  - id: all
"""


@pytest.fixture(autouse=True)
def _signals():
    old = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, old)


@pytest.fixture
def config(tmp_path):
    (tmp_path / "local.xml").write_text(FEED)
    path = tmp_path / "feeds.yaml"
    path.write_text(CONFIG)
    return path


def call(config, *words):
    return CliRunner().invoke(app, [*words, "--config", str(config)])


def leave(config, visits):
    """Record a visit as another process would have."""
    configuration = load(config)
    store = open_store(configuration)
    now = datetime.now(UTC)
    with store.write() as rooms:
        rooms.sources.sync(configuration.sources, now)
        [due] = rooms.sources.claim_due(now, owner="x", lease=timedelta(minutes=1), limit=9, only=frozenset({"local"}))
        rooms.sources.record(due, visits)
    store.close()


def test_fetch_tells_what_came(config):
    told = call(config, "fetch", "--json")
    assert told.exit_code == 0
    [report] = json.loads(told.stdout)
    assert (report["source"], report["new"], report["error"]) == ("local", 1, None)
    assert "0 new items" in call(config, "fetch", "--all").stdout
    assert "the next visit is due" in call(config, "fetch").stdout


def test_a_named_source_that_is_not_visited_says_why(config):
    assert "paused: not visited: it is not enabled" in call(config, "fetch", "paused").stderr
    later = datetime.now(UTC) + timedelta(hours=2)
    leave(config, Visits(next_visit=later, held_until=later))
    assert "asked to wait until" in call(config, "fetch", "local").stderr


def test_the_file_may_be_named_before_the_command(config, monkeypatch):
    """As with git's -C; behind the command it counts more."""
    monkeypatch.setenv("AGGREGATOR_CONFIG", "elsewhere.yaml")
    assert CliRunner().invoke(app, ["--config", str(config), "check"]).exit_code == 0
    assert CliRunner().invoke(app, ["--config", "none.yaml", "check", "--config", str(config)]).exit_code == 0


def test_a_gone_source_is_asked_again_only_by_name(config):
    leave(config, Visits(gone=True))
    assert "nothing was visited" in call(config, "fetch", "--all").stdout
    assert "1 source visited" in call(config, "fetch", "local").stdout


def test_an_unknown_name_is_told_with_the_likeliest_cure(config):
    told = call(config, "fetch", "lokal")
    assert "did you mean 'local'" in str(told.exception)
    assert "did you mean 'all'" in str(call(config, "publish", "al").exception)


@pytest.mark.parametrize("verb", ["fetch", "publish", "prune"])
@pytest.mark.parametrize("time", ["tomorrow", "9999-12-31T23:59:00Z", "0001-01-01T00:00:00Z"])
def test_an_impossible_now_is_told(config, verb, time):
    told = call(config, verb, "--now", time)
    assert type(told.exception).__name__ == "ConfigError"
    assert "--now" in str(told.exception)


def test_publish_writes_where_it_is_told(config, tmp_path):
    call(config, "fetch")
    told = call(config, "publish", "--output", str(tmp_path / "out"))
    assert told.exit_code == 0
    assert "A ship sails" in (tmp_path / "out/topics/all.atom").read_text()
    assert not (tmp_path / "var/public").exists()


def test_prune_counts(config):
    call(config, "fetch")
    assert "0 items deleted" in call(config, "prune").stdout
    later = (datetime.now(UTC) + timedelta(days=100)).isoformat()
    assert "1 items deleted" in call(config, "prune", "--now", later).stdout


def test_check_online_tries_every_source_and_stores_nothing(config, tmp_path):
    """A newcomer sees whether the sources answer before the first fetch; plans and items stay as they were."""
    config.write_text(CONFIG.replace("topics:", "  - {id: broken, url: broken.xml, kind: file}\ntopics:"))
    (tmp_path / "broken.xml").write_text("no feed at all")
    told = call(config, "check", "--online")
    assert told.exit_code == 0
    assert "source 'local': good; 1 entries" in told.stdout
    assert "source 'broken': not_a_feed" in told.stdout
    assert "paused" not in told.stdout
    assert not (tmp_path / "var").exists()


def test_check_online_leaves_a_server_alone_that_asked_for_it(config):
    later = datetime.now(UTC) + timedelta(hours=2)
    leave(config, Visits(next_visit=later, held_until=later))
    assert "source 'local': not asked" in call(config, "check", "--online").stdout
