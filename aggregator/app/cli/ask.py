"""The verbs that answer: status, explain, export."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.app.cli.common import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    QuietOption,
    VerboseOption,
    number,
    rfc3339,
    start,
)
from aggregator.app.cli.explained import as_json, as_text, drop_json, drop_text, push_json, push_text
from aggregator.app.cli.work import unknown
from aggregator.domain.hub import by_topic
from aggregator.errors import ConfigError

if TYPE_CHECKING:
    from aggregator.domain.drop import Drop
    from aggregator.domain.source import SourceDay, SourceReport

DROPS = 200  # that `status --dropped` tells
DAYS = 90  # that `status SOURCE` tells: as many as are kept
NAMED = 10  # topics that wait for publication, by name


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command()(status)
    app.command()(explain)
    app.command()(export)


def status(
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SOURCE]...", help="Only these, with what became of each day's visits."),
    ] = None,
    as_json: JsonOption = False,
    dropped: Annotated[
        bool, typer.Option("--dropped", help="Also the newest entries that were not stored or not announced, and why.")
    ] = False,
    config: ConfigOption = DEFAULT_CONFIG,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Every source: state, next visit and why then; every topic."""
    configuration = start(config, verbose, quiet=quiet)
    from aggregator.domain.audience import Audience
    from aggregator.wiring import SystemClock, look_into_store

    named = dict.fromkeys(sources or ())
    known = {source.id for source in configuration.sources}
    for name in named:
        if name not in known:
            raise ConfigError(unknown("source", name, known))
    with closing(look_into_store(configuration)) as store, store.read() as rooms:
        reports = [report for report in rooms.sources.reports() if not named or report.id in named]
        history = {name: rooms.days.of(name, SystemClock().now(), DAYS) for name in named}
        counts = rooms.topics.counts()
        hub = by_topic(rooms.hub.audiences(datetime.now(UTC)))
        audience = rooms.audience.now(SystemClock().now())
        drops = rooms.drops.recent(DROPS) if dropped else []
        waiting, stale = rooms.topics.waiting(), rooms.topics.stale(SystemClock().now())
    if not as_json:
        shown = {t.id: counts.get(t.id, (0, None))[0] for t in configuration.topics}
        _print_status(reports, history, shown, {name: readers.total for name, readers in audience.items()})
        if waiting or stale:
            typer.echo(_unpublished(waiting, stale))
        if hub:
            typer.echo("hub: " + ", ".join(_followed(*one) for one in sorted(hub.items())))
        if dropped:
            _print_drops(drops)
        return
    topics = []
    for topic in configuration.topics:
        stories, updated = counts.get(topic.id, (0, None))
        readers = audience.get(topic.id, Audience())
        subscribers = {"total": readers.total, "services": readers.through_services, "direct": readers.direct}
        topics.append({"id": topic.id, "stories": stories, "updated": rfc3339(updated), "subscribers": subscribers})
    for told in topics:
        subscribed, failing = hub.get(str(told["id"]), (0, 0))
        told["hub"] = {"subscribers": subscribed, "failing": failing}
    answer = {
        "sources": [_source(report) | _days(history.get(report.id)) for report in reports],
        "topics": topics,
        "unpublished": {"items": waiting, "topics": stale},
    }
    if dropped:
        answer["dropped"] = [drop_json(drop) for drop in drops]
    typer.echo(json.dumps(answer, ensure_ascii=False, indent=1))


def _source(report: SourceReport) -> dict[str, object]:
    visits = report.visits
    error = None
    if visits.failure is not None:
        at = rfc3339(visits.failed_at)
        error = {"code": visits.failure.code.value, "message": visits.failure.message, "at": at}
    return {
        "id": report.id,
        "url": report.shown_url,
        "state": report.status.value,
        "moved_to": visits.moved_to,
        "error": error,
        "failures": visits.failures,
        "last_visit": rfc3339(visits.last_visit),
        "last_success": rfc3339(visits.last_success),
        "next_visit": rfc3339(visits.next_visit),
        "next_visit_reason": visits.next_visit_reason,
        "items": report.items,
        "entries_per_day": visits.entries_per_day,
        "push": push_json(report.push),
    }


def _days(history: list[SourceDay] | None) -> dict[str, object]:
    if history is None:
        return {}
    days = [
        {"day": day.day.isoformat(), "visits": day.visits, "failures": day.failures, "items": day.items}
        for day in history
    ]
    return {"days": days}


