"""Chapters, payments, conversations and remarks of an episode as elements of RSS items and Atom entries.

Podlove Simple Chapters 1.2 (podlove.org/simple-chapters) and podcastindex.org/namespace/1.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aggregator.steps.render.elements import element

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aggregator.domain.media import Episode, Recipient, Value

CHAPTERS = "http://podlove.org/simple-chapters"
PODCAST = "https://podcastindex.org/namespace/1.0"


def write_longer(parent: Any, episode: Episode) -> None:
    """What of an episode takes more than an element."""
    if episode.marks:
        chapters = element(parent, f"{{{CHAPTERS}}}chapters", version="1.2")
        for mark in episode.marks:
            element(chapters, f"{{{CHAPTERS}}}chapter", start=mark.start, title=mark.title, href=mark.link,
                    image=mark.image)  # fmt: skip
    for value in episode.values:
        _write_value(parent, value)
    for post in episode.conversations:
        element(parent, name("socialInteract"), protocol=post.protocol, uri=post.url, accountId=post.account,
                accountUrl=post.account_url, priority=post.priority)  # fmt: skip
    for remark in episode.remarks:
        element(parent, name("txt"), purpose=remark.purpose).text = remark.text


def _write_value(parent: Any, value: Value) -> None:
    written = element(parent, name("value"), type=value.type, method=value.method, suggested=value.suggested)
    _write_recipients(written, value.recipients)
    for split in value.splits:
        part = element(written, name("valueTimeSplit"), startTime=split.start, duration=split.duration,
                       remoteStartTime=split.remote_start, remotePercentage=split.remote_percentage)  # fmt: skip
        _write_recipients(part, split.recipients)
        if split.remote:
            element(part, name("remoteItem"), feedGuid=split.remote.feed_guid, feedUrl=split.remote.feed_url,
                    itemGuid=split.remote.item_guid, medium=split.remote.medium)  # fmt: skip


def _write_recipients(parent: Any, recipients: Iterable[Recipient]) -> None:
    for one in recipients:
        fee = None if one.fee is None else str(one.fee).lower()
        element(parent, name("valueRecipient"), name=one.name, type=one.type, address=one.address, split=one.split,
                customKey=one.key, customValue=one.value, fee=fee)  # fmt: skip


def name(local: str) -> str:
    """A name of the podcast namespace."""
    return f"{{{PODCAST}}}{local}"
