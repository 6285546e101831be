"""One address visited: what is asked, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from aggregator.domain.source import ClientCertificate, Credentials


@dataclass(frozen=True, kw_only=True, slots=True)
class Validators:
    """ETag and Last-Modified, byte for byte as received (RFC 9110 §8.8), and the final URL they belong to."""

    etag: bytes | None = None
    last_modified: bytes | None = None
    url: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One address to visit. `source_id` names who asks, `shown_url` is what errors may say of the address.

    `listed`: `fetch.allow_hosts` counts for this address, because it is the source's own. `user_agent` replaces our
    own at every hop; without `verify_tls` any certificate of the address's own host is taken. `page`: a web page is
    asked for, not a feed. `max_body` is less than `fetch.max_body`, in bytes, or None. Every hop goes through
    `proxy`; `certificate` is shown to the address's own origin alone.
    """

    source_id: str
    url: str = field(repr=False)
    shown_url: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    auth: Credentials | None = field(default=None, repr=False)
    validators: Validators | None = None
    listed: bool = True
    user_agent: str | None = None
    verify_tls: bool = True
    proxy: str | None = field(default=None, repr=False)
    certificate: ClientCertificate | None = field(default=None, repr=False)
    page: bool = False
    max_body: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """A complete 200: `body` is decompressed and whole.

    `url` is where it finally came from (secret, for resolving links), `headers` are lower-case names with raw
    values in order. `moved_to` is set when every hop was permanent (301, 308). `fresh_for` is
    Cache-Control/Expires less Age, or None.
    """

    source_id: str
    url: str = field(repr=False)
    status: int = 200
    headers: tuple[tuple[str, bytes], ...] = ()
    body: bytes = field(repr=False)
    received_at: datetime
    validators: Validators | None = None
    moved_to: str | None = None
    fresh_for: timedelta | None = None

    def header(self, name: str) -> str:
        """The first header of that (lower-case) name as text, or ''."""
        return next((v.decode("latin-1") for k, v in self.headers if k == name), "")


@dataclass(frozen=True, kw_only=True, slots=True)
class NotModified:
    """A 304 to our validators: a value, not an error. `validators` are those to keep, renewed by the 304's own."""

    source_id: str
    received_at: datetime
    validators: Validators
    moved_to: str | None = None
    fresh_for: timedelta | None = None
