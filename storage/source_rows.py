"""Rows of `sources` ↔ what is configured and what is remembered."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from aggregator.domain.response import Validators
from aggregator.domain.source import Visits
from storage.rows import failure, hints, move, pack, pattern

if TYPE_CHECKING:
    from sqlalchemy import Row

    from aggregator.domain.source import Source

# Columns and attributes of the same name and form.
PLAIN = (
    "body_hash",
    "last_visit",
    "last_success",
    "next_visit",
    "next_visit_reason",
    "failures",
    "failing_since",
    "failed_at",
    "held_until",
    "gone_at",
    "gone",
    "moved_to",
    "entries_per_day",
)
# What belongs to an address and goes with it.
OF_THE_ADDRESS: dict[str, Any] = {
    "etag": None,
    "last_modified": None,
    "validators_url": None,
    "body_hash": None,
    "last_success": None,  # this address was never read: what it brings first is no archive that came back
    "held_until": None,
    "gone": False,
    "gone_at": None,
    "moved_to": None,
    "move": None,
    "failures": 0,
    "failing_since": None,
    "failure": None,
    "failed_at": None,
}
# What is read anew when the way of reading changed: the next visit is unconditional.
UNREAD: dict[str, Any] = dict.fromkeys(("etag", "last_modified", "validators_url", "body_hash"))
# A source that was taken out and put back is tried again, whatever it was left for.
RETURNED: dict[str, Any] = {"gone": False, "gone_at": None, "failures": 0, "failing_since": None}


def reading_hash(source: Source) -> bytes:
    """16 bytes that notice another way of reading: the same bytes give other items then."""
    parts = [source.encoding, source.timezone, source.language]
    if source.only_text or source.drop_text:
        parts += [source.only_text, source.drop_text]
    if source.page:
        parts += [repr(source.page)]
    return blake2b("\n".join(part or "" for part in parts).encode(), digest_size=16).digest()


def url_hash(source: Source) -> bytes:
    """16 bytes that notice a changed address; the address itself may be a secret and is not stored."""
    return blake2b(f"{source.kind}\n{source.url}\n{source.path or ''}".encode(), digest_size=16).digest()


def source_row(source: Source, position: int) -> dict[str, Any]:
    """What the configuration says, without its secrets."""
    return {
        "id": source.id,
        "position": position,
        "configured": True,
        "enabled": source.enabled,
        "rank": source.rank,
        "title": source.title,
        "shown_url": source.shown_url,
        "url_hash": url_hash(source),
        "reading_hash": reading_hash(source),
        "every": source.every.total_seconds() if source.every else None,
    }


def visits_row(visits: Visits) -> dict[str, Any]:
    """What a visit leaves behind."""
    kept = visits.validators
    return {name: getattr(visits, name) for name in PLAIN} | {
        "etag": kept.etag if kept else None,
        "last_modified": kept.last_modified if kept else None,
        "validators_url": kept.url if kept else None,
        "failure": pack(visits.failure),
        "hints": pack(visits.hints),
        "move": pack(visits.move),
        "pattern": pack(visits.pattern),
        "feed_title": visits.title,
    }


def visits(row: Row[Any]) -> Visits:
    """What is remembered of visiting a source."""
    kept = None
    if row.validators_url is not None:
        kept = Validators(etag=row.etag, last_modified=row.last_modified, url=row.validators_url)
    return Visits(
        validators=kept,
        failure=failure(row.failure),
        hints=hints(row.hints),
        move=move(row.move),
        pattern=pattern(row.pattern),
        title=row.feed_title,
        **{name: getattr(row, name) for name in PLAIN},
    )
