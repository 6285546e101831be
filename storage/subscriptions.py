"""Subscriptions at hubs: what is asked of whom next, and what was delivered."""

from __future__ import annotations

from dataclasses import fields
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sqlalchemy import case, delete, false, literal, select, true, update

from aggregator.domain.subscription import LIVE, PushReport, PushState, Subscription
from storage.rows import feed_info
from storage.session import chunks
from storage.tables import sources
from storage.tables_push import push_deliveries, push_subscriptions

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Row

    from aggregator.domain.entry import FeedInfo
    from aggregator.domain.outcome import Plan
    from storage.session import Session

_LIVE = [state.value for state in LIVE]
# Attributes and columns of the same name and form.
_PLAIN = tuple(
    part.name for part in fields(Subscription) if part.name not in {"id", "source_id", "source_url", "state", "hubs"}
)
_OF_SOURCE = select(push_subscriptions, sources.c.id.label("source_id"), sources.c.shown_url).join_from(
    push_subscriptions, sources, sources.c.pk == push_subscriptions.c.source
)


def token_of(callback: str) -> str:
    """What nobody can guess of a callback: its last part."""
    return callback.rpartition("/")[2]


def token_hash(token: str) -> bytes:
    """What a callback is looked up by."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


class Subscriptions:
    """`ports.SubscriptionStore` within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, subscription: Subscription) -> None:
        """Remember a new one; nothing happens where the source is unknown, or has a live one by now."""
        row = _row(subscription)
        columns = push_subscriptions.c
        values = (literal(value, columns[name].type) for name, value in row.items())
        live = select(columns.pk).where(columns.source == sources.c.pk, columns.state.in_(_LIVE))
        query = select(sources.c.pk, *values).where(sources.c.id == subscription.source_id, ~live.exists())
        self._session.run(push_subscriptions.insert().from_select(["source", *row], query))

    def put(self, subscription: Subscription) -> None:
        """Store a changed one."""
        mine = push_subscriptions.c.pk == subscription.id
        self._session.run(update(push_subscriptions).where(mine).values(**_row(subscription)))

    def get(self, number: int) -> Subscription | None:
        """One by its number."""
        row = self._session.row(_OF_SOURCE.where(push_subscriptions.c.pk == number))
        return None if row is None else _subscription(row)

    def by_token(self, token: str) -> Subscription | None:
        """The one whose callback ends in that."""
        row = self._session.row(_OF_SOURCE.where(push_subscriptions.c.token_hash == token_hash(token)))
        return None if row is None else _subscription(row)

    def live(self, source_ids: Collection[str] | None = None) -> dict[str, Subscription]:
        """The wanted and active ones (of these sources), by source."""
        query = _OF_SOURCE.where(push_subscriptions.c.state.in_(_LIVE)).order_by(push_subscriptions.c.pk)
        if source_ids is None:
            return {row.source_id: _subscription(row) for row in self._session.rows(query)}
        return {
            row.source_id: _subscription(row)
            for part in chunks(source_ids)
            for row in self._session.rows(query.where(sources.c.id.in_(part)))
        }

    def due(self, now: datetime, limit: int, *, but_hubs: Collection[str] = ()) -> list[Subscription]:
        """Those whose hub is to be asked for something now, longest due first, without those of some hubs."""
        column = push_subscriptions.c
        query = _OF_SOURCE.where(column.next_try <= now)
        if but_hubs:
            query = query.where(column.hub.not_in(sorted(but_hubs)))
        rows = self._session.rows(query.order_by(column.next_try, column.pk).limit(limit))
        return [_subscription(row) for row in rows]

    def announced(self) -> dict[str, FeedInfo]:
        """What the feeds of configured sources say of themselves, of those that name a hub and were read."""
        column = sources.c
        read = (column.configured == true()) & (column.gone == false()) & column.last_success.is_not(None)
        query = select(column.id, column.info).where(read, column.info.is_not(None))
        return {row.id: feed_info(row.info) for row in self._session.rows(query) if row.info and row.info.get("hubs")}

    def delivered(self, number: int, digest: bytes, now: datetime) -> bool:
        """Remember that a body came. False, and nothing written, if it came before."""
        table = push_deliveries
        if self.was_delivered(number, digest):
            return False
        self._session.insert(table, [{"subscription": number, "digest": digest, "at": now}])
        return True

    def was_delivered(self, number: int, digest: bytes) -> bool:
        """Whether this body came before."""
        column = push_deliveries.c
        query = select(column.at).where(column.subscription == number, column.digest == digest)
        return self._session.value(query) is not None

    def hasten(self, source_id: str, plan: Plan) -> bool:
        """Visit a source sooner than planned, if nothing is wrong with it; a lease is left as it is."""
        column = sources.c
        fine = (column.id == source_id) & (column.failures == 0) & (column.next_visit > plan.at)
        values = {"next_visit": plan.at, "next_visit_reason": plan.reason}
        return bool(self._session.run(update(sources).where(fine).values(values)))

    def reports(self) -> dict[str, PushReport]:
        """For each source the subscription to show: a live one, else the newest that has not ended."""
        column = push_subscriptions.c
        live_last = case((column.state.in_(_LIVE), 1), else_=0)
        query = _OF_SOURCE.where(column.state != PushState.ENDED.value).order_by(live_last, column.pk)
        return {row.source_id: _report(_subscription(row)) for row in self._session.rows(query)}

    def prune(self, *, deliveries_before: datetime, ended_before: datetime) -> None:
        """Forget bodies, and subscriptions that ended, before that."""
        self._session.run(delete(push_deliveries).where(push_deliveries.c.at < deliveries_before))
        column = push_subscriptions.c
        old = (column.state == PushState.ENDED.value) & (column.lease_until < ended_before)
        self._session.run(delete(push_subscriptions).where(old))


def _report(one: Subscription) -> PushReport:
    return PushReport(
        state=one.state,
        hub=urlsplit(one.hub).hostname or "",
        proven=one.proven,
        lease_until=one.lease_until,
        last_delivery=one.last_delivery,
        reason=one.reason,
    )


def _row(subscription: Subscription) -> dict[str, Any]:
    callback = subscription.callback
    return {name: getattr(subscription, name) for name in _PLAIN} | {
        "state": subscription.state.value,
        "hubs": list(subscription.hubs),
        "token_hash": None if callback is None else token_hash(token_of(callback)),
    }


def _subscription(row: Row[Any]) -> Subscription:
    return Subscription(
        id=row.pk,
        source_id=row.source_id,
        source_url=row.shown_url,
        state=PushState(row.state),
        hubs=tuple(row.hubs),
        **{name: getattr(row, name) for name in _PLAIN},
    )
