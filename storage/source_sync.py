"""The configuration's sources → rows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, false, select, update

from storage.session import chunks
from storage.source_rows import OF_THE_ADDRESS, RETURNED, UNREAD, source_row
from storage.stale import sources_changed
from storage.tables import identities, sources

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Row

    from aggregator.domain.source import Source
    from storage.session import Session

# A change of these is seen in what topics show.
SHOWN = ("id", "configured", "rank", "title", "shown_url")


def sync(session: Session, configured: Sequence[Source], now: datetime) -> None:
    """Make the rows agree with the configuration."""
    known = {row.id: row for row in session.rows(select(sources))}
    moved = _renames(configured, known)
    for old, new in moved.items():
        known[new] = known.pop(old)
    _rename(session, [(known[new].pk, new) for new in moved.values()])
    fresh: list[dict[str, Any]] = []
    changed: list[tuple[Row[Any], dict[str, Any]]] = []
    for position, source in enumerate(configured):
        wanted = source_row(source, position)
        row = known.pop(source.id, None)
        if row is None:
            fresh.append({**wanted, "next_visit": now, "next_visit_reason": "new source"})
        elif any(getattr(row, name) != value for name, value in wanted.items()):
            changed.append((row, wanted))
    session.insert(sources, fresh)
    for row, wanted in changed:
        session.run(update(sources).where(sources.c.pk == row.pk).values(**_values(row, wanted, now)))
    reread = [row.pk for row, wanted in changed if row.reading_hash != wanted["reading_hash"]]
    for part in chunks(reread):
        session.run(update(identities).where(identities.c.source.in_(part)).values(raw_hash=None))
    removed = [row.pk for row in known.values() if row.configured]
    for part in chunks(removed):
        session.run(update(sources).where(sources.c.pk.in_(part)).values(configured=false()))
    shown = [row.pk for row, wanted in changed if any(getattr(row, name) != wanted[name] for name in SHOWN)]
    sources_changed(session, [*shown, *removed])
    wake(session, now)
    session.sources = {source.id: source for source in configured}


def ask_again(session: Session, names: Collection[str], now: datetime) -> None:
    """Whose credentials or headers were edited is due now, also where a visit as it was is under way."""
    due = {"next_visit": now, "next_visit_reason": "how it is asked changed"}
    for part in chunks(names):
        waiting = sources.c.id.in_(part) & sources.c.next_visit.is_not(None)
        session.run(update(sources).where(waiting).values(due | _fenced()))


def wake(session: Session, now: datetime) -> None:
    """A clock that was once ahead left plans that lie years away: whoever was visited "tomorrow" is due now."""
    ahead = now + timedelta(days=1)
    late = {"next_visit": now, "next_visit_reason": "the clock was ahead at the last visit", "last_visit": now}
    session.run(update(sources).where(sources.c.last_visit > ahead).values(late | {"held_until": None}))
    session.run(update(sources).where(sources.c.lease_until > ahead).values(_fenced()))


def _renames(configured: Sequence[Source], known: dict[str, Row[Any]]) -> dict[str, str]:
    """Old id → new id, each old one before it is needed again: a chain (a → b, b → c) moves from its end.

    Only a source without a row of its own takes over another's, and never from one that keeps its name: so a
    second run of the same configuration moves nothing.
    """
    wishes = {source.id: source.was for source in configured}
    taken = set(known)
    moved: dict[str, str] = {}
    again = True
    while again:
        again = False
        for new, old in wishes.items():
            if old is None or new in taken or old not in taken or old in moved:
                continue
            if old in wishes and wishes[old] not in taken:
                continue  # the old name is still in use, by a source that has no other history to take
            moved[old] = new
            taken.remove(old)
            taken.add(new)
            again = True
    return moved


def _rename(session: Session, names: list[tuple[int, str]]) -> None:
    if names:
        # A visit under the old name may be under way: its result is refused, and the lease must not outlive it.
        statement = update(sources).where(sources.c.pk == bindparam("number"))
        statement = statement.values(id=bindparam("name"), **_fenced())
        session.run(statement, [{"number": number, "name": name} for number, name in names])


def _fenced() -> dict[str, Any]:
    """A visit may be under way, as the source was: its result is refused, validators and all."""
    return {"lease_owner": None, "lease_until": None, "fence": sources.c.fence + 1}


def _values(row: Row[Any], wanted: dict[str, Any], now: datetime) -> dict[str, Any]:
    values = dict(wanted)
    if wanted["url_hash"] != row.url_hash:
        values |= OF_THE_ADDRESS | _fenced() | {"next_visit": now, "next_visit_reason": "its address changed"}
    elif wanted["reading_hash"] != row.reading_hash:
        values |= UNREAD | _fenced() | {"next_visit": now, "next_visit_reason": "how it is read changed"}
    elif row.gone and not row.configured:
        values |= RETURNED | {"next_visit": now, "next_visit_reason": "back in the configuration"}
    elif row.next_visit is None and not row.gone:
        values |= {"next_visit": now, "next_visit_reason": "back in the configuration"}
    elif wanted["every"] and wanted["every"] != row.every and not row.failures and row.held_until is None:
        # A shorter rhythm counts from now, not from a visit planned by the older one.
        sooner = now + timedelta(seconds=wanted["every"])
        if sooner < row.next_visit:
            values |= {"next_visit": sooner, "next_visit_reason": "its fixed rhythm changed"}
    return values
