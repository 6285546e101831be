"""robots.txt (RFC 9309): obeyed for pages, sitemaps and articles, asked for once a day a host. Not for feeds.

It is asked again where a redirect leads. `Crawl-delay` is kept between requests to its host, up to a minute.

A robots.txt that is not there (4xx) or says nothing of an address permits it; one that cannot be had (5xx, no
connection) forbids everything for now.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from aggregator.domain.response import NotModified, Response
from aggregator.domain.source import ClientCertificate
from aggregator.errors import Code, FetchError

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.domain.response import Request
    from aggregator.domain.settings import FetchSettings
    from aggregator.ports import Clock

AGENT = "aggregator"
KEPT = timedelta(days=1)
KEPT_AFTER_FAILURE = timedelta(minutes=10)
MAX_SIZE = 512_000  # bytes; RFC 9309 §2.5 asks for 500 KiB at least
MOST_RULES = 5_000
LONGEST_DELAY = 60.0  # seconds
_MOST_HOSTS = 10_000
_MISSING = range(400, 500)
_TOO_MANY = 429

Result = Future[Response | NotModified]
_Way = tuple[str, str | None, bool, ClientCertificate | None, bool]  # origin, proxy, verify_tls, certificate, listed
_Name = TypeVar("_Name")
Permit = Callable[["Request"], "Future[None]"]


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of the group that speaks to us: (permitted?, path pattern), the longest match first."""

    rules: tuple[tuple[bool, str], ...] = ()
    delay: float | None = None  # seconds, Crawl-delay: no part of the RFC, and meant

    @classmethod
    def read(cls, text: str) -> Rules:
        """Read a robots.txt: our own groups, else those of everybody."""
        ours: list[tuple[bool, str]] = []
        everybody: list[tuple[bool, str]] = []
        targets: list[list[tuple[bool, str]]] = []
        delays: dict[int, float] = {}
        named = in_rules = False
        for written in text.splitlines()[: 4 * MOST_RULES]:
            name, _, value = written.partition("#")[0].partition(":")
            name, value = name.strip().lower(), value.strip()
            if name == "user-agent":
                targets = [] if in_rules else targets
                in_rules = False
                agent = re.match(r"[a-z_-]*", value.lower())
                if value == "*":
                    targets = [*targets, everybody]
                elif agent and agent[0] == AGENT:
                    named = True
                    targets = [*targets, ours]
            elif name in {"allow", "disallow"}:
                in_rules = True
                for target in targets if value else ():
                    target.append((name == "allow", _normal(value)))
            elif name == "crawl-delay" and (seconds := _seconds(value)):
                in_rules = True
                delays |= {id(target): seconds for target in targets}
        # RFC 9309 §2.2.2: the longest match counts, and of equal ones the one that permits.
        group = ours if named else everybody
        rules = sorted(group[:MOST_RULES], key=lambda rule: (-len(rule[1]), not rule[0]))
        return cls(tuple(rules), delays.get(id(group)))

    def permit(self, url: str) -> bool:
        """Whether an address may be visited."""
        parts = urlsplit(url)
        path = _normal((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        return next((allowed for allowed, pattern in self.rules if _matches(pattern, path)), True)


def _seconds(value: str) -> float | None:
    """A Crawl-delay that can be kept: a visit must end before its lease."""
    found = re.fullmatch(r"(\d{1,6})(?:\.(\d{1,3})\d*)?", value)
    return min(float(f"{found[1]}.{found[2] or 0}"), LONGEST_DELAY) if found else None


def _normal(path: str) -> str:
    """Percent-encoding in one spelling (RFC 9309 §2.2.2); what is reserved keeps its meaning."""
    return re.sub(r"(?:%[0-9A-Fa-f]{2})+|[^\x21-\x7e]+", lambda m: quote(unquote(m[0]), safe="~-._"), path[:2000])


def _matches(pattern: str, path: str) -> bool:
    """`*` is anything, `$` at the end is the end; linear in both."""
    pieces = pattern.removesuffix("$").split("*")
    if not path.startswith(pieces[0]):
        return False
    place = len(pieces[0])
    for piece in pieces[1:]:
        found = path.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece)
    if not pattern.endswith("$"):
        return True
    return place == len(path) or (len(pieces) > 1 and path.endswith(pieces[-1]))


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of one host until then: rules, or why there are none."""

    until: datetime
    rules: Rules | None = None
    failure: FetchError | None = None


class Visitor(Protocol):
    """A fetcher that asks before it follows a redirect, and can slow down for a host."""

    def fetch(self, request: Request, *, permit: Permit | None = None) -> Result:
        """Queue one visit; `permit` is asked about every address that a redirect leads to."""

    def slow(self, url: str, seconds: float) -> None:
        """Keep so long a pause between two requests to the host of an address."""


class ObedientFetcher:
    """Implements `ports.Fetcher` over another: asks robots.txt first, at every redirect. Usable from any thread."""

    def __init__(self, fetcher: Visitor, clock: Clock) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._lock = threading.Lock()
        # Rules are a host's, a failure is that of the way it was asked: of a proxy, a certificate, the allow list.
        self._known: dict[str, _Known] = {}
        self._failed: dict[_Way, _Known] = {}
        self._asking: dict[_Way, Result] = {}

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
        with self._lock:
            now = self._clock.now()
            known = next((k for k in (self._known.get(origin), self._failed.get(way)) if k and k.until > now), None)
            asking = None
            if known is None:
                asking = self._asking.get(way)
                if asking is None:
                    asking = self._asking[way] = self._fetcher.fetch(_robots(request))
        if known is not None:
            _decide(request, known, permission)
        elif asking is not None:
            asking.add_done_callback(lambda done: _decide(request, self._answered(way, done), permission))
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

    def _answered(self, way: _Way, done: Result) -> _Known:
        judged = self._judged(done)
        with self._lock:
            if self._asking.get(way) is done:
                del self._asking[way]
                if judged.rules is None:
                    _remember(self._failed, way, judged)
                else:
                    _remember(self._known, way[0], judged)
                    self._failed.pop(way, None)
                if judged.rules is not None and judged.rules.delay:
                    self._fetcher.slow(way[0], judged.rules.delay)
        return judged

    def _judged(self, done: Result) -> _Known:
        now = self._clock.now()
        try:
            answer = done.result()
        except FetchError as error:
            missing = error.status in _MISSING and error.status != _TOO_MANY
            if missing or error.code is Code.EMPTY:
                return _Known(now + KEPT, rules=Rules())
            return _Known(now + KEPT_AFTER_FAILURE, failure=error)
        except CancelledError:
            failure = FetchError("", Code.CONNECT, "the visit of robots.txt was given up")
            return _Known(now, failure=failure)
        body = answer.body[:MAX_SIZE] if isinstance(answer, Response) else b""
        return _Known(now + KEPT, rules=Rules.read(body.decode("utf-8", "replace").removeprefix("\ufeff")))


def _remember(known: dict[_Name, _Known], name: _Name, judged: _Known) -> None:
    if len(known) >= _MOST_HOSTS:
        known.clear()
    known[name] = judged


def _decide(request: Request, known: _Known, permission: Future[None]) -> None:
    if known.rules is None:
        code = known.failure.code if known.failure else Code.CONNECT
        told = f": {known.failure.message}" if known.failure else ""
        message = f"not visited: robots.txt of its host cannot be had{told}"
        status, at = (known.failure.status, known.failure.retry_at) if known.failure else (None, None)
        permission.set_exception(FetchError(request.source_id, code, message, status=status, retry_at=at))
    elif not known.rules.permit(request.url):
        message = f"not visited: robots.txt of its host forbids it to {AGENT} ({request.shown_url})"
        permission.set_exception(FetchError(request.source_id, Code.REFUSED_ADDRESS, message))
    else:
        permission.set_result(None)


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
