"""One visit: hops by hand, a deadline over all of them, one answer.

for each hop: wait for the host's turn → ask → 200: read the body · 304: not modified · 3xx: the next hop
"""

from __future__ import annotations

import asyncio
import zlib
from contextlib import AsyncExitStack, closing, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import h11
import httpx

from aggregator.domain.response import NotModified, Response
from aggregator.errors import Code
from aggregator.steps.fetch import challenge, conditional
from aggregator.steps.fetch.answers import Headers, first, fresh_for, number, retry_at, values
from aggregator.steps.fetch.ask import (
    bare,
    carries_credentials,
    checked,
    holds_secrets,
    hop_request,
    host_of,
    keeps_origin,
)
from aggregator.steps.fetch.errors import Trouble
from aggregator.steps.fetch.guard import AllowList, plain_host
from aggregator.steps.fetch.inflate import Inflater

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from aggregator.domain.response import Request
    from aggregator.domain.settings import FetchSettings
    from aggregator.ports import Clock
    from aggregator.steps.fetch.holds import Holds
    from aggregator.steps.fetch.pace import Host
    from aggregator.steps.fetch.robots import Permit

MAX_REDIRECTS = 10
PERMANENT = frozenset({301, 308})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
OK, NOT_MODIFIED, CLIENT_ERROR = 200, 304, 400
TRANSFORMED = 203  # RFC 9110 §15.3.4: a 200 that a proxy on the way has changed
# Bytes on the wire for one byte of body: chunks of one byte cost six, honest framing next to none.
WIRE_FACTOR, WIRE_SPARE = 2, 1_000_000
CURES = {401: ": it asks for a login; write `auth` or `headers` at the source"}
REFUSAL = 2.0  # seconds to listen to why an answer is none
LARGE, LARGE_AT_ONCE = 1_000_000, 2


@dataclass(frozen=True, slots=True)
class _Hop:
    """Where a redirect leads, as the server wrote it."""

    location: bytes
    status: int


