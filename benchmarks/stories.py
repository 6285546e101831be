"""What telling stories apart costs, and how well it is done, with many other items behind it.

    python benchmarks/stories.py FILE.jsonl [--cost 10000 100000] [--quality 0 100000] [--url postgresql+psycopg://…]

FILE holds labelled entries (see `aggregator stories evaluate`). Half of its stories are the corpus from which the
background is made (stories_corpus.py), the other half are placed before it: no text is on both sides.

Cost is CPU time of one process from a file: making the sketch, and storing readings with sketches less the same
readings without. The items are articles of the file, joined to 1.3 KB of text; a reading brings ten, or as many as
`--reading` says. With `--url`, an empty PostgreSQL database, cost is that of one size there: this process's CPU time,
and the time that passes, in which the server works.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from zlib import crc32

sys.path.insert(0, str(Path(__file__).parent))

from stories_background import carry, fill
from stories_corpus import Corpus

from aggregator.domain.settings import Configuration, StorySettings
from aggregator.domain.source import Source
from aggregator.pipeline.evaluate import evaluate, read_one
from aggregator.pipeline.labelled import Labelled, labelled
from aggregator.pipeline.place import place
from aggregator.pipeline.score import score
from aggregator.steps.dedupe import sketch
from storage import Database

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.domain.item import Item

TEXT = 1300  # bytes
VISITS = 10  # readings in one transaction
CONFIGURATION = Configuration(path=Path("feeds.yaml"), stories=StorySettings(window=timedelta(days=365)))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("file", type=Path)
    options.add_argument("--cost", type=int, nargs="*", default=[10_000, 100_000], help="stored items")
    options.add_argument("--quality", type=int, nargs="*", default=[0, 100_000], help="stored items")
    options.add_argument("--half", type=int, choices=(0, 1), default=1, help="which half of the stories is placed")
    options.add_argument("--reading", type=int, default=10, help="items in a reading")
    options.add_argument("--url", help="measure the first cost in this empty database")
    given = options.parse_args()
    rows = labelled(given.file.read_text(encoding="utf-8").splitlines(), str(given.file))
    placed = [row for row in rows if half(row) == given.half]
    corpus = [read_one(row, "s").text for row in rows if half(row) != given.half]
    if given.url is not None:
        cost_there(given.url, given.cost[0], placed, corpus, given.reading)
        return
    for stored in given.cost:
        cost(stored, placed, corpus, given.reading)
    for stored in given.quality:
        quality(stored, placed, corpus)


def half(row: Labelled) -> int:
    """Stories that are easily taken for each other fall into the same half."""
    return crc32((row.group or row.story).encode()) & 1


def long_items(rows: list[Labelled]) -> list[Item]:
    """Articles of one language joined until there are 1.3 KB, each with the headline of its first one."""
    items: list[Item] = []
    growing: dict[str | None, Item] = {}
    for row in rows:
        item = read_one(row, "probe")
        grown = growing.pop(row.entry.language, None)
        if grown is not None:
            item = replace(grown, text=f"{grown.text}\n{item.text}")
        if len(item.text.encode()) < TEXT:
            growing[row.entry.language] = item
        else:
            items.append(replace(item, keys=replace(item.keys, story_link=None)))
    return items


def cost(stored: int, rows: list[Labelled], corpus: list[str], reading: int) -> None:
    now = min(row.entry.published for row in rows if row.entry.published)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "with.db"
        fill(path, Corpus(corpus).made(stored), now)
        size = path.stat().st_size
        other = Path(folder) / "without.db"
        other.write_bytes(path.read_bytes())
        items = long_items(rows)
        start = time.process_time()
        items = [replace(item, sketch=sketch(item)) for item in items]
        sketching = (time.process_time() - start) / len(items)
        bare, _ = _placing(f"sqlite:///{other}", [replace(item, sketch=None) for item in items], now, reading)
        full, _ = _placing(f"sqlite:///{path}", items, now, reading)
    length = sum(len(item.text.encode()) for item in items) / len(items)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
    print(
        f"{stored:9,} stored  {1e6 * (sketching + full - bare):6.0f} µs an item "
        f"(sketch {1e6 * sketching:.0f}, find, decide and write {1e6 * (full - bare):.0f}); all of storing it "
        f"{1e6 * full:.0f}; text {length:.0f} bytes; index {size / stored:.0f} bytes an item; peak memory {memory} MB",
        flush=True,
    )


def cost_there(url: str, stored: int, rows: list[Labelled], corpus: list[str], reading: int) -> None:
    now = min(row.entry.published for row in rows if row.entry.published)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "made.db"
        fill(path, Corpus(corpus).made(stored), now)
        carry(path, url)
    items = [replace(item, sketch=sketch(item)) for item in long_items(rows)]
    bare = _placing(url, [replace(item, sketch=None, source_id="bare") for item in items], now, reading)
    full = _placing(url, [replace(item, source_id="full") for item in items], now, reading)
    (cpu, wall), (all_cpu, all_wall) = (
        (1e6 * (b - a) for a, b in zip(bare, full, strict=True)),
        (1e6 * b for b in full),
    )
    print(
        f"{stored:9,} there  find, decide and write {cpu:.0f} µs of CPU time here an item, {wall:.0f} µs passed; "
        f"all of storing it {all_cpu:.0f} and {all_wall:.0f}",
        flush=True,
    )


def _placing(url: str, items: list[Item], now: datetime, reading: int) -> tuple[float, float]:
    """CPU seconds and seconds an item, commits included, the first readings left out."""
    warm = len(items) // 10
    name = items[0].source_id
    with closing(Database.open(url)) as store:
        with store.write() as rooms:
            rooms.sources.sync([Source(id=name, url=f"https://{name}.example/", shown_url="-")], now)
        start, began = 0.0, 0.0
        done = 0
        while done < len(items):
            if start == 0.0 and done >= warm:
                start, began, warm = time.process_time(), time.perf_counter(), done
            with store.write() as rooms:
                for _ in range(VISITS):
                    some = items[done : done + reading]
                    place(rooms, name, some, unchanged=(), configuration=CONFIGURATION, now=now)
                    done += len(some)
        count = len(items) - warm
        return (time.process_time() - start) / count, (time.perf_counter() - began) / count


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
