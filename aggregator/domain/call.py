"""A message to another server that is no visit of a source: what WebSub says and is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

CALL_TIMEOUT = timedelta(seconds=10)


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One request.

    `about` names in errors whom it concerns (a source's or a topic's id); the address may hold a secret and is never
    shown. `headers` come after our own User-Agent. `allowed` are entries like those of `fetch.allow_hosts` that count
    for this call, at every hop. `follow`: 307 and 308 are followed with method and body (RFC 9110 §15.4.8); other
    answers are as they came.
    """

    about: str
    method: str = "GET"
    url: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    allowed: tuple[str, ...] = ()
    timeout: timedelta = CALL_TIMEOUT  # all hops together, waiting for a turn excluded
    follow: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came back, whatever its status: lower-case header names, raw values, and a body of at most 64 kB."""

    status: int
    headers: tuple[tuple[str, bytes], ...] = ()
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str:
        """The first header of that (lower-case) name as text, or ''."""
        return next((v.decode("latin-1") for k, v in self.headers if k == name), "")
