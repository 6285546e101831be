"""What a host's robots.txt says of us, as it is remembered (RFC 9309)."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.errors import Code


@dataclass(frozen=True, kw_only=True, slots=True)
class RobotsAnswer:
    """What is known of one host until then.

    `rules` are those of the group that speaks to us, the longest match first: permitted or not, and the path's
    pattern. None: there has been no answer yet. `delay` is its Crawl-delay in seconds. While it cannot be had, `code`,
    `status` and `retry_at` are of the last try, `failing_since` is the first of them in a row, and `rules` are those
    of the last answer.
    """

    origin: bytes
    until: datetime
    rules: tuple[tuple[bool, str], ...] | None = None
    delay: float | None = None
    failing_since: datetime | None = None
    code: Code | None = None
    status: int | None = None
    retry_at: datetime | None = None


def origin_digest(origin: str) -> bytes:
    """16 bytes that name scheme, host and port: the address itself may be a secret."""
    return blake2b(origin.encode("utf-8", "surrogatepass"), digest_size=16).digest()
