"""`aggregator search` and `preview`, as a person calls them."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

import pytest
from typer.testing import CliRunner

from aggregator.app.cli import app
from aggregator.app.cli.search import chart
from aggregator.config.load import load
from aggregator.domain.item import Item, Keys
from aggregator.domain.story import NewItem, Reason, StoryIntent
from aggregator.errors import ConfigError
from aggregator.pipeline.configure import configure
from aggregator.wiring import open_store

WHY = Reason(rule="test", text="because")
FILE = """\
sources:
  - {id: a, url: https://a.example/feed}
topics:
  - {id: ships, query: "ship -toy"}
"""


@pytest.fixture
def call(tmp_path):
    """The command over a folder with three stored items."""
    path = tmp_path / "feeds.yaml"
    path.write_text(FILE)
    configuration, now = load(path), datetime.now(UTC)
    store = open_store(configuration)
    configure(store, configuration, now)
    with store.write() as rooms:
        for number, title in enumerate(("A ship [sails]", "A toy ship", "工業互聯網")):
            digest = blake2b(title.encode(), digest_size=16).digest()
            item = Item(
                source_id="a", keys=Keys(text=digest), raw_hash=digest, text_hash=digest, guid=None,
                link=f"https://a.example/{number}", title=title, published=now - timedelta(hours=1),
            )  # fmt: skip
            story = StoryIntent(story=None, reason=WHY)
            rooms.items.apply("a", [NewItem(item=item, public_id=f"tag:x:{number}", story=story, reason=WHY)], now)
    store.close()
    return lambda *arguments: CliRunner().invoke(app, [*arguments, "--config", str(path)])


def test_search_prints_a_line_an_item(call):
    done = call("search", "ship")
    assert [line.split("  ", 1)[1] for line in done.stdout.splitlines()] == [
        "a  A toy ship  https://a.example/1",
        "a  A ship [sails]  https://a.example/0",
    ]


def test_search_speaks_json_lines(call):
    (found,) = map(json.loads, call("search", "工业 age<1d", "--json").stdout.splitlines())
    assert (found["title"], found["words"]) == ("工業互聯網", ["工業"])


def test_preview_tells_a_topic_and_its_clauses(call):
    told = call("preview", "ships", "--since", "2d").stdout
    assert "query    ship -toy" in told
    assert "holds    1 story of 1 item in the last 2d" in told
    assert "-toy: alone keeps out 1 item" in told
    assert "A ship [sails]" in told
    assert "A toy ship" not in told


def test_preview_takes_a_query_instead(call):
    told = call("preview", "--query", "ship OR 工业").stdout
    assert "holds    3 stories of 3 items in the last 30d" in told
    assert "工业: alone brings in 1 item" in told


def test_status_tells_what_waits_for_publication(call):
    """`fetch` alone shows readers nothing."""
    assert "not published yet: 3 new items" in call("status").stdout
    assert json.loads(call("status", "--json").stdout)["unpublished"]["items"] == 3
    call("publish", "-q")
    assert "not published yet" not in call("status").stdout
    assert json.loads(call("status", "--json").stdout)["unpublished"] == {"items": 0, "topics": []}


def test_status_of_one_source_tells_its_days(call):
    (told,) = json.loads(call("status", "a", "--json").stdout)["sources"]
    assert len(told["days"]) == 90 and told["days"][-1].keys() == {"day", "visits", "failures", "items"}
    assert "days" not in json.loads(call("status", "--json").stdout)["sources"][0]
    assert "did you mean 'a'" in str(call("status", "aa").exception)


def test_preview_speaks_json(call):
    told = json.loads(call("preview", "ships", "--since", "2d", "--json").stdout)
    assert (told["topic"], told["query"], told["items"], told["stories"]) == ("ships", "ship -toy", 1, 1)
    (shown,) = told["shown"]
    assert (shown["source"], shown["title"], shown["words"]) == ("a", "A ship [sails]", ["ship"])
    assert [clause["removes"] for clause in told["clauses"] if clause["clause"] == "-toy"] == [1]
    assert sum(day["stories"] for day in told["per_day"]) == 1
    assert told["per_source"] == [{"source": "a", "stories": 1}]
    assert json.loads(call("preview", "--query", "ship", "--json").stdout)["topic"] is None


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("search", "title:"), "query: column"),
        (("preview",), "name a topic"),
        (("preview", "ship"), "did you mean 'ships'"),
        (("preview", "--query", "a OR"), "--query: column"),
        (("preview", "ships", "--since", "yesterday"), "--since"),
    ],
)
def test_a_wrong_call_says_what_to_write(call, arguments, says):
    """Exit code 2 comes with the ConfigError."""
    error = call(*arguments).exception
    assert isinstance(error, ConfigError)
    assert says in str(error)


def test_the_chart_has_a_bar_a_day():
    """Nothing is a blank, the most a full block; months share columns."""
    day = datetime(2026, 11, 1, tzinfo=UTC).date()
    few = {day + timedelta(days=n): count for n, count in enumerate((0, 1, 8, 4))}
    assert chart(few) == "2026-11-01  ▁█▄▏2026-11-04, at most 8 a day"
    assert chart({day + timedelta(days=n): 1 for n in range(90)}).endswith("at most 2 in 2 days")
    assert chart({day: 0}) == "2026-11-01  ▏2026-11-01, at most 0 a day"
