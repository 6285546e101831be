"""What the command loads before it has anything to do."""

import subprocess
import sys
from pathlib import Path

PARSERS = ("feedparser", "chardet", "lxml", "nh3", "selectolax", "trafilatura")


def test_the_program_itself_loads_no_parser(tmp_path):
    """Documents are read by workers: parsers would be a sixth of its start, and 18 MB."""
    config = tmp_path / "feeds.yaml"
    config.write_text("topics: [{id: all}]\n", encoding="utf-8")
    program = (
        "import sys, contextlib\nfrom aggregator.app.cli import run\n"
        f"sys.argv = ['aggregator', 'fetch', '--config', {str(config)!r}]\n"
        "with contextlib.suppress(SystemExit):\n    run()\n"
        f"print([name for name in {PARSERS!r} if name in sys.modules], 'aggregator.pipeline.collect' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert done.stdout.splitlines()[-1] == "[] True"
