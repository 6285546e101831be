"""`${NAME}` in the places where it may stand, from the environment.

What is expanded is a secret: it goes into the typed value only, never into a message. The tree of nodes keeps what
is written, so everything that is shown is taken from there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aggregator.config.nodes import Listing, Mapping, Odd, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as Map

    from aggregator.config.nodes import Node, Place

REFERENCE = re.compile(r"\$\$\{|\$\{([^}]*)(\}?)")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Path = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """Something wrong at a path inside the tree; `place` where it is written."""

    path: Path
    place: Place
    message: str
    missing: str = ""  # the variable that is not set


@dataclass(frozen=True, kw_only=True, slots=True)
class Plain:
    """A tree as Python values; `mistakes` are already explained, what stands at their paths means nothing."""

    data: Any = field(repr=False)
    mistakes: tuple[Mistake, ...] = ()


def plain(node: Node, expandable: frozenset[str], environ: Map[str, str]) -> Plain:
    """The node as dicts, lists and scalars. `${NAME}` is expanded under the `expandable` keys of the mapping."""
    mistakes: list[Mistake] = []

    def value(node: Node, path: Path, expand: bool) -> Any:
        if isinstance(node, Mapping):
            inner = ((key, entry[1], (*path, key)) for key, entry in node.entries.items())
            return {key: value(child, at, expand or (not path and key in expandable)) for key, child, at in inner}
        if isinstance(node, Listing):
            return [value(child, (*path, number), expand) for number, child in enumerate(node.items)]
        if node.value is None:
            mistakes.append(Mistake(path=path, place=node.place, message=""))
            return Odd("")
        if not isinstance(node.value, str):
            return node.value
        try:
            _refuse_unprintable(node.value)
            return substitute(node.value, environ if expand else None)
        except _Wrong as wrong:
            mistakes.append(Mistake(path=path, place=node.place, message=str(wrong), missing=wrong.missing))
            return Odd("")

    return Plain(data=value(node, (), False), mistakes=tuple(mistakes))


class _Wrong(Exception):  # noqa: N818  # not an error of the program: it ends one value's expansion
    def __init__(self, message: str, missing: str = "") -> None:
        super().__init__(message)
        self.missing = missing


def substitute(text: str, environ: Map[str, str] | None) -> str:
    """The text with its references filled in; None where none may stand."""
    if "${" not in text:
        return text

    def filled(match: re.Match[str]) -> str:
        name, closed = match.group(1), match.group(2)
        if name is None:
            return "${"
        if not closed or not NAME.fullmatch(name):
            raise _Wrong(
                "`${` begins the name of a variable, such as ${TOKEN}; write `$${` for the characters themselves"
            )
        if environ is None:
            raise _Wrong(
                f"${{{name}}} is not expanded here: secrets belong in site.url, storage.url, publish.hub and a "
                "source's url, headers, auth, cookies, proxy and client_certificate; write `$${` for the characters "
                "themselves"
            )
        found = environ.get(name, "")
        if not found:
            state = "is empty" if name in environ else "is not set"
            raise _Wrong(f"the environment variable {name} {state}; set it where the program is started", name)
        return found

    return REFERENCE.sub(filled, text)


def references(text: str) -> Iterator[str]:
    """The names of the variables a written text refers to."""
    for match in REFERENCE.finditer(text):
        if match.group(1) is not None and match.group(2):
            yield match.group(1)


def without_references(text: str) -> str:
    """What is written, its variables left out: for ids made of addresses."""
    return REFERENCE.sub(lambda match: "" if match.group(1) is not None else "${", text)


def _refuse_unprintable(text: str) -> None:
    if text.isprintable():
        return
    for character in text:
        code = ord(character)
        if (code < ord(" ") and character not in "\n\t") or 0x7F <= code <= 0x9F or 0xD800 <= code <= 0xDFFF:  # noqa: PLR2004  # the Unicode blocks
            raise _Wrong(f"the control character U+{code:04X} cannot stand in a text; remove it")


__all__ = ["Mistake", "Path", "Plain", "Scalar", "plain", "references", "substitute", "without_references"]
