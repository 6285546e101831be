"""What telling stories apart costs an item, beside few stored ones and beside many: CPU time, in the steady state.

Each number of stored items has two databases. In one the items are stored with sketches, in the other without; what
lies between the two is the cost. They are stored a pass at a time into all databases in turn, each as often the
first, so that whatever else the machine does falls on all of them. In every pass the longer words have other letters:
each text is new, as news is, and what is found beside it are ordinary phrases. The first pass does not count, and the
logs of the databases have their whole length before it: a program that runs for days makes a log once, and the passes
see several checkpoints.
"""

from __future__ import annotations

import re
import resource
import shutil
import sqlite3
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from stories_background import carry, fill
from stories_corpus import Corpus

from aggregator.domain.settings import Configuration, StorySettings
from aggregator.domain.source import Source
from aggregator.pipeline.evaluate import read_one
from aggregator.pipeline.place import place
from aggregator.steps.dedupe import sketch
from storage import Database
from storage.engine import LOG_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.domain.item import Item
    from aggregator.pipeline.labelled import Labelled

TEXT = 1300  # bytes
VISITS = 10  # readings in one transaction
CONFIGURATION = Configuration(path=Path("feeds.yaml"), stories=StorySettings(window=timedelta(days=365)))

_WORD = re.compile(r"\w{4,}|[\u3040-\u30ff\u4e00-\u9fff]")
_ALPHABETS = ((0x61, 26), (0x3B1, 17), (0x430, 32), (0x621, 20), (0x905, 50), (0x30A1, 80), (0x4E00, 3000))


@dataclass(kw_only=True)
class Storing:
    """A store that is given readings, and the seconds that took."""

    store: Database
    name: str  # of the source that brings them
    sketched: bool
    cpu: float = 0.0
    wall: float = 0.0
    passes: list[float] = field(default_factory=list)  # CPU seconds

    def take(self, items: Sequence[Item], now: datetime, reading: int, *, count: bool) -> None:
        """Store a pass, ten readings in a transaction."""
        mine = [replace(one, source_id=self.name, sketch=one.sketch if self.sketched else None) for one in items]
        start, began = time.process_time(), time.perf_counter()
        for first in range(0, len(mine), VISITS * reading):
            with self.store.write() as rooms:
                for at in range(first, min(first + VISITS * reading, len(mine)), reading):
                    some = mine[at : at + reading]
                    place(rooms, self.name, some, unchanged=(), configuration=CONFIGURATION, now=now)
        if count:
            self.passes.append(time.process_time() - start)
            self.cpu += self.passes[-1]
            self.wall += time.perf_counter() - began


def cost(sizes: Sequence[int], rows: Sequence[Labelled], corpus: list[str], *, reading: int, passes: int) -> None:
    """Print what an item costs on SQLite beside so many stored ones."""
    now = min(row.entry.published for row in rows if row.entry.published)
    items = long_items(rows)
    with TemporaryDirectory() as folder, ExitStack() as stack:
        pairs = []
        for stored in sizes:
            path = Path(folder) / f"{stored}.db"
            _apart(path, corpus, stored, now)
            other = path.with_suffix(".bare.db")
            shutil.copyfile(path, other)
            pair = (
                _storing(f"sqlite:///{other}", stack, now),
                _storing(f"sqlite:///{path}", stack, now, sketched=True),
            )
            for one in (path, other):
                _whole_log(one)
            pairs.append((stored, path.stat().st_size / stored, *pair))
        sketching = 0.0
        for number in range(passes + 1):
            made, took = _sketched(items, number)
            sketching += took if number else 0.0
            turns = [one for _, _, *pair in pairs for one in pair]
            first = number % len(turns)  # who comes first finds the processor's caches full of other things
            for one in (*turns[first:], *turns[:first]):
                one.take(made, now, reading, count=number > 0)
    each = 1e6 / len(items) / passes  # µs an item
    length = sum(len(item.text.encode()) for item in items) / len(items)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000
    print(
        f"{passes} passes of {len(items)} items, {length:.0f} bytes of text each; peak memory {memory} MB", flush=True
    )
    least = None
    for stored, index, bare, full in pairs:
        all_of_it = each * (sketching + full.cpu - bare.cpu)
        least = least or all_of_it
        spread = sorted(
            each * passes * (sketching / passes + b - a) for a, b in zip(bare.passes, full.passes, strict=True)
        )
        print(
            f"{stored:9,} stored  {all_of_it:6.0f} µs an item, {all_of_it / least:.2f} times the first (passes "
            f"{spread[0]:.0f} to {spread[-1]:.0f}; sketch {each * sketching:.0f}, find, decide and write "
            f"{each * (full.cpu - bare.cpu):.0f}); all of storing it {each * full.cpu:.0f}; a stored item "
            f"{index:.0f} bytes",
            flush=True,
        )