@dataclass(eq=False, slots=True)
class Visit:
    """What one visit needs, and what it remembers on its way.

    Attributes:
        turn: waits for a host's turn; the deadline stands still meanwhile.
        place: what an error may show of the address the visit is at.
        permit: whether an address may be visited that a redirect leads to (robots.txt); None: any.
        large: turns for bodies over LARGE: many of them at once would fill the memory.
        listed: whether the allow list counts: at hop 1 always, later only if it covered hop 1.
    """

    request: Request
    start: httpx.URL
    settings: FetchSettings
    allowed: AllowList
    agent: str
    transport: httpx.AsyncBaseTransport
    holds: Holds
    clock: Clock
    turn: Callable[[Host], AbstractAsyncContextManager[None]]
    large: asyncio.Semaphore
    permit: Permit | None = None
    place: str = ""
    listed: bool = True
    _seen: set[str] = field(default_factory=set)
    _deadline: asyncio.Timeout | None = None

    async def run(self) -> Response | NotModified:
        """Follow the address to its answer.

        Raises:
            Trouble: it went wrong, in our words.
            Exception: a foreign error, for `errors.fetch_error`.
        """
        self.place, self.listed = self.request.shown_url, self.request.listed
        url, permanent = self.start, True
        limit = left = self.settings.timeout.total_seconds()
        loop = asyncio.get_running_loop()
        for hop in range(MAX_REDIRECTS + 1):
            self._seen.add(bare(url))
            self._respect_hold(host_of(url))
            async with self.turn(host_of(url)):
                began = loop.time()
                try:
                    async with asyncio.timeout(left) as deadline:
                        self._deadline = deadline
                        answer = await self._ask(url, hop, permanent=permanent)
                except TimeoutError as error:
                    if not deadline.expired():
                        raise
                    raise Trouble(Code.TIMEOUT, f"no whole answer within fetch.timeout, {limit:g} s") from error
                left -= loop.time() - began
            if not isinstance(answer, _Hop):
                return answer
            url = self._follow(url, answer)
            await self._ask_permission(url)
            permanent = permanent and answer.status in PERMANENT
        raise Trouble(Code.REDIRECT, f"over {MAX_REDIRECTS} redirects")

    async def _ask_permission(self, url: httpx.URL) -> None:
        """Raises FetchError where robots.txt forbids what a redirect leads to. No turn is held meanwhile."""
        if self.permit is None:
            return
        asked = replace(self.request, url=bare(url), shown_url=self.place, listed=self.listed)
        if not keeps_origin(self.start, url):
            asked = replace(asked, certificate=None, verify_tls=True)
        await asyncio.wrap_future(self.permit(asked))

    async def _ask(self, url: httpx.URL, hop: int, *, permanent: bool) -> Response | NotModified | _Hop:
        """One request and what its answer means."""
        validators = self.request.validators
        asked = validators if conditional.belong(validators, bare(url), is_first_hop=hop == 0) else None
        question = hop_request(self.request, self.start, url, self.agent, asked)
        question.extensions = self._limits()
        question.extensions["verify"] = self.request.verify_tls or host_of(url)[1] != host_of(self.start)[1]
        question.extensions["certificate"] = self.request.certificate if keeps_origin(self.start, url) else None
        question.extensions["proxy"] = self.request.proxy
        response = await self.transport.handle_async_request(question)
        try:
            if hop == 0:
                self.listed = bool(response.extensions.get("listed"))
            headers: Headers = tuple((k.lower().decode("latin-1"), v) for k, v in response.headers.raw)
            now, status = self.clock.now(), response.status_code
            moved_to = bare(url) if hop and permanent and not holds_secrets(self.request) else None
            begins = await self._beginning(response, headers) if status in challenge.STATUSES else b""
            self._no_wall(status, headers, begins)
            if status == NOT_MODIFIED and asked is not None:
                self.holds.answered(host_of(url), bare(url))
                return NotModified(
                    source_id=self.request.source_id,
                    received_at=now,
                    validators=conditional.renewed(asked, headers, bare(url)),
                    moved_to=moved_to,
                    fresh_for=fresh_for(headers, now),
                )
            if status in REDIRECTS:
                return _Hop(_location(headers, status), status)
            if status not in {OK, TRANSFORMED}:
                raise self._bad_status(url, headers, status)
            self.holds.answered(host_of(url), bare(url))
            body = await self._body(response, headers)
            self._no_wall(status, headers, body)
            return Response(
                source_id=self.request.source_id,
                url=bare(url),
                headers=headers,
                body=body,
                received_at=now,
                validators=conditional.received(headers, bare(url)),
                moved_to=moved_to,
                fresh_for=fresh_for(headers, now),
            )
        finally:
            await response.aclose()

    def _limits(self) -> dict[str, object]:
        seconds = self.settings.timeout.total_seconds()
        return {
            # A server may think for half the visit; a name and a handshake take a third at most.
            "timeout": {"connect": seconds / 3, "read": seconds / 2},
            "max_wire": self.settings.max_body * WIRE_FACTOR + WIRE_SPARE,
            "allowed": self.allowed if self.listed else AllowList(),
        }

    async def _body(self, response: httpx.Response, headers: Headers) -> bytes:
        encoding = b",".join(values(headers, "content-encoding")).decode("latin-1")
        length = number(first(headers, "content-length"))
        if length is not None and length > self.settings.max_body and not encoding:
            raise Trouble(
                Code.TOO_LARGE, f"{length:.0f} bytes are announced; at most {self.settings.max_body} are taken"
            )
        with closing(Inflater(encoding, max_body=self.settings.max_body)) as inflater:
            async with AsyncExitStack() as stack:
                waits = True
                async for data in response.stream:  # type: ignore[union-attr]  # our transport gives an asynchronous stream
                    inflater.feed(data)
                    if waits and inflater.size > LARGE:
                        waits = False
                        await self._turn_of_large(stack)
                body = inflater.finish()
        if not body or body.isspace():
            raise Trouble(Code.EMPTY, "the answer has no content", status=OK)
        return body

    def _no_wall(self, status: int, headers: Headers, body: bytes) -> None:
        who = challenge.wall(status, headers, body)
        if who is not None:
            text = f"HTTP {status}: {who} shows a challenge for people instead of the feed"
            now = self.clock.now()
            at, fresh = retry_at(headers, now), fresh_for(headers, now)
            raise Trouble(Code.CHALLENGE, text, status=status, retry_at=at, fresh_for=fresh)

    async def _beginning(self, response: httpx.Response, headers: Headers) -> bytes:
        """What a refusal says, as far as it says it soon and can be read."""
        encoding = b",".join(values(headers, "content-encoding")).decode("latin-1")
        with suppress(Trouble, TimeoutError, OSError, zlib.error, h11.RemoteProtocolError):
            inflater = Inflater(encoding, max_body=challenge.LOOKED_AT)
            with suppress(Trouble, TimeoutError, OSError, zlib.error, h11.RemoteProtocolError):
                async with asyncio.timeout(REFUSAL):
                    async for data in response.stream:  # type: ignore[union-attr]  # as in _body
                        inflater.feed(data)
                inflater.finish()
            return inflater.so_far()
        return b""

    async def _turn_of_large(self, stack: AsyncExitStack) -> None:
        """Wait until few others read a large body; the deadline stands still, and so does the server (TCP)."""
        loop = asyncio.get_running_loop()
        began, end = loop.time(), self._deadline.when() if self._deadline else None
        if self._deadline:
            self._deadline.reschedule(None)
        await stack.enter_async_context(self.large)
        if self._deadline and end is not None:
            self._deadline.reschedule(end + loop.time() - began)

    def _respect_hold(self, host: Host) -> None:
        """Raises Trouble without a status where the host wants no visit at all: nothing was asked."""
        until = self.holds.until(host, self.clock.now())
        if until is not None:
            text = (
                f"not asked: {host[1]!r} told two of its addresses to wait, the longer until {until:%Y-%m-%d %H:%M} UTC"
            )
            raise Trouble(Code.HTTP_STATUS, text, retry_at=until)

    def _bad_status(self, url: httpx.URL, headers: Headers, status: int) -> Trouble:
        if status == NOT_MODIFIED:
            return Trouble(Code.PROTOCOL, "HTTP 304 although the request was unconditional", status=status)
        text = f"HTTP {status} where 200 was expected{CURES.get(status, '')}"
        if status < CLIENT_ERROR:
            return Trouble(Code.HTTP_STATUS, text, status=status)
        now = self.clock.now()
        at = retry_at(headers, now)
        if at is not None:
            self.holds.refused(host_of(url), bare(url), at)
        return Trouble(Code.HTTP_STATUS, text, status=status, retry_at=at, fresh_for=fresh_for(headers, now))

    def _follow(self, url: httpx.URL, hop: _Hop) -> httpx.URL:
        """The next hop's address.

        Raises:
            Trouble: `redirect`, or `refused_address` for what is no web address.
        """
        try:
            target = checked(url.join(_text(hop.location)).copy_with(fragment=None))
        except httpx.UnsupportedProtocol as error:
            raise Trouble(Code.REFUSED_ADDRESS, f"HTTP {hop.status} to what is no http or https address") from error
        except (httpx.InvalidURL, ValueError) as error:
            raise Trouble(Code.REDIRECT, f"HTTP {hop.status} to an address that cannot be read") from error
        if url.scheme == "https" and target.scheme == "http" and carries_credentials(self.request, self.start):
            raise Trouble(
                Code.REDIRECT,
                f"HTTP {hop.status} from https to http is not followed by a source with credentials",
            )
        # A password in a Location is the server's word, not the owner's.
        target = target.copy_with(userinfo=b"")
        if bare(target) in self._seen:
            raise Trouble(Code.REDIRECT, f"HTTP {hop.status} leads in a circle")
        self.place = f"{self.request.shown_url}, redirected to {plain_host(target)}"
        return target


def _location(headers: Headers, status: int) -> bytes:
    location = first(headers, "location").strip()
    if not location:
        raise Trouble(Code.REDIRECT, f"HTTP {status} without a Location")
    return location


def _text(location: bytes) -> str:
    """UTF-8 as browsers take it, else Latin-1 as the header's grammar has it."""
    try:
        return location.decode("utf-8")
    except UnicodeDecodeError:
        return location.decode("latin-1")
