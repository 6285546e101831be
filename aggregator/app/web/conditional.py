"""Conditional requests (RFC 9110 §13) and the choice of an encoding (§12.5.3): pure, over header values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_LIST = re.compile(rf"[\s,]*{_TAG}(?:\s*,[\s,]*{_TAG})*[\s,]*")
_ONE = re.compile(_TAG)
_CODING = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?")
_LONGEST = 8_000  # characters of a header that are looked at


@dataclass(frozen=True, kw_only=True, slots=True)
class Conditions:
    """The conditional headers of a request; None where absent."""

    if_match: str | None = None
    if_none_match: str | None = None
    if_modified_since: str | None = None
    if_unmodified_since: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What to answer instead of the document: 304 with the ETag that matched, or 412."""

    status: int
    etag: str


def decide(conditions: Conditions, etags: Sequence[str], modified: datetime | None) -> Verdict | None:
    """Evaluate in the order of RFC 9110 §13.2.2, for GET and HEAD; None where the document is to be sent.

    `etags` are the strong ones of every representation, the selected one first: whoever holds the gzipped bytes
    and now asks for plain ones holds the same news. Without `modified` the conditions on dates are ignored
    (§13.1.3).
    """
    selected = etags[0]
    if conditions.if_match is not None:
        if not _matches(conditions.if_match, etags, weak=False):
            return Verdict(status=412, etag=selected)
    elif modified and (limit := _date(conditions.if_unmodified_since)) and modified > limit:
        return Verdict(status=412, etag=selected)
    if conditions.if_none_match is not None:
        matched = _matches(conditions.if_none_match, etags, weak=True)
        return Verdict(status=304, etag=matched) if matched else None
    if modified and (since := _date(conditions.if_modified_since)) and modified <= since:
        return Verdict(status=304, etag=selected)
    return None


def best_coding(accept_encoding: str | None, offered: Sequence[str]) -> str | None:
    """The coding to send: the one the client likes most, the first offered of equals; None is for plain bytes.

    Plain bytes go to who wants them more than every coding (`identity`). A header that cannot be read accepts nothing.
    """
    qualities: dict[str, float] = {}
    for part in (accept_encoding or "")[:_LONGEST].split(","):
        if not part.strip():
            continue
        found = _CODING.fullmatch(part)
        if found is None:
            return None
        qualities[found[1].lower().removeprefix("x-")] = float(found[2] or 1)
    liked = {coding: qualities.get(coding, qualities.get("*", 0.0)) for coding in offered}
    best = max(liked, key=lambda coding: liked[coding], default=None)
    return best if best is not None and liked[best] > 0 and liked[best] >= qualities.get("identity", 0.0) else None


def _matches(header: str, etags: Sequence[str], *, weak: bool) -> str | None:
    """The first of `etags` in the list, by weak or strong comparison (§8.8.3.2); `*` is the selected one."""
    if header.strip() == "*":
        return etags[0]
    if len(header) > _LONGEST or not _LIST.fullmatch(header):
        return None
    said = _ONE.findall(header)
    known = {tag.removeprefix("W/") for tag in said} if weak else set(said)
    return next((etag for etag in etags if etag in known), None)


def _date(header: str | None) -> datetime | None:
    """An HTTP date, or None where it is absent or none: an unreadable condition is ignored (§13.1.3)."""
    if header is None:
        return None
    try:
        found = parsedate_to_datetime(header[:64])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
