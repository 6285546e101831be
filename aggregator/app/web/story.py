"""`/stories/ID`: a story with its other outlets and its corrections. ID is that of its feeds' entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.routing import Route

from aggregator.app.web.answers import HTML, answer
from aggregator.app.web.pages import page
from aggregator.domain.topic import Content, Topic
from aggregator.pipeline.story import story_view
from aggregator.steps.render import zone_of
from aggregator.steps.render.outgoing import outgoing
from aggregator.steps.render.plain import address, caption, excerpt, language_tag, one_line

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from aggregator.domain.settings import Configuration
    from aggregator.domain.topic import Copy
    from aggregator.pipeline.story import Correction, StoryView
    from aggregator.ports import Store

MAX_AGE = 60  # seconds
LONGEST = 512  # characters of an id
LONGEST_TEXT = 20_000  # characters shown; the outlet has the rest
EXCERPT = 400


@dataclass(frozen=True, kw_only=True, slots=True)
class _Outlet:
    name: str
    title: str
    link: str | None
    language: str | None
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class _Change:
    at: datetime
    outlet: str
    title: str | None
    language: str | None
    gone: str
    new: str


def story_routes(store: Store, configuration: Callable[[], Configuration]) -> list[Route]:
    """The one address."""

    def story(request: Request) -> Response:
        name = request.path_params["story"]
        view = None
        if len(name) <= LONGEST and name == one_line(name):
            view = story_view(store, configuration(), name)
        if view is None:
            raise HTTPException(404)
        headers = {"Cache-Control": f"public, max-age={MAX_AGE}"}
        return answer(request, _page(view, configuration()).encode(), media_type=HTML, headers=headers)

    return [Route("/stories/{story:path}", story, methods=["GET", "HEAD"])]


def _page(view: StoryView, configuration: Configuration) -> str:
    site = configuration.site
    return page(
        "story.html",
        site,
        entry=outgoing(view.story, Topic(id="story", title="")),
        paragraphs=_paragraphs(view),
        outlets=[_outlet(copy) for copy in view.copies],
        corrections=[_change(correction) for correction in view.corrections],
        topics=[(topic, one_line(reason.text)) for topic, reason in view.topics],
        zone=zone_of(site),
    )


def _paragraphs(view: StoryView) -> list[str]:
    """The text as far as its topics republish it, as plain paragraphs."""
    text = view.story.shown.stored.item.text
    if view.content is Content.LINK:
        return []
    if view.content is Content.SUMMARY or len(text) > LONGEST_TEXT:
        return [found] if (found := excerpt(text, EXCERPT if view.content is Content.SUMMARY else LONGEST_TEXT)) else []
    return [line for part in text.splitlines() if (line := one_line(part))]


def _outlet(copy: Copy) -> _Outlet:
    item = copy.stored.item
    return _Outlet(
        name=caption(copy.source_title) or item.source_id,
        title=caption(item.title),
        link=address(item.link),
        language=language_tag(item.language),
        at=item.published or copy.stored.first_seen,
    )


def _change(correction: Correction) -> _Change:
    item = correction.copy.stored.item
    return _Change(
        at=correction.at,
        outlet=caption(correction.copy.source_title) or item.source_id,
        title=None if correction.title is None else caption(correction.title),
        language=language_tag(item.language),
        gone=", ".join(correction.figures_gone[:10]),
        new=", ".join(correction.figures_new[:10]),
    )
