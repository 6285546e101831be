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
    packed = {form.encoding or "": form for form in served.packed}
    coding = best_coding(header(request, "accept-encoding"), list(packed))
    chosen = served.plain if coding is None else packed[coding]
    keep = f"max-age={FROZEN_AGE}, immutable" if served.frozen else f"max-age={MAX_AGE}"
    headers = {
        "ETag": chosen.etag,
        "Last-Modified": format_datetime(served.modified, usegmt=True),
        "Cache-Control": f"{'public' if public else 'private'}, {keep}",
        "Vary": ", ".join(("Accept-Encoding", *_TOLD_BY[served.media_type in _FEEDS], *_OPENED_BY[not public])),
    }
    others = [form.etag for form in (served.plain, *served.packed) if form is not chosen]
    verdict = decide(_conditions(request), [chosen.etag, *others], served.modified)
    if verdict is not None:
        headers["ETag"] = verdict.etag
        return answer(request, b"", media_type=None, status=verdict.status, headers=headers)
    if chosen.encoding:
        headers["Content-Encoding"] = chosen.encoding
    return answer(request, chosen.body, media_type=_shown_as(request, served.media_type), headers=headers)


def _shown_as(request: Request, media_type: str) -> str:
    """The type of what is sent. Who opens a feed in a browser gets the same bytes as plain XML.

    Chromium shows the feeds' own types as source text and asks no style for them. `Sec-Fetch-Dest: document` comes
    from browsers alone, and only where a person goes to the address.
    """
    opened = request.headers.get("sec-fetch-dest") == "document"
    return XML if opened and media_type in _FEEDS else media_type


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
