"""JSON Feed 1.1."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aggregator.app.demo.dialects.parts import beginning, html, rfc3339

if TYPE_CHECKING:
    from aggregator.app.demo.printed import Issue, Printed


def write(issue: Issue) -> bytes:
    """The feed as one object."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": issue.outlet.title,
        "description": issue.outlet.description,
        "home_page_url": issue.home,
        "feed_url": issue.address,
        "language": issue.outlet.language,
        "items": [_item(entry) for entry in issue.entries],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1).encode()


def _item(entry: Printed) -> dict[str, object]:
    return {
        "id": entry.guid,
        "url": entry.link,
        "title": entry.title,
        "summary": beginning(entry),
        "content_html": html(entry),
        "date_published": rfc3339(entry.published),
        "date_modified": rfc3339(entry.updated),
        "authors": [{"name": entry.author}],
        "tags": [entry.category],
    }
