"""A new or edited topic → what it takes of everything stored, a slice at a time, between other work.

::

    begin    `configure` marks topics whose query is new: they are being filled, and are not published until they
             are whole; an edited one shows what its older query took, as long as that lasts
    slice    the next items are asked, newest arrival first; the place goes into the same transaction
               kinds        a query that looks at sources and languages alone is asked of each of them once
               candidates   one that needs words is asked of what the index finds, others of every item; of an item
                            only what the query looks at is read
    whole    everything was asked: the topic shows what it took

A kill between two slices costs nothing; a second edit begins anew.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import structlog

from aggregator.pipeline.match import Same, prepared
from aggregator.steps.select import Matcher, asked, needed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aggregator.domain.filling import Filling
    from aggregator.domain.settings import Configuration
    from aggregator.domain.story import Reason
    from aggregator.domain.topic import Copy, Topic
    from aggregator.ports import Rooms, Store

log = structlog.get_logger()

ITEMS = 1000  # asked in one slice: a tenth of a second
OF_KINDS = 20_000  # items in a slice that are asked by their kind
TOGETHER = 20  # more topics than that, all at the same place, share one reading of every item
KIND = frozenset({"language"})


def fill(store: Store, configuration: Configuration, *, go_on: Callable[[], bool] = lambda: True) -> bool:
    """Fill topics as long as `go_on`, one slice at least. Returns whether there is more to do.

    Topics that another process configured otherwise are left to it.
    """
    with store.read() as rooms:
        if not _ours(rooms, configuration):
            return False
    while True:
        with store.write() as rooms:
            fillings = _ours(rooms, configuration)
            if fillings:
                whole = _slice(rooms, configuration, fillings)
        if not fillings:
            return False
        if whole:
            log.info("topics_filled", topics=len(whole), first=whole[0])
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
    below = _one(rooms, topics[0], matcher, first.below) if len(topics) == 1 else None
    if len(topics) > 1:
        wants = frozenset().union(*(asked(topic.query) for topic in topics))
        copies, below = rooms.filling.candidates(None, wants, below=first.below, source_ids=None, size=ITEMS)
        _take(rooms, matcher, copies)
    rooms.filling.advance(ids, below)
    return [] if below is not None else ids


@lru_cache(maxsize=2)
def _of(same: Same, ids: tuple[str, ...]) -> tuple[list[Topic], Matcher]:
    configuration, wanted = same.configuration, frozenset(ids)
    topics = [topic for topic in configuration.topics if topic.id in wanted]
    return topics, Matcher(topics, {source.id: source for source in configuration.sources})


def _one(rooms: Rooms, topic: Topic, matcher: Matcher, below: int | None) -> int | None:
    wants, words = asked(topic.query), needed(topic.query)
    if words is not None or wants - KIND:
        copies, low = rooms.filling.candidates(words, wants, below=below, source_ids=topic.source_ids, size=ITEMS)
        _take(rooms, matcher, copies)
        return low
    kinds, low = rooms.filling.kinds(below=below, source_ids=topic.source_ids, size=OF_KINDS)
    taken: dict[str, tuple[Reason, list[Copy]]] = {}
    count = 0
    for copy in kinds:
        for verdict in matcher.match(copy):
            taken.setdefault(verdict.reason.text, (verdict.reason, []))[1].append(copy)
            count += 1
    if len(taken) == 1 and count == len(kinds):
        taken = {text: (reason, []) for text, (reason, _) in taken.items()}
    rooms.filling.take_kinds(topic.id, taken, below=below, low=low, source_ids=topic.source_ids)
    return low


def _take(rooms: Rooms, matcher: Matcher, copies: Sequence[Copy]) -> None:
    taken: dict[str, list[tuple[Copy, Reason]]] = {}
    for copy in copies:
        try:
            verdicts = matcher.match(copy)
        except Exception:  # the boundary that owns one item: it is in none of these topics, and holds nobody up
            log.exception("item_not_matched", item=copy.stored.id)
            continue
        for verdict in verdicts:
            taken.setdefault(verdict.topic_id, []).append((copy, verdict.reason))
    for topic_id, found in taken.items():
        rooms.filling.take(topic_id, found)
