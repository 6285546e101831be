"""What pydantic refuses → problems with their place, the key's path, and what to write instead."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aggregator.config.nodes import Listing, Mapping, Odd, Place, Scalar
from aggregator.config.shapes import LATER_KEYS, LATER_VALUES, LISTS, SECTIONS, FileShape, Shape
from aggregator.config.values import clip, printable, suggestion
from aggregator.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import ValidationError

    from aggregator.config.nodes import Node
    from aggregator.config.variables import Mistake, Path

_SYNONYMS = {
    "name": "title", "link": "url", "feed": "url", "href": "url", "xmlurl": "url", "address": "url",
    "tag": "tags", "category": "tags", "categories": "tags", "interval": "every", "refresh": "every",
    "filter": "query", "search": "query", "lang": "language", "tz": "timezone", "charset": "encoding",
    "max": "limit", "count": "limit", "feeds": "sources", "source": "sources", "topic": "topics", "disabled": "enabled",
}  # fmt: skip
_WANTED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping of `key: value` lines",
    "model_type": "a mapping of `key: value` lines",
    "model_attributes_type": "a mapping of `key: value` lines",
}  # fmt: skip
_WORD = re.compile(r"[\w-]+")
_SECRET = frozenset({"url", "headers", "auth", "cookies", "hub", "password", "user"})


@dataclass(kw_only=True, slots=True)
class Report:
    """Gathers problems of a file and of those it includes (`texts`, by name), in the order of their places."""

    shown: str
    text: str = field(default="", repr=False)
    texts: dict[str, str] = field(default_factory=dict, repr=False)
    found: list[Problem] = field(default_factory=list)

    def add(self, place: Place, key: str, message: str, *, warning: bool = False) -> None:
        """One problem at a place."""
        self.found.append(
            Problem(
                path=place.file or self.shown,
                line=place.line,
                column=place.column,
                key=printable(key, 200),
                message=printable(message),
                warning=warning,
            )
        )

    def text_of(self, place: Place) -> str:
        """The text that a place is in."""
        return self.texts[place.file] if place.file else self.text

    def sorted(self) -> list[Problem]:
        """Without repeats, as they stand in the file; included files follow."""
        order = {name: number for number, name in enumerate((self.shown, *self.texts))}
        return sorted(
            dict.fromkeys(self.found),
            key=lambda problem: (order.get(problem.path, len(order)), problem.line, problem.column),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """One mapping of the file that one shape describes; `key` is its own path: `sources[3]`."""

    key: str
    node: Mapping
    shape: type[Shape]

    def path(self, *loc: str | int) -> str:
        """The full path of something inside: `sources[3].headers.Accept`."""
        path = self.key
        for part in loc:
            bracketed = isinstance(part, int) or not _WORD.fullmatch(part)
            path += f"[{part}]" if bracketed else f".{part}" if path else str(part)
        return path

    def place(self, *loc: str | int) -> Place:
        """Where the value stands; where it is missing, what should hold it."""
        return locate(self.node, loc)

    def written(self, *loc: str | int) -> str:
        """The text as written in the file, or ''."""
        node = find(self.node, loc)
        return node.text if isinstance(node, Scalar) else ""

    def scalar(self, *loc: str | int) -> Scalar | None:
        """The scalar at the path, if it is one."""
        node = find(self.node, loc)
        return node if isinstance(node, Scalar) else None


def find(node: Node, loc: Path) -> Node | None:
    """The node at a path."""
    current: Node = node
    for part in loc:
        if isinstance(current, Mapping) and part in current.entries:
            current = current.entries[str(part)][1]
        elif isinstance(current, Listing) and isinstance(part, int) and part < len(current.items):
            current = current.items[part]
        else:
            return None
    return current


def locate(node: Node, loc: Path, *, key: bool = False) -> Place:
    """The place of the node at a path, or of its key; as near as the tree goes."""
    place = node.place
    current: Node | None = node
    for number, part in enumerate(loc):
        if isinstance(current, Mapping) and part in current.entries:
            at, current = current.entries[str(part)]
            place = at if (key and number == len(loc) - 1) or _nothing(current) else current.place
        elif isinstance(current, Listing) and isinstance(part, int) and part < len(current.items):
            current = current.items[part]
            place = current.place
        else:
            break
    return place


def _nothing(node: Node) -> bool:
    """A value that is not there has no place of its own worth showing."""
    return isinstance(node, Scalar) and node.place.start == node.place.end


def explain(report: Report, piece: Piece, error: ValidationError, mistakes: tuple[Mistake, ...]) -> None:
    """Add every problem of one piece, but those at places whose mistake is told already."""
    told = {mistake.path for mistake in mistakes}
    for each in error.errors(include_url=False, include_input=False):
        loc: Path = tuple(part for part in each["loc"] if part != "[key]")
        if any(loc[: len(path)] == path for path in told):
            continue
        node = find(piece.node, loc)
        if isinstance(node, Scalar) and isinstance(node.value, Odd) and not node.value.what:
            continue
        at_key = each["type"] == "extra_forbidden" or "[key]" in each["loc"]
        message = _message(piece, loc, dict(each))
        report.add(locate(piece.node, loc, key=at_key), piece.path(*loc), message)


def tell(report: Report, piece: Piece, mistakes: tuple[Mistake, ...]) -> None:
    """Add what was found while the piece's values were read."""
    for mistake in mistakes:
        message = mistake.message or nothing_follows(report.text_of(piece.node.place), piece.node, mistake.path)
        report.add(locate(piece.node, mistake.path), piece.path(*mistake.path), message)


