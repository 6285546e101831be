"""The verbs that do the work once: fetch, publish, prune."""

from __future__ import annotations

import json
import signal
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.app.cli.common import (
    DEFAULT_CONFIG,
    ConfigOption,
    JsonOption,
    NowOption,
    QuietOption,
    VerboseOption,
    clock,
    number,
    rfc3339,
    start,
)
from aggregator.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from aggregator.domain.settings import Configuration
    from aggregator.pipeline.collect import Collector
    from aggregator.pipeline.record import VisitReport
    from aggregator.ports import Store


def register(app: typer.Typer) -> None:
    """Add these verbs to the command line."""
    app.command()(fetch)
    app.command()(publish)
    app.command()(prune)


def fetch(
    sources: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Ids of sources.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every source, due or not.")] = False,
    as_json: JsonOption = False,
    now: NowOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Visit what is due, once. Named sources go at once, but never inside a Retry-After."""
    configuration = start(config, verbose, quiet=quiet)
    only = _wanted(configuration, sources or [], every=every)
    from aggregator.app.workers import WorkerPool
    from aggregator.pipeline.configure import configure
    from aggregator.wiring import open_collector, open_fetchers, open_store

    time = clock(now)
    with ExitStack() as stack:
        store = stack.enter_context(closing(open_store(configuration)))
        configure(store, configuration, time.now())
        fetchers = open_fetchers(configuration, time)
        for fetcher in fetchers.values():
            stack.enter_context(closing(fetcher))
        reader = stack.enter_context(closing(WorkerPool()))
        collector = open_collector(configuration, store, fetchers, reader, time)
        stack.callback(collector.stop)
        # A timer's SIGTERM ends it as Ctrl-C does: the leases are given back.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        if every:
            only = only and only - _gone(store)
        reports = carry_on(collector, only, len(configuration.sources), quiet=quiet or as_json)
        with store.read() as rooms:
            soonest = rooms.sources.next_due()
        for line in _left(store, set(sources or []) - {report.source_id for report in reports}, time.now()):
            typer.echo(line, err=True)
    if as_json:
        typer.echo(json.dumps([_as_json(report) for report in reports], ensure_ascii=False, indent=1))
    elif not quiet:
        _summarise(reports, None if only else soonest)


def _wanted(configuration: Configuration, names: list[str], *, every: bool) -> frozenset[str] | None:
    known = {source.id for source in configuration.sources}
    for name in names:
        if name not in known:
            raise ConfigError(unknown("source", name, known))
    if every:
        return frozenset(known)
    return frozenset(names) if names else None


def _gone(store: Store) -> set[str]:
    """Sources that said 410 twice: only by name are they asked again."""
    from aggregator.domain.source import SourceStatus

    with store.read() as rooms:
        return {report.id for report in rooms.sources.reports() if report.status is SourceStatus.GONE}


def _left(store: Store, names: set[str], now: datetime) -> Iterator[str]:
    """Why named sources were not visited."""
    from aggregator.domain.source import SourceStatus

    with store.read() as rooms:
        reports = [report for report in rooms.sources.reports() if report.id in names]
    for report in reports:
        held = report.visits.held_until
        if report.status is SourceStatus.PAUSED:
            why = "it is not enabled in feeds.yaml"
        elif held is not None and held > now:
            why = f"its server asked to wait until {rfc3339(held.replace(microsecond=0))}"
        else:
            why = "another process is visiting it"
        yield f"{report.id}: not visited: {why}"


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """One line for an id that is not in feeds.yaml, with the likeliest cure."""
    from difflib import get_close_matches

    close = get_close_matches(name, list(known), n=1)
    cure = f"did you mean {close[0]!r}?" if close else "see feeds.yaml for the ids"
    return f"no {kind} {name!r}; {cure}"


def carry_on(collector: Collector, only: frozenset[str] | None, total: int, *, quiet: bool) -> list[VisitReport]:
    """Claim and carry on until nothing is under way and nothing is left to claim."""
    from aggregator.app.cli.progress import Progress

    reports: list[VisitReport] = []
    started: set[str] = set()
    with Progress("visiting", total if only is None else len(only), quiet=quiet) as progress:
        while True:
            claimed = collector.claim(None if only is None else only - started, skip=frozenset(started))
            started.update(claimed)
            if not claimed and not collector.busy:
                return reports
            done = collector.step(0.5)
            reports += done
            progress.advance(len(done))


def _as_json(report: VisitReport) -> dict[str, object]:
    failure = report.failure
    return {
        "source": report.source_id,
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "left_out": report.left_out,
        "error": None if failure is None else {"code": failure.code.value, "message": failure.message},
        "next_visit": rfc3339(report.next_visit),
        "next_visit_reason": report.reason,
    }


def _summarise(reports: list[VisitReport], soonest: datetime | None) -> None:
    if not reports:
        due = (
            f"; the next visit is due {soonest.astimezone():%Y-%m-%d %H:%M}, `--all` waits for none" if soonest else ""
        )
        typer.echo(f"nothing was visited{due}")
        return
    failed = [report for report in reports if report.failure is not None]
    new, changed = sum(r.new for r in reports), sum(r.changed for r in reports)
    typer.echo(f"{number(len(reports), 'source')} visited: {new} new items, {changed} changed, {len(failed)} failed")
    if new or changed:
        typer.echo("`aggregator publish` brings that to the readers; a running daemon does so by itself")
    for report in failed:
        if report.failure is not None:
            typer.echo(f"  {report.source_id}: {report.failure.code.value}: {report.failure.message}")


def publish(
    topics: Annotated[list[str] | None, typer.Argument(metavar="[TOPIC]...", help="Ids of topics.")] = None,
    output: Annotated[
        str | None, typer.Option("--output", metavar="DIR", help="Write there instead of publish.directory.")
    ] = None,
    now: NowOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Write the documents of every topic, or of the named ones."""
    configuration = start(config, verbose, quiet=quiet)
    known = [topic.id for topic in configuration.topics]
    for name in topics or []:
        if name not in known:
            raise ConfigError(unknown("topic", name, known))
    from aggregator.app.turns import by_turns
    from aggregator.pipeline.configure import configure
    from aggregator.pipeline.directory import mirror
    from aggregator.pipeline.fill import fill, sweep
    from aggregator.pipeline.publish import publish as publish_topics
    from aggregator.wiring import open_store

    time = clock(now)
    folder = _folder(output) if output else configuration.publish.directory
    with closing(open_store(configuration)) as store:
        configure(store, configuration, time.now())
        fill(store, configuration, go_on=by_turns())
        report = publish_topics(store, configuration, time.now(), only=topics or known)
        mirror(store, folder)
        sweep(store, go_on=by_turns())
    for problem in report.problems:
        typer.echo(problem, err=True)
    if not quiet:
        typer.echo(f"{len(report.changed)} documents changed; all are in {folder}")


def _folder(text: str) -> Path:
    from pathlib import Path

    return Path(text).absolute()


def prune(
    now: NowOption = None,
    config: ConfigOption = DEFAULT_CONFIG,
    verbose: VerboseOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Delete items older than storage.keep_for.

    They are not announced again. The daemon does it every night.
    """
    configuration = start(config, verbose, quiet=quiet)
    from aggregator.pipeline.configure import configure
    from aggregator.pipeline.prune import prune as prune_items
    from aggregator.wiring import open_store

    time = clock(now)
    with closing(open_store(configuration)) as store:
        configure(store, configuration, time.now())
        gone = prune_items(store, configuration, time.now())
    if not quiet:
        typer.echo(f"{gone} items deleted")
