"""The one thread of the daemon that writes: it carries visits on, publishes, prunes and reloads.

Ticks and signals leave notes; the writer does what they ask for between two steps of the collector. What the
store refuses is tried again later; a bug of ours ends the daemon, loudly.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from aggregator.app.turns import by_turns
from aggregator.app.watch import ConfigWatch, is_blank
from aggregator.config.load import load, wanted_files
from aggregator.errors import AggregatorError, ConfigError, StorageError
from aggregator.pipeline.configure import configure
from aggregator.pipeline.directory import mirror, write_changed
from aggregator.pipeline.fill import fill, sweep
from aggregator.pipeline.prune import prune
from aggregator.pipeline.publish import publish

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from aggregator.domain.document import Document
    from aggregator.domain.settings import Configuration
    from aggregator.pipeline.collect import Collector
    from aggregator.pipeline.deliver import Deliveries
    from aggregator.pipeline.push import Subscriber
    from aggregator.ports import Clock, Store

log = structlog.get_logger()

STEP = 0.2  # seconds a step waits for arrivals: how long a note may lie
FILL = 0.2  # seconds at a time for topics that are being filled; visits and publications go on in between
TOGETHER = timedelta(seconds=0.5)  # what hubs bring within this is published at once
QUIET = timedelta(seconds=1)  # and what visits bring within this, where no other visit is under way
LAST_DELIVERIES = 2.0  # seconds at the end for deliveries that are still being read
STORE_RETRY = 10.0  # seconds to wait when the store failed, before it is tried again


class Writer:
    """`run()` works until `ending` is set, and sets it itself when nothing can go on."""

    def __init__(
        self,
        configuration: Configuration,
        *,
        store: Store,
        collector: Collector,
        clock: Clock,
        ending: threading.Event,
        reconfigure: Callable[[Configuration], None],
        push: tuple[Subscriber, Deliveries] | None = None,
        published: Callable[[], None] = lambda: None,
        recount: Callable[[], None] = lambda: None,
        alone: Callable[[], bool] = lambda: True,
    ) -> None:
        self.configuration = configuration
        self.config_error: str | None = None
        self.files_error: str | None = None
        self.last_collect: datetime | None = None
        self.last_publish: datetime | None = None
        self.store_failed = False
        self.fatal: AggregatorError | None = None
        self._store = store
        self._collector = collector
        self._clock = clock
        self._ending = ending
        self._reconfigure = reconfigure
        self._push = push
        self._published = published  # tells our hub
        self._recount = recount  # stores how many read
        self._alone = alone  # whether no other daemon works on the database
        self._watch = ConfigWatch(configuration.path, configuration.included)
        self._notes: set[str] = set()
        self._noting = threading.Lock()
        self._to_publish = True
        self._pushed = False  # a hub brought news: they are published at once
        self._to_mirror = True
        self._reloaded = True
        self._to_fill = True  # a process before us may have left topics half filled
        self._to_sweep = False  # what topics showed before they were filled

    def leave(self, note: str) -> None:
        """Ask for 'collect', 'push', 'publish', 'recheck', 'watch', 'reload' or 'prune', once however often."""
        with self._noting:
            self._notes.add(note)

    def run(self) -> None:
        """The thread's life."""
        try:
            while not self._ending.is_set():
                try:
                    self._round()
                    self.store_failed = False
                except StorageError as error:
                    self._store_trouble(error)
            with suppress(StorageError):
                self._end_push()
            with suppress(StorageError):
                self._collector.stop()
                self._recount()
        except Exception as error:  # nothing may end this thread unseen
            log.exception("daemon_crashed")
            self.fatal = AggregatorError(f"the daemon ended by a bug of ours: {type(error).__name__}: {error}")
        finally:
            self._ending.set()

    def _store_trouble(self, error: StorageError) -> None:
        """The disk is full, the server restarts: say so once, keep serving, try again."""
        if not self.store_failed:
            log.error("store_failed", error=str(error), retry_in=STORE_RETRY)
        self.store_failed = True
        self._to_publish = self._to_mirror = self._reloaded = self._to_fill = True
        self._collector.forget()
        self._ending.wait(STORE_RETRY)

    def _round(self) -> None:
        with self._noting:
            notes, self._notes = self._notes, set()
        if "reload" in notes or ("watch" in notes and self._watch.changed()):
            self._reload()
        if "collect" in notes:
            self._collector.claim()
            self.last_collect = self._clock.now()
        if any(report.new or report.changed for report in self._collector.step(0.0 if self._to_fill else STEP)):
            self._to_publish = True
        if self._to_fill:
            self._fill()
        elif self._to_sweep:
            self._to_sweep = sweep(self._store, go_on=by_turns(0))
        if "prune" in notes:
            prune(self._store, self.configuration, self._clock.now())
            self._to_publish = self._to_mirror = True  # pages of archives may have gone
        self._take_pushed(notes)
        if "recheck" in notes:
            self._recheck()
        if "recheck" in notes or ("publish" in notes and self._to_publish) or self._is_urgent() or self._is_quiet():
            self._publish()

    def _recheck(self) -> None:
        if not self._alone():
            # The database's server let go of our connection, and another daemon began meanwhile.
            self.fatal = AggregatorError("another daemon has taken over this database; this one ends")
            self._ending.set()
        self._recount()

    def _take_pushed(self, notes: set[str]) -> None:
        """Carry subscriptions and deliveries on."""
        if self._push is None:
            return
        subscriber, deliveries = self._push
        if "push" in notes:
            subscriber.ask()
        if "prune" in notes:
            subscriber.prune()
        subscriber.step()
        if any(report.new or report.changed for report in deliveries.step(self.configuration)):
            self._to_publish = self._pushed = True

    def _end_push(self) -> None:
        """Store what hubs were told is accepted, as far as there is time; no more of it comes."""
        if self._push is None:
            return
        subscriber, deliveries = self._push
        subscriber.step()
        until = time.monotonic() + LAST_DELIVERIES
        while deliveries.step(self.configuration) or (deliveries.waiting and time.monotonic() < until):
            self._collector.step(0.05)

    def _is_urgent(self) -> bool:
        """Whether pushed news waits; many deliveries in a row share a publication."""
        return self._pushed and self._is_past(TOGETHER)

    def _is_quiet(self) -> bool:
        """Whether news waits and no visit is under way that might bring more: it is published at once."""
        return self._to_publish and not (self._to_fill or self._collector.busy) and self._is_past(QUIET)

    def _is_past(self, wait: timedelta) -> bool:
        """Whether the last publication is so long ago."""
        last = self.last_publish
        return last is None or not timedelta(0) <= self._clock.now() - last < wait

    def _fill(self) -> None:
        """Fill new and edited topics for a moment; they are published as soon as they are whole."""
        self._to_fill = fill(self._store, self.configuration, go_on=by_turns(FILL))
        if not self._to_fill:
            self._to_publish = self._to_sweep = True
            self.leave("publish")

    def _publish(self) -> None:
        every = [topic.id for topic in self.configuration.topics] if self._reloaded else None
        report = publish(self._store, self.configuration, self._clock.now(), only=every)
        self._reloaded = self._to_publish = self._pushed = False
        self.last_publish = self._clock.now()
        self._copy(report.changed)
        if report.changed:  # last: an outside hub comes for the feed at once, and site.url may lead to the files
            self._published()

    def _copy(self, changed: Sequence[Document]) -> None:
        """The files are a copy: what the folder refuses is told, and tried again at the next recheck."""
        folder = self.configuration.publish.directory
        whole = self._to_mirror
        self._to_mirror = True  # until the files are there: a full disk may stop us in between
        try:
            if whole:
                mirror(self._store, folder)
            else:
                write_changed(self._store, folder, changed)
        except StorageError as error:
            log.warning("files_not_written", folder=str(folder), error=str(error))
            self.files_error = str(error)
            return
        self._to_mirror, self.files_error = False, None

    def _reload(self) -> None:
        """Take over an edited feeds.yaml, or keep the last good one and say so."""
        try:
            fresh = self._edited()
        except ConfigError as error:
            self.config_error = str(error)
            log.warning("reload_refused", problems=str(error))
            wrong = [Path(problem.path) for problem in error.problems if problem.path]
            # A file that is included and wrong, or not there yet, is looked at too: its cure is an edit like any other.
            wrong += wanted_files(self.configuration.path)
            self._watch.follow([*self.configuration.included, *(p for p in wrong if p != self.configuration.path)])
            return
        try:
            configure(self._store, fresh, self._clock.now())
            if self._push is not None:
                self._push[0].configure(fresh)
        except StorageError:
            self.leave("reload")  # the edit has been seen and is still wanted, whole
            raise
        self._collector.configure(fresh)
        self._reconfigure(fresh)
        self.configuration = fresh
        self.config_error = None
        self._watch.follow(fresh.included)
        self._to_publish = self._to_mirror = self._reloaded = self._to_fill = True
        log.info("reloaded", sources=len(fresh.sources), topics=len(fresh.topics))

    def _edited(self) -> Configuration:
        fresh = load(self.configuration.path)
        if fresh.storage.url != self.configuration.storage.url:
            raise ConfigError("storage.url changed; restart the daemon to use the other database")
        had = self.configuration.sources or self.configuration.topics
        if had and not (fresh.sources or fresh.topics) and is_blank(fresh.path):
            # An editor, or a full disk, leaves it so for a moment. Who means it writes `sources: []`.
            raise ConfigError(f"{fresh.path} is empty; the last good configuration stays in use")
        return fresh
