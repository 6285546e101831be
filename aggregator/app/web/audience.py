"""How many read each feed, counted from requests and kept in memory until the writing thread takes it.

Services that read for many say for how many (`Feedly/1.0 (… 16 subscribers …)`): the newest word of each counts.
Everybody else is one of the day's distinct readers: told apart by a hash of address and agent under a salt that lives
in memory for one day (UTC) and is never written. Only numbers leave this file.
"""

from __future__ import annotations

import re
import secrets
from collections import defaultdict
from dataclasses import dataclass
from hashlib import blake2b
from ipaddress import ip_address
from threading import Lock
from typing import TYPE_CHECKING

from aggregator.domain.audience import DIRECT, Count

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from starlette.requests import Request

_SAID = re.compile(r"(?<![\w.])(\d{1,9}(?:,\d{3})*) (?:subscribers?|readers?)\b", re.IGNORECASE)
_NAME = re.compile(r"[\w.]+(?: [A-Za-z][\w.]*)*")
_LONGEST_AGENT = 500  # characters that are looked at
_MOST_SAID = 10_000_000  # readers of one service: more is a joke
_MOST_SERVICES = 100  # of one feed
_MOST_READERS = 100_000  # told apart in a day, over all feeds: 8 bytes each
_BYTES = 8

Feed = tuple[str, str]  # topic and format


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """What was counted since the last time: the feeds' readers, and the digests of tokens that were used."""

    counts: tuple[Count, ...] = ()
    tokens: frozenset[bytes] = frozenset()


class ReaderCount:
    """Counts requests from any thread. `today` is the day in UTC."""

    def __init__(self, today: Callable[[], date]) -> None:
        self._today = today
        self._lock = Lock()
        self._day = today()
        self._salt = secrets.token_bytes(16)
        self._readers: defaultdict[Feed, set[bytes]] = defaultdict(set)
        self._services: defaultdict[Feed, dict[str, int]] = defaultdict(dict)
        self._changed: set[tuple[Feed, str]] = set()
        self._ended: list[Count] = []
        self._tokens: set[bytes] = set()

    def note(self, request: Request, topic: str, form: str) -> None:
        """One request for a topic's feed."""
        if request.method != "GET":
            return
        agent = request.headers.get("user-agent", "")[:_LONGEST_AGENT]
        feed, said = (topic, form), _service(agent)
        with self._lock:
            self._turn()
            if said is not None:
                self._say(feed, *said)
            elif sum(map(len, self._readers.values())) < _MOST_READERS:
                reader = blake2b(
                    f"{_address(request)}\0{agent}".encode("utf-8", "replace"), key=self._salt, digest_size=_BYTES
                )
                if reader.digest() not in self._readers[feed]:
                    self._readers[feed].add(reader.digest())
                    self._changed.add((feed, DIRECT))

    def note_token(self, digest: bytes) -> None:
        """A token was used."""
        with self._lock:
            self._tokens.add(digest)

    def take(self) -> Tally:
        """What is new since the last time, for the store."""
        with self._lock:
            self._turn()
            counts = [*self._ended, *(self._count(*what) for what in self._changed)]
            taken = Tally(counts=tuple(counts), tokens=frozenset(self._tokens))
            self._ended, self._changed, self._tokens = [], set(), set()
        return taken

    def give_back(self, tally: Tally) -> None:
        """What was taken could not be stored: it is told again, as it is by then."""
        with self._lock:
            for count in tally.counts:
                if count.day == self._day:
                    self._changed.add(((count.topic, count.form), count.service))
                else:
                    self._ended.append(count)
            self._tokens |= tally.tokens

    def _say(self, feed: Feed, service: str, readers: int) -> None:
        known = self._services[feed]
        if known.get(service) != readers and (service in known or len(known) < _MOST_SERVICES):
            known[service] = readers
            self._changed.add((feed, service))

    def _turn(self) -> None:
        """At midnight all that told readers apart is forgotten; their number stays."""
        today = self._today()
        if today == self._day:
            return
        self._ended += [self._count(*what) for what in self._changed]
        self._changed.clear()
        self._readers.clear()
        self._services.clear()
        self._salt = secrets.token_bytes(16)
        self._day = today

    def _count(self, feed: Feed, service: str) -> Count:
        topic, form = feed
        readers = len(self._readers[feed]) if service == DIRECT else self._services[feed][service]
        return Count(topic=topic, form=form, service=service, day=self._day, readers=readers)


def _service(agent: str) -> tuple[str, int] | None:
    """The name of a service and for how many it says to read; None for everybody else."""
    said = _SAID.search(agent)
    name = _NAME.match(agent.strip())
    if said is None or name is None:
        return None
    return name[0][:40].lower(), min(int(said[1].replace(",", "")), _MOST_SAID)


def _address(request: Request) -> str:
    """Who asks. What a proxy on this machine says of it is believed: only the number of readers hangs on it."""
    direct = request.client.host if request.client else ""
    behind = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    try:
        return behind if behind and ip_address(direct).is_loopback else direct
    except ValueError:
        return direct
