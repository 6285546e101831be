"""The publisher's own documents: the front page, the list of subscriptions, and the assets of all pages."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from aggregator.domain.document import Document
from aggregator.domain.settings import Format, Site
from aggregator.steps.render.documents import MEDIA_TYPES, OPML, topic_path
from aggregator.steps.render.opml import Subscription, opml
from aggregator.steps.render.pages import index_page
from aggregator.steps.render.plain import address, caption, language_tag

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.domain.topic import Selected, Selection, Topic

HEADLINES = 5  # of each topic on the front page

_ASSETS = {
    "style.css": "text/css; charset=utf-8",
    "feed.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml; charset=utf-8",
    "icon.png": "image/png",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Headline:
    """One story on the front page; `at` is its place in the order."""

    title: str
    link: str | None
    source: str
    at: datetime
    language: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TopicSummary:
    """A topic as the front page and the OPML show it. `newest` are its first headlines, in order."""

    id: str
    title: str
    description: str
    formats: tuple[Format, ...]
    stories: int
    updated: datetime | None
    newest: tuple[Headline, ...] = ()

    @classmethod
    def of(cls, topic: Topic, *, stories: int, updated: datetime | None, newest: Selection) -> TopicSummary:
        """From a topic as configured, its figures as last published, and a selection that begins like it."""
        return cls(
            id=topic.id,
            title=caption(topic.title) or topic.id,
            description=caption(topic.description),
            formats=topic.formats,
            stories=stories,
            updated=updated,
            newest=tuple(map(_headline, newest.entries[:HEADLINES])),
        )


def render_site(site: Site, topics: Sequence[TopicSummary]) -> list[Document]:
    """Write `index.html` and `topics.opml`; their bytes are a function of the arguments alone."""
    return [
        Document.of("index.html", MEDIA_TYPES[Format.HTML], index_page(topics, site)),
        Document.of(
            "topics.opml", OPML, opml(caption(site.title), [_subscription(t, site) for t in topics if _feed(t)])
        ),
    ]


def asset_documents() -> list[Document]:
    """The styles and icons that every page uses, as they are in the package."""
    folder = files("aggregator.steps.render") / "assets"
    return [Document.of(f"assets/{name}", kind, (folder / name).read_bytes()) for name, kind in _ASSETS.items()]


def _headline(selected: Selected) -> Headline:
    item = selected.shown.stored.item
    link = address(item.link)
    return Headline(
        title=caption(item.title) or link or "Untitled",
        link=link,
        source=caption(selected.shown.source_title) or item.source_id,
        at=selected.order_at,
        language=language_tag(item.language),
    )


def _feed(topic: TopicSummary) -> Format | None:
    """The one feed of a topic to subscribe to: Atom says most, and nearly every reader takes it."""
    return next((form for form in (Format.ATOM, Format.RSS, Format.JSON) if form in topic.formats), None)


def _subscription(topic: TopicSummary, site: Site) -> Subscription:
    form = _feed(topic) or Format.ATOM
    page = f"{site.url}/{topic_path(topic.id, Format.HTML)}" if Format.HTML in topic.formats else None
    return Subscription(
        title=caption(topic.title) or topic.id,
        feed_url=f"{site.url}/{topic_path(topic.id, form)}",
        page_url=page,
        description=caption(topic.description),
        version={Format.ATOM: "ATOM1", Format.JSON: "JSON"}.get(form, "RSS"),
    )
