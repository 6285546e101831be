"""A small labelled file through the whole program: served as feeds, visited over simulated days, exported, scored."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_labelled_feeds_come_out_of_the_export_as_the_stories_they_are():
    """Articles in six languages, their copies of every kind and their look-alikes: no pair is missed, none is false."""
    words = ["benchmarks/stories_program.py", "tests/pipeline/stories.jsonl", "--hours", "120", "--errors", "9"]
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=110, check=False
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"pairwise +precision 1\.0000 +recall 1\.0000", done.stdout), done.stdout
    assert "66 entries, 17 stories labelled, 17 found" in done.stdout
