"""A query → the stored items it takes: the index names candidates, the matcher decides. For people and for readers.

Who asks in public asks for little: words to look for, no regular expression, and an end after a moment.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from aggregator.domain.query import And, Not, Or, Regex
from aggregator.domain.settings import Format, SameStory
from aggregator.domain.topic import Group, Order, Selection, Topic
from aggregator.steps.select import Matcher, QueryError, needed, parse_query, select

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta

    from aggregator.domain.query import Query
    from aggregator.domain.settings import Configuration
    from aggregator.domain.topic import Copy, Verdict
    from aggregator.ports import Rooms, Store

LONGEST = 200  # characters of a public query
MOST_TERMS = 16
SHOWN = 50  # stories of a public answer
PAGE = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """An item that a query takes, and the clauses and words that took it."""

    copy: Copy
    verdict: Verdict

    @property
    def words(self) -> tuple[str, ...]:
        """What was found, as the item writes it."""
        found = str(self.verdict.reason.evidence.get("words", ""))
        return tuple(found.split(", ")) if found else ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a public search shows: `words` by the id of each entry. `cut` says that the time ran out."""

    selection: Selection
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cut: bool = False


def search(store: Store, configuration: Configuration, text: str, now: datetime) -> Iterator[Hit]:
    """Every item of the configured sources that the query takes, newest arrival first, streamed.

    Raises:
        QueryError: the query cannot be read.
    """
    topic = _topic(text, configuration)
    return hits(store, configuration, topic, now)


def hits(
    store: Store, configuration: Configuration, topic: Topic, now: datetime, *, since: datetime | None = None
) -> Iterator[Hit]:
    """Every stored item that a topic would take, newest arrival first, streamed."""
    sources = {source.id: source for source in configuration.sources}
    matcher = Matcher([topic], sources, now)
    admitted = frozenset(sources) if topic.source_ids is None else topic.source_ids & frozenset(sources)
    with store.read() as rooms:
        for page in rooms.search.candidates(needed(topic.query), since=since, source_ids=admitted, quiet=True):
            yield from _taken(matcher, page)


def public_search(
    store: Store,
    configuration: Configuration,
    text: str,
    now: datetime,
    *,
    clock: Callable[[], float],
    within: timedelta,
) -> Answer:
    """The newest stories of public topics that the query takes.

    Args:
        store: where the items are.
        configuration: the sources, and the topics whose stories may be shown.
        text: the query, from anybody.
        now: what `age` is measured against, aware UTC.
        clock: seconds that only go forward.
        within: after that the answer is what was found so far.

    Raises:
        QueryError: the query cannot be read, or asks for more than a visitor may.
    """
    topic = _topic(text, configuration)
    _refuse_dear(topic.query, text)
    until = clock() + within.total_seconds()
    matcher = Matcher([topic], {source.id: source for source in configuration.sources}, now)
    found: list[Hit] = []
    stories: set[str] = set()
    cut = False
    with store.read() as rooms:
        pages = rooms.search.candidates(
            needed(topic.query),
            source_ids=frozenset(source.id for source in configuration.sources),
            topic_ids=frozenset(topic.id for topic in configuration.topics if topic.public),
            size=PAGE,
        )
        for page in pages:
            found += _taken(matcher, page)
            stories = {hit.copy.stored.story for hit in found}
            if len(stories) >= SHOWN:
                break
            if clock() > until:
                cut = True
                break
    selection, _ = select(topic, grouped(found, topic.same_story), now)
    shown = {hit.copy.stored.public_id: hit.words for hit in found}
    words = {entry.id: shown[entry.shown.stored.public_id] for entry in selection.entries}
    return Answer(selection=selection, words=words, cut=cut)


def light(hit: Hit) -> Hit:
    """The same without its texts: of everything a topic takes, thousands are held at a time."""
    item = replace(hit.copy.stored.item, text="", content=None, summary=None, sketch=None)
    return replace(hit, copy=replace(hit.copy, stored=replace(hit.copy.stored, item=item)))


def counted(rooms: Rooms, topic: Topic, groups: Sequence[Group], source_ids: frozenset[str]) -> list[Group]:
    """The groups with the number of those sources that carry each, where the topic asks for it."""
    if topic.min_sources <= 1 and topic.order is Order.NEWEST:
        return list(groups)
    counts = rooms.search.carriers([group.copies[0].stored.story for group in groups], source_ids)
    return [replace(group, carriers=counts.get(group.copies[0].stored.story, 0)) for group in groups]


def grouped(found: Iterable[Hit], same: SameStory) -> list[Group]:
    """Hits as the groups a topic with that `same_story` would show, newest first, then id."""
    groups: dict[object, list[Copy]] = {}
    for hit in found:
        stored = hit.copy.stored
        key: object = stored.story
        if same is SameStory.OFF:
            key = stored.id
        elif same is SameStory.WITHIN_SOURCE:
            key = (stored.story, stored.item.source_id)
        groups.setdefault(key, []).append(hit.copy)
    ordered = [sorted(copies, key=lambda copy: copy.stored.id) for copies in groups.values()]
    ordered.sort(key=lambda copies: copies[0].stored.public_id)
    ordered.sort(key=lambda copies: copies[0].stored.order_at, reverse=True)
    return [Group(copies=tuple(copies)) for copies in ordered]


def _taken(matcher: Matcher, page: Iterable[Copy]) -> Iterator[Hit]:
    for copy in page:
        for verdict in matcher.match(copy):
            yield Hit(copy=copy, verdict=verdict)


def _topic(text: str, configuration: Configuration) -> Topic:
    return Topic(
        id="search",
        title=text.strip() or "Search",
        query=parse_query(text, age=True),
        query_text=text.strip(),
        limit=SHOWN,
        same_story=configuration.stories.same_story,
        formats=(Format.ATOM,),
    )


def _refuse_dear(query: Query, text: str) -> None:
    if len(text) > LONGEST:
        raise QueryError(f"the query is longer than {LONGEST} characters; leave something out", LONGEST + 1)
    leaves = list(_leaves(query))
    if any(isinstance(leaf, Regex) for leaf in leaves):
        raise QueryError("a regular expression is not possible here; write words, or the beginning of one with *", 1)
    if len(leaves) > MOST_TERMS:
        raise QueryError(f"more than {MOST_TERMS} terms; leave something out", 1)
    if needed(query) is None:
        raise QueryError("there is no word to look for; write one that each story found must hold", 1)


def _leaves(query: Query) -> Iterator[Query]:
    match query:
        case Not():
            yield from _leaves(query.part)
        case And() | Or():
            for part in query.parts:
                yield from _leaves(part)
        case _:
            yield query