def _print_status(
    reports: list[SourceReport],
    history: dict[str, list[SourceDay]],
    topics: dict[str, int],
    subscribers: dict[str, int],
) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    # Piped into a file or a pager there is no width to keep to, and a wrapped line is hard to search.
    console = Console(width=None if sys.stdout.isatty() else 250)
    table = Table("source", "state", "last success", "next visit", "why then", "items", box=None, pad_edge=False)
    for report in reports:
        visits = report.visits
        why = [visits.next_visit_reason]
        if visits.failure is not None:
            times = f", {visits.failures} in a row" if visits.failures > 1 else ""
            why.append(f"{visits.failure.code.value}{times}: {visits.failure.message}")
        if report.push is not None:
            why.append(push_text(report.push))
        cells = (report.id, report.status.value, _short(visits.last_success), _short(visits.next_visit))
        table.add_row(*map(Text, (*cells, "\n".join(why), str(report.items))))
    console.print(table)
    for name, days in history.items():
        console.print(Text(f"{name}, by day (UTC), of the last {len(days)}"))
        for day in days:
            if day.visits:
                line = f"{number(day.visits, 'visit')}, {day.failures} failed, {number(day.items, 'new item')}"
                console.print(Text(f"  {day.day}  {line}"))
    told = (
        f"{name} {count}" + (f" ({number(subscribers[name], 'subscriber')})" if subscribers.get(name) else "")
        for name, count in topics.items()
    )
    console.print(Text("topics: " + (", ".join(told) or "none")))


def _followed(topic: str, subscriptions: tuple[int, int]) -> str:
    subscribed, failing = subscriptions
    return f"{topic} {subscribed} subscribed" + (f", {failing} not reached" if failing else "")


def _unpublished(items: int, topics: list[str]) -> str:
    """What no reader sees yet, and what is to be done about it."""
    waiting = [number(items, "new item")] if items else []
    if topics:
        more = f" and {len(topics) - NAMED} more" if len(topics) > NAMED else ""
        waiting.append(f"changes of {', '.join(topics[:NAMED])}{more}")
    return f"not published yet: {', '.join(waiting)}; `aggregator publish` does it, and so does a running daemon"


def _print_drops(drops: list[Drop]) -> None:
    typer.echo(f"dropped: {len(drops) or 'none'}")
    for drop in drops:
        typer.echo(f"  {_short(drop.at)}  {drop.source_id}  {drop.title}  {drop.link or drop.guid or ''}")
        typer.echo(f"      {drop.reason.text}")
    typer.echo(
        "what a topic takes and does not show (limit, max_age, settle, min_sources, per_source, digest) "
        "is no drop: `aggregator explain URL` tells it"
    )


def _short(moment: object) -> str:
    from datetime import datetime

    return moment.astimezone().strftime("%Y-%m-%d %H:%M") if isinstance(moment, datetime) else "–"


def explain(
    what: Annotated[str, typer.Argument(metavar="URL|GUID", help="A link, a guid or an id of an item.")],
    json_wanted: JsonOption = False,
    config: ConfigOption = DEFAULT_CONFIG,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """The whole life of one item, and each topic's verdict."""
    configuration = start(config, verbose, quiet=quiet)
    from aggregator.pipeline.explain import dropped
    from aggregator.pipeline.explain import explain as explain_item
    from aggregator.wiring import SystemClock, look_into_store

    with closing(look_into_store(configuration)) as store:
        found = explain_item(store, configuration, what, SystemClock().now())
        drops = dropped(store, what, found)
    if json_wanted:
        told = [*map(as_json, found), *map(drop_json, drops)]
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
    elif found or drops:
        typer.echo("\n\n".join([*map(as_text, found), *map(drop_text, drops)]))
    else:
        typer.echo(f"nothing stored has the link, guid or id {what!r}")


def export(
    form: Annotated[str, typer.Option("--format", help="jsonl: items, one a line; opml: the sources.")] = "jsonl",
    config: ConfigOption = DEFAULT_CONFIG,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """All stored items, or the sources as OPML."""
    configuration = start(config, verbose, quiet=quiet)
    if form == "opml":
        from aggregator.app.web.machines import sources_opml

        typer.echo(sources_opml(configuration), nl=False)
        return
    if form != "jsonl":
        raise ConfigError(f"--format {form!r} is not known; write --format jsonl or --format opml")
    from aggregator.pipeline.export import exported
    from aggregator.wiring import look_into_store

    with closing(look_into_store(configuration)) as store:
        for line in exported(store):
            typer.echo(json.dumps(line, ensure_ascii=False))
