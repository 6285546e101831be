"""`/hub`: where subscribers ask to be told of news (W3C WebSub §5). Every answer is plain text of our own."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.routing import Route

from aggregator.app.web.answers import unstored
from aggregator.domain.hub import Reply
from aggregator.errors import StorageError
from aggregator.pipeline.hub_link import HUB_PATH, announced, is_topic
from aggregator.steps.push.hub import LARGEST_FORM, link_header

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from aggregator.domain.settings import Configuration
    from aggregator.pipeline.hub import Hub

_NEIGHBOURS = 64  # bits of an IPv6 address that tell a client: the rest is his to choose


def hub_routes(hub: Hub | None) -> list[Route]:
    """The route; without a hub (the daemon is not running here) it says so."""

    async def endpoint(request: Request) -> Response:
        if request.method != "POST":
            reply = Reply(status=405, text="this is a WebSub hub: send hub.mode, hub.topic and hub.callback by POST")
            return _answer(request, reply, {"Allow": "POST"})
        if hub is None:
            reply = Reply(status=503, text="the hub works while `aggregator run` does; try again later", retry=300)
            return _answer(request, reply)
        try:
            body = await _body(request)
        except ClientDisconnect:
            return _answer(request, Reply(status=400, text="the request ended too early"))
        if body is None:
            return _answer(request, Reply(status=413, text=f"send at most {LARGEST_FORM} bytes"))
        kind = request.headers.get("content-type", "")
        try:
            reply = await run_in_threadpool(hub.ask, kind, body, client_name(request))
        except StorageError:
            reply = Reply(status=503, text="the hub cannot work right now; try again later", retry=60)
        return _answer(request, reply)

    methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]
    return [Route(f"/{HUB_PATH}", endpoint, methods=methods)]


def links(configuration: Configuration, path: str) -> dict[str, str]:
    """The `Link` header of a published document: its hub and itself, where it is a topic of the hub (§4)."""
    if not is_topic(configuration, path) or (hub := announced(configuration)) is None:
        return {}
    return {"Link": link_header(hub, f"{configuration.site.url}/{path}")}


def client_name(request: Request) -> str:
    """Who asks, for counting. Behind a proxy on this machine or network it is who the proxy says it is.

    A proxy appends who called it: only the last name is its own word.
    """
    direct = request.client.host if request.client else ""
    told = request.headers.getlist("x-forwarded-for")
    if told and _is_near(direct):
        return _counted(told[-1].rpartition(",")[2].strip()) or direct
    return _counted(direct) or direct


def _is_near(host: str) -> bool:
    found = _address(host)
    return found is not None and found.is_private


def _counted(text: str) -> str:
    found = _address(text)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, _NEIGHBOURS), strict=False))
    return str(found) if found is not None else ""


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


async def _body(request: Request) -> bytes | None:
    """The request's body, or None as soon as it is too large."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:
            return None
    return bytes(body)


def _answer(request: Request, reply: Reply, headers: dict[str, str] | None = None) -> Response:
    said = dict(headers or {})
    if reply.retry is not None:
        said["Retry-After"] = str(reply.retry)
    text = f"{reply.text}\n" if reply.text else ""
    return unstored(request, text, status=reply.status, headers=said)
