"""What `aggregator check` says: every mistake, and what is allowed but hardly meant."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aggregator.config.addresses import exempt, is_loopback
from aggregator.config.languages import doubt
from aggregator.config.load import examine
from aggregator.config.nodes import Place
from aggregator.config.problems import Report
from aggregator.config.reading import read_text
from aggregator.config.values import show_duration, suggestion
from aggregator.domain.query import And, Field, Not, Or, Term
from aggregator.domain.source import SourceKind
from aggregator.errors import ConfigError, Problem
from aggregator.steps.select import sense
from aggregator.text.normalise import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from collections.abc import Mapping as Map
    from pathlib import Path

    from aggregator.config.load import Examined
    from aggregator.config.problems import Piece
    from aggregator.domain.query import Query
    from aggregator.domain.settings import Configuration
    from aggregator.domain.source import Source
    from aggregator.domain.topic import Topic

SHORT_INTERVAL_SECONDS = 60
_START = Place(1, 1, 0, 0)


def check(
    path: Path,
    environ: Map[str, str] | None = None,
    stored: Callable[[Configuration], Iterable[tuple[int, str]]] = lambda _: (),
) -> tuple[Configuration | None, list[Problem]]:
    """The configuration (None if there are errors) with all problems in the file's order, warnings marked so.

    `stored` tells what speaks against topics' queries: the topic's place in the file, and the words.
    """
    try:
        examined = examine(read_text(path), path, environ)
    except ConfigError as error:
        return None, list(error.problems)
    if examined.configuration is None:
        return None, list(examined.problems)
    report = Report(shown=str(path))
    _Doubts(examined.configuration, examined, report).all()
    for number, message in stored(examined.configuration):
        piece = examined.pieces[f"topics[{number}]"]
        report.add(piece.place("query"), piece.path("query"), message, warning=True)
    return examined.configuration, report.sorted()


class _Doubts:
    """Looks at a right configuration for what its owner hardly meant."""

    def __init__(self, configuration: Configuration, examined: Examined, report: Report) -> None:
        self.configuration = configuration
        self.pieces = examined.pieces
        self.report = report
        self.doubted = 0
        self.alike: dict[Topic, str] = {}

    def all(self) -> None:
        self._site()
        self._fetch()
        if not self.configuration.sources:
            self._warn(None, (), "sources: there is none; `aggregator add URL` writes one")
        if not self.configuration.topics:
            self._warn(
                None, (), "topics: there is none, so nothing is published; write one: topics: [{id: everything}]"
            )
        self._sources()
        tags = frozenset(tag for source in self.configuration.sources for tag in source.tags)
        for number, topic in enumerate(self.configuration.topics):
            self._topic(topic, self.pieces[f"topics[{number}]"], tags)

    def _warn(self, piece: Piece | None, loc: tuple[str | int, ...], message: str) -> None:
        place = piece.place(*loc) if piece else _START
        self.report.add(place, piece.path(*loc) if piece else "", message, warning=True)
        self.doubted += 1

    def _site(self) -> None:
        piece, site = self.pieces.get("site"), self.configuration.site
        if is_loopback(site.url):
            message = (
                "is reachable from this machine only, and links and ids are built from it; write your public address"
            )
            self._warn(piece, ("url",), message if piece else f"site.url: {site.url} {message}")
        if piece and piece.scalar("language"):
            self._language(site.language, piece)

    def _fetch(self) -> None:
        fetch, piece = self.configuration.fetch, self.pieces.get("fetch")
        if piece is None:
            return
        public = any(
            not exempt(source.url, fetch.allow_hosts) for source in self.configuration.sources if not source.path
        )
        if public and fetch.min_interval.total_seconds() < SHORT_INTERVAL_SECONDS:
            self._warn(piece, ("min_interval",), "visits public hosts more often than good manners allow; write 10m")
        for number, entry in enumerate(fetch.allow_hosts):
            if entry.partition("/")[2].partition(":")[0] == "0":
                self._warn(
                    piece, ("allow_hosts", number), "opens every private network to the sources; write the one you mean"
                )

    def _sources(self) -> None:
        addresses: dict[str, str] = {}
        for number, source in enumerate(self.configuration.sources):
            piece = self.pieces[f"sources[{number}]"]
            first = addresses.setdefault(source.url, source.id)
            if first != source.id:
                self._warn(piece, ("url",), f"is the address of source {first!r} too: it is visited twice")
            if source.language is not None:
                self._language(source.language, piece)
            if source.kind is SourceKind.FILE and source.path is not None and not _is_there(source.path):
                self._warn(piece, ("url",), "there is no such file yet")

    def _language(self, language: str, piece: Piece) -> None:
        message = doubt(language)
        if message:
            self._warn(piece, ("language",), message)

    def _topic(self, topic: Topic, piece: Piece, tags: frozenset[str]) -> None:
        chosen = [
            source for source in self.configuration.sources if topic.source_ids is None or source.id in topic.source_ids
        ]
        if chosen and not any(source.enabled for source in chosen):
            self._warn(piece, ("sources",), "all of its sources are disabled: nothing new will come")
        keep_for = self.configuration.storage.keep_for
        if topic.max_age is not None and topic.max_age > keep_for:
            self._warn(
                piece,
                ("max_age",),
                f"is longer than storage.keep_for ({show_duration(keep_for)}): older stories are gone",
            )
        before = self.doubted
        for term in _terms(topic.query):
            self._term(term, piece, tags, chosen)
        if self.doubted == before:  # a name that nobody has is the reason of what follows from it
            for message in sense(topic.query, chosen):
                self._warn(piece, ("query",), message)
        first = self.alike.setdefault(_what_it_shows(topic), topic.id)
        if first != topic.id:
            self._warn(piece, ("id",), f"shows what topic {first!r} shows: query, sources and limits are the same")

    def _term(self, term: Term, piece: Piece, tags: frozenset[str], chosen: list[Source]) -> None:
        if term.prefix:
            return
        if term.field is Field.TAG and not any(fold(term.text) == fold(tag) for tag in tags):
            self._warn(piece, ("query",), f"no source has the tag {term.text!r}{suggestion(term.text, tags)}")
        if term.field is Field.LANG:
            message = doubt(term.text)
            if message:
                self._warn(piece, ("query",), f"lang:{term.text}: {message}")
        if term.field is Field.SOURCE and not any(_named(term.text, source) for source in chosen):
            ids = [source.id for source in chosen]
            self._warn(
                piece, ("query",), f"none of the topic's sources is called {term.text!r}{suggestion(term.text, ids)}"
            )


def _what_it_shows(topic: Topic) -> Topic:
    """The topic without what only names it."""
    return replace(topic, id="", title="", was=None, description="", icon=None, query_text="", formats=())


def _named(text: str, source: Source) -> bool:
    """Whether the source is called so, by its id or its title."""
    return fold(text) in {fold(source.id), fold(source.title or "")}


def _is_there(path: Path) -> bool:
    try:
        return path.is_file() or path.is_dir()
    except OSError:  # a name that no file system could hold
        return False


def _terms(query: Query) -> Iterator[Term]:
    match query:
        case Term():
            yield query
        case Not():
            yield from _terms(query.part)
        case And() | Or():
            for part in query.parts:
                yield from _terms(part)
        case _:
            return
