"""Permanent redirects: believed after three identical answers over a day, then the target is asked directly.

RFC 9110 §15.4.2 and §15.4.9 let a client remember a 301 and a 308; servers send them by mistake, so one is not
enough. The configuration is never rewritten, and the source's own address is asked again once a week.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from aggregator.domain.source import Move, SourceKind
from aggregator.errors import Code
from aggregator.steps.due.allowed import allowed

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.domain.outcome import Failure
    from aggregator.domain.settings import FetchSettings
    from aggregator.domain.source import Source, Visits

ENOUGH = 3  # identical answers
APART = timedelta(days=1)  # the first and the last of them, at least
ASKED_AGAIN = timedelta(days=7)


def believed(move: Move | None) -> bool:
    """Whether the new address counts as the source's."""
    return move is not None and move.seen >= ENOUGH and move.last - move.since >= APART


def after_success(source: Source, old: Visits, moved_to: str | None, now: datetime) -> Move | None:
    """What is known of a move after a visit that went well and ended at `moved_to` by permanent redirects only."""
    move = old.move
    if move is not None and move.direct:
        if moved_to is not None and moved_to != move.to:
            return Move(to=moved_to, since=now, last=now)  # it moved on; its own address tells where to
        return replace(move, direct=now - move.last < ASKED_AGAIN)
    if moved_to is None:
        return None
    if move is None or move.to != moved_to:
        return Move(to=moved_to, since=now, last=now)
    move = replace(move, seen=move.seen + 1, last=now)
    return replace(move, direct=believed(move) and not move.refused and _may_go_directly(source))


def after_failure(old: Visits, failure: Failure) -> Move | None:
    """After a failure of the new address the source's own is asked again."""
    move = old.move
    if move is None or not move.direct:
        return move
    return replace(move, direct=False, refused=failure.code is Code.REFUSED_ADDRESS)


def address(source: Source, visits: Visits, settings: FetchSettings) -> tuple[str, bool]:
    """What the next visit asks, and whether fetch.allow_hosts counts for it.

    It counts for a source's own address only: for the new one, where the old one is written on the list.
    """
    if visits.move is None or not visits.move.direct or not _may_go_directly(source):
        return source.url, True
    return visits.move.to, allowed(source.url, settings.allow_hosts)


def _may_go_directly(source: Source) -> bool:
    """Not with credentials, nor unverified: that was meant for the origin it was written for."""
    own = source.headers or source.auth or source.cookies or source.client_certificate or not source.verify_tls
    return not own and source.kind is not SourceKind.FILE
