"""What is fuzzed: any bytes in, a value or a refusal by name out. One function a target; each raises only for a bug."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from aggregator.domain.outcome import Failure, ReadContext
from aggregator.domain.response import Response
from aggregator.domain.source import PageSelectors, SourceKind
from aggregator.errors import Code
from aggregator.pipeline.visit import read
from aggregator.steps.parse.charset import decode
from aggregator.steps.parse.dates import read_date
from aggregator.steps.select import QueryError, parse_query

NOW = datetime(2026, 3, 4, tzinfo=UTC)
REFUSALS = {Code.EMPTY, Code.NOT_A_FEED, Code.TRUNCATED, Code.PARSE_FAILED, Code.PARSE_LIMIT}
KINDS = (SourceKind.FEED, SourceKind.FEED, SourceKind.PAGE, SourceKind.SITEMAP)
LANGUAGES = (None, "zh", "ja", "de", "ru", "ar", "th", "fa", "en-US")
SELECTORS = PageSelectors(entry="article", title="h2", link="a", date="time", summary="p", next="a")


def feed(data: bytes) -> None:
    """A document of any kind becomes items that can be stored, the same each time, or is refused by name."""
    kind = KINDS[data[0] % len(KINDS)] if data else SourceKind.FEED
    context = ReadContext(
        source_id="s", language=None, timezone=None, encoding=None, max_entries=50, kind=kind, page=SELECTORS
    )
    response = Response(source_id="s", url="https://n.example/l", body=data[1:], received_at=NOW)
    first, second = (read(context, (response,), frozenset(), NOW) for _ in range(2))
    if isinstance(first, Failure):
        assert first.code in REFUSALS, first.message
        return
    assert first == second
    for item in first.items:
        assert item.title
        assert item.link is None or item.link.lower().startswith(("http://", "https://"))
        for text in (item.title, item.summary, item.content, item.text):
            (text or "").encode("utf-8")
        for html in (item.summary, item.content):
            assert "<script" not in (html or "").lower()


def charset(data: bytes) -> None:
    """Any bytes are a text without lone surrogates, whatever is said of them."""
    label, _, body = data.partition(b"\n")
    text = decode(body, label.decode("latin-1"), None, LANGUAGES[len(body) % len(LANGUAGES)]).text
    text.encode("utf-8")
    assert text == decode(body, label.decode("latin-1"), None, LANGUAGES[len(body) % len(LANGUAGES)]).text


def date(data: bytes) -> None:
    """Any text is a believable moment or none."""
    language = LANGUAGES[data[0] % len(LANGUAGES)] if data else None
    moment = read_date(data[1:].decode("utf-8", "replace"), language, "Asia/Shanghai" if len(data) % 2 else None)
    assert moment is None or (moment.tzinfo is UTC and 1990 <= moment.year <= 2100)


def query(data: bytes) -> None:
    """Any text is a query or has a mistake with its column."""
    text = data.decode("utf-8", "replace")
    found: object
    try:
        found = parse_query(text, age=bool(len(data) % 2))
    except QueryError as mistake:
        found = mistake
    assert not isinstance(found, QueryError) or 1 <= found.column <= len(text) + 2


TARGETS = {"feed": feed, "charset": charset, "date": date, "query": query}

FEEDS = Path(__file__).parent.parent / "feeds"
PAGE = "<!doctype html><meta charset=gbk><article><h2><a href=x>新闻</a></h2><time datetime=2026-01-01></article>"
MAP = "<urlset><url><loc>https://n.example/a</loc><lastmod>2026-01-01</lastmod></url></urlset>"
DATES = (
    "\0Wed, 04 Mar 2026 10:00:00 +0100", "\x002026-03-04T10:00:00.5Z", "\x012024年1月15日 下午3:05",
    "\x0010:06am Dec 11, 2014", "\x0815/01/2024 3:05 pm EST", "\x0615 มกราคม 2567", "\x071403/01/15",
    "\x0320. Februar 2024 um 10 Uhr",
)  # fmt: skip
QUERIES = ('"a b" AND NOT (title:c* OR has:audio)', "/re+/ words>10 age<2d", "source:x -lang:zh", "((((a")
ENCODED = (
    b"text/xml; charset=gbk\n<?xml version='1.0' encoding='big5'?><t>\xd0\xc2\xce\xc5</t>", b"\n\xff\xfe<\0t\0>\0",
    b"\n\x1b$B%F\x1b(B", b"text/xml; charset=hz\n~{<:Ky~}", b"\n<t>\xcf\xf0\xe5\xe7\xe8\xe4\xe5\xed\xf2</t>",
)  # fmt: skip


def seeds(name: str) -> tuple[bytes, ...]:
    """Inputs to begin with; every document of tests/feeds is one."""
    if name == "feed":
        documents = sorted(path for path in FEEDS.iterdir() if path.suffix in {".xml", ".json"})
        plain = [b"\0" + path.read_bytes() for path in documents if ".expected" not in path.name]
        return (*plain, b"\2" + PAGE.encode("gbk"), b"\3" + MAP.encode())
    return ENCODED if name == "charset" else tuple(text.encode() for text in (DATES if name == "date" else QUERIES))
