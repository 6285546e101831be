"""What the operator looks at: how the sources and topics are, for people, readers and machines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.routing import Route

from aggregator.app.web.answers import HTML, answer, unstored
from aggregator.app.web.arrivals import Arrivals
from aggregator.app.web.machines import METRICS, metrics, sources_opml
from aggregator.app.web.operator import for_operator, known_operator
from aggregator.app.web.pages import status_page
from aggregator.app.web.representations import served
from aggregator.app.web.sending import send
from aggregator.app.web.source import DAYS, source_page
from aggregator.domain.hub import by_topic
from aggregator.domain.settings import Format
from aggregator.pipeline.troubles import troubles
from aggregator.steps.render import Notice, render_notices
from aggregator.steps.render.documents import feed

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from aggregator.app.web.health import Health
    from aggregator.domain.settings import Configuration
    from aggregator.ports import Store

OPML = "text/x-opml; charset=utf-8"


def desk_routes(store: Store, configuration: Callable[[], Configuration], health: Callable[[], Health]) -> list[Route]:
    """What the operator looks at; `/status` and a source's page show others less."""
    desk = _Desk(store, configuration, health)
    paths = {
        "/status": desk.status,
        "/status/{name}": desk.source,
        "/status.atom": desk.troubles,
        "/metrics": desk.metrics,
        "/sources.opml": desk.sources,
    }
    return [Route(path, endpoint, methods=["GET", "HEAD"]) for path, endpoint in paths.items()]


class _Desk:
    def __init__(self, store: Store, configuration: Callable[[], Configuration], health: Callable[[], Health]) -> None:
        self._store = store
        self._configuration = configuration
        self._health = health
        self._arrivals = Arrivals(store)

    def status(self, request: Request) -> Response:
        """The status page."""
        now = datetime.now(UTC)
        with self._store.read() as rooms:
            reports, counts = rooms.sources.reports(), rooms.topics.counts()
            audience = rooms.audience.now(now)
            hub = by_topic(rooms.hub.audiences(now))
        page = status_page(
            self._configuration(),
            self._health(),
            reports,
            counts=counts,
            audience=audience,
            hub=hub,
            arrivals=self._arrivals.of(now),
            now=now,
            number=_number(request.query_params.get("page", "")),
            operator=known_operator(request, self._store),
        )
        return unstored(request, page, media_type=HTML)

    def source(self, request: Request) -> Response:
        """A source's page.

        Raises:
            HTTPException: 404 where no source of feeds.yaml has that id.
        """
        name = request.path_params["name"]
        with self._store.read() as rooms:
            report = next((report for report in rooms.sources.reports() if report.id == name), None)
            if report is None:
                raise HTTPException(404)
            days = rooms.days.of(name, datetime.now(UTC), DAYS)
        operator = known_operator(request, self._store)
        return unstored(
            request, source_page(self._configuration().site, report, days, operator=operator), media_type=HTML
        )

    def metrics(self, request: Request) -> Response:
        """Figures for the operator's own machines."""
        for_operator(request, self._store)
        with self._store.read() as rooms:
            reports, counts = rooms.sources.reports(), rooms.topics.counts()
            audience = rooms.audience.now(datetime.now(UTC))
            hub = by_topic(rooms.hub.audiences(datetime.now(UTC)))
        return unstored(request, metrics(self._health(), reports, counts, audience, hub), media_type=METRICS)

    def sources(self, request: Request) -> Response:
        """The operator's subscriptions."""
        for_operator(request, self._store)
        headers = {"Cache-Control": "no-store"}
        return answer(request, sources_opml(self._configuration()), media_type=OPML, headers=headers)

    def troubles(self, request: Request) -> Response:
        """What the operator should look at, as a feed."""
        for_operator(request, self._store)
        with self._store.read() as rooms:
            reports = rooms.sources.reports()
        undated = self._health().started  # a reader keeps no entry of 1970
        notices = [
            Notice(key=one.key, title=one.title, text=one.text, at=one.since or undated)
            for one in troubles(reports, datetime.now(UTC))
        ]
        body = render_notices(notices, self._configuration().site, "status.atom")
        return send(request, served(feed("status.atom", Format.ATOM, body)), public=False)


def _number(text: str) -> int:
    """A page's number; whatever is none is the first."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1  # noqa: PLR2004 - digits
