"""`check --online`: every source visited once, as `fetch` would, into a store that is thrown away."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import replace
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from aggregator.app.cli.work import carry_on
from aggregator.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aggregator.domain.settings import Configuration
    from aggregator.pipeline.record import VisitReport


def tried(configuration: Configuration, *, quiet: bool) -> Iterator[str]:
    """A line for each enabled source: what it holds, or what is wrong with it.

    Nothing is stored, no plan moves. A source inside its server's Retry-After is not asked.
    """
    held = _held(configuration)
    wanted = frozenset(source.id for source in configuration.sources if source.enabled) - held
    reports = {report.source_id: report for report in _visit(configuration, wanted, quiet=quiet)}
    for source in configuration.sources:
        if source.id in held:
            yield f"source {source.id!r}: not asked: its server wants to be left alone; see `aggregator status`"
        elif source.id in reports:
            yield f"source {source.id!r}: {_said(reports[source.id])}"


def _said(report: VisitReport) -> str:
    if report.failure is not None:
        return f"{report.failure.code.value}: {report.failure.message}"
    return f"good; {report.new} entries"


def _held(configuration: Configuration) -> frozenset[str]:
    from aggregator.wiring import SystemClock, look_into_store

    try:
        with closing(look_into_store(configuration)) as store, store.read() as rooms:
            reports = rooms.sources.reports()
    except StorageError:
        return frozenset()
    now = SystemClock().now()
    return frozenset(r.id for r in reports if r.visits.held_until is not None and r.visits.held_until > now)


def _visit(configuration: Configuration, wanted: frozenset[str], *, quiet: bool) -> list[VisitReport]:
    from aggregator.app.workers import WorkerPool
    from aggregator.domain.settings import StorageSettings
    from aggregator.pipeline.configure import configure
    from aggregator.wiring import SystemClock, open_collector, open_fetchers, open_store

    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="aggregator-check-"))
        storage = StorageSettings(url=f"sqlite:///{folder}/check.db")
        trial = replace(configuration, storage=storage, topics=())
        clock = SystemClock()
        store = stack.enter_context(closing(open_store(trial)))
        configure(store, trial, clock.now())
        fetchers = open_fetchers(trial, clock)
        for fetcher in fetchers.values():
            stack.enter_context(closing(fetcher))
        reader = stack.enter_context(closing(WorkerPool()))
        collector = open_collector(trial, store, fetchers, reader, clock)
        return carry_on(collector, wanted, len(wanted), quiet=quiet)
