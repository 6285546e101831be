"""Requests that no honest client makes, refused before anything looks at them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse

from aggregator.app.web.answers import PROTECTION

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

MOST_HEADERS = 100  # browsers send some 20, behind a proxy some 30
LONGEST_HEAD = 32_768  # bytes of the names and values together
LONGEST_TARGET = 8_192  # bytes of a path with its query (RFC 9112 §3 wants 8,000 at least)
# RFC 9110 §7.2 and RFC 3986 §3.2.2, without the characters that no name in use has.
_HOST = re.compile(rb"(?:[A-Za-z0-9._~-]*|\[[0-9A-Fa-f:.]+\])(?::\d{0,5})?")


class Sane:
    """431 for too many or too large headers, 414 for endless addresses, 400 for what is for proxies or for no host."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        refusal = _refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
            return
        status, text = refusal
        headers = {**PROTECTION, "Cache-Control": "no-store", "Connection": "close"}
        await PlainTextResponse(f"{text}\n", status_code=status, headers=headers)(scope, receive, send)


def _refusal(scope: Scope) -> tuple[int, str] | None:
    headers = scope["headers"]
    if len(headers) > MOST_HEADERS:
        return 431, f"More than {MOST_HEADERS} headers"
    if sum(len(name) + len(value) for name, value in headers) > LONGEST_HEAD:
        return 431, "Headers too large"
    if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST_TARGET:
        return 414, "Address too long"
    if not scope["path"].startswith("/"):
        return 400, "This is no proxy"
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) > 1 or not all(_HOST.fullmatch(host) for host in hosts):
        return 400, "No such host"
    return None
