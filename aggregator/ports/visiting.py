"""What a visit needs of the world outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from concurrent.futures import Future
    from datetime import datetime

    from aggregator.domain.call import Answer, Call
    from aggregator.domain.outcome import Failure, ReadContext, Reading
    from aggregator.domain.response import NotModified, Request, Response
    from aggregator.domain.settings import FetchSettings


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""


class Fetcher(Protocol):
    """Visits addresses politely: guard, pacing, limits and redirects are inside."""

    def fetch(self, request: Request) -> Future[Response | NotModified]:
        """Queue one visit. The future raises `FetchError` and nothing else; cancelling it ends the visit."""

    def reconfigure(self, settings: FetchSettings) -> None:
        """Obey other settings from the next visit on; those on their way end as they began."""

    def close(self) -> None:
        """End every visit and the event loop; safe to call twice."""


class Caller(Protocol):
    """Tells and asks other servers what is no visit of a source: WebSub. The guard is inside."""

    def call(self, call: Call) -> Future[Answer]:
        """Make one call. The future raises `FetchError` and nothing else; any status is an answer."""


class Reader(Protocol):
    """Reads documents where they can do no harm: with a time and a memory limit each."""

    def read(
        self,
        context: ReadContext,
        response: Response,
        known: frozenset[bytes],
        now: datetime,
        further: tuple[Response, ...] = (),
    ) -> Future[Reading | Failure]:
        """Decode, parse, clean and fingerprint. A poisonous document gives a Failure, never an exception.

        `further` are the answers to what an earlier reading of this response wanted.
        """

    def close(self) -> None:
        """End the worker processes; safe to call twice."""
