"""The longer podcast elements of an entry: chapters told in the feed, payments, conversations and remarks.

Podlove Simple Chapters 1.2 (podlove.org/simple-chapters) and podcastindex.org/namespace/1.0.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from aggregator.domain.media import Conversation, Mark, Recipient, Remark, RemoteItem, TimeSplit, Value
from aggregator.steps.parse import tree
from aggregator.text.plain import one_line
from aggregator.text.urls import absolute

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_MARKS = 1_000
MOST_RECIPIENTS = 50
MOST_SPLITS = 200
MOST = 20  # values, conversations and remarks
NORMAL_TIME = re.compile(r"(?:(?:\d{1,3}:)?[0-5]?\d:[0-5]?\d|\d{1,6})(?:\.\d{1,6})?", re.ASCII)  # RFC 2326 §3.6
DECIMAL = re.compile(r"\d{1,9}(?:\.\d{1,15})?", re.ASCII)
_SHARE = 10**6
_FEES = {"true": True, "yes": True, "false": False, "no": False}
_LONGEST_REMARK = 4_000  # of the namespace


def marks(item: Any, base: str) -> tuple[Mark, ...]:
    """The chapters of psc:chapters, in the order of the feed."""
    found = (e for holder in item if tree.named(holder, "chapters", tree.CHAPTERS) for e in holder)
    made: list[Mark] = []
    for element in found:
        start = (element.get("start") or "").strip() if tree.named(element, "chapter", tree.CHAPTERS) else ""
        title = _plain(element.get("title"))
        if title and NORMAL_TIME.fullmatch(start):
            link, image = (absolute(element.get(name) or "", base) for name in ("href", "image"))
            made.append(Mark(start=start, title=title, link=link, image=image))
        if len(made) == MOST_MARKS:
            break
    return tuple(made)


def values(holder: Iterable[Any], base: str) -> tuple[Value, ...]:
    """Every podcast:value among these elements that pays somebody."""
    found = (_value(e, base) for e in holder if tree.named(e, "value", tree.PODCAST))
    return tuple(islice((v for v in found if v is not None), MOST))


def conversations(item: Any, base: str) -> tuple[Conversation, ...]:
    """podcast:socialInteract, but where the protocol is `disabled`."""
    found = []
    for element in item:
        url = absolute(element.get("uri") or "", base) if tree.named(element, "socialinteract", tree.PODCAST) else None
        protocol = (_plain(element.get("protocol")) or "").lower() if url else ""
        if url and protocol and protocol != "disabled":
            account = absolute(element.get("accountUrl") or "", base)
            priority = tree.number(element.get("priority"))
            found.append(
                Conversation(
                    url=url,
                    protocol=protocol,
                    account=_plain(element.get("accountId")),
                    account_url=account,
                    priority=priority,
                )
            )
    return tuple(found[:MOST])


def remarks(item: Any) -> tuple[Remark, ...]:
    """podcast:txt."""
    found = (
        Remark(text=said, purpose=_plain(e.get("purpose")))
        for e in item
        if tree.named(e, "txt", tree.PODCAST) and (said := _plain(tree.text(e)[:_LONGEST_REMARK]))
    )
    return tuple(islice(found, MOST))


def _value(element: Any, base: str) -> Value | None:
    kind, method = (_plain(element.get(name)) for name in ("type", "method"))
    recipients = _recipients(element)
    splits = (_split(e, base) for e in element if tree.named(e, "valuetimesplit", tree.PODCAST))
    kept = tuple(islice((s for s in splits if s is not None), MOST_SPLITS))
    if not kind or not method or not (recipients or kept):
        return None
    suggested = _decimal(element, "suggested")
    return Value(type=kind, method=method, suggested=suggested, recipients=recipients, splits=kept)


def _recipients(holder: Any) -> tuple[Recipient, ...]:
    found = []
    for element in holder:
        if not tree.named(element, "valuerecipient", tree.PODCAST):
            continue
        address, split = _exact(element.get("address")), tree.number(element.get("split"), _SHARE)
        if address and split is not None:
            found.append(
                Recipient(
                    address=address,
                    split=split,
                    type=_plain(element.get("type")),
                    name=_plain(element.get("name")),
                    key=_exact(element.get("customKey")),
                    value=_exact(element.get("customValue")),
                    fee=_FEES.get((element.get("fee") or "").strip().lower()),
                )
            )
        if len(found) == MOST_RECIPIENTS:
            break
    return tuple(found)


def _split(element: Any, base: str) -> TimeSplit | None:
    start, duration = (_decimal(element, name) for name in ("startTime", "duration"))
    recipients, remote = _recipients(element), tree.first(element, "remoteitem", tree.PODCAST)
    other = None if remote is None else _remote(remote, base)
    if start is None or duration is None or not (recipients or other):
        return None
    return TimeSplit(
        start=start,
        duration=duration,
        remote_start=_decimal(element, "remoteStartTime"),
        remote_percentage=_decimal(element, "remotePercentage"),
        recipients=recipients,
        remote=other,
    )


def _remote(element: Any, base: str) -> RemoteItem | None:
    guid = _exact(element.get("feedGuid"))
    if guid is None:
        return None
    return RemoteItem(
        feed_guid=guid,
        feed_url=absolute(element.get("feedUrl") or "", base),
        item_guid=_exact(element.get("itemGuid")),
        medium=_plain(element.get("medium")),
    )


def _decimal(element: Any, name: str) -> str | None:
    written = (element.get(name) or "").strip()
    return written if DECIMAL.fullmatch(written) else None


def _plain(written: str | None) -> str | None:
    return one_line(written or "", markup=True) or None


def _exact(written: str | None) -> str | None:
    """For machines: nothing in it is markup."""
    return (written or "").strip() or None
