"""Subscriptions at our hub, and what an outside hub was told. What is due follows from the documents' ETags."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, case, delete, func, or_, select, update

from aggregator.domain.hub import Backlog, Mode, Pending, Subscription, TopicSubscribers, Wish
from storage.session import chunks
from storage.tables import documents
from storage.tables_hub import hub_pings as pings
from storage.tables_hub import hub_requests as requests
from storage.tables_hub import hub_subscriptions as table

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from aggregator.domain.hub import Delivered
    from storage.session import Session


class Hub:
    """`ports.HubStore` within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def knows(self, key: bytes, now: datetime) -> bool:
        """Whether this pair of topic and callback is subscribed and its lease runs."""
        query = select(table.c.pk).where(table.c.key == key, table.c.lease_until > now)
        return self._session.row(query) is not None

    def sizes(self, name: str, now: datetime) -> tuple[int, int]:
        """Subscriptions whose lease runs: all, and those with callbacks at the host of that name, whatever port."""
        alive = select(func.count()).select_from(table).where(table.c.lease_until > now)
        there = alive.where(table.c.host >= f"{name} ", table.c.host < f"{name}!")  # the character after the space
        return self._session.value(alive), self._session.value(there)

    def backlog(self, name: str, *, but: bytes) -> Backlog:
        """What waits for its verification, without the request of the key `but`."""
        here, fresh = case((requests.c.name == name, 1), else_=0), case((requests.c.room, 1), else_=0)
        query = select(
            func.count().label("everywhere"),
            func.coalesce(func.sum(here), 0).label("there"),
            func.coalesce(func.sum(fresh), 0).label("fresh_everywhere"),
            func.coalesce(func.sum(here * fresh), 0).label("fresh_there"),
        ).where(requests.c.key != but)
        (row,) = self._session.rows(query)
        return Backlog(**{name: int(value) for name, value in row._mapping.items()})  # noqa: SLF001 - SQLAlchemy's own public name

    def ask(self, pending: Pending) -> None:
        """Keep a request until its callback was asked; it takes the place of an older one of its key."""
        self._session.upsert(requests, [_request(pending)])

    def asked(self, since: datetime, *, limit: int, but: Collection[bytes]) -> list[Pending]:
        """The oldest requests since then that wait for their verification, none of the keys `but`."""
        column = requests.c
        query = select(requests).where(column.asked_at >= since, column.key.not_in(list(but)))
        rows = self._session.rows(query.order_by(column.asked_at, column.key).limit(limit))
        return [_pending(row) for row in rows]

    def settle(self, settled: Sequence[Pending]) -> None:
        """Forget these; one that was asked anew meanwhile stays."""
        names = ("key", "asked_at", "mode", "lease")
        for pending in settled:
            row = _request(pending)
            same = [requests.c[name] == row[name] for name in names]
            secret = requests.c.secret.is_not_distinct_from(row["secret"])
            self._session.run(delete(requests).where(*same, secret))

    def give_up(self, before: datetime) -> None:
        """Forget requests that wait for longer than anybody does."""
        self._session.run(delete(requests).where(requests.c.asked_at < before))

    def subscribe(self, subscription: Subscription, now: datetime) -> None:
        """Begin a subscription, or renew it: lease and secret are the new ones, what was delivered stays."""
        values: dict[str, Any] = {
            "path": subscription.path,
            "secret": subscription.secret,
            "lease_until": subscription.lease_until,
            "failures": 0,
            "failing_since": None,
            "failure": None,
            "next_try": now,
        }
        same = table.c.key == subscription.key
        before = self._session.row(select(table.c.lease_until).where(same))
        if before is None or before.lease_until <= now:
            values["delivered"] = subscription.delivered
        if before is not None:
            self._session.run(update(table).where(same).values(values))
            return
        names = {"topic": subscription.topic, "callback": subscription.callback, "host": subscription.host}
        self._session.insert(table, [{"key": subscription.key, **names, **values}])

    def unsubscribe(self, key: bytes) -> bool:
        """End one; False if there was none."""
        return bool(self._session.run(delete(table).where(table.c.key == key)))

    def follow(self, topics: Mapping[str, str]) -> int:
        """Let subscriptions follow these topics (address → document's path) and rest for all others.

        Returns how many rest.
        """
        for row in self._session.rows(select(table.c.topic, table.c.path).distinct()):
            path = topics.get(row.topic)
            if path != row.path:
                self._session.run(update(table).where(table.c.topic == row.topic).values(path=path))
        resting = select(func.count()).select_from(table).where(table.c.path.is_(None))
        return int(self._session.value(resting))

    def due(self, now: datetime, *, limit: int, per_host: int, busy: Collection[str] = ()) -> list[tuple[int, str]]:
        """Number and host of subscriptions whose callback lacks the document as it is now, longest due first.

        At most `per_host` of one host, none of the hosts in `busy`.
        """
        place = func.row_number().over(partition_by=table.c.host, order_by=[table.c.next_try, table.c.pk])
        lacking = (
            select(table.c.pk, table.c.host, table.c.next_try, place.label("place"))
            .join(documents, documents.c.path == table.c.path)
            .where(table.c.next_try <= now, table.c.delivered != documents.c.etag, table.c.lease_until > now)
            .where(table.c.host.not_in(list(busy)))
            .subquery()
        )
        query = select(lacking.c.pk, lacking.c.host).where(lacking.c.place <= per_host)
        rows = self._session.rows(query.order_by(lacking.c.next_try, lacking.c.pk).limit(limit))
        return [(row.pk, row.host) for row in rows]

    def next_due(self, now: datetime) -> datetime | None:
        """When the first subscription that lacks something may be tried again; None if none lacks anything."""
        found: datetime | None = self._session.value(
            select(table.c.next_try)
            .join(documents, documents.c.path == table.c.path)
            .where(table.c.delivered != documents.c.etag, table.c.lease_until > now)
            .order_by(table.c.next_try)
            .limit(1)
        )
        return found

    def subscriptions(self, numbers: Sequence[int]) -> list[Subscription]:
        """These, as far as they are still there."""
        rows = [r for part in chunks(numbers) for r in self._session.rows(select(table).where(table.c.pk.in_(part)))]
        return [_subscription(row) for row in rows]

    def record(self, results: Sequence[Delivered]) -> None:
        """Remember what became of deliveries; subscriptions that went meanwhile are passed over."""
        for part in chunks(result.number for result in results if result.ended):
            self._session.run(delete(table).where(table.c.pk.in_(part)))
        changed = [result for result in results if not result.ended]
        statement = update(table).where(table.c.pk == bindparam("number"))
        values: dict[str, Any] = {
            name: bindparam(f"new_{name}") for name in ("failures", "failure", "failing_since", "next_try")
        }
        rows = [{"number": r.number, **{f"new_{name}": getattr(r, name) for name in values}} for r in changed]
        if rows:
            self._session.run(statement.values(values), rows)
        settled = [{"number": r.number, "etag": r.etag} for r in changed if r.etag is not None]
        if settled:
            self._session.run(statement.values(delivered=bindparam("etag")), settled)

    def hold(self, host: str, until: datetime) -> None:
        """Try no callback at that host before."""
        earlier = and_(table.c.host == host, table.c.next_try < until)
        self._session.run(update(table).where(earlier).values(next_try=until))

    def expire(self, now: datetime) -> int:
        """Delete subscriptions whose lease has run out; how many."""
        return self._session.run(delete(table).where(table.c.lease_until <= now))

    def resting(self, limit: int) -> list[Subscription]:
        """Subscriptions to topics that are not public any more."""
        query = select(table).where(table.c.path.is_(None)).order_by(table.c.pk).limit(limit)
        return [_subscription(row) for row in self._session.rows(query)]

    def audiences(self, now: datetime) -> list[TopicSubscribers]:
        """For `status`: each document with subscribers."""
        query = (
            select(
                table.c.path,
                func.count().label("subscribers"),
                func.sum(case((table.c.failures > 0, 1), else_=0)).label("failing"),
            )
            .where(table.c.lease_until > now, table.c.path.is_not(None))
            .group_by(table.c.path)
            .order_by(table.c.path)
        )
        rows = self._session.rows(query)
        return [TopicSubscribers(path=row.path, subscribers=row.subscribers, failing=int(row.failing)) for row in rows]

    def untold(self, hub: bytes, paths: Collection[str], now: datetime) -> list[tuple[str, str, int]]:
        """Path, ETag and failures so far of those documents whose present form that hub was not told of, if due.

        `hub` is a digest of the hub's address: another hub knows nothing yet.
        """
        known = and_(pings.c.path == documents.c.path, pings.c.hub == hub)
        stale = and_(pings.c.etag.is_distinct_from(documents.c.etag), pings.c.next_try <= now)
        query = (
            select(documents.c.path, documents.c.etag, func.coalesce(pings.c.failures, 0).label("failures"))
            .outerjoin(pings, known)
            .where(or_(pings.c.path.is_(None), stale))
        )
        rows = [
            row for part in chunks(sorted(paths)) for row in self._session.rows(query.where(documents.c.path.in_(part)))
        ]
        return [(row.path, row.etag, row.failures) for row in rows]

    def told(self, hub: bytes, path: str, etag: str | None, *, failures: int, next_try: datetime) -> None:
        """The hub knows a document's form; without an ETag it could not be told."""
        row = {"path": path, "hub": hub, "etag": etag, "failures": failures, "next_try": next_try}
        self._session.upsert(pings, [row])


def _request(pending: Pending) -> dict[str, Any]:
    wish = pending.wish
    return {
        "key": wish.key,
        "asked_at": pending.asked_at,
        "mode": wish.mode.value,
        "topic": wish.topic,
        "callback": wish.callback,
        "secret": wish.secret,
        "lease": int(wish.lease.total_seconds()),
        "name": pending.name,
        "port": pending.port,
        "path": pending.path,
        "etag": pending.etag,
        "room": pending.room,
    }


def _pending(row: Any) -> Pending:
    wish = Wish(
        mode=Mode(row.mode),
        topic=row.topic,
        callback=row.callback,
        lease=timedelta(seconds=row.lease),
        secret=row.secret,
    )
    return Pending(
        wish=wish,
        name=row.name,
        port=row.port,
        path=row.path,
        etag=row.etag,
        room=row.room,
        asked_at=row.asked_at,
    )


def _subscription(row: Any) -> Subscription:
    return Subscription(
        number=row.pk,
        topic=row.topic,
        path=row.path,
        callback=row.callback,
        host=row.host,
        secret=row.secret,
        lease_until=row.lease_until,
        delivered=row.delivered,
        failures=row.failures,
        failing_since=row.failing_since,
    )
