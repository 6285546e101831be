"""Where a new source goes into the text of feeds.yaml, and how it is written there.

The file's own habits are followed: indentation, line ends, a blank line between sources, block or flow style.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.config.nodes import Listing, Mapping, Scalar, typed

if TYPE_CHECKING:
    from collections.abc import Mapping as Map

    from aggregator.config.nodes import Node, Place

_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_./?&=%+~@;!-]|:(?=[^\s]))*")
_LINE_END = re.compile(r"\r\n|\n|\r")
_BLANK_BEFORE = re.compile(r"(\r\n|\n|\r)[ \t]*(?:\r\n|\n|\r)\Z")


Value = str | tuple[str, ...] | dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Splice:
    """`text` takes the place of what stands from `start` to `end`."""

    start: int
    end: int
    text: str


def source_splice(text: str, root: Node | None, keys: Map[str, Value]) -> Splice:
    """The splice that adds an entry with these keys to `sources`."""
    if not isinstance(root, Mapping):
        return _at_the_end(text, "", keys)
    if "sources" not in root.entries:
        if root.flow:
            return _before_bracket(text, root.place.end, bool(root.entries), f"sources: [{_flow(keys)}]")
        return _at_the_end(text, " " * (root.place.column - 1), keys)
    place, node = root.entries["sources"]
    if isinstance(node, Listing) and node.flow and (node.items or root.flow or _spans_lines(text, node)):
        return _before_bracket(text, node.place.end, bool(node.items), _flow(keys))
    if isinstance(node, Listing) and node.items:
        return _after_the_last(text, node, keys)
    end = node.place.end if isinstance(node, Listing) or (isinstance(node, Scalar) and node.text) else place.end
    return _below_the_key(text, place.start, max(end, place.end), keys)


def as_list_item(keys: Map[str, Value]) -> str:
    """The same as it would stand in a file, for reading and pasting."""
    return "\n".join(_block(keys, "  "))


def cut_splice(text: str, key: Place, listing: Listing, number: int) -> Splice:
    """The splice that takes an entry out of a list, its own comments with it; `key` is where `sources` stands."""
    if listing.flow:
        return _cut_from_flow(listing, number)
    item = listing.items[number]
    begin = _line_start(text, _dash(text, item.place.start))
    end = _past_own_comments(text, _end_of_line(text, _content_end(text, item.place.end)), listing.place.column - 1)
    if len(listing.items) == 1:
        colon = text.index(":", key.start) + 1
        return Splice(start=colon, end=end, text=" []" + text[colon:begin].rstrip("\r\n "))
    match = _LINE_END.match(text, end)
    if match is None:  # the last line of the file has no end: the one before gives its own
        return Splice(start=begin - len(_line_end(text, max(begin - 2, 0))), end=end, text="")
    end = match.end()
    blank = _LINE_END.match(text, end)
    gap = _BLANK_BEFORE.search(text, 0, begin)
    if gap is not None and end == len(text):
        begin = gap.end(1)
    elif gap is not None and blank is not None:
        end = blank.end()  # of the blank lines before and behind it one is enough
    return Splice(start=begin, end=end, text="")


def _dash(text: str, start: int) -> int:
    """Where the dash before an entry stands."""
    return text.rindex("-", 0, start) if text[start : start + 1] != "-" else start


def _cut_from_flow(listing: Listing, number: int) -> Splice:
    items = listing.items
    if number + 1 < len(items):
        return Splice(start=items[number].place.start, end=items[number + 1].place.start, text="")
    start = items[number - 1].place.end if number else items[number].place.start
    return Splice(start=start, end=items[number].place.end, text="")


def _spans_lines(text: str, node: Node) -> bool:
    return bool(_LINE_END.search(text, node.place.start, node.place.end))


def _at_the_end(text: str, indent: str, keys: Map[str, Value]) -> Splice:
    line_end = _line_end(text, 0)
    gap = "" if not text else line_end if text.endswith(("\n", "\r")) else line_end * 2
    last = line_end if not text or gap == line_end else ""
    lines = [f"{indent}sources:", *_block(keys, indent + "  ")]
    return Splice(start=len(text), end=len(text), text=gap + line_end.join(lines) + last)


def _below_the_key(text: str, start: int, end: int, keys: Map[str, Value]) -> Splice:
    """`sources:`, `sources: null` or `sources: []`, perhaps with a comment behind: the entry goes on the next line."""
    line_end = _line_end(text, start)
    indent = " " * (start - _line_start(text, start))
    colon = text.index(":", start)
    end = max(end, colon + 1)
    rest_end = _end_of_line(text, end)
    lines = _block(keys, indent + "  ")
    return Splice(start=colon + 1, end=rest_end, text=text[end:rest_end] + "".join(line_end + x for x in lines))


def _after_the_last(text: str, listing: Listing, keys: Map[str, Value]) -> Splice:
    last, dash = listing.items[-1], listing.place.column - 1
    line_end = _line_end(text, listing.place.start)
    at = _end_of_line(text, _content_end(text, listing.place.end))
    at = _past_own_comments(text, at, dash)
    indent = " " * dash
    block = isinstance(last, Mapping) and not last.flow and last.place.start > listing.place.start
    offset = last.place.column - 1 - dash if block else 2
    lines = (
        _block(keys, indent, max(offset, 2))
        if not (isinstance(last, Mapping) and last.flow)
        else [f"{indent}- {_flow(keys)}"]
    )
    if _spaced(text, listing):
        lines.insert(0, "")
    return Splice(start=at, end=at, text="".join(line_end + line for line in lines))


def _content_end(text: str, end: int) -> int:
    """A block scalar ends at the start of the line after it: its own last line is meant."""
    while end and text[end - 1] in "\r\n":
        end -= 1
    return end


def _past_own_comments(text: str, at: int, dash: int) -> int:
    """Comments right below that are indented deeper than the dash belong to the source above."""
    while at < len(text):
        match = _LINE_END.match(text, at)
        start = match.end() if match else at
        end = _end_of_line(text, start)
        line = text[start:end]
        if not (line.lstrip(" ").startswith("#") and len(line) - len(line.lstrip(" ")) > dash):
            break
        at = end
    return at


def _spaced(text: str, listing: Listing) -> bool:
    """Whether a blank line stands between the last two sources."""
    if len(listing.items) < 2:  # noqa: PLR2004  # two have a space between them
        return False
    one, other = listing.items[-2:]
    between = text[min(one.place.end, other.place.start) : other.place.start]
    return any(not line.strip() for line in _LINE_END.split(between)[1:-1])


def _before_bracket(text: str, end: int, more: bool, entry: str) -> Splice:
    """Flow style: the entry goes before the closing bracket, behind a comma if one is needed."""
    bracket = end - 1
    at = bracket
    while at and text[at - 1].isspace():
        at -= 1
    comma = ", " if more and text[at - 1] != "," else " " if more else ""
    return Splice(start=at, end=at, text=comma + entry)


def _block(keys: Map[str, Value], indent: str, offset: int = 2) -> list[str]:
    first, *rest = [f"{key}: {_value(value)}" for key, value in keys.items()]
    return [f"{indent}-{' ' * (offset - 1)}{first}", *(f"{indent}{' ' * offset}{line}" for line in rest)]


def _flow(keys: Map[str, Value] | dict[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {_value(value)}" for key, value in keys.items()) + "}"


def _value(value: Value) -> str:
    if isinstance(value, str):
        return _scalar(value)
    return f"[{', '.join(map(_scalar, value))}]" if isinstance(value, tuple) else _flow(value)


def _scalar(text: str) -> str:
    """Plain where every YAML reader sees the same text, else in quotes."""
    words = text.split(" ")
    if all(_PLAIN.fullmatch(word) for word in words) and typed(text) == text and not _LOOSE.fullmatch(text):
        return text
    if all(character.isprintable() for character in text):
        return "'" + text.replace("'", "''") + "'"
    return '"' + "".join(_escaped(character) for character in text) + '"'


_LOOSE = re.compile(r"y|n|yes|no|on|off", re.IGNORECASE)  # booleans to readers of YAML 1.1


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def _line_end(text: str, at: int) -> str:
    match = _LINE_END.search(text, at) or _LINE_END.search(text)
    return match.group() if match else "\n"


def _line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def _end_of_line(text: str, at: int) -> int:
    match = _LINE_END.search(text, at)
    return match.start() if match else len(text)
