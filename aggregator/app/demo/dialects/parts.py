"""What the XML dialects share: escaping, dates and the text as HTML."""

from __future__ import annotations

from email.utils import format_datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.app.demo.printed import Printed

SUMMARY = 160  # characters of the first paragraph


def tag(name: str, text: str, **attributes: str) -> str:
    """One element with text; `_` in an attribute's name stands for a colon."""
    return f"<{name}{attrs(**attributes)}>{escape(text)}</{name}>"


def attrs(**attributes: str) -> str:
    """Attributes, each after a space; a trailing `_` keeps clear of Python's words."""
    return "".join(f" {name.rstrip('_').replace('_', ':')}={quoteattr(value)}" for name, value in attributes.items())


def html(entry: Printed) -> str:
    """The whole text as HTML paragraphs."""
    return "".join(f"<p>{escape(part)}</p>" for part in entry.paragraphs)


def beginning(entry: Printed) -> str:
    """The beginning as plain text."""
    first = entry.paragraphs[0]
    return first if len(first) <= SUMMARY else first[:SUMMARY].rstrip() + "…"


def rfc822(moment: datetime) -> str:
    """RFC 5322 §3.3, as RSS wants it."""
    return format_datetime(moment, usegmt=True)


def rfc3339(moment: datetime) -> str:
    """RFC 3339 §5.6, as Atom, RDF and JSON Feed want it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
