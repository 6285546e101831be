"""feeds.yaml → `Configuration`, or every mistake in it at once.

    text → tree with places → values, secrets filled in → shapes → domain

Each section, source and topic is checked by itself, so that one mistake hides no other.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from aggregator.config import build_settings, build_sources, build_topics
from aggregator.config.nodes import Listing, Mapping, Odd, Place, Scalar, parse
from aggregator.config.problems import Piece, Report, explain, one_value, one_value_in_section, tell, unknown_key
from aggregator.config.reading import BOM, read_text
from aggregator.config.shapes import (
    EXPANDABLE,
    LISTS,
    SECTIONS,
    FetchShape,
    FileShape,
    PublishShape,
    Shape,
    SiteShape,
    SourceShape,
    StorageShape,
    StoriesShape,
    TopicShape,
)
from aggregator.config.values import normal_tag
from aggregator.config.variables import plain
from aggregator.domain.settings import Configuration
from aggregator.errors import ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping as Map

    from aggregator.config.nodes import Node
    from aggregator.domain.source import Source
    from aggregator.domain.topic import Topic


S = TypeVar("S", bound=Shape)

MOST_INCLUDED = 100


def load(path: Path, environ: Map[str, str] | None = None) -> Configuration:
    """The configuration in the file, secrets from the environment filled in.

    Raises:
        ConfigError: with every mistake, each at its place; the path is shown as given.
    """
    return examine(read_text(path), path, environ).require()


def wanted_files(path: Path) -> tuple[Path, ...]:
    """The files that a feeds.yaml includes, there or not: one that is made later is its cure."""
    try:
        root, _ = parse(read_text(path).removeprefix(BOM), str(path))
    except ConfigError:
        return ()
    listed = root.entries.get("include", (None, None))[1] if isinstance(root, Mapping) else None
    items = listed.items[:MOST_INCLUDED] if isinstance(listed, Listing) else ()
    names = [item.value for item in items if isinstance(item, Scalar) and isinstance(item.value, str)]
    return tuple(path.parent / name for name in names if "\0" not in name)


@dataclass(frozen=True, kw_only=True, slots=True)
class Examined:
    """What became of a text: the configuration if nothing is wrong, and the tree for further questions.

    `missing` are the problems that only come from variables which are not set.
    """

    configuration: Configuration | None
    problems: tuple[Problem, ...]
    missing: tuple[Problem, ...] = ()
    pieces: Map[str, Piece]
    text: str

    def require(self) -> Configuration:
        """The configuration.

        Raises:
            ConfigError: there is none.
        """
        if self.configuration is None:
            raise ConfigError(self.problems)
        return self.configuration


def examine(text: str, path: Path, environ: Map[str, str] | None = None) -> Examined:
    """Read a text as the feeds.yaml at `path`.

    Raises:
        ConfigError: the text is no YAML, so that nothing more can be said.
    """
    text = text.removeprefix(BOM)
    report = Report(shown=str(path), text=text)
    root, report.found = parse(text, report.shown)
    reader = _Reader(report, path.parent.resolve(), os.environ if environ is None else environ)
    pieces = reader.pieces(root)
    configuration = reader.configuration(path)
    problems = report.sorted()
    return Examined(
        configuration=None if problems else configuration,
        problems=tuple(problems),
        missing=tuple(problem for problem in problems if problem in reader.missing),
        pieces=pieces,
        text=text,
    )


class _Reader:
    """One reading of one text: gathers pieces, checks each, and puts the domain together."""

    def __init__(self, report: Report, base: Path, environ: Map[str, str]) -> None:
        self.report = report
        self.base = base
        self.environ = environ
        self.missing: set[Problem] = set()
        self.sections: dict[str, Piece] = {}
        self.lists: dict[str, list[Piece]] = {"sources": [], "topics": []}
        self.including: list[Node] = []
        self.included: list[Path] = []

    def pieces(self, root: Node | None) -> dict[str, Piece]:
        """The mappings of the file by their path, from `site` to `topics[7]`."""
        if isinstance(root, Mapping):
            for key, (place, node) in root.entries.items():
                self._top(key, place, node)
            for number, item in enumerate(self.including):
                self._include(number, item)
        elif root is not None and not (isinstance(root, Scalar) and root.value is None):
            message = "the file must be a mapping: `sources:` at the left margin, and its entries below"
            self.report.add(root.place, "", message)
        listed = {f"{key}[{n}]": piece for key, pieces in self.lists.items() for n, piece in enumerate(pieces)}
        return self.sections | listed

    def _top(self, key: str, place: Place, node: Node) -> None:
        nothing = isinstance(node, Scalar) and node.value is None  # all its entries commented out
        if key in SECTIONS:
            if isinstance(node, Mapping):
                self.sections[key] = Piece(key=key, node=node, shape=SECTIONS[key])
            elif not (nothing or _told(node)):
                self.report.add(node.place, key, one_value_in_section(node, SECTIONS[key], key))
        elif key in LISTS:
            self._list(key, node)
        elif key == "include":
            if isinstance(node, Listing):
                self.including = [item for item in node.items if not _told(item)]
            elif not (nothing or _told(node)):
                self.report.add(node.place, key, "must be a list of files; write include: [more-feeds.yaml]")
        else:
            self.report.add(place, key, unknown_key(FileShape, key))

    def _list(self, key: str, node: Node) -> None:
        if isinstance(node, Listing):
            self._entries(key, node)
        elif not ((isinstance(node, Scalar) and node.value is None) or _told(node)):
            self.report.add(node.place, key, f"must be a list: each entry begins with `- ` below `{key}:`")

    def _include(self, number: int, item: Node) -> None:
        """The sources and topics of another file, which follow the file's own; each keeps its own place."""
        path = f"include[{number}]"
        found = self._file_to_include(number, item)
        if isinstance(found, str):
            self.report.add(item.place, path, found)
            return
        file, shown = found
        self.included.append(file)
        self.report.texts[shown] = ""
        try:
            text = self.report.texts[shown] = read_text(file).removeprefix(BOM)
            root, problems = parse(text, shown, included=True)
        except ConfigError as error:
            self.report.found += [problem for problem in error.problems if problem.line]
            for problem in error.problems:
                if not problem.line:
                    self.report.add(item.place, path, problem.message)
            return
        self.report.found += problems
        if isinstance(root, Mapping):
            for key, (place, node) in root.entries.items():
                if key in LISTS:
                    self._list(key, node)
                else:
                    self.report.add(place, key, "an included file holds sources and topics only; move this one")
        elif root is not None and not (isinstance(root, Scalar) and root.value is None):
            self.report.add(root.place, "", "the file must be a mapping: `sources:` or `topics:` at the left margin")

    def _file_to_include(self, number: int, item: Node) -> tuple[Path, str] | str:
        """The file, and its name as messages give it; or what is wrong."""
        if not (isinstance(item, Scalar) and isinstance(item.value, str)):
            return "must be a file's name; write more-feeds.yaml"
        if number >= MOST_INCLUDED:
            return f"more than {MOST_INCLUDED} files; put them together"
        try:
            file = build_sources.local_file(item.value, self.base)
        except ValueError as error:
            return str(error)
        shown = str(Path(self.report.shown).parent / item.value)
        if shown in self.report.texts:
            return "is included twice; keep one of the two"
        if not file.is_file():
            return f"there is no file {item.value!r} here; make it, or remove this line"
        return file, shown

    def _entries(self, key: str, listing: Listing) -> None:
        for number, node in enumerate(listing.items):
            path = f"{key}[{number}]"
            if isinstance(node, Mapping):
                self.lists[key].append(Piece(key=path, node=node, shape=LISTS[key]))
            elif isinstance(node, Scalar) and isinstance(node.value, str):
                self.report.add(node.place, path, one_value(node.text, LISTS[key]))
            elif not _told(node):
                self.report.add(node.place, path, "is empty or no mapping; write `key: value` lines after `- `")

    def configuration(self, path: Path) -> Configuration | None:
        """All of it in the domain's words; None, or incomplete, where something was reported."""
        report = self.report
        site = self._section("site", SiteShape)
        storage = self._section("storage", StorageShape)
        fetch = self._section("fetch", FetchShape)
        publish = self._section("publish", PublishShape)
        stories = self._section("stories", StoriesShape)
        section = self.sections.get
        visited = build_settings.fetch(fetch, section("fetch"), report) if fetch else None
        stored = (
            build_settings.storage(storage, section("storage"), self.base, self.environ, report) if storage else None
        )
        published = build_settings.publish(publish, section("publish"), self.base, report) if publish else None
        joined = build_settings.stories(stories, section("stories"), report) if stories else None
        around = build_sources.Surroundings(
            base=self.base, environ=self.environ, fetch=visited, site_url=site.url if site else None
        )
        sources = self._sources(around)
        topics = self._topics(publish or PublishShape(), stories or StoriesShape())
        if not (site and visited and stored and published and joined):
            return None
        return Configuration(
            path=self.base / path.name,
            included=tuple(self.included),
            site=build_settings.site(site),
            storage=stored,
            fetch=visited,
            publish=published,
            stories=joined,
            sources=sources,
            topics=topics,
        )

    def _section(self, key: str, shape: type[S]) -> S | None:
        piece = self.sections.get(key)
        return self._shaped(piece, shape) if piece else shape()

    def _shaped(self, piece: Piece, shape: type[S]) -> S | None:
        values = plain(piece.node, EXPANDABLE.get(shape, frozenset()), self.environ)
        before = len(self.report.found)
        tell(self.report, piece, values.mistakes)
        told = self.report.found[before:]
        self.missing.update(problem for problem, why in zip(told, values.mistakes, strict=True) if why.missing)
        try:
            return shape.model_validate(values.data)
        except ValidationError as error:
            explain(self.report, piece, error, values.mistakes)
            return _what_is_right(shape, values.data, {str(each["loc"][0]) for each in error.errors()})

    def _sources(self, around: build_sources.Surroundings) -> tuple[Source, ...]:
        pieces = self.lists["sources"]
        shaped = [(self._shaped(piece, SourceShape), piece) for piece in pieces]
        built = [(build_sources.source(shape, piece, around, self.report), piece) for shape, piece in shaped if shape]
        named = [
            (build_sources.source_id(piece), piece.place("id" if piece.scalar("id") else "url"), piece.path("id"))
            for piece in pieces
        ]
        build_sources.check_ids(named, self.report, kind="source")
        sources = [(source, piece) for source, piece in built if source]
        ids = frozenset(found for found, _, _ in named)
        build_sources.check_former_ids(sources, ids, self.report, kind="source")
        return tuple(source for source, _ in sources)

    def _topics(self, publish: PublishShape, stories: StoriesShape) -> tuple[Topic, ...]:
        pieces = self.lists["topics"]
        named = [(piece.written("id"), piece.place("id"), piece.path("id")) for piece in pieces]
        build_sources.check_ids(named, self.report, kind="topic")
        known = build_topics.Known([_id_and_tags(piece) for piece in self.lists["sources"]])
        formats, same_story = tuple(dict.fromkeys(publish.formats)), stories.same_story
        shaped = [(self._shaped(piece, TopicShape), piece) for piece in pieces]
        built = [
            (build_topics.topic(shape, piece, known, formats=formats, same_story=same_story, report=self.report), piece)
            for shape, piece in shaped
            if shape
        ]
        topics = [(topic, piece) for topic, piece in built if topic]
        ids = frozenset(found for found, _, _ in named if found)
        build_sources.check_former_ids(topics, ids, self.report, kind="topic")
        return tuple(topic for topic, _ in topics)


def _what_is_right(shape: type[S], data: dict[str, object], wrong: set[str]) -> S | None:
    """The rest of a piece without its wrong keys, so that one mistake hides no other; None where too much is wrong."""
    rest = {key: value for key, value in data.items() if key not in wrong}
    if shape is TopicShape:
        rest.setdefault("id", "without-id")
    try:
        return shape.model_validate(rest)
    except ValidationError:
        return None


def _told(node: Node) -> bool:
    """Whether the mistake of this value is reported already."""
    return isinstance(node, Scalar) and isinstance(node.value, Odd) and not node.value.what


def _id_and_tags(piece: Piece) -> tuple[str, tuple[str, ...]]:
    """What a topic may call a source, whether or not the rest of it is right."""
    entry = piece.node.entries.get("tags")
    items = entry[1].items if entry and isinstance(entry[1], Listing) else ()
    return build_sources.source_id(piece), tuple(normal_tag(item.text) for item in items if isinstance(item, Scalar))
