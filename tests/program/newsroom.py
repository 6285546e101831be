"""A news site on loopback that a test writes, breaks and watches; and the feeds it serves."""

import hashlib
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class News:
    """One entry as a test writes it; None leaves the element out."""

    title: str | None
    link: str | None
    guid: str | None = None
    text: str = "<p>Some words about it.</p>"
    published: str | datetime | None = None
    permalink: bool = False


def rss(entries, *, title="A paper", home="https://paper.example/"):
    """RSS 2.0 with content:encoded."""
    items = "".join(
        "<item>"
        + _element("title", entry.title)
        + _element("link", entry.link)
        + _element("guid", entry.guid, f' isPermaLink="{"true" if entry.permalink else "false"}"')
        + _element("pubDate", _date(entry.published))
        + _element("content:encoded", entry.text)
        + "</item>\n"
        for entry in entries
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{escape(title)}</title><link>{home}</link><description>News</description>\n{items}</channel></rss>\n"
    ).encode()


def atom(entries, *, title="A paper", home="https://paper.example/"):
    """Atom 1.0; every entry has a date."""
    items = "".join(
        "<entry>"
        + _element("id", entry.guid or entry.link)
        + _element("title", entry.title)
        + f'<link href="{escape(entry.link)}"/>'
        + _element("updated", f"{entry.published or START:%Y-%m-%dT%H:%M:%SZ}")
        + _element("published", f"{entry.published or START:%Y-%m-%dT%H:%M:%SZ}")
        + _element("content", entry.text, ' type="html"')
        + "</entry>\n"
        for entry in entries
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"<id>{home}</id><title>{escape(title)}</title><updated>2026-03-02T09:00:00Z</updated>"
        f"<author><name>{escape(title)}</name></author>\n{items}</feed>\n"
    ).encode()


def paper(name, count, *, base=START):
    """`count` entries of one paper: words, links and guids that no other paper has."""
    return [
        News(
            title=f"{name} reports item {number} of the day",
            link=f"https://{name}.example/news/{number}",
            guid=f"{name}-{number}",
            text=f"<p>{_words(name, number)}</p><p>{_words(number, name)}</p>",
            published=base + timedelta(minutes=number),
        )
        for number in range(count)
    ]


def _words(*seed):
    """Nonsense that differs everywhere, so that nothing looks like a copy."""
    digest = hashlib.sha256(repr(seed).encode()).hexdigest()
    return " ".join(digest[start : start + 5] for start in range(0, 60, 5))


def _element(name, text, attributes=""):
    return "" if text is None else f"<{name}{attributes}>{escape(text)}</{name}>"


def _date(moment):
    return format_datetime(moment) if isinstance(moment, datetime) else moment


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request as it came in."""

    method: str
    path: str
    headers: dict

    @property
    def conditional(self):
        return "if-none-match" in self.headers or "if-modified-since" in self.headers


@dataclass
class Page:
    """What a path answers. `delay` is in seconds before the first byte; `hold` waits until the event is set."""

    body: bytes
    headers: dict = field(default_factory=dict)
    status: int = 200
    delay: float = 0
    hold: threading.Event | None = None


class Newsroom:
    """The server. `put` writes a page, `visits` is every request so far, `answers` counts by status."""

    def __init__(self):
        self.pages = {}
        self.visits = []
        self.answers = Counter()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.newsroom = self
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        self.url = f"http://{self.host}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def put(self, path, body, *, status=200, delay=0, hold=None, **headers):
        """Serve `body` at `path`; an ETag over the bytes and a Last-Modified come by themselves."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        validators = {"ETag": etag, "Last-Modified": format_datetime(START, usegmt=True)} if status == 200 else {}
        self.pages[path] = Page(body, {**validators, **given}, status, delay, hold)
        return self.url + path

    def wait_for_answers(self, count, timeout=30):
        """Until that many requests were answered."""
        end = time.monotonic() + timeout
        while sum(self.answers.values()) < count:
            assert time.monotonic() < end, f"only {dict(self.answers)} answers after {timeout} s"
            time.sleep(0.01)

    def forget(self):
        """Start counting anew."""
        self.visits.clear()
        self.answers.clear()

    def close(self):
        for page in self.pages.values():
            if page.hold is not None:
                page.hold.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    newsroom: Newsroom

    def handle_error(self, request, client_address):
        """A program that was killed leaves broken connections behind; that is what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65_536
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self):
        newsroom = self.server.newsroom
        headers = {name.lower(): value for name, value in self.headers.items()}
        newsroom.visits.append(Visit(method=self.command, path=self.path, headers=headers))
        page = newsroom.pages.get(self.path) or Page(b"nothing here\n", status=404)
        if page.hold is not None:
            page.hold.wait(60)
        time.sleep(page.delay)
        etag = page.headers.get("ETag")
        status = 304 if page.status == 200 and etag and headers.get("if-none-match") == etag else page.status
        self.send_response(status)
        for name, value in page.headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(page.body)))
        self.end_headers()
        if status != 304:
            self.wfile.write(page.body)
        self.wfile.flush()
        newsroom.answers[status] += 1

    def log_message(self, *args):
        """Silent: `visits` has it all."""
