"""Takes a source out of feeds.yaml: its lines are cut, everything else stays byte for byte."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from aggregator.config.edit import BY_HAND, bare, sound
from aggregator.config.load import examine
from aggregator.config.nodes import Listing, Mapping, parse
from aggregator.config.reading import BOM, decode, read_bytes
from aggregator.config.replace import replace
from aggregator.config.splice import cut_splice
from aggregator.config.values import suggestion
from aggregator.errors import ConfigError, Problem

if TYPE_CHECKING:
    from pathlib import Path


def remove_source(path: Path, name: str) -> None:
    """Cut the source with that id out of the file.

    The result is read and checked before it replaces the file; secrets that are not set here do not matter.

    Raises:
        ConfigError: the file is in error, has no such source, or a topic names it.
    """
    data = read_bytes(path)
    text = decode(data, str(path))
    before = sound(examine(text, path, os.environ))
    if before.configuration is not None:
        ids = [source.id for source in before.configuration.sources]
    else:  # for want of secrets
        ids = [piece.written("id") for key, piece in before.pieces.items() if key.startswith("sources[")]
    if name not in ids:
        message = f"there is no source with the id {name!r}{suggestion(name, ids)}"
        raise ConfigError([Problem(path=str(path), message=message)])
    place = before.pieces[f"sources[{ids.index(name)}]"].node.place
    if place.file:
        message = f"source {name!r} stands in {place.file}, line {place.line}; take it out there"
        raise ConfigError([Problem(path=str(path), message=message)])
    edited = _without(text, ids.index(name), str(path))
    after = examine(edited, path, os.environ)
    problems = [problem for problem in after.problems if problem not in after.missing]
    if problems:
        message = f"without source {name!r} the file would be wrong; change that first: {problems[0]}"
        raise ConfigError([Problem(path=str(path), message=message)])
    replace(path, data, edited.encode("utf-8"))


def _without(text: str, number: int, path: str) -> str:
    """The text without that entry of `sources`, proven to differ in nothing else."""
    mark = BOM if text.startswith(BOM) else ""
    body = text.removeprefix(BOM)
    root, _ = parse(body, path)
    expected = bare(root)
    entry = root.entries.get("sources") if isinstance(root, Mapping) else None
    if entry is None or not isinstance(entry[1], Listing) or not isinstance(expected, dict):
        raise ConfigError([Problem(path=path, message=BY_HAND)])
    splice = cut_splice(body, entry[0], entry[1], number)
    edited = body[: splice.start] + splice.text + body[splice.end :]
    del expected["sources"][number]
    try:
        after, problems = parse(edited, path)
    except ConfigError:
        raise ConfigError([Problem(path=path, message=BY_HAND)]) from None
    if problems or bare(after) != expected:
        raise ConfigError([Problem(path=path, message=BY_HAND)])
    return mark + edited
