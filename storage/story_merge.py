"""Two stories found to be one: the older id stays, and what became of the younger is recorded."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from sqlalchemy import or_, update

from storage import story_index, story_names
from storage.tables import items, stories

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.domain.story import Reason
    from storage.session import Session


def merge(session: Session, older: int, younger: int, reason: Reason, now: datetime) -> None:
    """Make the younger story a part of the older one.

    Its items keep their ids and why they came where they came. Its row stays without items: a story's old address
    leads to the story, and its id is not given again, but lives on in topics that showed no other (story_names.py).
    """
    story_names.settle(session, older, younger, {**asdict(reason), "at": now.isoformat()})
    session.run(update(items).where(items.c.story == younger).values(story=older))
    whole = or_(stories.c.pk == younger, stories.c.merged_into == younger)
    session.run(update(stories).where(whole).values(merged_into=older))
    story_index.merge(session, older, younger)
