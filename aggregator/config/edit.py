"""Writes a source into feeds.yaml: lines are spliced into the text, everything else stays byte for byte."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.config.addresses import default_id, shown
from aggregator.config.load import examine
from aggregator.config.nodes import Listing, Mapping, Node, Scalar, parse
from aggregator.config.reading import BOM, decode, read_bytes
from aggregator.config.replace import replace
from aggregator.config.splice import Splice, Value, as_list_item, source_splice
from aggregator.config.values import MAX_ID
from aggregator.domain.source import SourceKind
from aggregator.errors import ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aggregator.config.load import Examined
    from aggregator.config.opml import Outline
    from aggregator.domain.source import PageSelectors

BY_HAND = "the file is written in a form that cannot be added to safely; write the source into it by hand"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewSource:
    """What is written of a source."""

    id: str
    url: str
    title: str | None
    tags: tuple[str, ...]
    page: PageSelectors | None = None
    kind: SourceKind = SourceKind.FEED

    def keys(self) -> dict[str, Value]:
        """The keys in the order in which they are written."""
        found: dict[str, Value] = {"id": self.id, "url": self.url}
        found |= ({"title": self.title} if self.title else {}) | ({"tags": self.tags} if self.tags else {})
        if self.page is not None:
            said = ((part.name, getattr(self.page, part.name)) for part in fields(self.page))
            found |= {"kind": "page", "page": {name: value for name, value in said if value is not None}}
        elif self.kind is not SourceKind.FEED:
            found["kind"] = self.kind.value
        return found


def add_source(
    path: Path,
    *,
    url: str,
    id: str | None,  # noqa: A002  # the key's own name
    tags: Sequence[str],
    title: str | None = None,
    page: PageSelectors | None = None,
    kind: SourceKind = SourceKind.FEED,
) -> str:
    """Write a source behind the last one and return its id.

    The result is read and checked before it replaces the file; secrets that are not set here do not matter.

    Raises:
        ConfigError: the file is in error, has this id or address already, or the source is not right.
    """
    data = read_bytes(path)
    text = decode(data, str(path))
    before = sound(examine(text, path, os.environ))
    name, labels = id or _free_id(before, url), tuple(dict.fromkeys(tags))
    new = NewSource(id=name, url=url, title=title, tags=labels, page=page, kind=kind)
    _refuse_duplicate(before, new, str(path))
    edited = _edited(text, [new], str(path))
    _check_new(examine(edited, path, os.environ), len(_sources(before)))
    replace(path, data, edited.encode("utf-8"))
    return new.id


def as_source(url: str, tags: Sequence[str], page: PageSelectors, *, id: str | None) -> str:  # noqa: A002  # as above
    """A page as an entry of `sources:`, ready to paste, without what may not be shown of its address."""
    new = NewSource(id=id or default_id(url), url=shown(url), title=None, tags=tuple(dict.fromkeys(tags)), page=page)
    return as_list_item(new.keys())


def may_be_added(path: Path, *, url: str, id: str | None) -> None:  # noqa: A002  # the key's own name
    """Refuse before anything is fetched what `add_source` would refuse after.

    Raises:
        ConfigError: the file is in error, or has this id or address already.
    """
    before = sound(examine(decode(read_bytes(path), str(path)), path, os.environ))
    new = NewSource(id=id or _free_id(before, url), url=url, title=None, tags=())
    _refuse_duplicate(before, new, str(path))
    _check_new(examine(_edited(before.text, [new], str(path)), path, os.environ), len(_sources(before)))


def add_sources(path: Path, outlines: Sequence[Outline]) -> tuple[list[str], list[tuple[str, str]]]:
    """Write many sources behind the last one, in one edit.

    Returns:
        The ids given, and of each address that was passed over the reason.

    Raises:
        ConfigError: the file is in error, or cannot be added to safely.
    """
    data = read_bytes(path)
    text = decode(data, str(path))
    before = sound(examine(text, path, os.environ))
    there = {_comparable(url): f"is there already, as source {name!r}" for name, url in _sources(before)}
    taken = {name for name, _ in _sources(before)}
    new: list[NewSource] = []
    passed: list[tuple[str, str]] = []
    for outline in outlines:
        wanted = default_id(outline.url)
        why = outline.problem or there.get(_comparable(outline.url)) or ("" if wanted else "no id can be made of it")
        if why:
            passed.append((outline.url, why))
            continue
        name = _free(wanted, taken)
        taken.add(name)
        there[_comparable(outline.url)] = f"is there already, as source {name!r}"
        new.append(NewSource(id=name, url=outline.url, title=outline.title, tags=outline.tags))
    if new:
        edited = _edited(text, new, str(path))
        _check_new(examine(edited, path, os.environ), len(_sources(before)))
        replace(path, data, edited.encode("utf-8"))
    return [one.id for one in new], passed


def sound(examined: Examined) -> Examined:
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
    return _free(wanted, {found for found, _ in _sources(examined)})


def _free(wanted: str, taken: set[str]) -> str:
    """The id itself, or with the first number behind it that makes it free."""
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
    return _comparable(one) == _comparable(other)


def _comparable(url: str) -> str:
    try:
        parts = urlsplit(shown(url))
        return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower(), fragment="").geturl()
    except ValueError:
        return url


def _edited(text: str, new: Sequence[NewSource], path: str) -> str:
    """The text with the sources in it, proven to differ in nothing else."""
    mark = BOM if text.startswith(BOM) else ""
    body = text.removeprefix(BOM)
    root, _ = parse(body, path)
    edited = _spliced(body, source_splice(body, root, new[0].keys()))
    if len(new) > 1:  # behind the first of them, whatever stood there before, all others follow in one form
        later, _ = parse(edited, path)
        splices = [source_splice(edited, later, one.keys()) for one in new[1:]]
        joined = "".join(splice.text for splice in splices)
        edited = _spliced(edited, Splice(start=splices[0].start, end=splices[0].end, text=joined))
    try:
        after, problems = parse(edited, path)
    except ConfigError:
        raise ConfigError([Problem(path=path, message=BY_HAND)]) from None
    expected = bare(root)
    expected = expected if isinstance(expected, dict) else {}
    listed = expected.get("sources")
    written = [
        {key: list(value) if isinstance(value, tuple) else value for key, value in one.keys().items()} for one in new
    ]
    expected = expected | {"sources": [*(listed if isinstance(listed, list) else []), *written]}
    if problems or bare(after) != expected:
        raise ConfigError([Problem(path=path, message=BY_HAND)])
    return mark + edited


def _spliced(text: str, splice: Splice) -> str:
    return text[: splice.start] + splice.text + text[splice.end :]


def bare(node: Node | None) -> object:
    """A tree without places, for comparison."""
    if isinstance(node, Mapping):
        return {key: bare(value) for key, (_, value) in node.entries.items()}
    if isinstance(node, Listing):
        return [bare(item) for item in node.items]
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
