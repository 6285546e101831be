"""robots.txt (RFC 9309): obeyed for pages, sitemaps and articles, asked for once a day a host. Not for feeds.

It is asked again where a redirect leads. `Crawl-delay` is kept between requests to its host, up to a minute. What was
answered is remembered in the store: neither a restart nor another process asks again.

::

    2xx                            its rules, for a day
    4xx, endless redirects         there is none, for a day: everything is permitted
    5xx, 429, no answer            nothing is permitted, asked again after ten minutes or its Retry-After
    the same for half a day        by the last rules there were (§2.4), where there were any
    the same for a month           by those, else everything is permitted (§2.3.1.4)
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import urlsplit, urlunsplit

from aggregator.domain.response import NotModified, Response
from aggregator.domain.robots import RobotsAnswer, origin_digest
from aggregator.domain.source import ClientCertificate
from aggregator.errors import Code, FetchError, StorageError
from aggregator.steps.fetch.robots_rules import AGENT, Rules, permitted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.domain.response import Request
    from aggregator.domain.settings import FetchSettings
    from aggregator.ports import Clock, Store

KEPT = timedelta(days=1)
KEPT_AFTER_FAILURE = timedelta(minutes=10)
OLD_RULES_AFTER = timedelta(hours=12)  # of failures
GIVEN_UP_AFTER = timedelta(days=30)  # of failures, as the RFC has it
LONGEST_PAUSE = timedelta(days=8)  # between two of them in a row: a source in trouble is probed weekly
MAX_SIZE = 512_000  # bytes; RFC 9309 §2.5 asks for 500 KiB at least
LARGEST_STORED = 65_536  # characters of rules; a host with more is asked again after a restart
_MOST_HOSTS = 10_000
_MISSING = range(400, 500)
_TOO_MANY = 429

Result = Future[Response | NotModified]
_Way = tuple[str, str | None, bool, ClientCertificate | None, bool]  # origin, proxy, verify_tls, certificate, listed
_Name = TypeVar("_Name")
_Kept = TypeVar("_Kept")
Permit = Callable[["Request"], "Future[None]"]


class Visitor(Protocol):
    """A fetcher that asks before it follows a redirect, and can slow down for a host."""

    def fetch(self, request: Request, *, permit: Permit | None = None) -> Result:
        """Queue one visit; `permit` is asked about every address that a redirect leads to."""

    def slow(self, url: str, seconds: float) -> None:
        """Keep so long a pause between two requests to the host of an address; 0 ends that."""


class ObedientFetcher:
    """Implements `ports.Fetcher` over another: asks robots.txt first, at every redirect. Usable from any thread."""

    def __init__(self, fetcher: Visitor, clock: Clock) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._store: Store | None = None
        self._lock = threading.Lock()
        # Rules are a host's, a failure is that of the way it was asked: of a proxy, a certificate, the allow list.
        self._known: dict[str, RobotsAnswer] = {}
        self._failed: dict[_Way, tuple[datetime, FetchError]] = {}
        self._asking: dict[_Way, Result] = {}
        self._learnt: list[RobotsAnswer] = []

    def remember_in(self, store: Store) -> None:
        """Look there before a host is asked. Who writes to it stores what `learnt` gives."""
        self._store = store

    def learnt(self) -> Sequence[RobotsAnswer]:
        """What hosts answered since the last time, to be stored."""
        with self._lock:
            learnt, self._learnt = self._learnt, []
        return learnt

    def fetch(self, request: Request) -> Result:
        """Queue one visit, if its host permits it."""
        try:
            parts = urlsplit(request.url)
        except ValueError:
            return self._fetcher.fetch(request)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            return self._fetcher.fetch(request)  # it says what is wrong
        result: Result = Future()
        self.permit(request).add_done_callback(lambda done: self._permitted(request, done, result))
        return result

    def permit(self, request: Request) -> Future[None]:
        """Done where the address may be visited; else it raises FetchError."""
        parts = urlsplit(request.url)
        origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"
        way = (origin, request.proxy, request.verify_tls, request.certificate, request.listed)
        permission: Future[None] = Future()
        now = self._clock.now()
        if not self._decided(request, way, now, permission):
            self._recall(origin, now)
            if not self._decided(request, way, now, permission):
                with self._lock:
                    asking = self._asking.get(way)
                    if asking is None:
                        asking = self._asking[way] = self._fetcher.fetch(_robots(request))
                asking.add_done_callback(lambda done: self._answered(request, way, done, permission))
        return permission

    def reconfigure(self, settings: FetchSettings) -> None:
        """The fetcher below is told by whoever owns it."""

    def close(self) -> None:
        """The fetcher below is closed by whoever owns it."""

    def _permitted(self, request: Request, permission: Future[None], result: Result) -> None:
        if refusal := permission.exception():
            _settle(result, refusal)
        elif not result.cancelled():
            # Emptied at its end: a circle would keep the body.
            under_way = [self._fetcher.fetch(request, permit=self.permit)]
            result.add_done_callback(lambda done: [v.cancel() for v in under_way] if done.cancelled() else None)
            under_way[0].add_done_callback(lambda done: _pass_on(done, result, under_way))

    def _decided(self, request: Request, way: _Way, now: datetime, permission: Future[None]) -> bool:
        """Settle the permission by what is known and still counts; False where nothing is."""
        with self._lock:
            answer, failed = self._known.get(way[0]), self._failed.get(way)
        if answer is not None and _counts(answer.until, now):
            rules = _rules(answer, now)
            if rules is not None:
                _decide(request, rules, permission)
                return True
            if _is_plain(way):
                _forbid(request, failed[1] if failed and _counts(failed[0], now) else _failure(answer), permission)
                return True
        if failed is not None and _counts(failed[0], now):
            _forbid(request, failed[1], permission)
            return True
        return False

    def _recall(self, origin: str, now: datetime) -> None:
        """What the store knows of a host, where this process knows nothing that counts.

        One short read, at a redirect on the fetcher's loop too: of a new host once a day.
        """
        if self._store is None:
            return
        try:
            with self._store.read() as rooms:
                answer = rooms.robots.get(origin_digest(origin))
        except StorageError:
            return  # then the host is asked
        if answer is None:
            return
        with self._lock:
            known = self._known.get(origin)
            if known is None or known.until < answer.until:  # else another thread has just been told
                _remember(self._known, origin, answer)
        if answer.delay and _counts(answer.until, now):
            self._fetcher.slow(origin, answer.delay)

    def _answered(self, request: Request, way: _Way, done: Result, permission: Future[None]) -> None:
        """One of those who waited for a host's robots.txt goes on; the first of them takes down what came."""
        origin, now = way[0], self._clock.now()
        try:
            rules, failure = _judged(done), None
        except FetchError as error:
            rules, failure = None, error
        with self._lock:
            first = self._asking.get(way) is done
            if first:
                del self._asking[way]
                before = self._known.get(origin)
                self._take_down(way, before, rules, failure, now)
        if first and rules is not None and (rules.delay or (before is not None and before.delay)):
            self._fetcher.slow(origin, rules.delay or 0.0)
        if rules is not None:
            _decide(request, rules.rules, permission)
        elif not self._decided(request, way, now, permission):
            _forbid(request, failure, permission)

    def _take_down(
        self, way: _Way, before: RobotsAnswer | None, rules: Rules | None, failure: FetchError | None, now: datetime
    ) -> None:
        """Keep what came in memory, and what counts for everybody for the store."""
        digest = origin_digest(way[0])
        if rules is not None:
            answer = RobotsAnswer(origin=digest, until=now + KEPT, rules=rules.rules, delay=rules.delay)
            self._failed.pop(way, None)
        elif failure is None:
            return
        elif not _is_plain(way) or failure.code is Code.REFUSED_ADDRESS:
            _remember(self._failed, way, (now + KEPT_AFTER_FAILURE, failure))
            return
        else:
            answer = _after_failure(digest, before, failure, now)
            if _rules(answer, now) is None:
                _remember(self._failed, way, (answer.until, failure))  # its words are told as long as we run
        _remember(self._known, way[0], answer)
        if sum(len(pattern) for _, pattern in answer.rules or ()) <= LARGEST_STORED:
            self._learnt.append(answer)


