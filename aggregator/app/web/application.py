"""The addresses served: docs/reference.md's table as routes. Every link is built from site.url, never from Host."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from aggregator.app.web.answers import HTML, PICTURES_FROM, TEXT, answer, unstored
from aggregator.app.web.desk import desk_routes
from aggregator.app.web.hub import links
from aggregator.app.web.moved import moved
from aggregator.app.web.pages import base_path, message_page
from aggregator.app.web.representations import Documents
from aggregator.app.web.sane import Sane
from aggregator.app.web.search import search_routes
from aggregator.app.web.sending import send
from aggregator.app.web.story import story_routes
from aggregator.app.web.tokens import require
from aggregator.domain.document import PRIVATE
from aggregator.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from aggregator.app.web.audience import ReaderCount
    from aggregator.app.web.health import Health
    from aggregator.app.web.representations import Served
    from aggregator.domain.settings import Configuration, Site
    from aggregator.ports import Store

log = structlog.get_logger()

GONE = 410
# What a published path can look like. Everything else is not asked for: no dots that climb, no NUL, no backslash.
_PATH = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*")
_LONGEST = 512
_ALIASES = {"": "index.html", "favicon.ico": "assets/icon.png"}  # the latter is what browsers ask beside a raw feed
_TOPIC = re.compile(r"topics/([a-z0-9][a-z0-9-]*)(?=[./]|\Z)")
_FEED = re.compile(r"topics/([a-z0-9][a-z0-9-]*)\.(atom|rss|json)")
_SAID = {
    401: ("For subscribers", "This opens with a token: give it as the password, with any user name."),
    403: (
        "For the operator",
        "From elsewhere than this machine it opens with a token as the password: aggregator token add operator NAME",
    ),
    404: ("Nothing here", "There is no page at this address. It may have moved, or its topic may have ended."),
    410: ("This has ended", "What was here is gone for good. The front page lists the topics there are."),
    405: ("Not possible", "This address can only be read."),
}


_UNPUBLISHED = "Nothing is published yet"
_SOON = "The sources are being read for the first time. Look again in a moment."
_BY_HAND = "Whoever keeps this site has not published it yet: that takes aggregator publish, or aggregator run."


def create_app(
    *,
    store: Store,
    configuration: Callable[[], Configuration],
    health: Callable[[], Health],
    more: Sequence[Route] = (),
    counter: ReaderCount | None = None,
) -> Starlette:
    """The web application over what is published; `configuration` gives the one in force at each request.

    `more` are addresses that only the daemon serves; `counter` is told who reads what.
    """
    site = _Site(store, configuration, health, counter)
    paths = {
        "/healthz": site.healthz,
        "/readyz": site.readyz,
        "/{path:path}": site.document,
    }
    routes = [Route(path, endpoint, methods=["GET", "HEAD"]) for path, endpoint in paths.items()]
    handlers: dict[Any, Any] = {  # each takes the error it is given for, which Starlette's type cannot say
        HTTPException: site.refused,
        StorageError: site.store_failed,
        Exception: site.failed,
    }
    app = Starlette(
        routes=[
            *more,
            *search_routes(store, configuration),
            *story_routes(store, configuration),
            *desk_routes(store, configuration, health),
            *routes,
        ],
        exception_handlers=handlers,
    )
    app.router.redirect_slashes = False  # its redirects repeat the Host header
    app.add_middleware(_OfThisSite, site=lambda: configuration().site)
    app.add_middleware(Sane)
    return app


class _OfThisSite:
    """Serves everything under site.url's path too, whether a proxy in front cuts that path off or not."""

    def __init__(self, app: ASGIApp, site: Callable[[], Site]) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        site = self._site()
        base = base_path(site)
        scope = {**scope, PICTURES_FROM: site.pictures_from}
        if scope["type"] == "http" and base and scope["path"].startswith(f"{base}/"):
            scope["root_path"] = base
        await self._app(scope, receive, send)


