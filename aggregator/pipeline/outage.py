"""When every source fails at once it is our network, and no source is to blame.

A resolver or a connection that fails says nothing of who is at fault. Several hosts in a row that cannot be
reached, and none that answers between them, do: from then on failures are recorded as `offline`, the ones that
led there included, until anything answers again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.domain.outcome import Failure
from aggregator.errors import Code

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aggregator.domain.outcome import Outcome
    from aggregator.domain.source import DueSource, Source

UNREACHED = frozenset({Code.DNS, Code.CONNECT, Code.TIMEOUT, Code.OFFLINE})
HOSTS = 3  # hosts in a row; fewer where fewer are configured, but one host alone proves nothing


class Outage:
    """Remembers the unbroken run of unreachable hosts."""

    def __init__(self, sources: Iterable[Source] = ()) -> None:
        configured = {_host(source) for source in sources if source.enabled}
        self._needed = max(2, min(HOSTS, len(configured)))
        self._run: dict[str, tuple[DueSource, Failure]] = {}
        self._hosts: set[str | None] = set()
        self.offline = False

    def note(self, due: DueSource, outcome: Outcome) -> list[tuple[DueSource, Failure]]:
        """The visits to record as `offline` because of this outcome: none, or this one and those before it."""
        if not isinstance(outcome, Failure) or outcome.code not in UNREACHED:
            if not isinstance(outcome, Failure) or _answered(outcome):
                self._run.clear()
                self._hosts.clear()
                self.offline = False
            return []
        self._hosts.add(_host(due.source))
        if self.offline:
            return [(due, outcome)]
        self._run[due.source.id] = (due, outcome)
        if len(self._hosts) < self._needed:
            return []
        self.offline = True
        found = list(self._run.values())
        self._run.clear()
        return found


def _answered(failure: Failure) -> bool:
    """Whether somebody out there said something: a refusal of our own, unasked, proves no network."""
    if failure.code is Code.HTTP_STATUS:
        return failure.status is not None
    return failure.code not in (Code.REFUSED_ADDRESS, Code.INTERNAL)


def _host(source: Source) -> str | None:
    return urlsplit(source.shown_url).hostname
