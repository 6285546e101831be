"""How fast a new topic is filled from what is stored, by the kind of its query: stored stories a second.

The stories are stored as the program stores them, with their words in the search index. A query is asked of all of
them: what counts is how many stories the store holds, not how many of them had to be read. Seconds are those of the
thread that fills and, with PostgreSQL on this machine, of its server's processes; by the clock it is slower where other
programs want the processors too.
"""

from __future__ import annotations

import logging
import os
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import text

from aggregator.domain.item import Item, Keys
from aggregator.domain.settings import Configuration
from aggregator.domain.source import Source
from aggregator.domain.story import NewItem, Reason, StoryIntent
from aggregator.domain.topic import Topic
from aggregator.pipeline.configure import configure
from aggregator.pipeline.fill import fill, sweep
from aggregator.steps.select import parse_query
from storage import Database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WANTED = 20_000  # stories a second
SOURCES = tuple(
    Source(id=f"s{n}", url=f"https://s{n}.example/", shown_url=f"https://s{n}.example/", tags=(f"tag{n % 7}",))
    for n in range(50)
)
FIRST = Reason(rule="first", text="no other text like it")
NOW = datetime(2026, 11, 22, tzinfo=UTC)
SAMPLE = 2000


def measure(count: int, words: Callable[[int], str], url: str | None = None) -> None:
    """Store `count` items with texts of `words`, and print what filling a topic with each kind of query costs."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder, closing(Database.open(url or f"sqlite:///{folder}/a.db")) as store:
        nothing = Configuration(path=Path(folder) / "feeds.yaml", sources=SOURCES)
        configure(store, nothing, NOW)
        for begin in range(0, count, 500):
            _store(store, range(begin, min(begin + 500, count)), words)
        print(f"{count} stories stored; stories a second that a new topic is filled from, and those it takes")
        for name, query in _queries(store):
            topic = Topic(id="new", title="new", query=parse_query(query), query_text=query)
            configure(store, nothing, NOW)
            sweep(store)
            configure(store, replace(nothing, topics=(topic,)), NOW)
            served, began, spent = _served(store), time.perf_counter(), time.thread_time()
            fill(store, replace(nothing, topics=(topic,)))
            took, spent = time.perf_counter() - began, time.thread_time() - spent
            spent += _served(store) - served
            with store.read() as rooms:
                taken = sum(len(group.copies) for group in rooms.topics.groups(topic))
            good = "good" if count / spent >= WANTED else "slower than wanted"
            print(
                f"{name:25} {count / spent:>11,.0f} /s ({count / took:>11,.0f} by the clock) {taken:>7} taken  {good}"
            )


def _served(store: Database) -> float:
    """Seconds of computing of PostgreSQL's processes that serve us, as far as this machine tells."""
    if store._engine.dialect.name != "postgresql":  # noqa: SLF001 - nobody else asks
        return 0.0
    with store._engine.connect() as connection:  # noqa: SLF001
        query = "SELECT pid FROM pg_stat_activity WHERE application_name = 'aggregator'"
        folders = [Path("/proc", str(pid)) for pid in connection.execute(text(query)).scalars()]
    times = [(folder / "stat").read_text().rpartition(")")[2].split()[11:13] for folder in folders if folder.exists()]
    return sum(int(part) for pair in times for part in pair) / os.sysconf("SC_CLK_TCK")


def _queries(store: Database) -> Iterator[tuple[str, str]]:
    """Words by the part of the stories that hold them, as the newest of them tell."""
    with store.read() as rooms:
        pages = islice(rooms.search.candidates(None), SAMPLE // 500)
        texts = [copy.stored.item.text for page in pages for copy in page]
    counts = Counter(word for text in texts for word in set(text.lower().split()) if word.isascii())

    def held_by(part: float) -> str:
        return min(counts, key=lambda word: (abs(counts[word] - part * len(texts)), word))

    for part in (0.001, 0.05, 0.2, 1.0):
        yield f"a word that {part:.1%} hold", held_by(part)
    yield "a phrase of common words", f'"{held_by(1.0)} {held_by(0.9)}"'
    yield "source:", "source:s1"
    yield "lang: and tag:", "lang:en -tag:tag1"
    yield "everything", ""
    yield "words>", "words>100"
    yield "regex, few hits", f"/{held_by(0.001)}/"
    yield "regex, all hits", f"/{held_by(1.0)}/"
    yield "exclusion alone", f"-{held_by(0.2)}"
    yield "a -b", f"{held_by(1.0)} -{held_by(0.2)}"
    yield "(a OR b) lang: -title:c", f"({held_by(0.2)} OR {held_by(0.05)}) lang:de -title:{held_by(0.05)}"
    yield "words> a", f"words>200 {held_by(1.0)}"
    yield "regex and a word", f"/{held_by(0.001)}/ {held_by(0.2)}"


def _store(store: Database, numbers: range, words: Callable[[int], str]) -> None:
    by_source: dict[str, list[NewItem]] = {}
    for number in numbers:
        item = _item(number, words)
        intent = NewItem(
            item=item, public_id=f"tag:x,2026:{number}", story=StoryIntent(story=None, reason=FIRST), reason=FIRST
        )
        by_source.setdefault(item.source_id, []).append(intent)
    with store.write() as rooms:
        for source_id, intents in by_source.items():
            rooms.items.apply(source_id, intents, NOW)


def _item(number: int, words: Callable[[int], str]) -> Item:
    def key(kind: str) -> bytes:
        return blake2b(f"{kind}{number}".encode(), digest_size=16).digest()

    source_id = f"s{number % len(SOURCES)}"
    return Item(
        source_id=source_id,
        keys=Keys(text=key("text"), link=key("link"), story_link=key("link")),
        raw_hash=key("raw"),
        text_hash=key("words"),
        guid=None,
        link=f"https://{source_id}.example/{number}",
        title=words(9),
        text=words(300),
        words=300,
        language=("en", "de", "zh")[number % 3],
        published=NOW,
    )
