"""Chapters, payments, conversations and remarks of an episode, bounded; what pays is kept whole or not at all."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from aggregator.text.normalise import line
from aggregator.text.urls import clean_link

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aggregator.domain.media import Conversation, Episode, Mark, Recipient, Remark, RemoteItem, TimeSplit, Value

_MOST_MARKS = 1_000
_MOST_RECIPIENTS = 50
_MOST_SPLITS = 200
_MOST = 20  # values, conversations and remarks
_LONGEST_NAME = 200
_LONGEST_REMARK = 4_000
_LONGEST_EXACT = 500


def longer(found: Episode, base: str | None) -> dict[str, Any]:
    """The members of an Episode that this module checks."""
    return {
        "marks": tuple(m for part in found.marks[:_MOST_MARKS] if (m := _mark(part, base)) is not None),
        "values": tuple(v for part in found.values[:_MOST] if (v := _value(part, base)) is not None),
        "conversations": tuple(c for p in found.conversations[:_MOST] if (c := _conversation(p, base)) is not None),
        "remarks": tuple(r for part in found.remarks[:_MOST] if (r := _remark(part)) is not None),
    }


def _mark(found: Mark, base: str | None) -> Mark | None:
    title = _name(found.title)
    if title is None:
        return None
    return dataclasses.replace(found, title=title, link=_link(found.link, base), image=_link(found.image, base))


def _value(found: Value, base: str | None) -> Value | None:
    kind, method = _name(found.type), _name(found.method)
    recipients = _recipients(found.recipients)
    splits = tuple(s for part in found.splits[:_MOST_SPLITS] if (s := _split(part, base)) is not None)
    if kind is None or method is None or not (recipients or splits):
        return None
    return dataclasses.replace(found, type=kind, method=method, recipients=recipients, splits=splits)


def _recipients(found: Iterable[Recipient]) -> tuple[Recipient, ...]:
    """Those whose address fits: half of one would pay somebody else."""
    kept = []
    for one in found:
        address, key, value = _exact(one.address), _exact(one.key), _exact(one.value)
        if address and bool(key) == bool(one.key) and bool(value) == bool(one.value):
            name, kind = _name(one.name), _name(one.type)
            kept.append(dataclasses.replace(one, address=address, key=key, value=value, name=name, type=kind))
    return tuple(kept[:_MOST_RECIPIENTS])


def _split(found: TimeSplit, base: str | None) -> TimeSplit | None:
    recipients, remote = _recipients(found.recipients), _remote(found.remote, base)
    return dataclasses.replace(found, recipients=recipients, remote=remote) if recipients or remote else None


def _remote(found: RemoteItem | None, base: str | None) -> RemoteItem | None:
    guid = _exact(found.feed_guid) if found else None
    if found is None or guid is None:
        return None
    return dataclasses.replace(
        found,
        feed_guid=guid,
        feed_url=_link(found.feed_url, base),
        item_guid=_exact(found.item_guid),
        medium=_name(found.medium),
    )


def _conversation(found: Conversation, base: str | None) -> Conversation | None:
    url, protocol = _link(found.url, base), _name(found.protocol)
    if url is None or protocol is None:
        return None
    account_url = _link(found.account_url, base)
    return dataclasses.replace(found, url=url, protocol=protocol, account=_name(found.account), account_url=account_url)


def _remark(found: Remark) -> Remark | None:
    text = line(found.text)[:_LONGEST_REMARK].strip()
    return dataclasses.replace(found, text=text, purpose=_name(found.purpose)) if text else None


def _link(url: str | None, base: str | None) -> str | None:
    return clean_link(url, base) if url else None


def _name(written: str | None) -> str | None:
    return line(written or "")[:_LONGEST_NAME].strip() or None


def _exact(written: str | None) -> str | None:
    found = line(written or "")
    return found if found and len(found) <= _LONGEST_EXACT else None
