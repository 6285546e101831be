"""`/search?q=` and `/search.atom?q=`: any query as a page or a feed, over the stories of public topics.

Nothing of it is stored. Its cost is bounded: few at once, no expression, no more than a moment, fifty stories.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from threading import BoundedSemaphore
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.routing import Route

from aggregator.app.web.answers import HTML, answer
from aggregator.app.web.pages import page
from aggregator.app.web.representations import served
from aggregator.app.web.sending import MAX_AGE, send
from aggregator.domain.settings import Format
from aggregator.pipeline.search import Answer, public_search
from aggregator.steps.render import zone_of
from aggregator.steps.render.documents import feed
from aggregator.steps.render.feeds import atom
from aggregator.steps.render.outgoing import Outgoing, head, outgoing
from aggregator.steps.select import QueryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from starlette.requests import Request
    from starlette.responses import Response

    from aggregator.domain.settings import Configuration
    from aggregator.ports import Store

WITHIN = timedelta(seconds=2)
AT_ONCE = 2  # searches; the pages must stay quick beside them
_PATIENCE = 1.0  # seconds a search waits for its turn


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """An entry of the page: its title and excerpt in parts, each with whether it was looked for."""

    entry: Outgoing
    title: list[tuple[str, bool]]
    excerpt: list[tuple[str, bool]]


def search_routes(store: Store, configuration: Callable[[], Configuration]) -> list[Route]:
    """The two addresses."""
    found = _Search(store, configuration)
    endpoints = {"/search": found.page, "/search.atom": found.feed}
    return [Route(path, endpoint, methods=["GET", "HEAD"]) for path, endpoint in endpoints.items()]


class _Search:
    def __init__(self, store: Store, configuration: Callable[[], Configuration]) -> None:
        self._store = store
        self._configuration = configuration
        self._turns = BoundedSemaphore(AT_ONCE)

    def page(self, request: Request) -> Response:
        """A form, and under it what was found."""
        query = _query(request)
        if not query:
            return self._shown(request, query, None)
        try:
            found = self._answer(query)
        except QueryError as error:
            return self._shown(request, query, None, problem=str(error), status=400)
        return self._shown(request, query, found)

    def feed(self, request: Request) -> Response:
        """The same as Atom."""
        query = _query(request)
        if not query:
            raise HTTPException(400, "There is no query; write /search.atom?q=WORDS")
        try:
            found = self._answer(query)
        except QueryError as error:
            raise HTTPException(400, str(error)) from None
        site, selection = self._configuration().site, found.selection
        about = head(selection, site)
        digest = blake2b(query.encode(), digest_size=8).hexdigest()
        asked = quote(query, safe="")
        about = replace(
            about,
            feed_id=f"{about.feed_id}:{digest}",
            page=f"{site.url}/search?q={asked}",
            links={Format.ATOM: f"{site.url}/search.atom?q={asked}"},
        )
        return send(request, served(feed("search.atom", Format.ATOM, atom(about, _entries(found)))))

    def _answer(self, query: str) -> Answer:
        if not self._turns.acquire(timeout=_PATIENCE):
            raise HTTPException(503, "Many are searching at this moment", headers={"Retry-After": "5"})
        try:
            now = datetime.now(UTC)
            return public_search(self._store, self._configuration(), query, now, clock=time.monotonic, within=WITHIN)
        finally:
            self._turns.release()

    def _shown(
        self, request: Request, query: str, found: Answer | None, *, problem: str = "", status: int = 200
    ) -> Response:
        site = self._configuration().site
        shown = page(
            "search.html",
            site,
            query=query,
            asked=quote(query, safe=""),
            problem=problem,
            found=None if found is None else _marked(found),
            cut=found is not None and found.cut,
            zone=zone_of(site),
        )
        headers = {"Cache-Control": f"public, max-age={MAX_AGE}"}
        return answer(request, shown.encode(), media_type=HTML, status=status, headers=headers)


def _query(request: Request) -> str:
    """What is asked: without what no text can hold, and what no query needs."""
    return "".join(c for c in request.query_params.get("q", "") if c.isprintable() or c == " ").strip()


def _entries(found: Answer) -> list[Outgoing]:
    """As the topics' documents write them; one that cannot be written is left out."""
    entries: list[Outgoing] = []
    for selected in found.selection.entries:
        try:
            entries.append(outgoing(selected, found.selection.topic))
        except ValueError:
            continue
    return entries


def _marked(found: Answer) -> list[_Found]:
    return [
        _Found(
            entry=entry,
            title=_parts(entry.title, found.words.get(entry.id, ())),
            excerpt=_parts(entry.excerpt, found.words.get(entry.id, ())),
        )
        for entry in _entries(found)
    ]


def _parts(text: str, words: Iterable[str]) -> list[tuple[str, bool]]:
    """A text cut where the words stand in it."""
    wanted = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    if not wanted:
        return [(text, False)]
    cut = re.split(f"({wanted})", text, flags=re.IGNORECASE)
    return [(part, place % 2 == 1) for place, part in enumerate(cut) if part]
