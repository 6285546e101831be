"""The operator's own feed: notices of the program, as Atom. They are never items of a topic."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote

from aggregator.domain.entry import Author
from aggregator.domain.settings import Format
from aggregator.steps.render.feeds import atom
from aggregator.steps.render.outgoing import EPOCH, Head, Outgoing, authority
from aggregator.steps.render.outlets import Outlet
from aggregator.steps.render.plain import caption, language_tag

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.domain.settings import Site


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """One notice; `key` names it for good."""

    key: str
    title: str
    text: str
    at: datetime


def render_notices(notices: Sequence[Notice], site: Site, path: str) -> bytes:
    """Write notices as Atom, in their order; `path` is where the feed stands below the site."""
    name = f"tag:{authority(site.url)},2026:{path}"
    title = caption(site.title) or "News desk"
    desk = Outlet(title=title, id=name)
    about = Head(
        id=path,
        feed_id=name,
        title=f"{title}: sources",
        description="Sources that broke, moved, ended or fell silent",
        page=f"{site.url}/status",
        links={Format.ATOM: f"{site.url}/{path}"},
        icon=None,
        language=language_tag("en"),
        author=Author(name=title),
        updated=max((notice.at for notice in notices), default=EPOCH).replace(microsecond=0),
    )
    return atom(about, [_entry(notice, name, site, desk) for notice in notices])


def _entry(notice: Notice, feed: str, site: Site, desk: Outlet) -> Outgoing:
    at = notice.at.replace(microsecond=0)
    return Outgoing(
        id=f"{feed}/{quote(notice.key)}",
        title=caption(notice.title),
        link=f"{site.url}/status",
        guid=None,
        published=at,
        updated=at,
        order_at=at,
        summary=f"<p>{escape(caption(notice.text))}</p>",
        content=None,
        excerpt="",
        authors=(),
        categories=(),
        enclosures=(),
        media=(),
        language="en",
        rights=None,
        comments=None,
        outlet=desk,
        via=None,
        credit=None,
        others=(),
    )
