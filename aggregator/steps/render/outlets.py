"""Who is credited: the outlet of an entry, and the others that carry the same story."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.domain.times import utc
from aggregator.steps.render.plain import address, caption, identifier, language_tag, web_address

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.domain.entry import Origin
    from aggregator.domain.topic import Copy, Selected


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlet:
    """A publication. `link` is its own page, `feed_url` its feed; `name` is its id in feeds.yaml.

    `updated` is what an entry says of its origin. A feed we read has none here: many move it with every visit,
    and no document of ours may change without a change in the news.
    """

    title: str
    name: str | None = None
    id: str | None = None
    link: str | None = None
    feed_url: str | None = None
    updated: datetime | None = None
    rights: str | None = None
    icon: str | None = None
    language: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Other:
    """Another outlet's copy of a story."""

    outlet: str
    title: str
    link: str
    language: str | None


def outlets(shown: Copy) -> tuple[Outlet, Outlet | None]:
    """Whose entry it is, and through whom it came where that is another.

    An entry that says where it was taken from keeps saying so (RFC 4287 §4.2.11); the feed we read is then
    named as `via`.
    """
    feed = shown.feed
    own = Outlet(
        title=caption(shown.source_title) or shown.stored.item.source_id,
        name=shown.stored.item.source_id,
        id=identifier(feed.id) or identifier(shown.source_url) or identifier(feed.link),
        link=web_address(feed.link),
        feed_url=web_address(shown.source_url) or web_address(feed.self_link),
        rights=caption(feed.rights) or None,
        icon=web_address(feed.icon),
        language=language_tag(feed.language),
    )
    origin = shown.stored.item.origin
    if origin is None or not (title := caption(origin.title)):
        return own, None
    return _origin(origin, title, own), own


def others(selected: Selected) -> tuple[Other, ...]:
    """One copy of each other outlet, in the selection's order; those without an address cannot be shown."""
    found: dict[str, Other] = {}
    for copy in selected.others:
        item = copy.stored.item
        if (link := address(item.link)) and item.source_id != selected.shown.stored.item.source_id:
            found.setdefault(
                item.source_id,
                Other(
                    outlet=caption(copy.source_title) or item.source_id,
                    title=caption(item.title) or link,
                    link=link,
                    language=language_tag(item.language),
                ),
            )
    return tuple(found.values())


def _origin(origin: Origin, title: str, own: Outlet) -> Outlet:
    feed_url, link = web_address(origin.feed_url), web_address(origin.link)
    return Outlet(
        title=title,
        name=own.name,
        id=identifier(origin.id) or identifier(feed_url) or identifier(link),
        link=link,
        feed_url=feed_url,
        updated=utc(origin.updated).replace(microsecond=0) if origin.updated else None,
        rights=caption(origin.rights) or None,
        icon=web_address(origin.icon),
    )
