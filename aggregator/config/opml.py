"""OPML (http://opml.org/spec2.opml) → sources to add: nested, broken, in any program's dialect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from aggregator.config.addresses import web_address
from aggregator.config.reading import read_bytes
from aggregator.config.values import one_line, tag
from aggregator.errors import ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEEPEST = 100  # folders inside each other


@dataclass(frozen=True, kw_only=True, slots=True)
class Outline:
    """One subscription: its address, name, and the folders it lies in, as tags. `problem` says why it cannot be."""

    url: str
    title: str | None = None
    tags: tuple[str, ...] = ()
    problem: str | None = None


def read_opml(path: Path) -> list[Outline]:
    """Every feed of the file, each address once, in the file's order.

    Raises:
        ConfigError: the file cannot be read, or names no feed.
    """
    data = read_bytes(path, cure="give a subscription list in OPML")
    # No entity is expanded and nothing is loaded; what is broken is read as far as it can be.
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(data.lstrip(), parser) if data.strip() else None
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ConfigError([Problem(path=str(path), message=f"is no OPML: {error}")]) from None
    found: dict[str, Outline] = {}
    for outline in _outlines(root) if root is not None else ():
        found.setdefault(outline.url, outline)
    if not found:
        raise ConfigError([Problem(path=str(path), message="names no feed; give a subscription list in OPML")])
    return list(found.values())


def _outlines(root: etree._Element) -> Iterator[Outline]:
    """Depth first; a list, not recursion: the file may be anything."""
    waiting: list[tuple[etree._Element, tuple[str, ...]]] = [(root, ())]
    while waiting:
        element, folders = waiting.pop()
        if not isinstance(element.tag, str):
            continue  # a comment
        said = {str(name).rpartition("}")[2].lower(): str(value).strip() for name, value in element.attrib.items()}
        name = said.get("title") or said.get("text") or ""
        url = said.get("xmlurl", "")
        if url:
            yield _outline(url, name, folders)
        elif name and len(folders) < DEEPEST:
            folders = (*folders, name)
        waiting.extend((child, folders) for child in reversed(element))


def _outline(url: str, name: str, folders: tuple[str, ...]) -> Outline:
    if "${" in url:
        return Outline(url=url, problem="holds ${…}, which would be read as a variable")
    try:
        web_address(url)
    except ValueError as error:
        return Outline(url=url, problem=str(error))
    title = " ".join(name.split())
    try:
        one_line(title)
    except ValueError:
        title = ""
    return Outline(url=url, title=title or None, tags=tuple(dict.fromkeys(filter(None, map(_tag, folders)))))


def _tag(folder: str) -> str | None:
    """A folder's name as a tag, where it can be one."""
    try:
        return tag(" ".join(folder.split()))
    except ValueError:
        return None
