"""News, or an archive that came back? Many old or undated entries at once are entered quietly.

A publisher that moves house, loses its guids or prints its whole archive again brings entries that are new to us and
to nobody else. They are stored and found by a search; no topic announces them. A first reading is no flood, and
entries dated after the last reading are news, however many a long outage leaves.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from aggregator.domain.story import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.domain.item import Item

MANY = 10  # entries of one visit; fewer old ones are late news
LATE = timedelta(days=1)  # an entry may be shown so long after its date
UNDATED_A_DAY = 24.0  # what a source without dates is believed to write, where its rhythm is not known
TIMES = 3  # as many as usual are still believed


def flood(
    new: Sequence[Item],
    *,
    last_success: datetime | None,
    last_new: datetime | None,
    entries_per_day: float | None,
    now: datetime,
) -> dict[int, Reason]:
    """The new items that are no news, by their place, each with the reason.

    Args:
        new: what a visit brought that was not known.
        last_success: when the source was last read; None at its first reading.
        last_new: when it last had anything new: a source that prints once a week prints a week's entries.
        entries_per_day: its rhythm, where its dates tell one.
        now: the time of the visit.
    """
    if last_success is None:
        return {}
    old = [place for place, item in enumerate(new) if item.published and item.published < last_success - LATE]
    undated = [place for place, item in enumerate(new) if item.published is None]
    found: dict[int, Reason] = {}
    if len(old) >= MANY:
        found |= dict.fromkeys(
            old, _reason(len(old), f"dated before the last reading of {last_success:%Y-%m-%d %H:%M} UTC")
        )
    days = max((now - min(last_success, last_new or last_success)) / timedelta(days=1), 0.0)
    usual = MANY + TIMES * days * (entries_per_day or UNDATED_A_DAY)
    if len(undated) > usual:
        found |= dict.fromkeys(undated, _reason(len(undated), f"without a date, and {usual:.0f} would be many"))
    return found


def _reason(count: int, what: str) -> Reason:
    text = f"stored without being announced: {count} new entries at once are {what}, so an archive came back"
    return Reason(rule="flood", text=text, evidence={"entries": count})
