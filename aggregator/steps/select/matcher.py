"""Items → topics: which topics take an item, and why."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from aggregator.domain.query import And, Field, Not, Or, Query, Regex, Term
from aggregator.domain.story import Reason
from aggregator.domain.topic import Verdict
from aggregator.steps.select.clauses import compile_query
from aggregator.steps.select.narrowing import Narrowing
from aggregator.steps.select.prepared import Prepared
from aggregator.steps.select.printing import print_query
from aggregator.steps.select.verdicts import reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from aggregator.domain.source import Source
    from aggregator.domain.topic import Copy, Topic

MATCHER_VERSION = 2  # raised when equal queries come to match differently: every topic is matched again
FEW = 8  # topics; that many are asked one after another sooner than a text is read for all of them


class Matcher:
    """Many topics, ready to be asked. Safe to use from several threads.

    Args:
        topics: the topics, in the configuration's order, which is that of the answers.
        sources: by id, as configured: their tags, titles and languages count.
        now: what `age` is measured against in search and preview, aware UTC.
    """

    def __init__(self, topics: Sequence[Topic], sources: Mapping[str, Source], now: datetime | None = None) -> None:
        self._topics = {topic.id: topic for topic in topics}
        self._tests = [(topic, compile_query(topic.query)) for topic in self._topics.values()]
        self._sources = sources
        self._now = now
        self._last: Prepared | None = None
        few = len(self._tests) < FEW
        self._narrowing = None if few else Narrowing([topic.query for topic, _ in self._tests])
        asked_always = range(len(self._tests)) if self._narrowing is None else self._narrowing.always
        self._always: list[int] = []
        self._always_of: dict[str, list[int]] = {}  # by source: with thousands of each, no topic is passed over in vain
        for place in asked_always:
            for_sources = self._tests[place][0].source_ids
            if for_sources is None:
                self._always.append(place)
            for source_id in for_sources or ():
                self._always_of.setdefault(source_id, []).append(place)

    def match(self, copy: Copy) -> list[Verdict]:
        """The positive verdicts: one for each topic that admits the item's source and whose query takes it."""
        item = self.prepared(copy)
        return [
            Verdict(topic_id=topic.id, matched=True, reason=reason(topic.query, item)[1])
            for topic in self._takers(item)
        ]

    def takers(self, copy: Copy) -> list[str]:
        """The ids of the topics of `match`, without looking for words to show."""
        return [topic.id for topic in self._takers(self.prepared(copy))]

    def judge(self, topic_id: str, copy: Copy) -> Verdict:
        """One topic's verdict, positive or negative, with the clauses that decided and the words found.

        Raises:
            KeyError: no topic has that id.
        """
        topic = self._topics[topic_id]
        source_id = copy.stored.item.source_id
        if not _admits(topic, source_id):
            text = f"source {source_id!r} is not among the topic's sources"
            refused = Reason(rule="source", text=text, evidence={"source": source_id})
            return Verdict(topic_id=topic_id, matched=False, reason=refused)
        matched, why = reason(topic.query, self.prepared(copy))
        return Verdict(topic_id=topic_id, matched=matched, reason=why)

    def prepared(self, copy: Copy) -> Prepared:
        """The item as the topics see it."""
        last = self._last
        if last is None or last.copy is not copy:
            last = self._last = Prepared(copy, self._sources.get(copy.stored.item.source_id), self._now)
        return last

    def _takers(self, item: Prepared) -> Iterator[Topic]:
        source_id = item.item.source_id
        places = {*self._always, *self._always_of.get(source_id, ())}
        if self._narrowing is not None:
            places |= self._narrowing.places(item)
        for place in sorted(places):
            topic, test = self._tests[place]
            if _admits(topic, source_id) and test(item):
                yield topic


def digest(topic: Topic, sources: Mapping[str, Source]) -> bytes:
    """16 bytes over everything matching depends on: equal ones need no second matching.

    A source's tags, title or language count only where the query asks for them.
    """
    fields = _fields(topic.query)
    # Of thousands of sources only where their names matter: every topic is asked at every start and reload.
    named_by = fields & {Field.TAG, Field.SOURCE, Field.LANG}
    admitted = sorted(source_id for source_id in sources if _admits(topic, source_id)) if named_by else []
    parts: list[object] = [MATCHER_VERSION, print_query(topic.query)]
    parts.append("all" if topic.source_ids is None else sorted(topic.source_ids))
    for field, value in ((Field.TAG, "tags"), (Field.SOURCE, "title"), (Field.LANG, "language")):
        if field in fields:
            named = [(source_id, getattr(sources[source_id], value)) for source_id in admitted]
            parts.append((value, [(name, tuple(sorted(of)) if isinstance(of, tuple) else of) for name, of in named]))
    return blake2b(repr(parts).encode("utf-8", "backslashreplace"), digest_size=16).digest()


def _admits(topic: Topic, source_id: str) -> bool:
    return topic.source_ids is None or source_id in topic.source_ids


def _fields(query: Query) -> frozenset[Field]:
    match query:
        case Term() | Regex():
            return frozenset({query.field})
        case Not():
            return _fields(query.part)
        case And() | Or():
            return frozenset().union(*map(_fields, query.parts))
    return frozenset()
