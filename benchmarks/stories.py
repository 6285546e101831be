"""What telling stories apart costs, and how well it is done, with many other items behind it.

    python benchmarks/stories.py FILE.jsonl [--cost 10000 100000] [--quality 0 100000] [--url postgresql+psycopg://…]

FILE holds labelled entries (see `aggregator stories evaluate`). Half of its stories are the corpus from which the
background is made (stories_corpus.py), the other half are placed before it: no text is on both sides.

Cost is CPU time of one process from a file: making the sketch, and storing readings with sketches less the same
readings without (stories_cost.py). The items are articles of the file, joined to 1.3 KB of text; a reading brings ten,
or as many as `--reading` says. With `--url`, an empty PostgreSQL database, cost is that of the first size there: this
process's CPU time, and the time that passes, in which the server works.
"""

from __future__ import annotations

import argparse
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

sys.path.insert(0, str(Path(__file__).parent))

from stories_background import fill
from stories_corpus import Corpus
from stories_cost import CONFIGURATION, cost, cost_there

from aggregator.pipeline.evaluate import evaluate, read_one
from aggregator.pipeline.labelled import Labelled, labelled
from aggregator.pipeline.score import score
from storage import Database


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("file", type=Path)
    options.add_argument("--cost", type=int, nargs="*", default=[10_000, 100_000, 1_000_000], help="stored items")
    options.add_argument("--quality", type=int, nargs="*", default=[0, 100_000], help="stored items")
    options.add_argument("--half", type=int, choices=(0, 1), default=1, help="which half of the stories is placed")
    options.add_argument("--reading", type=int, default=10, help="items in a reading")
    options.add_argument("--passes", type=int, default=12, help="how often the items are stored for it")
    options.add_argument("--url", help="measure the first cost in this empty database")
    given = options.parse_args()
    rows = labelled(given.file.read_text(encoding="utf-8").splitlines(), str(given.file))
    placed = [row for row in rows if half(row) == given.half]
    corpus = [read_one(row, "s").text for row in rows if half(row) != given.half]
    if given.url is not None:
        cost_there(given.url, given.cost[0], placed, corpus, reading=given.reading, passes=given.passes)
        return
    if given.cost:
        cost(given.cost, placed, corpus, reading=given.reading, passes=given.passes)
    for stored in given.quality:
        quality(stored, placed, corpus)


def half(row: Labelled) -> int:
    """Stories that are easily taken for each other fall into the same half."""
    return crc32((row.group or row.story).encode()) & 1


def quality(stored: int, rows: list[Labelled], corpus: list[str]) -> None:
    now = min(row.entry.published for row in rows if row.entry.published)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "stories.db"
        fill(path, Corpus(corpus).made(stored), now)
        with closing(Database.open(f"sqlite:///{path}")) as store:
            found = [item.story for item in evaluate(store, rows, CONFIGURATION)]
    result = score(rows, found)
    weak = {name: round(kind.recall, 3) for name, kind in result.variants.items() if kind.recall < 0.95}
    merged = {name: family.false_pairs for name, family in result.families.items() if family.false_pairs}
    strange = sum(story.startswith("tag:background") for story in found)
    print(
        f"{stored:9,} behind  {len(rows)} entries: precision {result.pairs.precision:.4f} recall "
        f"{result.pairs.recall:.4f}; B-cubed {result.bcubed.f1:.4f}; joined to the background {strange}; "
        f"variants under .95 {weak}; false pairs {merged}",
        flush=True,
    )


if __name__ == "__main__":
    main()
