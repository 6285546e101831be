"""The verbs that ask the stored past: search, preview."""

from __future__ import annotations

import json
import re
import sys
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.app.cli.common import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    QuietOption,
    VerboseOption,
    rfc3339,
    start,
)
from aggregator.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, timedelta

    from rich.console import Console
    from rich.text import Text

    from aggregator.domain.settings import Configuration
    from aggregator.domain.topic import Topic
    from aggregator.pipeline.preview import Effect, Preview
    from aggregator.pipeline.search import Hit

LISTED = 20  # stories of a preview
BLOCKS = "▁▂▃▄▅▆▇█"
WIDEST = 60  # days in the chart; more of them share a column


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command()(search)
    app.command()(preview)


def search(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="In the query language; also age<2d.")],
    as_json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """What is stored and matches, newest arrival first."""
    configuration = start(config, verbose, quiet=quiet)
    from aggregator.pipeline.search import search as search_items
    from aggregator.steps.select import QueryError
    from aggregator.wiring import SystemClock, look_into_store

    console = _console()
    with closing(look_into_store(configuration)) as store:
        try:
            hits = search_items(store, configuration, query, SystemClock().now())
        except QueryError as error:
            raise ConfigError(f"query: {error}") from None
        for hit in hits:
            if as_json:
                typer.echo(json.dumps(_as_json(hit), ensure_ascii=False))
            else:
                console.print(_line(hit))


def preview(
    topic: Annotated[str | None, typer.Argument(metavar="TOPIC", help="A topic of feeds.yaml.")] = None,
    query: Annotated[str | None, typer.Option("--query", metavar="QUERY", help="A query instead of a topic.")] = None,
    since: Annotated[str, typer.Option("--since", metavar="DURATION", help="How far back to look.")] = "30d",
    as_json: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """What a topic or a query would hold of what is stored.

    And what each of its clauses brings in or keeps out.
    """
    configuration = start(config, verbose, quiet=quiet)
    from aggregator.app.cli.told import preview_json
    from aggregator.pipeline.preview import preview as preview_topic
    from aggregator.wiring import SystemClock, look_into_store

    wanted, span = _topic(configuration, topic, query), _span(since)
    now = SystemClock().now()
    with closing(look_into_store(configuration)) as store:
        found = preview_topic(store, configuration, wanted, now, now - span)
    if as_json:
        typer.echo(json.dumps(preview_json(found, named=topic is not None), ensure_ascii=False, indent=1))
    else:
        _print(found, since)


def _topic(configuration: Configuration, name: str | None, query: str | None) -> Topic:
    from aggregator.app.cli.work import unknown
    from aggregator.domain.topic import Topic
    from aggregator.steps.select import QueryError, parse_query

    known = {topic.id: topic for topic in configuration.topics}
    if name is None and query is None:
        raise ConfigError("preview: name a topic, or give a query: aggregator preview --query 'flood OR storm'")
    if name is not None and name not in known:
        raise ConfigError(unknown("topic", name, known))
    topic = known[name] if name is not None else Topic(id="query", title="query", limit=LISTED)
    if query is None:
        return topic
    try:
        return replace(topic, query=parse_query(query, age=True), query_text=query)
    except QueryError as error:
        raise ConfigError(f"--query: {error}") from None


def _span(text: str) -> timedelta:
    from aggregator.config.values import duration

    try:
        return duration(text)
    except ValueError as error:
        raise ConfigError(f"--since {text!r}: {error}") from None


def _console() -> Console:
    from rich.console import Console

    # Piped into a file there is no width to keep to, and a wrapped line is hard to search.
    return Console(width=None if sys.stdout.isatty() else 1000, highlight=False, soft_wrap=True)


def _as_json(hit: Hit) -> dict[str, object]:
    stored, item = hit.copy.stored, hit.copy.stored.item
    return {
        "id": stored.public_id,
        "source": item.source_id,
        "title": item.title,
        "link": item.link,
        "published": rfc3339(item.published),
        "first_seen": rfc3339(stored.first_seen),
        "lang": item.language,
        "story": stored.story,
        "words": list(hit.words),
        "reason": hit.verdict.reason.text,
    }


def _line(hit: Hit) -> Text:
    from rich.text import Text

    stored, item = hit.copy.stored, hit.copy.stored.item
    line = Text(f"{stored.order_at.astimezone():%Y-%m-%d %H:%M}  {item.source_id}  ")
    line.append(_marked(item.title, hit.words))
    line.append(f"  {item.link or stored.public_id}", style="dim")
    return line


def _marked(title: str, words: Iterable[str]) -> Text:
    """A title with the words found in it set off: bold on a terminal."""
    from rich.text import Text

    marked = Text(title)
    for word in words:
        marked.highlight_regex(re.compile(re.escape(word), re.IGNORECASE), "bold reverse")
    return marked


def _print(found: Preview, since: str) -> None:
    from rich.text import Text

    from aggregator.domain.digest import Rhythm

    console = _console()
    topic = found.topic
    console.print(Text(f"query    {topic.query_text or 'none: everything'}"))
    shown = len(found.selection.entries)
    console.print(
        Text(f"holds    {_count(found.stories, 'story')} of {_count(found.items, 'item')} in the last {since}")
    )
    if topic.digest is Rhythm.NONE:
        console.print(Text(f"shows    {shown} now (limit {topic.limit})"))
    else:
        period = "day" if topic.digest is Rhythm.DAILY else "week"
        console.print(Text(f"digest   {topic.digest}: up to {topic.limit} stories each, when the {period} is over"))
    console.print(Text(f"a day    {chart(found.per_day)}"))
    if found.per_source:
        told = [f"{name} {count}" for name, count in found.per_source.items()]
        more = f" and {len(told) - LISTED} more" if len(told) > LISTED else ""
        console.print(Text(f"sources  {', '.join(told[:LISTED])}{more}"))
    for place, effect in enumerate(found.effects):
        console.print(Text(f"{'clauses' if not place else '':9}{effect.clause}: {told_effect(effect)}"))
    for entry in found.selection.entries[:LISTED]:
        hit = found.hits[entry.shown.stored.public_id]
        line = _line(hit)
        if entry.others:
            line.append(f"  +{len(entry.others)}")
        console.print(line)
    if shown > LISTED:
        console.print(Text(f"… and {shown - LISTED} more"))


def told_effect(effect: Effect) -> str:
    """What one clause does, in words."""
    if effect.alone:
        return "what is looked for: without it there is nothing to find stories by"
    told = []
    if effect.adds:
        told.append(f"alone brings in {_count(effect.adds, 'item')}")
    if effect.removes:
        told.append(f"alone keeps out {_count(effect.removes, 'item')}")
    return " and ".join(told) or "changes nothing"


def chart(per_day: Mapping[date, int]) -> str:
    """The days as a line of bars, with the first and the last day and the highest bar's count."""
    days = list(per_day)
    width = -(-len(days) // WIDEST)
    columns = [sum(per_day[day] for day in days[at : at + width]) for at in range(0, len(days), width)]
    highest = max(columns, default=0)
    bars = "".join(" " if not n else BLOCKS[(n * len(BLOCKS) - 1) // highest] for n in columns)
    unit = "a day" if width == 1 else f"in {width} days"
    return f"{days[0]} {bars}▏{days[-1]}, at most {highest} {unit}" if days else ""


def _count(number: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"
