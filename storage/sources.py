"""The sources' rows: what is due, what became of it, and who may say so.

A claim is a lease with a fence: a number that rises with every claim, every lease given back and every change of
address. A result is stored only under the newest fence, so a visitor that was given up for dead writes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import case, false, func, select, true, tuple_, update

from aggregator.domain.source import DueSource, SourceReport, SourceStatus
from storage.rows import feed_info, pack
from storage.session import chunks
from storage.source_rows import visits, visits_row
from storage.source_sync import ask_again, sync, wake
from storage.stale import sources_changed
from storage.subscriptions import Subscriptions
from storage.tables import items, sources

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime, timedelta
    from typing import Any

    from sqlalchemy import Row

    from aggregator.domain.entry import FeedInfo
    from aggregator.domain.source import Source, Visits
    from storage.session import Session

# As the partial index has it.
CONFIGURED = (sources.c.configured == true()) & (sources.c.enabled == true())
VISITED = CONFIGURED & (sources.c.gone == false())
# What a feed says of itself that is shown beside its items.
SHOWN = ("id", "title", "subtitle", "link", "self_link", "language", "icon", "rights")


class Sources:
    """`ports.SourceStore` within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def sync(self, sources: Sequence[Source], now: datetime) -> None:
        """Make the rows agree with the configuration."""
        sync(self._session, sources, now)

    def ask_again(self, source_ids: Collection[str], now: datetime) -> None:
        """Make these due at once, because how they are asked was edited."""
        ask_again(self._session, source_ids, now)

    def wake(self, now: datetime) -> None:
        """Let nobody wait for a time that a clock gone wrong has set."""
        wake(self._session, now)

    def claim_due(
        self,
        now: datetime,
        *,
        owner: str,
        lease: timedelta,
        limit: int,
        busy: frozenset[str] = frozenset(),
        only: frozenset[str] | None = None,
    ) -> list[DueSource]:
        """Lease up to `limit` sources, longest due first."""
        column = sources.c
        free = column.lease_until.is_(None) | (column.lease_until <= now)
        allowed = column.held_until.is_(None) | (column.held_until <= now)
        wanted = column.next_visit <= now if only is None else column.id.in_(only)
        claimed: list[Row[Any]] = []
        skipped = set(busy)
        while len(claimed) < limit:
            query = select(sources).where(VISITED if only is None else CONFIGURED, wanted, free, allowed)
            if skipped:
                query = query.where(column.id.not_in(skipped))
            query = query.order_by(column.next_visit, column.pk).limit(limit - len(claimed))
            rows = self._session.rows(query)
            # Another process may have applied another configuration: what this one does not know it cannot visit.
            known = [row for row in rows if row.id in self._session.sources]
            claimed += known
            skipped |= {row.id for row in rows}
            if len(known) == len(rows):
                break
        if claimed:
            grant = {"lease_owner": owner, "lease_until": now + lease, "fence": column.fence + 1}
            self._session.run(update(sources).where(column.pk.in_([row.pk for row in claimed])).values(grant))
        return [
            DueSource(
                source=self._session.sources[row.id],
                visits=visits(row),
                fence=row.fence + 1,
                forced=only is not None,
            )
            for row in claimed
        ]

    def next_due(self) -> datetime | None:
        """When the first source may be claimed: its visit has come, its Retry-After and its lease have run out."""
        column = sources.c
        at = case((column.held_until > column.next_visit, column.held_until), else_=column.next_visit)
        at = case((column.lease_until > at, column.lease_until), else_=at)
        found: datetime | None = self._session.value(select(func.min(at)).where(VISITED))
        return found

    def last_answer(self) -> datetime | None:
        """When any source was last visited with success."""
        found: datetime | None = self._session.value(select(func.max(sources.c.last_success)))
        return found

    def held(self, now: datetime) -> dict[str, datetime]:
        """The sources inside a server's Retry-After, and when each one ends."""
        query = select(sources.c.id, sources.c.held_until).where(CONFIGURED, sources.c.held_until > now)
        return {row.id: row.held_until for row in self._session.rows(query)}

    def give_back(self, dues: Sequence[DueSource]) -> None:
        """End leases that no visit was begun for."""
        for part in chunks([(due.source.id, due.fence) for due in dues]):
            same = tuple_(sources.c.id, sources.c.fence).in_(part)
            self._session.run(update(sources).where(same).values(lease_owner=None, lease_until=None))

    def release(self, owner: str) -> None:
        """Give back every lease of `owner`. What it still brings is refused."""
        given_back = {"lease_owner": None, "lease_until": None, "fence": sources.c.fence + 1}
        self._session.run(update(sources).where(sources.c.lease_owner == owner).values(given_back))

    def owners(self) -> set[str]:
        """Who holds leases now."""
        query = select(sources.c.lease_owner).where(sources.c.lease_owner.is_not(None)).distinct()
        return {row[0] for row in self._session.rows(query)}

    def record(self, due: DueSource, visits: Visits, *, info: FeedInfo | None = None) -> bool:
        """Store the result of a visit and end its lease. False, and nothing written, if the fence is older."""
        mine = (sources.c.id == due.source.id) & (sources.c.fence == due.fence)
        values = visits_row(visits) | {"lease_owner": None, "lease_until": None}
        before = None
        if info is not None:
            columns = sources.c
            query = select(columns.pk, columns.title, columns.feed_title, columns.info).where(mine)
            before = self._session.row(query)
            values["info"] = pack(info)
        if not self._session.run(update(sources).where(mine).values(values)):
            return False
        if before is not None and info is not None and _looks_other(before, info, visits):
            sources_changed(self._session, [before.pk])
        return True

    def visits(self, source_id: str) -> Visits | None:
        """What is remembered of a source; None if unknown."""
        row = self._session.row(select(sources).where(sources.c.id == source_id))
        return None if row is None else visits(row)

    def reports(self) -> list[SourceReport]:
        """Every configured source, in the configuration's order."""
        counted = select(items.c.source, func.count().label("stored")).group_by(items.c.source).subquery()
        # By the index: an aggregate over first_seen would read every item.
        last = select(items.c.first_seen).where(items.c.source == sources.c.pk).order_by(items.c.pk.desc()).limit(1)
        query = (
            select(sources, func.coalesce(counted.c.stored, 0).label("stored"), last.scalar_subquery().label("newest"))
            .join_from(sources, counted, counted.c.source == sources.c.pk, isouter=True)
            .where(sources.c.configured == true())
            .order_by(sources.c.position)
        )
        pushed = Subscriptions(self._session).reports()
        return [
            SourceReport(
                id=row.id,
                title=row.title or row.feed_title,
                shown_url=row.shown_url,
                status=_status(row),
                visits=visits(row),
                items=row.stored,
                newest=row.newest,
                push=pushed.get(row.id),
            )
            for row in self._session.rows(query)
        ]


def _looks_other(before: Row[Any], info: FeedInfo, visits: Visits) -> bool:
    """Whether items of the source are shown beside other words now; a feed's own date moves at every visit."""
    if before.title is None and before.feed_title != visits.title:
        return True
    old = feed_info(before.info)
    return any(getattr(old, name) != getattr(info, name) for name in SHOWN)


def _status(row: Row[Any]) -> SourceStatus:
    if not row.enabled:
        return SourceStatus.PAUSED
    if row.gone:
        return SourceStatus.GONE
    if row.failures:
        return SourceStatus.FAILING
    return SourceStatus.OK if row.last_success else SourceStatus.NEW
