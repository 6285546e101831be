"""Calls: requests with a body to other servers, under the same guard as visits and a pace of their own."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import httpx

from aggregator.domain.call import Answer
from aggregator.errors import Code, FetchError
from aggregator.steps.fetch.answers import first
from aggregator.steps.fetch.ask import RESERVED, checked, host_of, web_address
from aggregator.steps.fetch.errors import Trouble, fetch_error
from aggregator.steps.fetch.guard import AllowList, host_and_port, plain_host
from aggregator.steps.fetch.inflate import Inflater
from aggregator.steps.fetch.pace import Pace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from concurrent.futures import Future

    from aggregator.domain.call import Call
    from aggregator.domain.settings import FetchSettings
    from aggregator.steps.fetch.pace import Host

PER_HOST = 4  # calls at once to one host: a hub's subscribers are often many at one
MAX_HOPS = 3
MAX_ANSWER = 64_000  # bytes
WITH_BODY = frozenset({307, 308})


class Calls:
    """Every call of one event loop. All methods run on that loop."""

    def __init__(self, transport: httpx.AsyncBaseTransport, settings: FetchSettings) -> None:
        self._transport = transport
        self._pace = Pace(_own(settings), host_and_port)
        self._tasks: set[asyncio.Task[None]] = set()

    def reconfigure(self, settings: FetchSettings) -> None:
        """Obey another total from now on."""
        self._pace.reconfigure(_own(settings))

    def begin(self, call: Call, agent: str, result: Future[Answer]) -> None:
        """Make the call; `result` gets the answer or a FetchError."""
        if not result.set_running_or_notify_cancel():
            return
        task = asyncio.get_running_loop().create_task(self._settle(call, agent, result))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def end(self) -> None:
        """Give up every call under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _settle(self, call: Call, agent: str, result: Future[Answer]) -> None:
        try:
            result.set_result(await self._carry(call, agent))
        except asyncio.CancelledError:
            result.set_exception(FetchError(call.about, Code.OFFLINE, "the program ends"))
            raise
        except Exception as error:  # noqa: BLE001 - the one boundary where a call's errors become FetchError
            result.set_exception(fetch_error(error, call.about, "the address"))

    async def _carry(self, call: Call, agent: str) -> Answer:
        url = web_address(call.url).copy_with(userinfo=b"")
        left = call.timeout.total_seconds()
        for _ in range(MAX_HOPS):
            async with self._turn(host_of(url)):
                began = asyncio.get_running_loop().time()
                async with asyncio.timeout(left):
                    answer = await self._ask(call, url, agent)
                left -= asyncio.get_running_loop().time() - began
            if not (call.follow and answer.status in WITH_BODY):
                return answer
            url = _next(url, answer)
        raise Trouble(Code.REDIRECT, f"over {MAX_HOPS} redirects")

    async def _ask(self, call: Call, url: httpx.URL, agent: str) -> Answer:
        own = [(n.encode(), v.encode("utf-8")) for n, v in call.headers if n.lower() not in RESERVED]
        headers = [(b"User-Agent", agent.encode("latin-1", "replace")), (b"Accept-Encoding", b"gzip, deflate"), *own]
        request = httpx.Request(call.method, url, headers=headers, content=call.body or None)
        seconds = call.timeout.total_seconds()
        request.extensions = {
            "timeout": {"connect": seconds, "read": seconds},
            "max_wire": 2 * MAX_ANSWER,
            "allowed": AllowList.parse(call.allowed),
        }
        response = await self._transport.handle_async_request(request)
        try:
            answer = Answer(
                status=response.status_code,
                headers=tuple((k.lower().decode("latin-1"), v) for k, v in response.headers.raw),
            )
            return replace(answer, body=await _body(response, answer))
        finally:
            await response.aclose()

    @asynccontextmanager
    async def _turn(self, host: Host) -> AsyncIterator[None]:
        ticket = await self._pace.turn(host)
        try:
            yield
        finally:
            self._pace.done(ticket)


def _own(settings: FetchSettings) -> FetchSettings:
    return replace(settings, per_host=PER_HOST, host_gap=timedelta(0), hosts={})


async def _body(response: httpx.Response, answer: Answer) -> bytes:
    inflater = Inflater(answer.header("content-encoding"), max_body=MAX_ANSWER)
    async for data in response.stream:  # type: ignore[union-attr]  # our transport gives an asynchronous stream
        inflater.feed(data)
    return inflater.finish()


def _next(url: httpx.URL, answer: Answer) -> httpx.URL:
    location = first(answer.headers, "location").strip()
    if not location:
        raise Trouble(Code.REDIRECT, f"HTTP {answer.status} without a Location")
    target = checked(url.join(location.decode("latin-1")).copy_with(fragment=None, userinfo=b""))
    if url.scheme == "https" and target.scheme == "http":
        raise Trouble(Code.REDIRECT, f"HTTP {answer.status} from https to http at {plain_host(target)!r}")
    return target
