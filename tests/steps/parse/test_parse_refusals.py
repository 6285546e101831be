"""What is no feed says so, with a stable code and a cure; what is hostile costs no more than itself."""

import pickle
import time
from datetime import UTC, datetime

import pytest

from aggregator.domain.outcome import ReadContext
from aggregator.domain.response import Response
from aggregator.errors import Code, ParseError
from aggregator.steps.parse import parse

CONTEXT = ReadContext(source_id="s", language=None, timezone=None, encoding=None, max_entries=500)


def read(body, **headers):
    return parse(
        Response(
            source_id="s",
            url="https://user:hunter2@example.org/secret-path/feed?token=hunter2",
            headers=tuple((name.replace("_", "-"), value.encode()) for name, value in headers.items()),
            body=body,
            received_at=datetime(2026, 1, 1, tzinfo=UTC),
        ),
        CONTEXT,
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", Code.EMPTY),
        (b" \n\xef\xbb\xbf ", Code.EMPTY),
        (b"<!DOCTYPE html><html><body>log in</body></html>", Code.NOT_A_FEED),
        (b"<html><item>x</item></html>", Code.NOT_A_FEED),
        (b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'/>", Code.NOT_A_FEED),
        (b"<opml version='2.0'><body/></opml>", Code.NOT_A_FEED),
        (b"just words", Code.NOT_A_FEED),
        (b"/etc/passwd", Code.NOT_A_FEED),
        (b"https://example.org/feed", Code.NOT_A_FEED),
        (b'{"error": "no"}', Code.NOT_A_FEED),
        (b"[1, 2]", Code.NOT_A_FEED),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1"', Code.TRUNCATED),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": oops}', Code.PARSE_FAILED),
        (b"[" * 200_000, Code.PARSE_LIMIT),
        (b'<?xml version="1.0"?><rss vers', Code.TRUNCATED),
        (b'<rss version="2.0"><channel><title>T</title><item><title>x</ti', Code.TRUNCATED),
    ],
)
def test_no_feed_has_a_code(body, code):
    with pytest.raises(ParseError) as caught:
        read(body)
    assert caught.value.code is code
    assert "hunter2" not in caught.value.message
    assert "secret-path" not in caught.value.message


@pytest.mark.parametrize(
    ("href", "shown"),
    [("/feed.xml", "https://example.org/feed.xml"), ("https://example.org/f", "https://example.org/f")],
)
def test_the_feed_a_page_announces_is_named(href, shown):
    page = f"<!doctype html><head><link href='{href}' rel='alternate' type='application/atom+xml'></head>"
    with pytest.raises(ParseError, match=f"announces its feed at {shown}$"):
        read(page.encode())


def test_a_feed_without_entries_is_a_feed():
    assert read(b'<rss version="2.0"><channel><title>T</title></channel></rss>').entries == ()


def test_a_local_file_is_never_opened(tmp_path):
    """A body that names a file is a body."""
    (tmp_path / "private.xml").write_text("<rss version='2.0'><channel><title>secret</title></channel></rss>")
    with pytest.raises(ParseError) as caught:
        read(str(tmp_path / "private.xml").encode())
    assert caught.value.code is Code.NOT_A_FEED


def test_link_headers_announce_hubs():
    """WebSub §4: the header comes before the document."""
    body = b"<rss version='2.0'><channel><title>T</title></channel></rss>"
    info = read(body, link='<https://hub.example/>; rel="hub", </self>; rel=self').info
    assert info.hubs == ("https://hub.example/",)
    assert info.self_link == "https://example.org/self"


def test_no_secret_of_the_address_gets_into_links():
    """Relative links resolve against the address without user, password and query."""
    body = feed("<link>#x</link><description>&lt;a href='#y'></description>")
    assert "hunter2" not in repr(read(body))
    assert read(body).entries[0].link == "https://example.org/secret-path/feed#x"


def feed(inside="", title="t"):
    return f"<rss version='2.0'><channel><item><title>{title}</title>{inside}</item></channel></rss>".encode()


BOMBS = {
    "laughs": b'<!DOCTYPE rss [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b"]>"
    + feed(title="&j;"),
    "author": feed(f"<author>x@{'a.' * 50_000}!</author>"),
    "author in CDATA": feed(f"<author><![CDATA[x@{'a.' * 50_000}!]]></author>"),
    "many entries": b"<rss version='2.0'><channel>" + b"<item/>" * 100_000 + b"</channel></rss>",
    "comments": b"<!-- -->" * 20_000 + feed(),
    "open comments": b"<!--" * 100_000 + feed(),
    "open tags": b"<a " * 100_000,
    "references": feed(title="&#x" * 20_000 + "&#" + "9" * 50_000 + ";"),
    "open CDATA": feed("<![CDATA[" * 50_000),
    "white space": b" " * 1_000_000 + feed(),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_small(name):
    """Processor time, not wall time: the machine may be busy."""
    before = time.process_time()
    try:
        parsed = read(BOMBS[name])
    except ParseError:
        parsed = None
    assert time.process_time() - before < 8
    assert parsed is None or len(parsed.entries) <= 10_000


def test_raw_hash_is_over_what_the_feed_said():
    """Equal for equal bytes, moved by every element, independent of the entry's neighbours; entries pickle."""
    one = read(feed("<guid>1</guid>"))
    assert read(feed("<guid>1</guid>")).entries == one.entries
    assert read(feed("<guid>1</guid><category>c</category>")).entries[0].raw_hash != one.entries[0].raw_hash
    assert len(one.entries[0].raw_hash) == 16
    assert one.entries[0].raw_hash.hex() == "668a5de98664b658207b6d94569e2a6e"
    assert pickle.loads(pickle.dumps(one)) == one
