"""Documents that are gzip files themselves, as sitemaps often are: read, bounded, never half."""

import gzip
import zlib
from datetime import UTC, datetime

import pytest

from aggregator.domain.outcome import ReadContext
from aggregator.domain.response import Response
from aggregator.domain.source import SourceKind
from aggregator.errors import Code, ParseError
from aggregator.steps.parse import MOST_UNPACKED, parse

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SPACES = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
NEWS = f"""<?xml version="1.0" encoding="UTF-8"?><urlset {SPACES}><url><loc>https://bao.example/1.html</loc><n:news>
<n:publication><n:name>工业报</n:name><n:language>zh-cn</n:language></n:publication>
<n:publication_date>2026-11-20T08:00:00+08:00</n:publication_date><n:title>工业互联网平台通知发布</n:title>
<n:keywords>工业互联网, 平台</n:keywords></n:news></url></urlset>"""
FEED = '<rss version="2.0"><channel><title>T</title><item><title>One</title><link>https://a.example/1</link></item></channel></rss>'


def read(body, kind=SourceKind.SITEMAP):
    context = ReadContext(source_id="s", language=None, timezone=None, encoding=None, max_entries=10, kind=kind)
    headers = (("content-type", b"application/x-gzip"),)
    url = "https://bao.example/news.xml.gz"
    return parse(Response(source_id="s", url=url, body=body, received_at=NOW, headers=headers), context)


def test_a_packed_news_sitemap_is_read_whole():
    (entry,) = read(gzip.compress(NEWS.encode())).entries
    assert entry.title.value == "工业互联网平台通知发布"
    assert entry.published == datetime(2026, 11, 20, tzinfo=UTC)
    assert entry.language == "zh-CN"
    assert [category.term for category in entry.categories] == ["工业互联网", "平台"]


def test_a_packed_feed_is_read_too():
    assert read(gzip.compress(FEED.encode()), SourceKind.FEED).entries[0].title.value == "One"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (gzip.compress(NEWS.encode())[:-20], Code.TRUNCATED),
        (b"\x1f\x8b\x08\x00" + b"junk" * 20, Code.PARSE_FAILED),
        (gzip.compress(b" " * (MOST_UNPACKED + 10)), Code.PARSE_LIMIT),
        (gzip.compress(b""), Code.EMPTY),
    ],
    ids=["cut", "damaged", "bomb", "empty"],
)
def test_what_cannot_be_unpacked_is_said(body, code):
    with pytest.raises(ParseError) as caught:
        read(body)
    assert caught.value.code is code


def test_a_bomb_is_not_blown_up():
    """A thousandfold: what is made of it is bounded, whatever it would become."""
    bomb = zlib.compressobj(wbits=31)
    body = b"".join(bomb.compress(bytes(1_000_000)) for _ in range(200)) + bomb.flush()
    with pytest.raises(ParseError) as caught:
        read(body)
    assert caught.value.code is Code.PARSE_LIMIT
