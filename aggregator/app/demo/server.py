"""The news world as a web server on loopback. Entry point: `DemoServer`."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Self

from aggregator.app.demo import pages
from aggregator.app.demo.pictures import TYPES
from aggregator.app.demo.world import Feed, World, drawn, etag

if TYPE_CHECKING:
    from collections.abc import Callable

    from aggregator.app.demo.printed import Printed

HOST = "127.0.0.1"
MAX_AGE = 2  # seconds
HTML = "text/html; charset=utf-8"
WORTH_PACKING = 500  # bytes


def wall_clock() -> datetime:
    """The present instant in UTC."""
    return datetime.now(UTC)


class DemoServer:
    """Serves the world from the moment of its construction on; `port` 0 takes a free one."""

    def __init__(self, *, seed: int = 1, port: int = 0, now: Callable[[], datetime] = wall_clock) -> None:
        self._now = now
        self._server = _Server((HOST, port), _Handler)
        self._thread: Thread | None = None
        self.base_url = f"http://{HOST}:{self._server.server_address[1]}"
        self.world = World(seed, start=now(), base_url=self.base_url)
        self._server.demo = self

    @property
    def elapsed(self) -> float:
        """Seconds since the start of this world."""
        return (self._now() - self.world.start).total_seconds()

    def start(self) -> Self:
        """Serve in a thread of its own."""
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), name="demo-world", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and free the port; safe to call twice."""
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._thread = None
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def answer(self, path: str) -> Feed | None:
        """What an address shows now: a feed, a page, a picture or a sound."""
        if path == "/":
            return _page(pages.front(self.world))
        elapsed = self.elapsed
        return self.world.feed(path, elapsed) or self._of_outlet(path, elapsed)

    def _of_outlet(self, path: str, elapsed: float) -> Feed | None:
        name, _, rest = path.strip("/").partition("/")
        outlet = self.world.outlets.get(name)
        if outlet is None:
            return None
        entries = self.world.articles(name, elapsed)
        if not rest:
            return _page(pages.outlet_page(self.world, outlet, entries))
        slug, _, kind = rest.partition(".")
        entry = next((entry for entry in entries if entry.slug == slug), None)
        if entry is None:
            return None
        return self._file(entry, kind) if kind else _page(pages.article_page(outlet, entry))

    def _file(self, entry: Printed, kind: str) -> Feed | None:
        file = entry.file
        if file is None or TYPES.get(kind) != file.type:
            return None
        name = file.url.removeprefix(f"{self.base_url}/").removesuffix(f".{kind}")
        body = drawn(kind, name, file.seconds or 1)
        return Feed(media_type=file.type, body=body, etag=etag(body), modified=self.world.start)


def _page(body: bytes) -> Feed:
    return Feed(media_type=HTML, body=body, etag=etag(body))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    demo: DemoServer

    def handle_error(self, request: object, client_address: object) -> None:
        """A reader that went away is no event; anything else shows in its answer."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "merrow"
    sys_version = ""
    timeout = 30
    wbufsize = 65_536  # headers and body leave in one packet
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        """Answer with validators; 304 where they match; packed where the client can unpack."""
        path = self.path.partition("?")[0].partition("#")[0]
        feed = self.server.demo.answer(path)
        if feed is None:
            feed = Feed(status=404, body=b"There is nothing here.\n")
        packed = len(feed.body) > WORTH_PACKING and _takes_gzip(self.headers.get("Accept-Encoding", ""))
        tag = f'{feed.etag[:-1]}-gzip"' if feed.etag and packed else feed.etag
        status = 304 if feed.status == 200 and self._has(tag, feed.modified) else feed.status  # noqa: PLR2004  # HTTP
        body = gzip.compress(feed.body, 6, mtime=0) if packed else feed.body
        self.send_response(status)
        for name, value in self._headers(feed, tag, packed=packed):
            self.send_header(name, value)
        if status == 304:  # noqa: PLR2004  # HTTP
            self.end_headers()
            return
        self.send_header("Content-Type", feed.media_type)
        self.send_header("Content-Length", str(len(body)))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815  # http.server finds a method by this name

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is inherited
        """Stay silent: the daemon that reads us has the log."""

    def _headers(self, feed: Feed, tag: str | None, *, packed: bool) -> list[tuple[str, str]]:
        headers = [*feed.headers, ("Cache-Control", f"max-age={MAX_AGE}")]
        if packed:
            headers.append(("Vary", "Accept-Encoding"))
        if tag is not None:
            headers.append(("ETag", tag))
        if feed.modified is not None:
            headers.append(("Last-Modified", format_datetime(feed.modified, usegmt=True)))
        return headers

    def _has(self, tag: str | None, modified: datetime | None) -> bool:
        """RFC 9110 §13.2.2: If-None-Match decides alone where it is sent."""
        known = self.headers.get("If-None-Match")
        if known is not None:
            tags = {part.strip().removeprefix("W/") for part in known.split(",")}
            return tag is not None and bool(tags & {tag, "*"})
        since = self.headers.get("If-Modified-Since")
        if since is None or modified is None:
            return False
        try:
            return modified <= parsedate_to_datetime(since)
        except (TypeError, ValueError):
            return False


def _takes_gzip(header: str) -> bool:
    return any(part.strip().partition(";")[0].lower() == "gzip" for part in header.split(","))
