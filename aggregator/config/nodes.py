"""feeds.yaml's text → a tree in which every value knows its place.

ruamel.yaml scans and parses; the tree is built here from its events, because the answer to each of YAML's traps
(duplicate keys, aliases in a circle or in a bomb, tags, `010`, dates) needs the place where it was written.
Aliases share their node; no node ever contains itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
)

from aggregator.config.traps import NOTHING_FITS, alias_cure, syntax_problem, tag_cure
from aggregator.config.values import printable
from aggregator.errors import ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping as Map

MAX_DEPTH = 40  # the deepest key of feeds.yaml is at 5
MAX_EXPANDED = 2_000_000  # values counted with every alias written out; 10,000 sources are about 150,000
MAX_INTEGER_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Odd:
    """A plain scalar that YAML readers do not read alike: what it looks like to some of them.

    `what` is 'a number' or 'a date'; '' marks a value whose mistake is already reported.
    """

    what: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands: line and column count from 1, `start` and `end` are offsets in the text.

    A list or mapping in block style ends where its last key or value does, before any comment. `file` names an
    included file; '' is the owner's own.
    """

    line: int
    column: int
    start: int
    end: int
    file: str = ""


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value: `text` as YAML unquotes it, `value` as typed, `style` is None, `'`, `"`, `|` or `>`."""

    place: Place
    text: str
    value: str | int | bool | Odd | None
    style: str | None

    size = 1


@dataclass(frozen=True, slots=True)
class Listing:
    """A list."""

    place: Place
    items: tuple[Node, ...]
    flow: bool
    size: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values, each key with the place where it is written."""

    place: Place
    entries: Map[str, tuple[Place, Node]]
    flow: bool
    size: int


