"""Servers that lie, drip, flood and break, rows (a) of the hostile corpus: what is sent, and what must come of it."""

import contextlib
import itertools
import socket
import threading
import zlib
from dataclasses import dataclass

from tests.steps.fetch.fetch_server import answer, gz, reset

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One hostile source.

    `code` is the error that must be told, None where it must be read; `titles` are what is stored of it, None
    where only that something is. `url` replaces the server's own address.
    """

    name: str
    reply: object = None
    code: str | None = None
    titles: tuple[str, ...] | None = None
    url: str | None = None


def feed(*titles, inside=""):
    """A good RSS document with these titles (already escaped)."""
    items = "".join(
        f"<item><title>{t}</title><link>https://h.example/{n}</link><guid>{n}</guid>{inside}</item>"
        for n, t in enumerate(titles)
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>F</title>{items}</channel></rss>".encode()


ONE = feed("one")


def said(data):
    """A handler that sends exactly these bytes and closes."""
    return lambda _connection, _asked: data


def dripping(server, start, drop, pause=0.1):
    """A handler that sends a little for ever."""

    def handle(connection, _asked):
        connection.sendall(start)
        while drop is not None:
            connection.sendall(drop)
            if server.wait(pause):
                return
        server.wait(60)

    return handle


def flooding(start, piece):
    """A handler that sends as much as it is let."""

    def handle(connection, _asked):
        connection.sendall(start)
        while True:
            connection.sendall(piece)

    return handle


def cut_within(server):
    """A handler that breaks the connection in the middle of the body."""

    def handle(connection, _asked):
        connection.sendall(HEAD + b"Content-Length: 100000\r\n\r\n" + ONE[:40])
        server.wait(0.2)
        reset(connection)

    return handle


def bomb(size=200):
    """So many megabytes of blanks, a thousandth as large."""
    coder = zlib.compressobj(9, wbits=31)
    return b"".join(coder.compress(b" " * 1_000_000) for _ in range(size)) + coder.flush()


def drip_bomb(server):
    """A handler that sends a bomb a little at a time: each drop is a megabyte."""
    data = bomb(40)

    def handle(connection, _asked):
        connection.sendall(HEAD + b"Content-Encoding: gzip\r\n\r\n")
        for place in range(0, len(data), 1000):
            connection.sendall(data[place : place + 1000])
            if server.wait(0.05):
                return

    return handle


def redirect(location, status="302 Found"):
    return answer(status, b"Location: " + location)


class PlainPort:
    """A port that answers whatever comes, a TLS greeting too, in plain words."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def rows(server, plain_port):
    """Every row of HOSTILE.md (a) that a server can play."""
    steps = itertools.count()
    return [
        Row(name="dns", url="http://no.such.name.invalid/feed", code="dns"),
        *(Row(name=f"dns-hangs-{n}", url=f"http://n{n}.hangs.example/feed", code="timeout") for n in range(3)),
        Row(name="refused", url="http://127.0.0.1:1/feed", code="connect"),
        Row(name="tls-to-plain-port", url=f"https://127.0.0.1:{plain_port}/", code="tls"),
        # slow
        Row(name="silent", reply=dripping(server, b"", None), code="timeout"),
        Row(name="slow-headers", reply=dripping(server, HEAD, b"X-Drip: 1\r\n"), code="timeout"),
        Row(name="slow-body", reply=dripping(server, HEAD + b"\r\n" + ONE[:90], b" "), code="timeout"),
        Row(name="slow-chunks", reply=dripping(server, CHUNKED, b"1\r\n \r\n"), code="timeout"),
        Row(name="slow-interim", reply=dripping(server, b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.6), code="timeout"),
        # too much
        Row(name="endless", reply=flooding(HEAD + b"\r\n", b" " * 65_536), code="too_large"),
        Row(name="endless-chunks", reply=flooding(CHUNKED, b"1000\r\n" + b" " * 4096 + b"\r\n"), code="too_large"),
        Row(name="announced-10-gb", reply=said(HEAD + b"Content-Length: 10000000000\r\n\r\n"), code="too_large"),
        Row(name="gzip-bomb", reply=answer("200 OK", "Content-Encoding: gzip", body=bomb()), code="too_large"),
        Row(name="unlabelled-bomb", reply=answer("200 OK", body=bomb()), code="too_large"),
        Row(name="brotli", reply=answer("200 OK", "Content-Encoding: br", body=b"\x8b\x0b\x80x\x03"), code="protocol"),
        Row(name="zstd", reply=answer("200 OK", "Content-Encoding: zstd", body=b"\x28\xb5\x2f\xfd0"), code="protocol"),
        # cut
        Row(name="shorter-than-said", reply=said(HEAD + b"Content-Length: 9999\r\n\r\n" + ONE), code="truncated"),
        Row(name="longer-than-said", reply=said(HEAD + b"Content-Length: 60\r\n\r\n" + ONE), code="truncated"),
        Row(
            name="ends-early",
            reply=said(HEAD + b"\r\n" + feed("kept", "lost")[:-60]),
            code="truncated",
            titles=("kept",),
        ),
        Row(name="broken-within", reply=cut_within(server), code="truncated"),
        Row(name="reset", reply=lambda connection, _: reset(connection), code="connect"),
        Row(
            name="gzip-cut",
            reply=answer("200 OK", "Content-Encoding: gzip", body=gz(feed(*map(str, range(99))))[:-20]),
            code="truncated",
        ),
        # codings
        Row(
            name="gzip-members",
            reply=answer("200 OK", "Content-Encoding: gzip", body=gz(ONE[:50]) + gz(ONE[50:])),
            titles=("one",),
        ),
        Row(
            name="gzip-garbage",
            reply=answer("200 OK", "Content-Encoding: gzip", body=b"\x1f\x8b\x08rubbish rubbish"),
            code="protocol",
        ),
        Row(
            name="gzip-twice",
            reply=answer("200 OK", "Content-Encoding: gzip, gzip", body=gz(gz(ONE))),
            code="protocol",
        ),
        Row(name="gzip-in-gzip", reply=answer("200 OK", "Content-Encoding: gzip", body=gz(gz(ONE))), code="protocol"),
        Row(
            name="raw-deflate",
            reply=answer("200 OK", "Content-Encoding: deflate", body=zlib.compress(ONE)[2:-4]),
            titles=("one",),
        ),
        Row(
            name="deflate",
            reply=answer("200 OK", "Content-Encoding: deflate", body=zlib.compress(ONE)),
            titles=("one",),
        ),
        Row(
            name="deflate-bomb",
            reply=answer("200 OK", "Content-Encoding: deflate", body=zlib.compress(b" " * 50_000_000)),
            code="too_large",
        ),
        Row(name="dripping-bomb", reply=drip_bomb(server), code="too_large"),
        Row(name="says-gzip-is-plain", reply=answer("200 OK", "Content-Encoding: gzip", body=ONE), titles=("one",)),
        Row(name="says-plain-is-gzip", reply=answer("200 OK", body=gz(ONE)), titles=("one",)),
        # no HTTP
        Row(name="chunk-garbage", reply=said(CHUNKED + b"zz\r\n" + ONE), code="protocol"),
        Row(name="no-last-chunk", reply=said(CHUNKED + b"5\r\n<rss>\r\n"), code="protocol"),
        Row(
            name="100k-headers",
            reply=said(HEAD + b"".join(b"H%d: x\r\n" % n for n in range(100_000)) + b"\r\n" + ONE),
            code="protocol",
        ),
        Row(name="1-mb-header", reply=said(HEAD + b"A: " + b"x" * 1_000_000 + b"\r\n\r\n" + ONE), code="protocol"),
        Row(name="nul-in-cookie", reply=said(HEAD + b"Set-Cookie: s=\0hunter2\r\n\r\n" + ONE), code="protocol"),
        Row(name="space-in-header", reply=said(HEAD + b"Bad Name: x\r\n\r\n" + ONE), code="protocol"),
        Row(
            name="two-lengths",
            reply=said(HEAD + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\n" + ONE),
            code="protocol",
        ),
        Row(name="negative-length", reply=said(HEAD + b"Content-Length: -1\r\n\r\n" + ONE), code="protocol"),
        Row(
            name="interim-flood",
            reply=flooding(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 99),
            code="protocol",
        ),
        Row(name="endless-chunk-size", reply=flooding(CHUNKED, b"0" * 65_536), code="protocol"),
        Row(
            name="chunk-extensions",
            reply=flooding(CHUNKED, b"1;" + b"e" * 30_000 + b"\r\nx\r\n"),
            code="too_large",
        ),
        Row(name="endless-trailers", reply=flooding(CHUNKED + b"0\r\n", b"A: b\r\n" * 9999), code="protocol"),
        Row(name="no-status-line", reply=said(b"hello\r\n\r\n"), code="protocol"),
        Row(name="empty-reply", reply=said(b""), code="protocol"),
        Row(name="http-0.9", reply=said(ONE), code="protocol"),
        Row(name="status-999", reply=answer("999 Request denied", body=ONE), code="http_status"),
        Row(
            name="length-and-chunks",
            reply=said(CHUNKED[:-2] + b"Content-Length: 3\r\n\r\n%x\r\n" % len(ONE) + ONE + b"\r\n0\r\n\r\n"),
            titles=("one",),
        ),
        # status
        Row(name="204", reply=answer("204 No Content", length=False), code="http_status"),
        Row(name="203", reply=answer("203 Non-Authoritative Information", body=ONE), titles=("one",)),
        Row(name="206", reply=answer("206 Partial Content", body=ONE), code="http_status"),
        Row(name="304-unasked", reply=answer("304 Not Modified", length=False), code="protocol"),
        Row(name="404", reply=answer("404 Not Found", body=ONE), code="http_status"),
        Row(name="429-absurd", reply=answer("429 No", "Retry-After: 99999999999999999999"), code="http_status"),
        Row(name="500", reply=answer("500 Oops", body=ONE), code="http_status"),
        Row(name="empty-200", reply=answer("200 OK"), code="empty"),
        Row(name="etag-latin", reply=answer("200 OK", b'ETag: "\xe9"', body=ONE), titles=("one",)),
        # redirects
        Row(name="loop", reply=redirect(b"/loop"), code="redirect"),
        Row(
            name="endless-redirects", reply=lambda *_: redirect(b"/endless-redirects?%d" % next(steps)), code="redirect"
        ),
        Row(name="long-location", reply=redirect(b"/" + b"x" * 100_000), code="redirect"),
        Row(
            name="location-with-user",
            reply=redirect(server.url("/good-0").replace("//", "//me:secret@").encode()),
            titles=("More news 0", "Good news 0"),  # undated: what stands last came first
        ),
        Row(name="no-location", reply=answer("302 Found"), code="redirect"),
        Row(name="bad-location", reply=redirect(b"http://[::1"), code="redirect"),
        Row(name="to-file", reply=redirect(b"file:///etc/passwd"), code="refused_address"),
        Row(name="to-gopher", reply=redirect(b"gopher://127.0.0.1:70/_x"), code="refused_address"),
        Row(name="to-data", reply=redirect(b"data:text/xml,<rss/>"), code="refused_address"),
        Row(name="to-metadata", reply=redirect(b"http://169.254.169.254/latest/"), code="refused_address"),
        Row(name="to-decimal", reply=redirect(b"http://2130706433:9/"), code="refused_address"),
        Row(name="to-mapped", reply=redirect(b"http://[::ffff:127.0.0.1]:9/"), code="refused_address"),
        Row(name="to-carrier", reply=redirect(b"http://100.64.0.1/"), code="refused_address"),
        Row(name="to-another-port", reply=redirect(b"http://127.0.0.1:9/"), code="refused_address"),
        # content types and what is no feed
        Row(name="as-html", reply=answer("200 OK", "Content-Type: text/html", body=ONE), titles=("one",)),
        Row(name="as-text", reply=answer("200 OK", "Content-Type: text/plain", body=ONE), titles=("one",)),
        Row(name="as-image", reply=answer("200 OK", "Content-Type: image/png", body=ONE), titles=("one",)),
        Row(
            name="charset-lies",
            reply=answer("200 OK", "Content-Type: text/xml; charset=iso-8859-1", body=feed("größer, 工业")),
            titles=("größer, 工业",),
        ),
        Row(name="no-type", reply=answer("200 OK", body=ONE), titles=("one",)),
        Row(
            name="login-page",
            reply=answer("200 OK", body=b"<!DOCTYPE html><html><body><form>log in</form></body></html>"),
            code="not_a_feed",
        ),
        Row(
            name="challenge",
            reply=answer("403 Forbidden", "cf-mitigated: challenge", body=b"<html>Just a moment...</html>"),
            code="challenge",
        ),
    ]
