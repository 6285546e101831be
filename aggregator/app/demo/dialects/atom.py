"""Atom 1.0 (RFC 4287), with its content as HTML or as XHTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.app.demo.dialects.parts import attrs, beginning, rfc3339, tag
from aggregator.app.demo.dialects.parts import html as as_html

if TYPE_CHECKING:
    from collections.abc import Callable

    from aggregator.app.demo.printed import Issue, Printed


def html(issue: Issue) -> bytes:
    """Content as escaped HTML."""
    return _atom(issue, lambda entry: tag("content", as_html(entry), type="html"))


def xhtml(issue: Issue) -> bytes:
    """Content as elements of the document."""
    return _atom(
        issue,
        lambda entry: (
            f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{as_html(entry)}</div></content>'
        ),
    )


def _atom(issue: Issue, content: Callable[[Printed], str]) -> bytes:
    return "\n".join(
        [
            '<?xml version="1.0" encoding="utf-8"?>',
            f"<feed{attrs(xmlns='http://www.w3.org/2005/Atom', xml_lang=issue.outlet.language)}>",
            tag("id", f"tag:merrow.example,2026:{issue.outlet.id}"),
            tag("title", issue.outlet.title),
            tag("subtitle", issue.outlet.description),
            tag("updated", rfc3339(issue.updated)),
            f"<link{attrs(rel='alternate', href=issue.home)}/>",
            f"<link{attrs(rel='self', href=issue.address)}/>",
            *(_entry(entry, content(entry)) for entry in issue.entries),
            "</feed>",
            "",
        ]
    ).encode()


def _entry(entry: Printed, content: str) -> str:
    return "\n".join(
        [
            "<entry>",
            tag("id", entry.guid),
            tag("title", entry.title),
            f"<link{attrs(href=entry.link)}/>",
            tag("published", rfc3339(entry.published)),
            tag("updated", rfc3339(entry.updated)),
            f"<author>{tag('name', entry.author)}</author>",
            f"<category{attrs(term=entry.category)}/>",
            tag("summary", beginning(entry)),
            content,
            "</entry>",
        ]
    )