def _judged(done: Result) -> Rules | None:
    """What a host's answer means; None where the visit was given up.

    Raises:
        FetchError: it cannot be had.
    """
    try:
        answer = done.result()
    except CancelledError:
        return None
    except FetchError as error:
        missing = error.status in _MISSING and error.status != _TOO_MANY
        if missing or error.code in {Code.EMPTY, Code.REDIRECT}:
            return Rules()
        raise
    body = answer.body[:MAX_SIZE] if isinstance(answer, Response) else b""
    return Rules.read(body.decode("utf-8", "replace").removeprefix("\ufeff"))


def _after_failure(digest: bytes, before: RobotsAnswer | None, failure: FetchError, now: datetime) -> RobotsAnswer:
    since = now
    if before is not None and before.failing_since is not None and now - before.until <= LONGEST_PAUSE:
        since = min(before.failing_since, now)
    wish = min(failure.retry_at or now, now + KEPT)
    return RobotsAnswer(
        origin=digest,
        until=max(now + KEPT_AFTER_FAILURE, wish),
        rules=before.rules if before is not None else None,
        delay=before.delay if before is not None else None,
        failing_since=since,
        code=failure.code,
        status=failure.status,
        retry_at=failure.retry_at,
    )


def _rules(answer: RobotsAnswer, now: datetime) -> tuple[tuple[bool, str], ...] | None:
    """The rules that count now; None where nothing is permitted."""
    if answer.failing_since is None:
        return answer.rules or ()
    failing = now - answer.failing_since
    if failing >= OLD_RULES_AFTER and answer.rules is not None:
        return answer.rules
    return answer.rules or () if failing >= GIVEN_UP_AFTER else None