def cost_there(
    url: str, stored: int, rows: Sequence[Labelled], corpus: list[str], *, reading: int, passes: int
) -> None:
    """Print what an item costs beside so many stored ones in an empty PostgreSQL database."""
    now = min(row.entry.published for row in rows if row.entry.published)
    items = long_items(rows)
    with TemporaryDirectory() as folder, ExitStack() as stack:
        path = Path(folder) / "made.db"
        _apart(path, corpus, stored, now)
        carry(path, url)
        bare, full = _storing(url, stack, now), _storing(url, stack, now, sketched=True)
        for number in range(passes + 1):
            made, _ = _sketched(items, number)
            bare.take(made, now, reading, count=number > 0)
            full.take(made, now, reading, count=number > 0)
    each = 1e6 / len(items) / passes
    print(
        f"{stored:9,} there  find, decide and write {each * (full.cpu - bare.cpu):.0f} µs of CPU time here an item, "
        f"{each * (full.wall - bare.wall):.0f} µs passed; all of storing it {each * full.cpu:.0f} and "
        f"{each * full.wall:.0f}",
        flush=True,
    )


def long_items(rows: Sequence[Labelled]) -> list[Item]:
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


def _apart(path: Path, corpus: list[str], stored: int, now: datetime) -> None:
    """Fill a database in a process of its own: this one's memory is measured."""
    process = get_context("spawn").Process(target=_fill, args=(path, corpus, stored, now))
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"filling a database with {stored:,} items failed")


def _fill(path: Path, corpus: list[str], stored: int, now: datetime) -> None:
    fill(path, Corpus(corpus).made(stored), now)


def _storing(url: str, stack: ExitStack, now: datetime, *, sketched: bool = False) -> Storing:
    store = stack.enter_context(closing(Database.open(url)))
    name = "full" if sketched else "bare"
    with store.write() as rooms:
        rooms.sources.sync(
            [Source(id=one, url=f"https://{one}.example/", shown_url="-") for one in ("bare", "full")], now
        )
    return Storing(store=store, name=name, sketched=sketched)


def _whole_log(path: Path) -> None:
    """Let the log beside an open database grow to what is kept of it, and nothing change."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")
        database.execute("CREATE TABLE growing (bytes BLOB)")
        database.execute("INSERT INTO growing VALUES (zeroblob(?))", (LOG_BYTES,))
        database.execute("ROLLBACK")


def _sketched(items: Sequence[Item], number: int) -> tuple[list[Item], float]:
    """The items of a pass, sketched, and the CPU seconds that took."""
    exchange = _letters(number)
    written = [_exchanged(item, exchange, number) for item in items]
    start = time.process_time()
    return [replace(item, sketch=sketch(item)) for item in written], time.process_time() - start


def _letters(number: int) -> dict[int, int]:
    """Another letter of its alphabet for each; with 0 itself."""
    random = Random(number)
    exchange: dict[int, int] = {}
    for first, count in _ALPHABETS if number else ():
        letters = list(range(first, first + count))
        others = random.sample(letters, count)
        exchange |= dict(zip(letters, others, strict=True))
        for one, other in zip(letters, others, strict=True):
            if len(chr(one).upper()) == len(chr(other).upper()) == 1:
                exchange[ord(chr(one).upper())] = ord(chr(other).upper())
    return exchange


def _exchanged(item: Item, exchange: dict[int, int], number: int) -> Item:
    """The item with those letters in all but its short words, and names of its own."""

    def other(text: str) -> str:
        return _WORD.sub(lambda word: word[0].translate(exchange), text)

    mark = number.to_bytes(2, "big")
    keys = {name: key + mark for name in ("guid", "link", "text") if (key := getattr(item.keys, name))}
    return replace(
        item,
        title=other(item.title),
        text=other(item.text),
        guid=None if item.guid is None else f"{item.guid}#{number}",
        raw_hash=item.raw_hash + mark,
        keys=replace(item.keys, **keys),
    )
