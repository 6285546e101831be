"""How the daemon is, as far as its server can tell others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """`config_error` is why an edited feeds.yaml was refused; the last good one is in use then.

    `files_error` is why `publish.directory` could not be written.
    """

    started: datetime
    config_error: str | None = None
    last_collect: datetime | None = None
    last_publish: datetime | None = None
    store_failed: bool = False
    files_error: str | None = None
    fetches: bool = True  # false where others fetch and publish, and this process only serves
