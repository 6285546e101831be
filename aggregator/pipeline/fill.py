"""A new or edited topic → what it takes of everything stored, a slice at a time, between other work.

::

    begin    `configure` marks topics whose query is new: they are being filled, and are not published until they
             are whole; an edited one shows what its older query took, as long as that lasts
    again    what an older version indexed is indexed again before anything is asked
    slice    the next items are asked, newest arrival first; the place goes into the same transaction
               decided      what is a matter of words, counts, sources and languages the database decides by itself
               asked        anything else is asked of the items that the index and the rest of the query leave; of an
                            item only what the query looks at is read
    whole    everything was asked: the topic shows what it took; what the older query took is swept away later

A kill between two slices costs nothing; a second edit begins anew.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import structlog

from aggregator.domain.filling import Span
from aggregator.domain.search import Every
from aggregator.domain.story import Reason
from aggregator.pipeline.match import Same, prepared
from aggregator.steps.select import NOTHING, Matcher, asked, by_kind, decided, needed, settled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from aggregator.domain.filling import Filling
    from aggregator.domain.query import Query
    from aggregator.domain.settings import Configuration
    from aggregator.domain.topic import Copy, Topic
    from aggregator.ports import Rooms, Store

log = structlog.get_logger()

ITEMS = 1000  # asked in one slice: a twentieth of a second
DECIDED = 2000  # items in a slice that the database decides by itself: as long
AGAIN = 200  # indexed in one slice
SWEPT = 5000  # rows
TOGETHER = 20  # more topics than that, all at the same place, share one reading of every item
PART = 4  # of a slice is then asked at once: each item may be taken by all of them, and who writes beside waits for it
# `explain` finds the clauses and words when somebody asks: to look for them in each of a hundred thousand items, and
# to store them, would cost more than all the rest.
FILLED = Reason(rule="filled", text="the topic's query took it when it was asked of what is stored")


def fill(store: Store, configuration: Configuration, *, go_on: Callable[[], bool] = lambda: True) -> bool:
    """Fill topics as long as `go_on`, one slice at least. Returns whether there is more to do.

    Topics that another process configured otherwise are left to it.
    """
    with store.read() as rooms:
        if not _ours(rooms, configuration):
            return False
    while True:
        whole: list[str] = []
        with store.write() as rooms:
            fillings = _ours(rooms, configuration)
            if fillings and not rooms.search.index_again(AGAIN):
                whole = _slice(rooms, configuration, fillings)
        if not fillings:
            return False
        if whole:
            log.info("topics_filled", topics=len(whole), first=whole[0])
        if not go_on():
            return True


def sweep(store: Store, *, go_on: Callable[[], bool] = lambda: True) -> bool:
    """Delete what topics showed before they were edited or removed. Returns whether there is more to do."""
    with store.read() as rooms:
        if not rooms.filling.has_unshown():
            return False
    while True:
        with store.write() as rooms:
            if not rooms.filling.sweep(SWEPT):
                return False
        if not go_on():
            return True


def _ours(rooms: Rooms, configuration: Configuration) -> list[Filling]:
    found = rooms.filling.open()
    digests = prepared(Same(configuration))[0] if found else {}
    return [filling for filling in found if digests.get(filling.topic_id) == filling.digest]


def _slice(rooms: Rooms, configuration: Configuration, fillings: Sequence[Filling]) -> list[str]:
    """Ask the next items for the first of the topics, or for all that are as far as it. Returns those now whole."""
    first = fillings[0]
    ids = [filling.topic_id for filling in fillings if filling.below == first.below]
    if len(ids) <= TOGETHER:
        ids = ids[:1]
    topics, matcher = _of(Same(configuration), tuple(ids))
    below = first.below
    if len(topics) == 1:
        below = _one(rooms, topics[0], matcher, below)
    elif topics:
        wants = frozenset().union(*(asked(topic.query) for topic in topics))
        low = rooms.filling.low(None, below, max(ITEMS // PART, 1))
        _take(rooms, matcher, rooms.filling.candidates(Span(below=below, low=low), wants))
        below = low
    rooms.filling.advance(ids, below)
    return [] if below is not None else ids


@lru_cache(maxsize=2)
def _of(same: Same, ids: tuple[str, ...]) -> tuple[list[Topic], Matcher]:
    configuration, wanted = same.configuration, frozenset(ids)
    topics = [topic for topic in configuration.topics if topic.id in wanted]
    return topics, Matcher(topics, {source.id: source for source in configuration.sources})


def _one(rooms: Rooms, topic: Topic, matcher: Matcher, below: int | None) -> int | None:
    """One topic asks the next items. Returns below which number to go on."""
    words, kinds = needed(topic.query), by_kind(topic.query)
    whole = kinds or decided(topic.query)[1]
    low = rooms.filling.low(words, below, DECIDED if whole else ITEMS)
    span = Span(below=below, low=low, source_ids=topic.source_ids, needed=words)
    for query, among in _parts(rooms, topic.query, matcher, span) if kinds else [(topic.query, span)]:
        condition, exact = decided(query)
        part = among if condition == Every() else replace(among, condition=condition)
        if exact:
            rooms.filling.take_all(topic.id, FILLED, part)
        else:
            _take(rooms, matcher, rooms.filling.candidates(part, asked(topic.query)))
    return low


def _parts(rooms: Rooms, query: Query, matcher: Matcher, span: Span) -> Iterator[tuple[Query, Span]]:
    """The kinds in the span, put together by what is left to ask of them."""
    left: dict[Query, list[Copy]] = defaultdict(list)
    count = 0
    for one in rooms.filling.kinds(span):
        left[settled(query, matcher.prepared(one))].append(one)
        count += 1
    for rest, kinds in left.items():
        if rest != NOTHING:
            yield rest, span if len(kinds) == count else replace(span, kinds=tuple(kinds))


def _take(rooms: Rooms, matcher: Matcher, copies: Sequence[Copy]) -> None:
    taken: dict[str, list[int]] = defaultdict(list)
    for copy in copies:
        try:
            names = matcher.takers(copy)
        except Exception:  # the boundary that owns one item: it is in none of these topics, and holds nobody up
            log.exception("item_not_matched", item=copy.stored.id)
            continue
        for name in names:
            taken[name].append(copy.stored.id)
    for topic_id, numbers in taken.items():
        rooms.filling.take(topic_id, FILLED, numbers)
