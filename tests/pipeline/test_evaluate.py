"""The deduplication measured through the program's own decision and store."""

import json
from pathlib import Path

import pytest

from aggregator.domain.settings import Configuration
from aggregator.errors import ConfigError
from aggregator.pipeline.evaluate import evaluate
from aggregator.pipeline.labelled import labelled
from aggregator.pipeline.score import missed_and_merged, score
from storage import Database

EXCERPT = Path(__file__).with_name("stories.jsonl")
SHARED = Path(__file__).parents[3] / "shared" / "cases" / "stories" / "dev.jsonl"


@pytest.fixture
def sqlite(sqlite_url):
    opened = Database.open(sqlite_url)
    yield opened
    opened.close()


def measured(database, rows, folder):
    placed = evaluate(database, rows, Configuration(path=folder / "feeds.yaml"))
    return score(rows, [one.story for one in placed])


def test_a_small_made_stream_is_put_together_without_a_mistake(database, tmp_path):
    """Articles in six languages, copies of each kind, and look-alikes between them, in either database."""
    rows = labelled(EXCERPT.read_text(encoding="utf-8").splitlines(), "stories.jsonl")
    placed = evaluate(database, rows, Configuration(path=tmp_path / "feeds.yaml"))
    missed, merged = missed_and_merged(rows, [one.story for one in placed])
    assert [(rows[one].entry.title.value, rows[two].entry.title.value) for one, two in missed + merged] == []


def test_the_labelled_stream_keeps_its_quality(sqlite, tmp_path):
    """The first 1,500 entries of the development file: floors well below what is measured (.999/.99)."""
    if not SHARED.is_file():
        pytest.skip(f"no {SHARED}: the labelled stream is not beside this checkout")
    rows = labelled(SHARED.read_text(encoding="utf-8").splitlines()[:1500], "dev.jsonl")
    result = measured(sqlite, rows, tmp_path)
    assert result.pairs.precision > 0.99
    assert result.pairs.recall > 0.97
    assert result.bcubed.f1 > 0.985
    assert {
        name: kind.recall for name, kind in result.variants.items() if kind.entries >= 20 and kind.recall < 0.9
    } == {}


def rows_of(*stories):
    lines = [json.dumps({"source": "s", "guid": str(n), "title": f"t{n}", "story": s}) for n, s in enumerate(stories)]
    return labelled(lines, "made")


def test_scores_count_pairs_and_entries():
    """Three of four together, one of them wrongly: 1 of 3 found pairs is right, 1 of 2 labelled ones found."""
    rows = rows_of("a", "a", "b", "c", "c")
    result = score(rows, ["1", "1", "1", "2", "3"])
    assert (result.pairs.precision, result.pairs.recall) == (1 / 3, 1 / 2)
    assert result.bcubed.precision == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5)
    assert result.bcubed.recall == pytest.approx((1 + 1 + 1 + 0.5 + 0.5) / 5)
    assert result.families["article"].false_pairs == 1
    assert missed_and_merged(rows, ["1", "1", "1", "2", "3"]) == ([(3, 4)], [(0, 2)])


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('{"source": "a"}', r"file:2: 'story' is missing"),
        ("[1]", "file:2: "),
        ("{", "file:2: "),
        ('{"source": "a", "story": "s", "published": "soon"}', "file:2: .*soon"),
    ],
)
def test_a_broken_line_is_named(line, told):
    good = json.dumps({"source": "a", "story": "s"})
    with pytest.raises(ConfigError, match=told):
        labelled([good, line], "file")


def test_an_empty_file_is_told():
    with pytest.raises(ConfigError, match="no entry"):
        labelled(["", " "], "file")
