"""Small sources and outcomes to decide about."""

from datetime import UTC, datetime, timedelta

from aggregator.domain.entry import FeedInfo
from aggregator.domain.outcome import Failure, Fetched, Reading, Unchanged
from aggregator.domain.response import NotModified, Response, Validators
from aggregator.domain.settings import FetchSettings
from aggregator.domain.source import DueSource, FeedHints, Source, Visits
from aggregator.errors import Code

NOW = datetime(2026, 3, 4, 10, 17, 23, tzinfo=UTC)  # a Wednesday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SETTINGS = FetchSettings()
OLD = Validators(etag=b'"old"', url="https://a.example/feed")
NEW = Validators(etag=b'"new"', url="https://a.example/feed")
KNOWN = Visits(validators=OLD, body_hash=b"old", last_visit=NOW - HOUR, last_success=NOW - HOUR, entries_per_day=12.0)


def due(visits=KNOWN, **source):
    fields = {"id": "a", "url": "https://a.example/feed", "shown_url": "https://a.example/feed"} | source
    return DueSource(source=Source(**fields), visits=visits, fence=1)


def response(*, validators=NEW, fresh_for=None, moved_to=None):
    return Response(
        source_id="a",
        url="https://a.example/feed",
        body=b"<rss/>",
        received_at=NOW,
        validators=validators,
        fresh_for=fresh_for,
        moved_to=moved_to,
    )


def fetched(*, dates=(), items=(), hints=None, truncated=False, title="A", **answer):
    info = FeedInfo(title=title, hints=hints or FeedHints())
    reading = Reading(info=info, items=items, truncated=truncated, newest=tuple(dates))
    return Fetched(response=response(**answer), body_hash=b"new", reading=reading)


def unchanged(*, validators=OLD, fresh_for=None, moved_to=None):
    answer = NotModified(source_id="a", received_at=NOW, validators=validators, fresh_for=fresh_for, moved_to=moved_to)
    return Unchanged(answer=answer)


def failure(code=Code.HTTP_STATUS, status=None, retry_at=None, fresh_for=None):
    return Failure(code=code, message="it failed", status=status, retry_at=retry_at, fresh_for=fresh_for)


def every(gap, count=20, start=NOW):
    """Dates that far apart, newest first."""
    return [start - gap * (index + 1) for index in range(count)]