class _Site:
    """The endpoints. They are synchronous: Starlette runs them in threads, where the store may block."""

    def __init__(
        self,
        store: Store,
        configuration: Callable[[], Configuration],
        health: Callable[[], Health],
        counter: ReaderCount | None,
    ) -> None:
        self._counter = counter
        self._store = store
        self._configuration = configuration
        self._health = health
        self._documents = Documents(store)

    def document(self, request: Request) -> Response:
        """A published document."""
        path = request.path_params["path"]
        whole = request.scope["path"].removeprefix("/")
        for candidate in dict.fromkeys((path, whole)):  # a topic's folder and site.url's path may be namesakes
            if served := self._of_token_topic(request, candidate):
                self._count(request, candidate)
                return send(request, served, public=False)
            if served := self._find(candidate):
                self._count(request, candidate)
                response = send(request, served)
                response.headers.update(links(self._configuration(), candidate))
                return response
        if target := self._slash(request, path):
            return answer(request, b"", media_type=TEXT, status=308, headers={"Location": target})
        if found := moved(self._store, self._configuration(), path):
            status, to = found
            if status == GONE:
                raise HTTPException(GONE)
            self._of_token_topic(request, to)
            target = f"{base_path(self._configuration().site)}/{to}"
            if request.url.query:  # a token in the address is needed there too
                target = f"{target}?{request.url.query}"
            return answer(request, b"", media_type=TEXT, status=status, headers={"Location": target})
        if path in {"", "index.html"} or self._is_to_come(path):
            raise _unpublished()
        raise HTTPException(404)

    def healthz(self, request: Request) -> Response:
        """The process lives and answers."""
        return unstored(request, "ok\n")

    def readyz(self, request: Request) -> Response:
        """The store can be read and the front page is published."""
        with self._store.read() as rooms:
            ready = rooms.documents.head("index.html") is not None
        if ready and not self._health().store_failed:
            return unstored(request, "ready\n")
        why = "nothing is published yet\n" if not ready else "the store failed; what was published is served\n"
        return unstored(request, why, status=503, headers={"Retry-After": "5"})

    async def refused(self, request: Request, error: HTTPException) -> Response:
        """A request that cannot be answered, as a page."""
        title, text = _SAID.get(error.status_code, (error.detail, ""))
        if title == _UNPUBLISHED:
            text = _SOON if self._health().fetches else _BY_HAND
        page = message_page(self._configuration().site, title, text)
        return unstored(request, page, status=error.status_code, media_type=HTML, headers=error.headers)

    async def store_failed(self, request: Request, error: StorageError) -> Response:
        """The database cannot be read: passing trouble, said without details."""
        log.error("request_failed", path=request.url.path, error=str(error))
        page = message_page(self._configuration().site, "One moment", "The news cannot be read right now.")
        return unstored(request, page, status=503, media_type=HTML, headers={"Retry-After": "30"})

    async def failed(self, request: Request, error: Exception) -> Response:
        """A bug of ours."""
        log.error("request_crashed", path=request.url.path, error=f"{type(error).__name__}: {error}")
        return unstored(request, "Something went wrong here.\n", status=500)

    def _find(self, path: str) -> Served | None:
        wanted = _ALIASES.get(path, path)
        if len(wanted) > _LONGEST or not _PATH.fullmatch(wanted):
            return None
        if wanted.startswith(PRIVATE):
            return None
        found = self._documents.get(wanted)
        if found is None and wanted.startswith("topics/") and "." not in wanted:
            return self._documents.get(f"{wanted}.html")
        return found

    def _is_to_come(self, path: str) -> bool:
        """Whether a topic of feeds.yaml is asked for before its first publication: a reader is to ask again."""
        if not path.startswith("topics/"):
            return False
        name, _, form = path.removeprefix("topics/").partition(".")
        for topic in self._configuration().topics:
            if topic.id == name and (form or "html") in topic.formats:
                folder = "topics/" if topic.public else f"{PRIVATE}topics/"
                return all(self._documents.get(f"{folder}{name}.{known}") is None for known in topic.formats)
        return False

    def _slash(self, request: Request, path: str) -> str | None:
        """Where the page is whose address got a slash too many, or the site whose address lacks one."""
        base = base_path(self._configuration().site)
        if base and request.scope["path"] == base:
            return f"{base}/"
        trimmed = path.rstrip("/")
        return f"{base}/{trimmed}" if trimmed != path and self._find(trimmed) else None

    def _of_token_topic(self, request: Request, path: str) -> Served | None:
        """A document that only a token opens; None where the path is of no such topic.

        Raises:
            HTTPException: 401 without a right token, 404 where nothing is to be published there, 503 until it is.
        """
        found = _TOPIC.match(path)
        name = found[1] if found else None
        if not any(topic.id == name and not topic.public for topic in self._configuration().topics):
            return None
        digest = require(request, self._store, name or "")
        if self._counter is not None:
            self._counter.note_token(digest)
        wanted = path if "." in path else f"{path}.html"
        if len(path) <= _LONGEST and _PATH.fullmatch(path) and (served := self._documents.get(f"{PRIVATE}{wanted}")):
            return served
        raise _unpublished() if self._is_to_come(path) else HTTPException(404)

    def _count(self, request: Request, path: str) -> None:
        """Note a reader of a topic's feed."""
        if self._counter is not None and (feed := _FEED.fullmatch(path)):
            self._counter.note(request, feed[1], feed[2])


def _unpublished() -> HTTPException:
    return HTTPException(503, _UNPUBLISHED, headers={"Retry-After": "5"})
