"""A page as a file: without what only a server answers.

The pages mark it with `data-served`: a form goes, of a link its words stay. What others wrote is escaped in a page,
so no text of theirs can look like the mark.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aggregator.domain.settings import Format
from aggregator.steps.render.documents import MEDIA_TYPES

if TYPE_CHECKING:
    from aggregator.domain.document import Document

_FORM = re.compile(rb"<form data-served\b.*?</form>\n?", re.DOTALL)
_LINK = re.compile(rb"<a data-served\b[^>]*>(.*?)</a>", re.DOTALL)


def leads_on(page: str) -> bytes:
    """A page that only leads to another file beside it: what a folder has instead of a redirect."""
    return (
        '<!doctype html>\n<html>\n<head>\n<meta charset="utf-8">\n<title>…</title>\n'
        f'<meta http-equiv="refresh" content="0; url={page}">\n<link rel="canonical" href="{page}">\n</head>\n'
        f'<body><p><a href="{page}">→ {page.removesuffix(".html")}</a></p></body>\n</html>\n'
    ).encode()


def standalone(document: Document) -> bytes:
    """The bytes of a document in a folder that any web server, or none, shows: every relative link leads to a file."""
    if document.media_type != MEDIA_TYPES[Format.HTML]:
        return document.body
    return _LINK.sub(rb"\1", _FORM.sub(b"", document.body))
