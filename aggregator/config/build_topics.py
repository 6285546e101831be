"""The checked shapes of `topics:` → the domain's topics: sources resolved, queries read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.config.positions import character_places
from aggregator.config.values import clip, normal_tag, suggestion
from aggregator.domain.query import Everything
from aggregator.domain.topic import Topic
from aggregator.steps.select import QueryError, parse_query

if TYPE_CHECKING:
    from aggregator.config.problems import Piece, Report
    from aggregator.config.shapes import TopicShape
    from aggregator.domain.query import Query
    from aggregator.domain.settings import Format, SameStory

RESERVED = frozenset({"operator"})  # `token add operator` is the operator's own


def topic(
    shape: TopicShape,
    piece: Piece,
    known: Known,
    *,
    formats: tuple[Format, ...],
    same_story: SameStory,
    report: Report,
) -> Topic | None:
    """One entry of `topics:`, or None after a report."""
    before = len(report.found)
    if shape.id in RESERVED:
        report.add(piece.place("id"), piece.path("id"), f"{shape.id!r} is reserved; write another id")
    if shape.max_age is not None and not shape.max_age:
        report.add(
            piece.place("max_age"), piece.path("max_age"), "must be longer than 0; without the key there is no limit"
        )
    source_ids = None if shape.sources is None else known.resolve(shape.sources, piece, report)
    query = read_query(shape.query, piece, report)
    if len(report.found) > before:
        return None
    return Topic(
        id=shape.id,
        was=shape.was,
        title=shape.title or shape.id,
        description=shape.description.strip(),
        icon=shape.icon,
        query=query,
        query_text=shape.query.strip(),
        source_ids=source_ids,
        limit=shape.limit,
        max_age=shape.max_age,
        order=shape.order,
        min_sources=shape.min_sources,
        per_source=shape.per_source,
        settle=shape.settle,
        digest=shape.digest,
        content=shape.content,
        access=shape.access,
        also_reported_by=shape.also_reported_by,
        same_story=shape.same_story or same_story,
        formats=tuple(dict.fromkeys(shape.formats)) if shape.formats else formats,
    )


class Known:
    """The ids and tags that a topic's `sources` may name: also those of sources that are themselves in error."""

    def __init__(self, named: list[tuple[str, tuple[str, ...]]]) -> None:
        self.ids = frozenset(found for found, _ in named if found)
        self.by_tag: dict[str, set[str]] = {}
        for found, tags in named:
            for tag in tags:
                self.by_tag.setdefault(tag, set()).add(found)

    def resolve(self, wanted: list[str], piece: Piece, report: Report) -> frozenset[str]:
        """Ids of the sources that these entries select; an entry that selects none is reported."""
        chosen: set[str] = set()
        for number, entry in enumerate(wanted):
            found = self._one(entry)
            if isinstance(found, str):
                report.add(piece.place("sources", number), piece.path("sources", number), found)
            else:
                chosen |= found
        return frozenset(chosen)

    def _one(self, entry: str) -> set[str] | str:
        if entry.startswith("tag:"):
            tag = normal_tag(entry.removeprefix("tag:"))
            if tag in self.by_tag:
                return self.by_tag[tag]
            close = suggestion(tag, self.by_tag)
            cure = close or (f"; write `tags: [{tag}]` at a source" if tag else "; write tag:WORD")
            return f"no source has the tag {clip(tag)}{cure}"
        if entry in self.ids:
            return {entry}
        if entry in self.by_tag:
            return f"there is no source with the id {clip(entry)}; for the tag write tag:{entry}"
        return f"there is no source with the id {clip(entry)}{suggestion(entry, self.ids)}"


def read_query(text: str, piece: Piece, report: Report, key: str = "query") -> Query:
    """The query under a key; its mistake is reported at its own character."""
    try:
        return parse_query(text)
    except QueryError as error:
        place, exact = piece.place(key), None
        scalar = piece.scalar(key)
        if scalar is not None:
            exact = character_places(report.text_of(scalar.place), scalar, text, error.column - 1)
        where = "" if exact else f"column {error.column} of the query: "
        report.add(exact or place, piece.path(key), f"{where}{error.message}")
        return Everything()
