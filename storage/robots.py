"""What hosts' robots.txt say: one row a host, so that neither a restart nor another process asks again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from aggregator.domain.robots import RobotsAnswer
from aggregator.errors import Code
from storage.tables_robots import robots

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from storage.session import Session


class Robots:
    """`ports.RobotsStore` within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, origin: bytes) -> RobotsAnswer | None:
        """What is remembered of a host, valid or not."""
        row = self._session.row(select(robots).where(robots.c.origin == origin))
        if row is None:
            return None
        return RobotsAnswer(
            origin=row.origin,
            until=row.until,
            rules=None if row.rules is None else tuple((bool(permitted), pattern) for permitted, pattern in row.rules),
            delay=row.delay,
            failing_since=row.failing_since,
            code=None if row.code is None else Code(row.code),
            status=row.status,
            retry_at=row.retry_at,
        )

    def put(self, answers: Sequence[RobotsAnswer]) -> None:
        """Remember these instead of what was remembered of their hosts; of one host the last counts."""
        rows = {
            one.origin: {
                "origin": one.origin,
                "until": one.until,
                "rules": None if one.rules is None else [list(rule) for rule in one.rules],
                "delay": one.delay,
                "failing_since": one.failing_since,
                "code": None if one.code is None else one.code.value,
                "status": one.status,
                "retry_at": one.retry_at,
            }
            for one in answers
        }
        self._session.upsert(robots, [rows[origin] for origin in sorted(rows)])

    def prune(self, before: datetime) -> None:
        """Forget hosts that nobody asked for since then."""
        self._session.run(delete(robots).where(robots.c.until < before))
