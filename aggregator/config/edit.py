"""Writes a source into feeds.yaml: lines are spliced into the text, everything else stays byte for byte."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.config.addresses import default_id, shown
from aggregator.config.load import examine
from aggregator.config.nodes import Listing, Mapping, Node, Scalar, parse
from aggregator.config.reading import BOM, decode, read_bytes
from aggregator.config.replace import replace
from aggregator.config.splice import Splice, source_splice
from aggregator.config.values import MAX_ID
from aggregator.errors import ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aggregator.config.load import Examined

BY_HAND = "the file is written in a form that cannot be added to safely; write the source into it by hand"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewSource:
    """What is written of a source."""

    id: str
    url: str
    title: str | None
    tags: tuple[str, ...]

    def keys(self) -> dict[str, str | tuple[str, ...]]:
        """The keys in the order in which they are written."""
        found: dict[str, str | tuple[str, ...]] = {"id": self.id, "url": self.url}
        return found | ({"title": self.title} if self.title else {}) | ({"tags": self.tags} if self.tags else {})


def add_source(
    path: Path,
    *,
    url: str,
    id: str | None,  # noqa: A002  # the key's own name
    tags: Sequence[str],
    title: str | None = None,
) -> str:
    """Write a source behind the last one and return its id.

    The result is read and checked before it replaces the file; secrets that are not set here do not matter.

    Raises:
        ConfigError: the file is in error, has this id or address already, or the source is not right.
    """
    data = read_bytes(path)
    text = decode(data, str(path))
    before = _sound(examine(text, path, os.environ))
    new = NewSource(id=id or _free_id(before, url), url=url, title=title, tags=tuple(dict.fromkeys(tags)))
    _refuse_duplicate(before, new, str(path))
    edited = _edited(text, new, str(path))
    _check_new(examine(edited, path, os.environ), len(_sources(before)))
    replace(path, data, edited.encode("utf-8"))
    return new.id


def _sound(examined: Examined) -> Examined:
    """A file with no mistake but missing secrets, which the daemon may have and this shell has not."""
    problems = [problem for problem in examined.problems if problem not in examined.missing]
    if problems:
        raise ConfigError(problems)
    return examined


def _sources(examined: Examined) -> list[tuple[str, str]]:
    """(id, address as written) of every source."""
    pieces = [piece for key, piece in examined.pieces.items() if key.startswith("sources[")]
    return [(piece.written("id") or default_id(piece.written("url")), piece.written("url")) for piece in pieces]


def _free_id(examined: Examined, url: str) -> str:
    wanted = default_id(url)
    if not wanted:
        raise ConfigError("no id can be made of this address; give one with --id")
    taken = {found for found, _ in _sources(examined)}
    number, free = 1, wanted
    while free in taken:
        number += 1
        free = f"{wanted[: MAX_ID - 6].rstrip('-')}-{number}"
    return free


def _refuse_duplicate(examined: Examined, new: NewSource, path: str) -> None:
    for found, url in _sources(examined):
        if _same_address(url, new.url):
            raise ConfigError([Problem(path=path, message=f"this address is there already, as source {found!r}")])
        if found == new.id:
            raise ConfigError([Problem(path=path, message=f"there is a source {found!r} already; choose another id")])


def _same_address(one: str, other: str) -> bool:
    def comparable(url: str) -> str:
        try:
            parts = urlsplit(shown(url))
            return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower(), fragment="").geturl()
        except ValueError:
            return url

    return comparable(one) == comparable(other)


def _edited(text: str, new: NewSource, path: str) -> str:
    """The text with the source in it, proven to differ in nothing else."""
    mark = BOM if text.startswith(BOM) else ""
    body = text.removeprefix(BOM)
    root, _ = parse(body, path)
    splice: Splice = source_splice(body, root, new.keys())
    edited = body[: splice.start] + splice.text + body[splice.end :]
    try:
        after, problems = parse(edited, path)
    except ConfigError:
        raise ConfigError([Problem(path=path, message=BY_HAND)]) from None
    expected = _bare(root)
    expected = expected if isinstance(expected, dict) else {}
    listed = expected.get("sources")
    keys = {
        key: list(value) if isinstance(value, tuple) else value for key, value in new.keys().items()
    }  # a method, not a dict
    expected = expected | {"sources": [*(listed if isinstance(listed, list) else []), keys]}
    if problems or _bare(after) != expected:
        raise ConfigError([Problem(path=path, message=BY_HAND)])
    return mark + edited


def _bare(node: Node | None) -> object:
    """A tree without places, for comparison."""
    if isinstance(node, Mapping):
        return {key: _bare(value) for key, (_, value) in node.entries.items()}
    if isinstance(node, Listing):
        return [_bare(item) for item in node.items]
    return node.value if isinstance(node, Scalar) else None


def _check_new(examined: Examined, number: int) -> None:
    """What is wrong with the new source is said of the call: its lines are not in the file yet."""
    key = f"sources[{number}]"
    problems = [problem for problem in examined.problems if problem not in examined.missing]
    if problems:
        raise ConfigError(
            [
                Problem(message=f"{problem.key.removeprefix(key).lstrip('.')}: {problem.message}")
                if problem.key.startswith(key)
                else problem
                for problem in problems
            ]
        )