def _counts(until: datetime, now: datetime) -> bool:
    """Whether it is kept still. For longer than a day nobody is believed: a clock was ahead when that was written."""
    return now < until <= now + KEPT


def _is_plain(way: _Way) -> bool:
    """Whether a failure is the host's, and not of a proxy or a certificate that one source has."""
    _, proxy, verify, certificate, _ = way
    return proxy is None and verify and certificate is None


def _failure(answer: RobotsAnswer) -> FetchError:
    said = f"HTTP {answer.status}" if answer.status else (answer.code or Code.CONNECT).value
    return FetchError("", answer.code or Code.CONNECT, said, status=answer.status, retry_at=answer.retry_at)


def _remember(known: dict[_Name, _Kept], name: _Name, kept: _Kept) -> None:
    if len(known) >= _MOST_HOSTS:
        known.clear()
    known[name] = kept


def _decide(request: Request, rules: Sequence[tuple[bool, str]], permission: Future[None]) -> None:
    if permitted(rules, request.url):
        permission.set_result(None)
        return
    message = f"not visited: robots.txt of its host forbids it to {AGENT} ({request.shown_url})"
    permission.set_exception(FetchError(request.source_id, Code.REFUSED_ADDRESS, message))


def _forbid(request: Request, failure: FetchError | None, permission: Future[None]) -> None:
    """Nothing is permitted for now; None: the visit of robots.txt was given up."""
    why = failure or FetchError("", Code.CONNECT, "the visit of robots.txt was given up")
    message = f"not visited: robots.txt of its host cannot be had: {why.message}"
    permission.set_exception(FetchError(request.source_id, why.code, message, status=why.status, retry_at=why.retry_at))


def _robots(request: Request) -> Request:
    """The robots.txt of a request's host, asked for without anything that belongs to the source."""
    parts = urlsplit(request.url)
    url = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], "/robots.txt", "", ""))
    shown = f"{request.shown_url}, its host's robots.txt"
    return replace(request, url=url, shown_url=shown, headers=(), auth=None, validators=None, max_body=None)


def _pass_on(done: Result, result: Result, under_way: list[Result]) -> None:
    under_way.clear()
    if done.cancelled():
        result.cancel()
    elif error := done.exception():
        _settle(result, error)
    elif result.set_running_or_notify_cancel():
        result.set_result(done.result())


def _settle(result: Result, error: BaseException) -> None:
    if result.set_running_or_notify_cancel():
        result.set_exception(error)
