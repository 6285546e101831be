"""Validators: opaque bytes, sent back as they came, and only to the URL they came from.

The request goes to the configured address first. Where that redirects, the validators belong to the URL at the end
(RFC 9110 §13.1: a validator speaks of the representation that carried it), so they travel with the hop that asks that
very URL and with no other. A redirect that leads elsewhere today meets no validators and answers in full.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.domain.response import Validators
from aggregator.steps.fetch.answers import first

if TYPE_CHECKING:
    from aggregator.steps.fetch.answers import Headers

# A longer one would make later requests fail for their size, and never end.
MAX_LENGTH = 4096


def belong(validators: Validators | None, url: str, *, is_first_hop: bool) -> bool:
    """Whether these validators may be sent with a request for `url`; without a URL they mean the configured one."""
    if validators is None:
        return False
    return validators.url == url if validators.url else is_first_hop


def request_headers(validators: Validators) -> list[tuple[bytes, bytes]]:
    """`If-None-Match` and `If-Modified-Since`, byte for byte; only those there are."""
    pairs = ((b"If-None-Match", validators.etag), (b"If-Modified-Since", validators.last_modified))
    return [(name, value) for name, value in pairs if value]


def received(headers: Headers, url: str) -> Validators | None:
    """The validators of a 200 from `url`; None if it has none."""
    etag, last_modified = _believable(headers, "etag"), _believable(headers, "last-modified")
    return Validators(etag=etag, last_modified=last_modified, url=url) if etag or last_modified else None


def renewed(old: Validators, headers: Headers, url: str) -> Validators:
    """The validators after a 304: its own headers replace ours one by one (RFC 9111 §3.2)."""
    return Validators(
        etag=_believable(headers, "etag") or old.etag,
        last_modified=_believable(headers, "last-modified") or old.last_modified,
        url=url,
    )


def _believable(headers: Headers, name: str) -> bytes | None:
    value = first(headers, name)
    return value if 0 < len(value) <= MAX_LENGTH else None
