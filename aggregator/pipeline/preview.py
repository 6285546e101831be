"""What a topic or a query would hold of what is stored, before anybody subscribes to it.

Each clause is told by its effect: the query is asked once more without it. What only it brings in it adds, what
only it keeps out it removes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from aggregator.domain.query import And, Or
from aggregator.domain.search import AnyOf
from aggregator.pipeline.search import Hit, counted, grouped, light
from aggregator.steps.select import Matcher, Prepared, compile_query, needed, print_query, select, without

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from aggregator.domain.query import Query
    from aggregator.domain.search import Needed
    from aggregator.domain.settings import Configuration
    from aggregator.domain.topic import Copy, Selection, Topic
    from aggregator.ports import Store

MOST_CLAUSES = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """One clause as written, and the items that it alone brings in or keeps out.

    `alone` is set where nothing would be left to look for without it: then there is nothing to compare with.
    """

    clause: str
    adds: int = 0
    removes: int = 0
    alone: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """What a topic would hold: `selection` is what it would show, `stories` counts those of the whole time."""

    topic: Topic
    since: datetime
    items: int
    stories: int
    selection: Selection
    per_day: Mapping[date, int]  # every day from `since` to now, in site.timezone
    per_source: Mapping[str, int]
    hits: Mapping[str, Hit]  # by the id of the shown copy
    effects: tuple[Effect, ...]


def preview(store: Store, configuration: Configuration, topic: Topic, now: datetime, since: datetime) -> Preview:
    """Ask the query, and the query without each of its clauses, of what is stored since then."""
    found, effects = asked(store, configuration, topic, now, since)
    admitted = frozenset(source.id for source in configuration.sources)
    with store.read() as rooms:
        ids = admitted if topic.source_ids is None else topic.source_ids & admitted
        groups = counted(rooms, topic, grouped(found, topic.same_story), ids)
    everything, _ = select(replace(topic, limit=max(len(groups), 1), max_age=None, per_source=0), groups, now)
    shown, _ = select(topic, groups, now)
    zone = ZoneInfo(configuration.site.timezone)
    days = Counter(entry.order_at.astimezone(zone).date() for entry in everything.entries)
    first, last = since.astimezone(zone).date(), now.astimezone(zone).date()
    return Preview(
        topic=topic,
        since=since,
        items=len(found),
        stories=len(everything.entries),
        selection=shown,
        per_day={
            day: days[day] for day in map(type(first).fromordinal, range(first.toordinal(), last.toordinal() + 1))
        },
        per_source=dict(Counter(_source(entry.shown) for entry in everything.entries).most_common()),
        hits={hit.copy.stored.public_id: hit for hit in found},
        effects=tuple(effects),
    )


def asked(
    store: Store, configuration: Configuration, topic: Topic, now: datetime, since: datetime
) -> tuple[list[Hit], list[Effect]]:
    """The items taken, and what each clause does to that."""
    sources = {source.id: source for source in configuration.sources}
    admitted = frozenset(sources) if topic.source_ids is None else topic.source_ids & frozenset(sources)
    matcher = Matcher([topic], sources, now)
    whole = needed(topic.query)
    variants = list(_variants(topic.query))
    comparable = [place for place, (_, rest) in enumerate(variants) if whole is None or needed(rest) is not None]
    tests = [(place, compile_query(variants[place][1])) for place in comparable]
    adds: Counter[int] = Counter()
    removes: Counter[int] = Counter()
    found: list[Hit] = []
    with store.read() as rooms:
        wanted = _any([whole, *(needed(variants[place][1]) for place in comparable)])
        for copy in chain.from_iterable(rooms.search.candidates(wanted, since=since, source_ids=admitted)):
            verdicts = matcher.match(copy)
            found += [light(Hit(copy=copy, verdict=verdict)) for verdict in verdicts]
            prepared = Prepared(copy, sources.get(copy.stored.item.source_id), now)
            for place, test in tests:
                taken = test(prepared)
                adds[place] += bool(verdicts) and not taken
                removes[place] += taken and not verdicts
    effects = [
        Effect(clause=clause, adds=adds[place], removes=removes[place], alone=place not in comparable)
        for place, (clause, _) in enumerate(variants)
    ]
    return found, effects


def _source(copy: Copy) -> str:
    return copy.stored.item.source_id


def _any(parts: list[Needed | None]) -> Needed | None:
    """What an item must hold so that any of the queries can take it."""
    known = tuple(dict.fromkeys(part for part in parts if part is not None))
    return AnyOf(parts=known) if None not in parts else None


def _variants(query: Query) -> list[tuple[str, Query]]:
    """Every clause but the whole, outermost first, as written, with the query that is left without it."""
    return [
        (f"({print_query(clause)})" if isinstance(clause, And | Or) else print_query(clause), rest)
        for clause, rest in islice(without(query), MOST_CLAUSES)
    ]
