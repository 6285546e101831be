"""Response → reading: the part of a visit that computes. Pure and picklable; it runs in a limited worker.

::

    parse      bytes → entries, and what the feed says of itself
    newest     at most max_entries of them
    identify   each entry's keys, over the whole document; one entry for each name
    known?     an entry whose raw hash is stored is done
    clean      the others become items, oldest first
    sketch     each with what recognises copies of its text
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aggregator.domain.outcome import Failure, Reading
from aggregator.domain.source import SourceKind
from aggregator.errors import Code, SourceError
from aggregator.pipeline.article import read_article
from aggregator.pipeline.survey import surveyed
from aggregator.steps.clean import clean
from aggregator.steps.dedupe import identify, one_each, sketch
from aggregator.steps.parse import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.domain.entry import Entry, FeedInfo, ParsedFeed
    from aggregator.domain.item import Item, Keys
    from aggregator.domain.outcome import ReadContext
    from aggregator.domain.response import Response

TOLD = 20  # entries beyond max_entries that are remembered
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def read(
    context: ReadContext, responses: tuple[Response, ...], known: frozenset[bytes], now: datetime
) -> Reading | Failure:
    """Read what a source answered.

    Args:
        context: what reading needs to know of the source.
        responses: the source's own response, then what an earlier reading wanted; or the pages of `context.item`.
        known: raw hashes of the source's stored entries.
        now: the time of the visit: dates after it do not count as the source's newest. Nothing else depends on it.

    Returns:
        The reading, or the reason there is none. A broken entry costs itself only, if another one can be read.
    """
    try:
        return _read(context, responses, known, now)
    except SourceError as error:
        # Whoever shows a failure names the source.
        message = error.message.removeprefix(f"source {context.source_id!r}: ")
        return _surveyed(replace(Failure.of(error), message=message), context, responses[0])
    except MemoryError:
        raise  # the worker's limit: it says so better
    except Exception as error:  # noqa: BLE001 - the boundary that owns the document: a bug costs one source, not the cycle
        return _bug(error)


def _surveyed(failure: Failure, context: ReadContext, response: Response) -> Failure:
    try:
        return surveyed(failure, context, response)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - the same boundary: that it is no feed is known already
        return failure


def _read(
    context: ReadContext, responses: tuple[Response, ...], known: frozenset[bytes], now: datetime
) -> Reading | Failure:
    if context.item is not None:
        return read_article(context.item, responses, context)
    parsed = _together(parse(responses[0], context), responses[1:], context)
    entries, others = _newest(parsed.entries, context.max_entries)
    names = identify(entries)
    keyed = [(entries[i], names[i]) for i in one_each(entries, names)]
    unchanged = tuple(entry.raw_hash for entry, _ in keyed if entry.raw_hash in known)
    items, broken, error = _cleaned([pair for pair in keyed if pair[0].raw_hash not in known], context, parsed.info)
    if error is not None and not items and not unchanged:
        return _bug(error)
    return Reading(
        info=parsed.info,
        items=tuple(sorted(items, key=lambda item: item.published or _LONG_AGO)),
        unchanged=unchanged,
        left_out=len(others) + broken,
        beyond=_beyond(others, known, context, parsed.info),
        truncated=parsed.truncated,
        version=parsed.version,
        encoding=parsed.encoding,
        wants=_wants(parsed, context, known),
        newest=_dates(parsed, now),
    )


def _wants(parsed: ParsedFeed, context: ReadContext, known: frozenset[bytes]) -> tuple[str, ...]:
    """What is still to be read: behind a page that holds a known entry stands nothing new."""
    if context.kind is SourceKind.PAGE and any(entry.raw_hash in known for entry in parsed.entries):
        return ()
    return parsed.wants


def _together(first: ParsedFeed, further: Sequence[Response], context: ReadContext) -> ParsedFeed:
    """One feed of the source's own document and those that came with it; a broken one is left out."""
    entries, wants = list(first.entries), list(first.wants)
    info = first.info
    for response in further:
        try:
            more = parse(response, context)
        except SourceError:
            continue
        entries += more.entries
        wants += more.wants
        info = info if info.title else replace(info, title=more.info.title)
    return replace(first, info=info, entries=tuple(entries), wants=tuple(wants)) if further else first


def _newest(entries: Sequence[Entry], most: int) -> tuple[list[Entry], list[Entry]]:
    """The newest entries, in document order, and the others, newest first.

    An undated entry is as old as the dated one before it, and before the first dated one the newest: feeds stand
    newest first.
    """
    if len(entries) <= most:
        return list(entries), []
    ages: list[tuple[datetime, int]] = []
    age = datetime.max.replace(tzinfo=UTC)
    for place, entry in enumerate(entries):
        age = _date(entry) or age
        ages.append((age, -place))
    newest_first = [-place for _, place in sorted(ages, reverse=True)]
    return [entries[place] for place in sorted(newest_first[:most])], [entries[place] for place in newest_first[most:]]


def _beyond(others: Sequence[Entry], known: frozenset[bytes], context: ReadContext, info: FeedInfo) -> tuple[Item, ...]:
    """The newest of the entries that there was no room for, to tell of them: a feed may have a million."""
    told = [entry for entry in others if entry.raw_hash not in known][:TOLD]
    items, _, _ = _cleaned(list(zip(told, identify(told), strict=True)), context, info)
    return tuple(reversed(items))


def _date(entry: Entry) -> datetime | None:
    return entry.published or entry.updated


def _cleaned(
    pairs: Sequence[tuple[Entry, Keys]], context: ReadContext, info: FeedInfo
) -> tuple[list[Item], int, Exception | None]:
    """The items, last entry of the document first; how many entries broke, and on what the first did."""
    items: list[Item] = []
    broken, first = 0, None
    for entry, keys in reversed(pairs):
        try:
            item = clean(entry, keys, context, info)
            items.append(replace(item, sketch=sketch(item)))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - the boundary that owns one entry: the others are read
            broken += 1
            first = first or error
    return items, broken, first


def _dates(parsed: ParsedFeed, now: datetime) -> tuple[datetime, ...]:
    dates = (_date(entry) for entry in parsed.entries)
    return tuple(sorted((d for d in dates if d is not None and d <= now), reverse=True))


def _bug(error: Exception) -> Failure:
    return Failure(
        code=Code.INTERNAL, message=f"reading it failed unexpectedly ({type(error).__name__}); please report it"
    )
