"""The configuration that was applied last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from storage.tables import applied

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from storage.session import Session

_ROW = 1


class Applied:
    """`ports.AppliedStore` within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self) -> tuple[Mapping[str, Any], datetime] | None:
        """What was applied, and when it changed last; None before the first time."""
        row = self._session.row(select(applied))
        return None if row is None else (row.settings, row.at)

    def put(self, settings: Mapping[str, Any], now: datetime) -> None:
        """Remember this one; nothing is written where it is the same."""
        known = self.get()
        if known is None or known[0] != settings:
            self._session.upsert(applied, [{"pk": _ROW, "at": now, "settings": settings}])
