"""Making elements: what is missing is left out."""

from __future__ import annotations

from typing import Any

from lxml.etree import SubElement


def element(parent: Any, tag: str, /, **attributes: str | int | None) -> Any:
    """A child with the attributes that have a value."""
    return SubElement(parent, tag, {key: str(value) for key, value in attributes.items() if value is not None})


def text(parent: Any, name: str, value: str | None) -> None:
    """A child with that text; none for a missing or empty one."""
    if value:
        SubElement(parent, name).text = value
