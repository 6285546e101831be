"""What an item costs under ten, a thousand and ten thousand topics: `make bench-topics`.

Items are 400 words of an invented vocabulary in which words are as unequal as in language (Zipf), half of them with
Chinese in between; topics are words, phrases, alternatives, fields, exclusions and prefixes from the same vocabulary,
its rarer half, as owners choose them. Everything comes from one seed.

With `--stored N` (and `--url`, an SQLAlchemy URL of an empty database) also how fast a new topic is filled from N
stored stories.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from datetime import UTC, datetime

from topics_stored import measure

from aggregator.domain.entry import FeedInfo
from aggregator.domain.item import Item, Keys, StoredItem
from aggregator.domain.source import Source
from aggregator.domain.topic import Copy, Topic
from aggregator.steps.select import Matcher, parse_query

ITEMS = 300
NOW = datetime(2026, 11, 22, tzinfo=UTC)
COUNTS = (10, 100, 1000, 10_000)
MOST_MS, MOST_TIMES = 1.0, 3.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stored", type=int, default=20_000, metavar="N")
    parser.add_argument("--url")
    given = parser.parse_args()
    chance = random.Random(2026)
    latin = sorted({"".join(chance.choices("aeioubcdfghklmnprst", k=chance.randint(3, 10))) for _ in range(60_000)})
    chance.shuffle(latin)
    han = ["".join(chr(chance.randint(0x4E00, 0x9000)) for _ in range(chance.randint(2, 4))) for _ in range(20_000)]
    copies = [_copy(number, chance, latin, han) for number in range(ITEMS)]
    topics = [_topic(number, chance, latin[500:], han) for number in range(max(COUNTS))]
    sources = {f"s{n}": _source(n) for n in range(50)}
    print(f"{'topics':>7} {'build s':>8} {'ms an item':>11} {'matches':>8}")
    means = {}
    for count in COUNTS:
        began = time.thread_time()
        matcher = Matcher(topics[:count], sources)
        built = time.thread_time() - began
        spent, matches = [], 0
        for copy in copies:
            began = time.thread_time()
            matches += len(matcher.match(copy))
            spent.append(time.thread_time() - began)
        means[count] = statistics.mean(spent) * 1000
        print(f"{count:>7} {built:>8.2f} {means[count]:>11.3f} {matches / ITEMS:>8.2f}")
    times = means[max(COUNTS)] / means[min(COUNTS)]
    good = times <= MOST_TIMES and means[max(COUNTS)] <= MOST_MS
    print(f"{max(COUNTS)} topics cost {times:.2f} times what {min(COUNTS)} cost: {'good' if good else 'too much'}")
    if given.stored:
        measure(given.stored, lambda count: _words(chance, latin, han, count), given.url)


def _source(number: int) -> Source:
    url = f"https://s{number}.example/feed"
    return Source(id=f"s{number}", url=url, shown_url=url, tags=(f"tag{number % 7}",))


def _words(chance: random.Random, latin: list[str], han: list[str], count: int) -> str:
    chinese = chance.random() < 0.5
    words = []
    for _ in range(count):
        pool = han if chinese and chance.random() < 0.3 else latin
        words.append(pool[min(int(chance.paretovariate(0.6)), len(pool)) - 1])
    return " ".join(words).capitalize()


def _copy(number: int, chance: random.Random, latin: list[str], han: list[str]) -> Copy:
    source_id = f"s{number % 50}"
    item = Item(
        source_id=source_id,
        keys=Keys(text=b"k" * 16),
        raw_hash=b"r" * 16,
        text_hash=b"t" * 16,
        guid=None,
        link=f"https://{source_id}.example/{number}",
        title=_words(chance, latin, han, 9),
        text=_words(chance, latin, han, 400),
        words=400,
        language="en",
    )
    stored = StoredItem(
        id=number, public_id=f"tag:{number}", item=item, first_seen=NOW, order_at=NOW, changed_at=NOW, story="tag:s"
    )
    return Copy(stored=stored, rank=0, source_title=source_id, source_url="", feed=FeedInfo())


def _topic(number: int, chance: random.Random, latin: list[str], han: list[str]) -> Topic:
    def word() -> str:
        return chance.choice(latin if chance.random() < 0.6 else han)

    forms = (
        lambda: f"{word()} OR {word()}",
        lambda: f'"{word()} {word()}" OR {word()} -{word()}',
        lambda: f"title:({word()} OR {word()}) lang:en",
        lambda: f"{chance.choice(latin)[:6]}* {word()}",
        lambda: f"({word()} OR {word()}) tag:tag{chance.randint(0, 6)}",
        lambda: f"{word()} words>100 -site:s1.example",
    )
    text = chance.choice(forms)()
    return Topic(id=f"t{number}", title="t", query=parse_query(text), query_text=text)


if __name__ == "__main__":
    main()
