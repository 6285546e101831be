"""`check --online`: every source visited once, as `fetch` would, into a store that is thrown away."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from aggregator.app.cli.work import carry_on
from aggregator.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aggregator.domain.outcome import Failure
    from aggregator.domain.settings import Configuration
    from aggregator.pipeline.record import VisitReport


@dataclass(frozen=True, kw_only=True, slots=True)
class Tried:
    """One source: `entries` it holds, None where it failed or, inside its server's Retry-After, was not `asked`."""

    source_id: str
    asked: bool = True
    entries: int | None = None
    failure: Failure | None = None

    def __str__(self) -> str:
        """The same in a line."""
        if not self.asked:
            said = "not asked: its server wants to be left alone; see `aggregator status`"
        elif self.failure is not None:
            said = f"{self.failure.code.value}: {self.failure.message}"
        else:
            said = f"good; {self.entries} entries"
        return f"source {self.source_id!r}: {said}"


def tried(configuration: Configuration, *, quiet: bool) -> Iterator[Tried]:
    """Each enabled source, in the file's order: what it holds, or what is wrong with it.

    Nothing is stored, no plan moves. A source inside its server's Retry-After is not asked.
    """
    held = _held(configuration)
    wanted = frozenset(source.id for source in configuration.sources if source.enabled) - held
    reports = {report.source_id: report for report in _visit(configuration, wanted, quiet=quiet)}
    for source in configuration.sources:
        if source.id in held:
            yield Tried(source_id=source.id, asked=False)
        elif source.id in reports:
            report = reports[source.id]
            entries = report.new if report.failure is None else None
            yield Tried(source_id=source.id, entries=entries, failure=report.failure)


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