Node = Scalar | Listing | Mapping

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(
    r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?"
    r"|\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?|\.(?:inf|Inf|INF))|\.(?:nan|NaN|NAN)"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?")


def typed(text: str) -> str | int | bool | Odd | None:
    """A plain scalar by YAML 1.2's core schema; what older or looser readers see otherwise is `Odd`."""
    if text in NULLS:
        return None
    if text in BOOLEANS:
        return BOOLEANS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INTEGER.fullmatch(text) and len(text) <= MAX_INTEGER_DIGITS:
        return int(text)
    if _NUMBER.fullmatch(text):
        return Odd("a number")
    return Odd("a date") if _DATE.fullmatch(text) else text


def parse(text: str, shown: str, *, included: bool = False) -> tuple[Node | None, list[Problem]]:
    """The document's tree (None for an empty file), and what is wrong with it as YAML.

    Raises:
        ConfigError: the text is no YAML at all, so that there is no tree.
    """
    builder = _Builder(shown, text, shown if included else "")
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except YAMLError as error:
        raise ConfigError([*builder.problems, syntax_problem(error, text, shown)]) from None
    except (ValueError, OverflowError, IndexError, TypeError, KeyError, AttributeError, AssertionError):
        # ruamel.yaml lets a few of its own slips through on garbage, such as "\UFFFFFFFF" or `%YAML x.y`
        line, column = builder.last.line, builder.last.column
        problem = Problem(
            path=shown, line=line, column=column, message=f"after this the file is not YAML; {NOTHING_FITS}"
        )
        raise ConfigError([*builder.problems, problem]) from None
    return builder.root, builder.problems


class _Frame:
    """A list or mapping that is still open."""

    __slots__ = ("anchor", "entries", "flow", "items", "key", "key_place", "last", "merges", "place", "size")

    def __init__(self, place: Place, anchor: str | None, flow: bool, mapping: bool) -> None:
        self.place = place
        self.anchor = anchor
        self.flow = flow
        self.items: list[Node] = []
        self.entries: dict[str, tuple[Place, Node]] | None = {} if mapping else None
        self.merges: list[Mapping] = []
        self.key: str | None = None
        self.key_place = place
        self.size = 1
        self.last = place.end


class _Builder:
    """Takes ruamel.yaml's events in order."""

    def __init__(self, shown: str, text: str, file: str) -> None:
        self.shown = shown
        self.text = text
        self.file = file
        self.root: Node | None = None
        self.last = Place(1, 1, 0, 0)
        self.problems: list[Problem] = []
        self._frames: list[_Frame] = []
        self._anchors: dict[str, Node] = {}
        self._documents = 0

    def take(self, event: Any) -> None:
        if isinstance(event, ScalarEvent):
            place = self._place(event)
            self._add(self._named(event.anchor, self._scalar(event, place)))
        elif isinstance(event, CollectionStartEvent):
            self._open(event)
        elif isinstance(event, CollectionEndEvent):
            self._close(event.end_mark.index)
        elif isinstance(event, AliasEvent):
            self._add(self._alias(event.anchor, self._place(event)))
        elif isinstance(event, DocumentStartEvent):
            self._document(event)

    def _place(self, event: Any) -> Place:
        mark = event.start_mark
        self.last = Place(mark.line + 1, mark.column + 1, mark.index, event.end_mark.index, self.file)
        if self._frames:
            self._frames[-1].last = self.last.end
        return self.last

    def _document(self, event: Any) -> None:
        self._documents += 1
        place = self._place(event)
        if self._documents > 1:
            raise self._fatal(place, "a second YAML document begins here; keep one, without `---` between")
        if (event.version and tuple(event.version) != (1, 2)) or event.tags:
            raise self._fatal(place, "a %YAML or %TAG line is not supported; remove it")

    def _scalar(self, event: Any, place: Place) -> Scalar:
        text: str = event.value
        if event.tag is None:
            return Scalar(place, text, typed(text) if event.style is None else text, event.style)
        if str(event.tag) == "tag:yaml.org,2002:str":
            return Scalar(place, text, text, event.style)
        self._report(place, tag_cure(str(event.tag), text))
        return Scalar(place, text, Odd(""), event.style)

    def _open(self, event: Any) -> None:
        place = self._place(event)
        mapping = isinstance(event, MappingStartEvent)
        if event.tag is not None and str(event.tag) not in {"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq", "!"}:
            self._report(place, tag_cure(str(event.tag), ""))
        if len(self._frames) >= MAX_DEPTH:
            raise self._fatal(place, f"nested deeper than {MAX_DEPTH} levels; nothing in feeds.yaml goes that deep")
        self._frames.append(_Frame(place, event.anchor, bool(event.flow_style), mapping))

    def _close(self, end: int) -> None:
        frame = self._frames.pop()
        end = end if frame.flow else frame.last
        place = Place(frame.place.line, frame.place.column, frame.place.start, end, self.file)
        if self._frames:
            self._frames[-1].last = end
        node: Node
        if frame.entries is None:
            node = Listing(place, tuple(frame.items), frame.flow, frame.size)
        else:
            for merged in frame.merges:  # earlier ones win over later ones, own keys over all
                for key, entry in merged.entries.items():
                    frame.entries.setdefault(key, entry)
            node = Mapping(place, frame.entries, frame.flow, frame.size)
        self._add(self._named(frame.anchor, node))

    def _named(self, anchor: str | None, node: Node) -> Node:
        if anchor is not None:
            self._anchors[anchor] = node
        return node

    def _alias(self, name: str, place: Place) -> Node:
        if any(frame.anchor == name for frame in self._frames):
            self._report(place, f"*{name} stands inside the very value that &{name} names; write the value out")
        elif name in self._anchors:
            return self._anchors[name]
        else:
            self._report(place, alias_cure(name))
        return Scalar(place, "", Odd(""), None)

    def _add(self, node: Node) -> None:
        if not self._frames:
            self.root = node
            return
        frame = self._frames[-1]
        frame.size += node.size
        if frame.size > MAX_EXPANDED:
            raise self._fatal(frame.place, f"aliases multiply this to over {MAX_EXPANDED:,} values; write fewer")
        if frame.entries is None:
            frame.items.append(node)
        elif frame.key is None:
            self._key(frame, node)
        else:
            self._value(frame, frame.key, node)
            frame.key = None

    def _key(self, frame: _Frame, node: Node) -> None:
        frame.key_place = node.place
        if isinstance(node, Scalar):
            frame.key = "<<" if node.text == "<<" and node.style is None else node.text
            return
        frame.key = ""
        self._report(node.place, "a key must be a word, not a list or mapping; did you mean to quote it?")

    def _value(self, frame: _Frame, key: str, node: Node) -> None:
        entries = frame.entries
        if entries is None:
            return
        if key == "<<" and frame.key_place.end - frame.key_place.start == len("<<"):
            self._merge(frame, node)
        elif key in entries:
            first = entries[key][0]
            message = f"`{key}` is written twice, first on line {first.line}; keep one of the two"
            self._report(frame.key_place, message, key)
        else:
            entries[key] = (frame.key_place, node)

    def _merge(self, frame: _Frame, node: Node) -> None:
        parts = node.items if isinstance(node, Listing) else (node,)
        for part in parts:
            if isinstance(part, Mapping):
                frame.merges.append(part)
            else:
                self._report(part.place, "`<<` takes a mapping, such as `<<: *defaults`")

    def _report(self, place: Place, message: str, key: str = "") -> None:
        self.problems.append(
            Problem(
                path=self.shown,
                line=place.line,
                column=place.column,
                key=printable(self._path(key), 200),
                message=printable(message),
            )
        )

    def _fatal(self, place: Place, message: str) -> ConfigError:
        self._report(place, message)
        return ConfigError(self.problems)

    def _path(self, last: str) -> str:
        path = ""
        for frame in self._frames:
            if frame.entries is None:
                path += f"[{len(frame.items)}]"
            elif frame.key is not None:
                path += f".{frame.key}" if path else frame.key
            elif last:
                path += f".{last}" if path else last
        return path