def nothing_follows(text: str, node: Node, loc: Path) -> str:
    """`key:` with no value, or null: what to write, and whether a `#` swallowed it."""
    name = loc[-1] if loc else ""
    if not isinstance(name, str):
        return "the entry is empty; write its value or remove the line"
    place = locate(node, loc, key=True)
    line = text[place.start :].split("\n", 1)[0]
    comment = line.partition(":")[2].strip()
    if comment.startswith("#") and not comment.startswith("# "):
        quoted = comment.strip().replace("'", "''")
        return f"`{name}:` is followed by nothing, for # begins a comment; quote it: {name}: {clip(quoted, 60)}"
    empty = ", quote it, or write '' for everything" if name == "query" else ""
    return f"`{name}:` is followed by nothing; write a value{empty} or remove the key"


def unknown_key(shape: type[Shape], name: str) -> str:
    """A key that the shape does not have."""
    if name in LATER_KEYS.get(shape, ()):
        return f"`{name}` is not available yet in this version; remove it"
    known = [*shape.model_fields]
    synonym = _SYNONYMS.get(name.casefold())
    if synonym in known:
        return f"there is no key {clip(name)} here; did you mean {synonym!r}?"
    close = suggestion(name, known)
    if close:
        return f"there is no key {clip(name)} here{close}"
    elsewhere = [section for section, other in (SECTIONS | LISTS).items() if name in other.model_fields]
    if shape is not FileShape and name in FileShape.model_fields:
        return f"`{name}:` begins at the left margin, not inside another key"
    if elsewhere:
        return f"there is no key {clip(name)} here; it belongs under `{elsewhere[0]}:`"
    return f"there is no key {clip(name)} here; known are {', '.join(known)}"


def one_value(text: str, shape: type[Shape]) -> str:
    """An entry of a list that should hold keys, and holds a text."""
    name, colon, _ = text.replace("：", ":").partition(":")
    if colon and name.strip() in shape.model_fields:
        what = f"a space is missing after `{name}:`" if "：" not in text else "`：` is a fullwidth colon"
        return f"{what}; write `{name.strip()}: …`"
    first = "url: https://…" if "url" in shape.model_fields else "id: my-topic"
    return f"is one value; write `- {first}`, further keys below it"


def one_value_in_section(node: Node, shape: type[Shape], section: str) -> str:
    """A section that should hold keys, and holds a text or list."""
    if isinstance(node, Scalar):
        name, colon, _ = node.text.replace("：", ":").partition(":")
        if colon and name.strip() in shape.model_fields:
            return one_value(node.text, shape)
    return f"must be a mapping of `key: value` lines below `{section}:`"


def _message(  # noqa: PLR0911  # one case an error type
    piece: Piece, loc: Path, error: dict[str, Any]
) -> str:
    kind, context = error["type"], error.get("ctx", {})
    name = str(loc[-1]) if loc else ""
    if kind == "extra_forbidden":
        return unknown_key(_shape_at(piece.shape, loc[:-1]), name)
    if kind == "missing":
        return f"`{name}` is missing; every {_singular(piece)} needs one"
    if kind == "value_error":
        return str(context["error"])
    if kind in {"enum", "literal_error"}:
        return _choice(piece, loc, context)
    if kind in {"greater_than_equal", "less_than_equal"}:
        return f"must be {'at least' if 'ge' in context else 'at most'} {context.get('ge', context.get('le'))}"
    if kind in {"too_short", "string_too_short"}:
        return "is empty; write a value or remove the key"
    if kind in {"time_delta_type", "time_delta_parsing", "is_instance_of"}:
        return _duration_cure(find(piece.node, loc))
    return wrong_type(find(piece.node, loc), kind, secret=any(part in _SECRET for part in loc))


