"""Jitter that a replay reproduces: a hash of the source and the moment, so that sources do not march in step."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_RANGE = 1 << 64


def fraction(source_id: str, now: datetime) -> float:
    """A number from 0 to below 1, even over sources and visits."""
    seed = f"{source_id}\n{now.timestamp():.6f}".encode()
    return int.from_bytes(blake2b(seed, digest_size=8).digest(), "big") / _RANGE
