"""An entry that was not stored, or stored without being announced, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.domain.story import Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class Drop:
    """One entry. `key` is the one that names it (`Keys.primary`); `at` is when it was last dropped."""

    source_id: str
    key: bytes
    title: str
    link: str | None
    guid: str | None
    reason: Reason  # its rule: only, drop, loop, flood or max_entries
    at: datetime
