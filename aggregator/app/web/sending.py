"""A published document over HTTP: the form the client takes, with its validators, or what its conditions ask for."""

from __future__ import annotations

from email.utils import format_datetime
from typing import TYPE_CHECKING

from aggregator.app.web.answers import answer
from aggregator.app.web.conditional import Conditions, best_coding, decide

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from aggregator.app.web.representations import Served

MAX_AGE = 60  # seconds: readers that ask more often get what they have; news is late by no more
XML = "application/xml; charset=utf-8"
_FEEDS = frozenset({"application/atom+xml; charset=utf-8", "application/rss+xml; charset=utf-8"})
_TOLD_BY = {True: ("Sec-Fetch-Dest",), False: ()}
_OPENED_BY = {True: ("Authorization",), False: ()}
FROZEN_AGE = 31_536_000  # a year, which caches take for ever (RFC 9111 §5.2.2.1, RFC 8246)


def send(request: Request, served: Served, *, public: bool = True) -> Response:
    """The representation the client takes, or what its conditions ask for instead. Range is ignored (§14.2)."""
    opened = served.media_type in _FEEDS and request.headers.get("sec-fetch-dest") == "document"
    forms = {form.encoding: form for form in (served.plain, *served.packed)}
    etags = {coding: _opened(form.etag) if opened else form.etag for coding, form in forms.items()}
    coding = best_coding(header(request, "accept-encoding"), [name for name in forms if name])
    chosen = forms[coding]
    keep = f"max-age={FROZEN_AGE}, immutable" if served.frozen else f"max-age={MAX_AGE}"
    headers = {
        "ETag": etags[coding],
        # Shared caches that know no Vary but of encodings would hand the browser's type to feed readers.
        "Cache-Control": f"{'public' if public and not opened else 'private'}, {keep}",
        "Vary": ", ".join(("Accept-Encoding", *_TOLD_BY[served.media_type in _FEEDS], *_OPENED_BY[not public])),
    }
    if served.modified is not None:
        headers["Last-Modified"] = format_datetime(served.modified, usegmt=True)
    others = [etag for other, etag in etags.items() if other != coding]
    verdict = decide(_conditions(request), [etags[coding], *others], served.modified)
    if verdict is not None:
        headers["ETag"] = verdict.etag
        return answer(request, b"", media_type=None, status=verdict.status, headers=headers)
    if chosen.encoding:
        headers["Content-Encoding"] = chosen.encoding
    return answer(request, chosen.body, media_type=XML if opened else served.media_type, headers=headers)


def _opened(etag: str) -> str:
    """The ETag of a feed that is opened in a browser, which gets the same bytes as plain XML.

    Chromium shows the feeds' own types as source text and asks no style for them. `Sec-Fetch-Dest: document` comes
    from browsers alone, and only where a person goes to the address. The type is part of a representation (RFC 9110
    §8.8.1): under one ETag a browser would take a 304 for what a script of a page fetched, and show its source.
    """
    return f'{etag[:-1]}-xml"'


def header(request: Request, name: str) -> str | None:
    """A list header, whose lines are one list (RFC 9110 §5.3)."""
    lines = request.headers.getlist(name)
    return ", ".join(lines) if lines else None


def _conditions(request: Request) -> Conditions:
    return Conditions(
        if_match=header(request, "if-match"),
        if_none_match=header(request, "if-none-match"),
        if_modified_since=request.headers.get("if-modified-since"),
        if_unmodified_since=request.headers.get("if-unmodified-since"),
    )
