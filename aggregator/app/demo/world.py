"""The news world: what every address of it shows at any moment. Entry point: `World`.

Pure: the same seed, start and moment give the same bytes, so that a test can ask for any moment without waiting.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from aggregator.app.demo.dialects import DIALECTS
from aggregator.app.demo.outlets import library
from aggregator.app.demo.pictures import TYPES, draw
from aggregator.app.demo.printed import File, Issue, Printed
from aggregator.app.demo.timetable import Arrival, Timetable

if TYPE_CHECKING:
    from aggregator.app.demo.outlets import Article, Outlet

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WINDOW = 30  # entries a feed shows
REST_EVERY, REST_FROM, REST_UNTIL = 90, 45, 60  # the weak server rests in these seconds of every round
OLD_ADDRESS = "rss"


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """What an address answers. A 200 has validators, the others have none."""

    status: int = 200
    media_type: str = "text/plain; charset=utf-8"
    body: bytes = b""
    etag: str | None = None
    modified: datetime | None = None
    headers: tuple[tuple[str, str], ...] = ()


class World:
    """Fourteen outlets and their feeds. `start` is a whole second; `base_url` has no trailing slash."""

    def __init__(self, seed: int = 1, *, start: datetime = START, base_url: str = "http://127.0.0.1:8765") -> None:
        self.start = start.astimezone(UTC).replace(microsecond=0)
        self.base_url = base_url
        self.outlets = library().outlets
        self._timetable = Timetable(seed, library())

    def at(self, elapsed: float) -> dict[str, Feed]:
        """Every feed's address and its answer, `elapsed` seconds after the start."""
        feeds = {}
        for outlet in self.outlets.values():
            feeds[self.path(outlet)] = self._feed(outlet, int(elapsed))
            if outlet.moved:
                feeds[f"/{outlet.id}/{OLD_ADDRESS}"] = self._moved(outlet)
        return feeds

    def feed(self, path: str, elapsed: float) -> Feed | None:
        """One address of `at`, without the work of the others; None where there is none."""
        name = path.strip("/").partition("/")[0]
        outlet = self.outlets.get(name)
        if outlet is None:
            return None
        if outlet.moved and path == f"/{name}/{OLD_ADDRESS}":
            return self._moved(outlet)
        return self._feed(outlet, int(elapsed)) if path == self.path(outlet) else None

    def path(self, outlet: Outlet) -> str:
        """Where the outlet's feed is today."""
        return f"/{outlet.id}/{DIALECTS[outlet.dialect].name}"

    def advertised(self, outlet: Outlet) -> str:
        """The address that subscribers have: the old one where the feed has moved."""
        return f"/{outlet.id}/{OLD_ADDRESS}" if outlet.moved else self.path(outlet)

    def articles(self, outlet_id: str, elapsed: float) -> tuple[Printed, ...]:
        """Everything an outlet has printed so far, newest first."""
        now = int(elapsed)
        mine = [arrival for arrival in self._timetable.until(now) if arrival.article.outlet == outlet_id]
        return tuple(self._printed(arrival, now) for arrival in reversed(mine))

    def _feed(self, outlet: Outlet, now: int) -> Feed:
        if outlet.fails and REST_FROM <= now % REST_EVERY < REST_UNTIL:
            wait = REST_UNTIL - now % REST_EVERY
            return Feed(status=503, body=b"The server is having a rest.\n", headers=(("Retry-After", str(wait)),))
        entries = self.articles(outlet.id, now)[:WINDOW]
        updated = max((entry.updated for entry in entries), default=self.start)
        dialect = DIALECTS[outlet.dialect]
        issue = Issue(
            outlet=outlet,
            home=f"{self.base_url}/{outlet.id}",
            address=self.base_url + self.path(outlet),
            entries=entries,
            updated=updated,
        )
        body = dialect.write(issue)
        return Feed(media_type=dialect.media_type, body=body, etag=etag(body), modified=updated)

    def _moved(self, outlet: Outlet) -> Feed:
        return Feed(status=301, headers=(("Location", self.base_url + self.path(outlet)),))

    def _printed(self, arrival: Arrival, now: int) -> Printed:
        article = arrival.article
        corrected = arrival.corrected_at is not None and arrival.corrected_at <= now
        return Printed(
            slug=article.slug,
            guid=f"tag:merrow.example,2026:{article.key}",
            link=self._link(article),
            title=article.corrected or article.title if corrected else article.title,
            paragraphs=article.paragraphs,
            author=article.author,
            category=article.category,
            published=self._moment(arrival.at),
            updated=self._moment(arrival.corrected_at if corrected and arrival.corrected_at else arrival.at),
            file=self._file(article),
        )

    def _link(self, article: Article) -> str:
        link = f"{self.base_url}/{article.canonical}"
        return f"{link}?utm_source={article.outlet}&utm_medium=rss" if article.copied_link else link

    def _file(self, article: Article) -> File | None:
        kind = "wav" if article.seconds else article.picture
        if kind is None:
            return None
        return File(
            url=f"{self.base_url}/{article.key}.{kind}",
            type=TYPES[kind],
            length=len(drawn(kind, article.key, article.seconds or 1)),
            seconds=article.seconds,
        )

    def _moment(self, seconds: int) -> datetime:
        return self.start + timedelta(seconds=seconds)


@lru_cache(maxsize=64)
def drawn(kind: str, name: str, seconds: int) -> bytes:
    """The picture or sound, kept for the next who asks."""
    return draw(kind, name, seconds)


def etag(body: bytes) -> str:
    """A strong validator over the bytes (RFC 9110 §8.8.3)."""
    return f'"{sha256(body).hexdigest()[:20]}"'
