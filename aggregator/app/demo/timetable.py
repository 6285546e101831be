"""When what appears: a pure function of the seed. Entry point: `Timetable`.

Times are whole seconds since the world's start; what was there before is negative. While someone watches, an
item comes every three to five seconds, first the written articles and their copies with a notice now and then,
later notices alone; after a quarter of an hour the pace slackens, so that a demo left alone stays small.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from threading import Lock
from typing import TYPE_CHECKING

from aggregator.app.demo.copying import copied
from aggregator.app.demo.outlets import Article, Bulletin, Library, paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

STOCK_SPAN = 2 * 86_400
STOCK_SHARE = 0.6
GAPS = (3, 4, 5)
SLOW_AFTER = 15 * 60
SLOW_GAP = 30
CORRECTED_AFTER = 40
NOTICE_EVERY = 3

_SLOT = re.compile(r"\{(\w+)(?::(\d+)-(\d+))?\}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """An article appears at `at`; its headline is corrected at `corrected_at`, where it is."""

    at: int
    article: Article
    corrected_at: int | None = None


class Timetable:
    """All arrivals of one seed, worked out as far as anyone asked. Safe between threads."""

    def __init__(self, seed: int, library: Library) -> None:
        self._seed = seed
        self._library = library
        self._lock = Lock()
        stock, self._queue = _split(seed, library)
        self._arrivals = sorted(stock, key=lambda arrival: arrival.at)
        self._ticks = _ticks(seed)
        self._number = 0
        self._next = next(self._ticks)

    def until(self, elapsed: int) -> list[Arrival]:
        """Everything that has appeared by `elapsed`, oldest first."""
        with self._lock:
            while self._next <= elapsed:
                self._arrivals.append(_arrival(self._next, self._article(self._number)))
                self._number += 1
                self._next = next(self._ticks)
            return [arrival for arrival in self._arrivals if arrival.at <= elapsed]

    def _article(self, number: int) -> Article:
        """The article of the live item with that number: every third is a notice while there are others."""
        turn, rest = divmod(number, NOTICE_EVERY)
        index = turn * (NOTICE_EVERY - 1) + rest
        if rest < NOTICE_EVERY - 1 and index < len(self._queue):
            return self._queue[index]
        return _notice(_dice(self._seed, "notice", number), number, self._library)


def _ticks(seed: int) -> Iterator[int]:
    """Rising times of live items: the three gaps in ever new order."""
    at, turn = 0, 0
    while True:
        gaps = list(GAPS)
        _dice(seed, "gaps", turn).shuffle(gaps)
        for gap in gaps:
            at += gap if at < SLOW_AFTER else SLOW_GAP
            yield at
        turn += 1


def _split(seed: int, library: Library) -> tuple[list[Arrival], Sequence[Article]]:
    """What was there before the start, and the queue of what comes, each copy after its original."""
    dice = _dice(seed, "stock")
    stock, live = _share(dice, library)
    arrivals = {
        article.key: _arrival(-_spread(dice, place, len(stock)), article, while_watched=30 + place)
        for place, article in enumerate(stock)
    }
    queue = list(live)
    for number, copying in enumerate(library.copies):
        copy = copied(copying, library)
        original = arrivals.get(copying.of)
        if original is not None and number % 2:
            arrivals[copy.key] = _arrival(min(original.at + dice.randint(600, 5400), -60), copy)
            continue
        before = 0 if original is not None else queue.index(library.articles[copying.of]) + 2
        queue.insert(dice.randint(before, max(before, min(before + 6, len(queue)))), copy)
    return list(arrivals.values()), queue


def _share(dice: Random, library: Library) -> tuple[list[Article], list[Article]]:
    """Of every outlet the larger part is stock, so that no feed starts empty."""
    stock: list[Article] = []
    live: list[Article] = []
    for outlet in sorted(library.outlets):
        own = [article for article in library.articles.values() if article.outlet == outlet]
        dice.shuffle(own)
        cut = round(len(own) * STOCK_SHARE)
        stock += own[:cut]
        live += own[cut:]
    dice.shuffle(stock)
    dice.shuffle(live)
    return stock, live


def _spread(dice: Random, place: int, count: int) -> int:
    """Seconds before the start: evenly over the span, a little shaken."""
    step = STOCK_SPAN // count
    return max(120, place * step + dice.randint(0, step))


def _arrival(at: int, article: Article, while_watched: int | None = None) -> Arrival:
    """Old headlines are corrected while someone watches (at `while_watched`), new ones after a while."""
    corrected = None
    if article.corrected is not None:
        corrected = at + CORRECTED_AFTER if while_watched is None else while_watched
    return Arrival(at=at, article=article, corrected_at=corrected)


def _notice(dice: Random, number: int, library: Library) -> Article:
    pattern: Bulletin = dice.choice(library.bulletins)
    drawn: dict[str, str] = {}

    def draw(slot: re.Match[str]) -> str:
        name, low, high = slot.groups()
        if slot[0] not in drawn:
            drawn[slot[0]] = str(dice.randint(int(low), int(high))) if low else dice.choice(library.words[name])
        return drawn[slot[0]]

    slug = f"notice-{number}"
    return Article(
        outlet=pattern.outlet,
        slug=slug,
        canonical=f"{pattern.outlet}/{slug}",
        author=pattern.author,
        category=pattern.category,
        title=_SLOT.sub(draw, pattern.title),
        paragraphs=paragraphs(_SLOT.sub(draw, pattern.text)),
        picture=pattern.picture,
    )


def _dice(seed: int, *purpose: object) -> Random:
    return Random("/".join(map(str, (seed, *purpose))))  # noqa: S311  # the order of a demo is no secret