def wrong_type(  # noqa: PLR0911  # one case a type
    node: Node | None, kind: str, *, secret: bool = False
) -> str:
    """A value of another type than the key takes."""
    wanted = _WANTED.get(kind, "another value")
    if isinstance(node, Listing):
        return f"is a list; write {wanted}" + ("; quote a text that begins with [" if kind == "string_type" else "")
    if isinstance(node, Mapping):
        return f"is a mapping; write {wanted}" + (
            "; quote a text with `: ` or { in it" if kind == "string_type" else ""
        )
    if not isinstance(node, Scalar):
        return f"write {wanted}"
    if kind == "string_type":
        what = (
            node.value.what
            if isinstance(node.value, Odd)
            else "true or false"
            if isinstance(node.value, bool)
            else "a number"
        )
        example = "" if secret else f": '{node.text}'"
        return f"is read as {what}; quote it{example}"
    if kind == "bool_type" and node.text.lower() in {"yes", "on", "y", "1", "no", "off", "n", "0", "true", "false"}:
        better = "true" if node.text.lower() in {"yes", "on", "y", "1", "true"} else "false"
        return f"{clip(node.text)} is a text; write {better}"
    if kind == "int_type":
        digits = node.text.replace("_", "").replace(",", "").lstrip("+0")
        return f"write {wanted} in plain digits" + (f": {digits}" if digits.isdigit() else "")
    if kind == "list_type" and not secret and node.text:
        return f"is one value; write {wanted}: [{printable(node.text, 60)}]"
    return f"is one value; write {wanted}" if kind != "bool_type" else f"write {wanted}"


def _duration_cure(node: Node | None) -> str:
    if isinstance(node, Scalar) and isinstance(node.value, int) and not isinstance(node.value, bool):
        return f"needs a unit; write {node.text}s for seconds, or m, h, d"
    return "is no duration; write 90s, 15m, 1h or 7d"


def _choice(piece: Piece, loc: Path, context: dict[str, Any]) -> str:
    name = next((str(part) for part in reversed(loc) if isinstance(part, str)), "")
    shape = _shape_at(piece.shape, loc[:-1] if not isinstance(loc[-1], int) else loc[:-2])
    wanted = choices(shape, name)
    node = find(piece.node, loc)
    if not isinstance(node, Scalar):
        return f"write one of {', '.join(wanted)}" if wanted else f"write {context.get('expected', 'another value')}"
    if node.text in LATER_VALUES.get(name, ()):
        return f"`{name}: {node.text}` is not available yet in this version; write {' or '.join(wanted)}"
    return f"{clip(node.text)} is not known{suggestion(node.text, wanted)}; write {_either(wanted)}"


def choices(shape: type[Shape], name: str) -> list[str]:
    """The values a key with fixed values takes, in the order of the schema."""
    schema = shape.model_json_schema()
    found: list[str] = []

    def collect(part: Any) -> None:
        if isinstance(part, dict):
            if "$ref" in part:
                collect(schema["$defs"][part["$ref"].rsplit("/", 1)[-1]])
            found.extend(part.get("enum", [part["const"]] if "const" in part else []))
            for inner in (*part.get("anyOf", ()), part.get("items")):
                collect(inner)

    collect(schema["properties"].get(name, {}))
    return found


def _either(words: list[str]) -> str:
    return " or ".join(words) if len(words) < 3 else f"{', '.join(words[:-1])} or {words[-1]}"  # noqa: PLR2004  # a list of two needs no comma


def _shape_at(shape: type[Shape], loc: Path) -> type[Shape]:
    """The shape of the mapping at a path, going through optional fields, lists and dicts of shapes."""
    current = shape
    for part in loc:
        declared = current.model_fields.get(str(part))
        if declared is not None:
            current = next(iter(_shapes_in(declared.annotation)), current)
    return current


def _shapes_in(annotation: Any) -> Iterator[type[Shape]]:
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        yield annotation
    for inner in getattr(annotation, "__args__", ()):
        yield from _shapes_in(inner)


def _singular(piece: Piece) -> str:
    for name, word in (("sources", "source"), ("topics", "topic")):
        if piece.key.startswith(name):
            return word
    return "entry of this kind"
