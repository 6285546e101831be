"""How every answer is made: one place sets what protects readers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
# On feeds too: a browser that opens one must run and load nothing.
PROTECTION = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src 'self' https: data:; style-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
PICTURES_FROM = "aggregator.pictures_from"  # in a request's scope: an origin without TLS whose pictures may be shown


def answer(
    request: Request,
    body: bytes,
    *,
    media_type: str | None = HTML,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A response with the headers that protect readers; HEAD gets the same without the body (RFC 9110 §9.3.2)."""
    said = {**PROTECTION, **(headers or {})}
    if pictures := request.scope.get(PICTURES_FROM):
        policy = said["Content-Security-Policy"]
        said["Content-Security-Policy"] = policy.replace("img-src 'self'", f"img-src 'self' {pictures}")
    if media_type is not None:
        said["Content-Type"] = media_type
        said["Content-Length"] = str(len(body))
    return Response(b"" if request.method == "HEAD" else body, status_code=status, headers=said)


def unstored(
    request: Request, text: str, *, status: int = 200, media_type: str = TEXT, headers: Mapping[str, str] | None = None
) -> Response:
    """A dynamic answer, which nothing on the way may keep."""
    said = {"Cache-Control": "no-store", **(headers or {})}
    return answer(request, text.encode(), media_type=media_type, status=status, headers=said)
