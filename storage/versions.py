"""What items said before their words moved: kept when a new version replaces them, for the story's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, func, select

from aggregator.domain.version import EarlierVersion
from aggregator.text.figures import figures
from storage.session import chunks
from storage.tables import item_versions, items, stories

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from storage.session import Session

KEPT = 20  # of an item, the newest: a live page is edited every minute


def keep(session: Session, text_hashes: Mapping[int, bytes], now: datetime) -> None:
    """Keep what those items say now whose words are about to be others; `text_hashes` are the new ones."""
    rows = []
    for part in chunks(text_hashes):
        query = select(items.c.pk, items.c.title, items.c.text_hash, items.c.text).where(items.c.pk.in_(part))
        rows += [row for row in session.rows(query) if row.text_hash != text_hashes[row.pk]]
    if not rows:
        return
    session.upsert(
        item_versions,
        [
            {"item": row.pk, "until": now, "title": row.title, "figures": list(figures(f"{row.title}\n{row.text}"))}
            for row in rows
        ],
    )
    mine = item_versions.c.item.in_([row.pk for row in rows])
    counts = select(item_versions.c.item, func.count().label("kept"), func.min(item_versions.c.until).label("oldest"))
    for row in session.rows(counts.where(mine).group_by(item_versions.c.item).having(func.count() > KEPT)):
        oldest = and_(item_versions.c.item == row.item, item_versions.c.until == row.oldest)
        session.run(delete(item_versions).where(oldest))


def versions(session: Session, story: str) -> list[EarlierVersion]:
    """What the copies of a story said before, oldest first."""
    query = (
        select(item_versions)
        .join(items, items.c.pk == item_versions.c.item)
        .join(stories, stories.c.pk == items.c.story)
        .where(stories.c.public_id == story)
        .order_by(item_versions.c.until, item_versions.c.item)
    )
    return [
        EarlierVersion(item=row.item, until=row.until, title=row.title, figures=tuple(row.figures))
        for row in session.rows(query)
    ]
