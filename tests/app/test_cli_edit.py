"""`add` by a page's address, `remove`, `import` and `export --format opml`, as a person calls them."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from typer.testing import CliRunner

from aggregator.app.cli import app
from aggregator.config.load import load
from aggregator.errors import ConfigError

PAGE = b'<!doctype html><title>Blog</title><link rel="alternate" type="application/rss+xml" href="/feed.xml">'
FEED = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>Blog</title><link>https://b.example/</link>'
    b"<description>d</description><item><title>One</title><link>https://b.example/1</link></item></channel></rss>"
)
ANSWERS = {
    "/": (PAGE, "text/html"),
    "/feed.xml": (FEED, "application/rss+xml"),
    "/bare": (b"<!doctype html>", "text/html"),
}


class Blog(BaseHTTPRequestHandler):
    """A page that announces its feed, and one that does not."""

    def do_GET(self):
        body, media_type = ANSWERS.get(self.path, (b"nothing", "text/plain"))
        self.send_response(200 if self.path in ANSWERS else 404)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_): ...


@pytest.fixture
def blog():
    server = HTTPServer(("127.0.0.1", 0), Blog)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "feeds.yaml"
    path.write_text(
        "# mine\nfetch: {allow_hosts: [127.0.0.1], host_gap: 0s}\nsources:\n  - {id: a, url: https://a.example/}\n"
    )
    return path


def call(path, *arguments):
    return CliRunner().invoke(app, [*arguments, "--config", str(path)])


def test_a_page_leads_to_its_feed(path, blog):
    """The rest of the file stays; the owner is told which address was taken."""
    before = path.read_text()
    done = call(path, "add", f"{blog}/", "--id", "blog", "--tag", "x")
    assert f"the page announces its feed at {blog}/feed.xml" in done.stdout
    assert path.read_text() == before + f"  - {{id: blog, url: {blog}/feed.xml, tags: [x]}}\n"


def test_a_sitemap_is_added_as_one(path, blog, monkeypatch):
    """Its owner need not know that there are kinds of sources."""
    before = path.read_text()
    entry = b"<url><loc>https://a.example/1</loc></url>"
    body = b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">' + entry + b"</urlset>"
    monkeypatch.setitem(ANSWERS, "/news.xml", (body, "application/xml"))
    assert "it is a sitemap" in call(path, "add", f"{blog}/news.xml", "--id", "map").stdout
    assert path.read_text() == before + f"  - {{id: map, url: {blog}/news.xml, kind: sitemap}}\n"


def test_a_page_that_announces_none_leads_to_the_feed_in_the_usual_place(path, blog, monkeypatch):
    """Where there is none either, nothing is written."""
    before = path.read_text()
    done = call(path, "add", f"{blog}/bare", "--id", "blog")
    assert f"there is a feed at {blog}/feed.xml" in done.stdout
    path.write_text(before)
    monkeypatch.setitem(ANSWERS, "/feed.xml", (b"<!doctype html>", "text/html"))
    error = call(path, "add", f"{blog}/bare").exception
    assert isinstance(error, ConfigError)
    assert "it announces no feed" in str(error)
    assert path.read_text() == before


def test_a_source_is_removed(path):
    assert "removed source 'a'" in call(path, "remove", "a").stdout
    assert load(path).sources == ()


def test_lists_come_in_and_go_out(path, tmp_path):
    """What was exported can be imported elsewhere."""
    made = tmp_path / "list.opml"
    made.write_bytes(call(path, "export", "--format", "opml").stdout_bytes)
    other = tmp_path / "other.yaml"
    other.write_text("")
    assert call(other, "import", str(made)).stdout.startswith("added 1 source ")
    assert [source.url for source in load(other).sources] == ["https://a.example/"]
    again = call(other, "import", str(made))
    assert "added 0 sources" in again.stdout
    assert "passed over https://a.example/: is there already" in again.stderr
