"""Where an address that has no document leads: topics that were renamed or have ended, pages of archives that went."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aggregator.domain.archive import PAGE_SIZE

if TYPE_CHECKING:
    from aggregator.domain.settings import Configuration
    from aggregator.ports import Store

_TOPIC = re.compile(r"topics/([a-z0-9][a-z0-9-]*)(\.[a-z]+|/archive/([1-9]\d{0,8})\.atom)?")


def moved(store: Store, configuration: Configuration, path: str) -> tuple[int, str] | None:
    """What to answer for a path below the site's address at which nothing stands; None for not found.

    Returns:
        301 and the path under the topic's new id; 307 and the topic's feed for the archive page that is to be
        written next, which a full page names already; 410 and "" for what is gone for good.
    """
    found = _TOPIC.fullmatch(path)
    if found is None:
        return None
    name, rest, page = found[1], found[2] or "", found[3]
    for topic in configuration.topics:
        if topic.was == name:
            return 301, f"topics/{topic.id}{rest}"
    with store.read() as rooms:
        if to := rooms.topics.successor(name):
            return 301, f"topics/{to}{rest}"
        if rooms.topics.retired(name):
            return 410, ""
        state = rooms.archives.state(name)
    given = -(-state.stories // PAGE_SIZE)
    if page is None or not given or int(page) > given + 1:
        return None
    return (410, "") if int(page) <= given else (307, f"topics/{name}.atom")
