"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/), with what it has no word for in `_` extensions."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

from aggregator.domain.settings import Format
from aggregator.steps.render.plain import plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.domain.entry import Author, Category, Enclosure, Media
    from aggregator.domain.media import Supplement
    from aggregator.steps.render.outgoing import Head, Outgoing
    from aggregator.steps.render.outlets import Outlet


def json_feed(head: Head, entries: Sequence[Outgoing]) -> bytes:
    """The topic as JSON Feed 1.1, keys in the specification's order."""
    feed = _present(
        version="https://jsonfeed.org/version/1.1",
        title=head.title,
        home_page_url=head.page,
        feed_url=head.links.get(Format.JSON),
        description=head.description,
        icon=head.icon,
        authors=[{"name": head.author.name}],
        language=head.language,
        hubs=[{"type": "WebSub", "url": head.hub}] if head.hub else None,
    )
    feed["items"] = [_item(entry) for entry in entries]
    return json.dumps(feed, ensure_ascii=False).encode() + b"\n"


def _item(entry: Outgoing) -> dict[str, Any]:
    # One of content_html and content_text must be there; a summary alone is the content.
    html = entry.content or entry.summary
    return _present(
        id=entry.id,
        url=entry.link,
        title=entry.title,
        content_html=html,
        content_text=None if html else entry.title,
        summary=plain(entry.summary) if entry.content else None,
        image=entry.image,
        date_published=_rfc3339(entry.published),
        date_modified=_rfc3339(entry.updated),
        authors=[_author(author) for author in entry.authors],
        tags=list(dict.fromkeys(category.label or category.term for category in entry.categories)),
        language=entry.language,
        attachments=[_attachment(file) for file in entry.enclosures],
        _categories=_categories(entry.categories),
        _source=_source(entry.outlet, guid=entry.guid, via=entry.via),
        _credit=_present(name=entry.credit.title, url=entry.credit.link) if entry.credit else None,
        _also=[_present(title=other.outlet, url=other.link, headline=other.title) for other in entry.others],
        _media=[_media(media) for media in entry.media],
        _rights=entry.rights,
        _comments=entry.comments,
        **_supplement(entry.supplement),
    )


def _source(outlet: Outlet, *, guid: str | None = None, via: Outlet | None = None) -> dict[str, Any]:
    return _present(
        id=outlet.name,
        title=outlet.title,
        url=outlet.link,
        feed_url=outlet.feed_url,
        feed_id=outlet.id,
        guid=guid,
        rights=outlet.rights,
        updated=_rfc3339(outlet.updated) if outlet.updated else None,
        icon=outlet.icon if via else None,  # of a feed read by us it is not said: it would be the same a hundred times
        via=_source(via) if via else None,
    )


def _author(author: Author) -> dict[str, Any]:
    url = author.uri or (f"mailto:{author.email}" if author.email and "@" in author.email else None)
    return _present(name=author.name or author.email, url=url, _email=author.email if author.uri else None)


def _categories(categories: Sequence[Category]) -> list[dict[str, Any]]:
    """All of them where a tag cannot say all of one."""
    if not any(category.scheme or category.label not in {None, category.term} for category in categories):
        return []
    return [_object(category) for category in categories]


def _attachment(file: Enclosure) -> dict[str, Any]:
    return _present(
        url=file.url,
        mime_type=file.type,
        title=file.title,
        size_in_bytes=file.length,
        duration_in_seconds=file.duration,
    )


def _media(media: Media) -> dict[str, Any]:
    return _present(
        role=media.role,
        url=media.url,
        type=media.type,
        medium=media.medium,
        width=media.width,
        height=media.height,
        description=media.description,
        credit=media.credit,
        group=media.group,
        default=media.default,
        bitrate=media.bitrate,
        duration_in_seconds=media.duration,
        size_in_bytes=media.size,
        expression=media.expression,
        language=media.language,
        title=media.title,
    )


def _supplement(told: Supplement | None) -> dict[str, Any]:
    """`_podcast`, `_media_notes`, `_geo` and `_discussion`: members named as in domain/media.py."""
    if told is None:
        return {}
    point = told.point
    return _present(
        _podcast=_object(told.episode),
        _media_notes=_object(told.notes),
        _geo=[float(point.latitude), float(point.longitude)] if point else None,
        _discussion=_object(told.discussion),
    )


def _object(value: Any) -> Any:
    """A dataclass as an object of what it has."""
    if isinstance(value, tuple):
        return [_object(part) for part in value]
    if not dataclasses.is_dataclass(value):
        return value
    return _present(**{field.name: _object(getattr(value, field.name)) for field in dataclasses.fields(value)})


def _present(**values: Any) -> dict[str, Any]:
    """The values there are: an absent one is left out, never null (JSON Feed has no nulls)."""
    return {key: value for key, value in values.items() if value not in (None, "", [], {})}


def _rfc3339(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
