"""Two stories found to be one: the older id stays, and what became of the younger is recorded."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import or_, update

from storage import story_index
from storage.tables import items, stories

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.domain.story import Reason
    from storage.session import Session


def merge(session: Session, older: int, younger: int, reason: Reason, now: datetime) -> None:
    """Make the younger story a part of the older one.

    Its items keep their ids and why they came where they came. Its row stays without items: a story's old address
    leads to the story, and its id is not given again.
    """
    session.run(update(items).where(items.c.story == younger).values(story=older))
    record = {**asdict(reason), "at": now.isoformat()}
    whole = or_(stories.c.pk == younger, stories.c.merged_into == younger)
    session.run(update(stories).where(whole).values(merged_into=older))
    session.run(update(stories).where(stories.c.pk == younger).values(merge=record))
    story_index.merge(session, older, younger)
