"""A labelled file → entries: JSON Lines, one feed entry a line in order of arrival, with the story it belongs to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from aggregator.domain.entry import Entry, Text
from aggregator.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, kw_only=True, slots=True)
class Labelled:
    """An entry as its feed gave it, and what a person says of it.

    `story` is the label; `variants` say what was done to the text, `family` what kind of text it is, `group` which
    stories are easily taken for this one.
    """

    source: str
    entry: Entry
    story: str
    variants: tuple[str, ...] = ()
    family: str = "article"
    group: str | None = None


def labelled(lines: Iterable[str], name: str) -> list[Labelled]:
    """The entries of a file.

    Raises:
        ConfigError: a line is no such object; it names file, line and what is missing.
    """
    found: list[Labelled] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found.append(_one(json.loads(line), line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            what = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
            expected = 'a line is like {"source": …, "guid": …, "link": …, "title": …, "summary": …, "story": …}'
            raise ConfigError(f"{name}:{number}: {what}; {expected}") from None
    if not found:
        raise ConfigError(f"{name}: there is no entry in it")
    return found


def _one(row: dict[str, Any], line: str) -> Labelled:
    variant = row.get("variant") or ()
    return Labelled(
        source=str(row["source"]),
        story=str(row["story"]),
        variants=(variant,) if isinstance(variant, str) else tuple(map(str, variant)),
        family=str(row.get("family") or "article"),
        group=row.get("group"),
        entry=Entry(
            raw_hash=blake2b(line.encode(), digest_size=16).digest(),
            guid=row.get("guid"),
            link=row.get("link"),
            title=_text(row.get("title")),
            summary=_text(row.get("summary")),
            content=_text(row.get("content_html")),
            published=_moment(row.get("published")),
            language=row.get("lang"),
        ),
    )


def _text(value: str | None) -> Text | None:
    return Text(value=value) if value else None


def _moment(value: str | None) -> datetime | None:
    if value is None:
        return None
    moment = datetime.fromisoformat(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
