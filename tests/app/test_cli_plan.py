"""`aggregator plan` and `check` over a store, as a person calls them."""

import json

import pytest
from typer.testing import CliRunner

from aggregator.app.cli import app
from aggregator.config.load import load
from aggregator.pipeline.configure import configure
from aggregator.wiring import SystemClock, open_store

FILE = "sources:\n  - {id: a, url: https://a.example/feed}\ntopics:\n  - {id: ships, query: ship}\n"


@pytest.fixture
def call(tmp_path):
    path = tmp_path / "feeds.yaml"
    path.write_text(FILE)
    store = open_store(load(path))
    configure(store, load(path), SystemClock().now())
    store.close()
    return lambda *arguments: CliRunner().invoke(app, [*arguments, "--config", str(path)])


def test_plan_tells_of_an_edited_copy(call, tmp_path):
    """The edited file may lie anywhere: the store is that of --config."""
    edited = tmp_path / "drafts" / "new.yaml"
    edited.parent.mkdir()
    edited.write_text(FILE.replace("query: ship", "query: boat").replace("{id: a,", "{id: b, was: a, rank: 2,"))
    told = call("plan", str(edited)).stdout
    assert "  ~ b  was a, rank" in told
    assert "  ~ ships  query: 0 would enter, 0 would leave" in told


def test_plan_has_nothing_to_say_of_what_is_applied(call):
    assert call("plan").stdout.startswith("nothing would change against what was applied 20")
    assert call("plan", "--now", "2026-11-22T08:00:00Z").exit_code == 0


def test_check_asks_the_store(call, monkeypatch):
    """With the place of the query in the file."""
    monkeypatch.setattr("aggregator.pipeline.doubts.doubts", lambda *_, **__: [(0, "takes none of the 60 items")])
    done = call("check")
    assert done.exit_code == 0
    assert "feeds.yaml:4:24: warning: topics[0].query: takes none of the 60 items" in done.stdout


def test_plan_speaks_json(call, tmp_path):
    edited = tmp_path / "new.yaml"
    edited.write_text(FILE.replace("{id: a,", "{id: b, was: a, rank: 2,") + "  - {id: boats, query: boat}\n")
    told = json.loads(call("plan", str(edited), "--json").stdout)
    assert told["since"].endswith("Z")
    url = "https://a.example/feed"
    assert told["sources"] == [{"id": "b", "change": "renamed", "was": "a", "keys": ["rank"], "url": url}]
    assert {(topic["id"], topic["change"], len(topic["enters"])) for topic in told["topics"]} >= {("boats", "added", 0)}


def test_check_speaks_json(call, tmp_path):
    """Of a good file with its warnings, and of a bad one with exit code 2; what is quoted of the file parts nothing."""
    good = call("check", "--json")
    told = json.loads(good.stdout)
    assert (good.exit_code, told["good"], told["sources"], told["topics"]) == (0, True, 1, 1)
    assert {problem["warning"] for problem in told["problems"]} == {True}

    (tmp_path / "feeds.yaml").write_text(FILE.replace("query: ship", "'quer; y': ship"))
    bad = call("check", "--json")
    (problem,) = json.loads(bad.stdout)["problems"]
    assert (bad.exit_code, problem.pop("path")) == (2, str(tmp_path / "feeds.yaml"))
    assert problem == {
        "line": 4, "column": 17, "key": "topics[0][quer; y]", "warning": False,
        "message": "there is no key 'quer; y' here", "cure": "did you mean 'query'?",
    }  # fmt: skip
