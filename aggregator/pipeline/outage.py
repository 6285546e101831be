"""When nothing can be reached it is our network, and no source is to blame.

A resolver or a connection that fails says nothing of who is at fault. Several hosts in a row that cannot be
reached although they were fine before, and no answer from anyone between them, do: from then on failures are
recorded as `offline`, the ones that led there included, until anything answers again.

Slow and dead hosts are the last of every pass, and so in a row too. Three things tell them from an outage: a
visit that timed out is no evidence while others answered during it; a source that fails with its own code proves
nothing; nor does one that was called offline before and fails again although somebody answered meanwhile.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.domain.outcome import Failure
from aggregator.errors import Code

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from aggregator.domain.outcome import Outcome
    from aggregator.domain.settings import Configuration
    from aggregator.domain.source import DueSource, Source, Visits
    from aggregator.ports import Store

UNREACHED = frozenset({Code.DNS, Code.CONNECT, Code.TIMEOUT, Code.OFFLINE})
HOSTS = 3  # hosts in a row; fewer where fewer are configured, but one host alone proves nothing


class Outage:
    """Remembers the unbroken run of unreachable hosts.

    Args:
        sources: the configured ones: how many hosts there are.
        timeout: how long a visit may take.
        last_answer: when any source last answered, as far as the store knows.
    """

    def __init__(self, sources: Iterable[Source], timeout: timedelta, last_answer: datetime | None) -> None:
        configured = {_host(source) for source in sources if source.enabled}
        self._needed = max(2, min(HOSTS, len(configured)))
        self._timeout = timeout
        self._run: dict[str, tuple[DueSource, Failure]] = {}
        self._before: dict[str, Visits] = {}  # what was remembered of those in the run when it began
        self.last_answer = last_answer
        self.offline = False

    @classmethod
    def watch(cls, store: Store, configuration: Configuration) -> Outage:
        """Begin with what the store knows."""
        with store.read() as rooms:
            answered = rooms.sources.last_answer()
        return cls(configuration.sources, configuration.fetch.timeout, answered)

    def note(self, due: DueSource, outcome: Outcome, now: datetime) -> list[tuple[DueSource, Failure]]:
        """The visits to record as `offline` because of this outcome: none, or this one and those before it.

        Each comes with what was remembered before the outage, so that nothing of it counts.
        """
        if not isinstance(outcome, Failure) or outcome.code not in UNREACHED:
            if not isinstance(outcome, Failure) or _answered(outcome):
                self._run.clear()
                self._before.clear()
                self.last_answer = now
                self.offline = False
            return []
        if self.offline:
            found = [(self._as_before(due), outcome)]
            self._before.pop(due.source.id, None)
            return found
        if due.source.id in self._before:  # again, before the run was long enough
            self._run[due.source.id] = (due, outcome)
            return []
        if not self._is_evidence(due, outcome, now):
            return []
        self._run[due.source.id] = (due, outcome)
        self._before[due.source.id] = due.visits
        if len({_host(visited.source) for visited, _ in self._run.values()}) < self._needed:
            return []
        self.offline = True
        found = [(self._as_before(visited), failure) for visited, failure in self._run.values()]
        self._run.clear()
        return found

    def _as_before(self, due: DueSource) -> DueSource:
        """A visit may be under way while another one ends the doubt: it was begun with a failure that was none."""
        return replace(due, visits=self._before.get(due.source.id, due.visits))

    def _is_evidence(self, due: DueSource, failure: Failure, now: datetime) -> bool:
        before, answered = due.visits, self.last_answer
        if failure.code is Code.TIMEOUT and answered is not None and now - answered <= self._timeout:
            return False
        if before.last_visit is None or before.failure is None:
            return True
        if before.failure.code is not Code.OFFLINE:
            return False
        return answered is None or answered <= before.last_visit


def _answered(failure: Failure) -> bool:
    """Whether somebody out there said something: a refusal of our own, unasked, proves no network."""
    if failure.code is Code.HTTP_STATUS:
        return failure.status is not None
    return failure.code not in (Code.REFUSED_ADDRESS, Code.INTERNAL)


def _host(source: Source) -> str | None:
    return urlsplit(source.shown_url).hostname
