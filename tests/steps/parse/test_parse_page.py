"""Pages and sitemaps → entries; a page that suddenly holds nothing is an error, not silence."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aggregator.domain.outcome import ReadContext
from aggregator.domain.response import Response
from aggregator.domain.source import PageSelectors, SourceKind
from aggregator.errors import Code, ParseError
from aggregator.steps.parse import parse

SELECTORS = PageSelectors(
    entry="article.card", title="h2", link="h2 a@href", summary="p", date="time@datetime", image="img@data-src",
    next="a.next",
)  # fmt: skip
PAGE = ReadContext(
    source_id="s", language=None, timezone="Asia/Shanghai", encoding=None, max_entries=500, kind=SourceKind.PAGE,
    page=SELECTORS,
)  # fmt: skip
MAP = replace(PAGE, kind=SourceKind.SITEMAP, page=None)
CARDS = """<!doctype html><html lang="zh-CN"><head><title>新闻 &amp; more</title><base href="/zh/"></head><body>
<article class="card big"><h2><a href="a/1.html?x=1&amp;y=2">工业 <b>互联网</b></a></h2><p>He said <i>so</i>.</p>
<time datetime="2026-01-02 08:30">yesterday</time><img data-src="//img.example/1.jpg" src="blank.gif"></article>
<article class="card"><h2><a href="javascript:alert(1)">no address</a></h2></article>
<article class="card"><h2><a href="a/2.html">Second</a></h2></article>
<a class="next" href="?page=2">next</a></body></html>"""


def read(body, context=PAGE, **headers):
    return parse(
        Response(
            source_id="s",
            url="https://user:pw@n.example/list/index.html?token=1",
            headers=tuple((k.replace("_", "-"), v.encode()) for k, v in headers.items()),
            body=body if isinstance(body, bytes) else body.encode(),
            received_at=datetime(2026, 1, 3, tzinfo=UTC),
        ),
        context,
    )


def test_a_page_is_read_by_its_selectors():
    feed = read(CARDS)
    first, second = feed.entries
    assert (feed.info.title, feed.info.language, feed.info.link) == ("新闻 & more", "zh-CN", "https://n.example/zh/")
    assert (first.title.value, first.link) == ("工业 互联网", "https://n.example/zh/a/1.html?x=1&y=2")
    assert (first.summary.value, first.summary.kind) == ("He said <i>so</i>.", "html")
    assert first.published == datetime(2026, 1, 2, 0, 30, tzinfo=UTC)
    assert [media.url for media in first.media] == ["https://img.example/1.jpg"]
    assert (second.title.value, second.published, second.media, second.summary) == ("Second", None, (), None)
    assert feed.wants == ("https://n.example/zh/?page=2",)
    assert "pw" not in repr(feed)


def test_selectors_have_sensible_defaults():
    """The link's own text, its href; a date's datetime; an image's src."""
    context = replace(PAGE, page=PageSelectors(entry="li", link="a", date="time", image="img"))
    (entry,) = read(
        "<li><a href=/x>T</a><time datetime=2026-02-03T00:00Z>3 Feb</time><img src=/i.png></li>", context
    ).entries
    assert (entry.title.value, entry.link) == ("T", "https://n.example/x")
    assert entry.published == datetime(2026, 2, 3, tzinfo=UTC)
    assert entry.media[0].url == "https://n.example/i.png"


def test_the_entry_itself_may_be_the_link():
    context = replace(PAGE, page=PageSelectors(entry="a.story", link="@href", title="@title"))
    (entry,) = read("<a class=story href=/x title='T &lt;1&gt;'>more</a>", context).entries
    assert (entry.title.value, entry.link) == ("T <1>", "https://n.example/x")


def test_a_page_in_its_own_encoding():
    page = CARDS.replace("<head>", "<head><meta charset=gb2312>").encode("gb18030")
    assert read(page).entries[0].title.value == "工业 互联网"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<html><p>We have redesigned.</p></html>", "nothing on the page matches page.entry 'article.card'"),
        (
            "<article class=card><h3>x</h3></article>",
            "1 elements match page.entry, but none has a title and an address",
        ),
    ],
)
def test_a_page_without_entries_is_an_error(body, says):
    """A site that was redesigned shows in `status`, and its items stay."""
    with pytest.raises(ParseError, match=says) as caught:
        read(body)
    assert caught.value.code is Code.EMPTY


GOOGLE = "http://www.google.com/schemas/sitemap"
NS = (
    f"xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:news='{GOOGLE}-news/0.9' "
    f"xmlns:image='{GOOGLE}-image/1.1'"
)


def test_a_news_sitemap_gives_titles_dates_languages_and_keywords():
    feed = read(
        f"""<?xml version="1.0" encoding="UTF-8"?><urlset {NS}>
        <url><loc>https://n.example/old</loc><lastmod>2025-12-01</lastmod></url>
        <url><loc>https://n.example/a?x=1&amp;y=2</loc><news:news><news:publication><news:name>日报</news:name>
        <news:language>zh-cn</news:language></news:publication><news:publication_date>2026-01-02T10:00:00+08:00
        </news:publication_date><news:title>工业 &amp; 互联网</news:title><news:keywords>one, two,one</news:keywords>
        </news:news><image:image><image:loc>https://n.example/i.jpg</image:loc></image:image></url></urlset>""",
        MAP,
    )
    news, old = feed.entries
    assert (feed.info.title, news.title.value, news.link) == ("日报", "工业 & 互联网", "https://n.example/a?x=1&y=2")
    assert (news.published, news.language) == (datetime(2026, 1, 2, 2, tzinfo=UTC), "zh-CN")
    assert [category.term for category in news.categories] == ["one", "two"]
    assert [media.url for media in news.media] == ["https://n.example/i.jpg"]
    assert (old.title.value, old.updated, old.published) == ("Old", datetime(2025, 11, 30, 16, tzinfo=UTC), None)


def test_of_a_large_sitemap_the_newest_are_read():
    urls = "".join(
        f"<url><loc>https://n.example/{n}-a</loc><lastmod>20{n:02}-01-01</lastmod></url>" for n in range(10, 99)
    )
    entries = read(f"<urlset {NS}>{urls}</urlset>", replace(MAP, max_entries=2)).entries
    assert [entry.link for entry in entries] == ["https://n.example/98-a", "https://n.example/97-a"]


def test_an_index_wants_its_newest_maps():
    maps = "".join(f"<sitemap><loc>/m{n}.xml.gz</loc><lastmod>2026-01-{n:02}</lastmod></sitemap>" for n in range(1, 20))
    feed = read(f"<sitemapindex {NS}>{maps}</sitemapindex>", MAP)
    assert feed.entries == ()
    assert feed.wants == tuple(f"https://n.example/m{n}.xml.gz" for n in (19, 18, 17, 16, 15))


def test_a_sitemap_of_plain_lines():
    feed = read("https://n.example/a/the-first_one.html\nhttps://n.example/b/\n", MAP)
    assert [(e.title.value, e.link) for e in feed.entries] == [
        ("The first one", "https://n.example/a/the-first_one.html"),
        ("B", "https://n.example/b/"),
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<rss version='2.0'/>", Code.NOT_A_FEED),
        ("<html>", Code.NOT_A_FEED),
        (f"<urlset {NS}><url><loc>https://n.example/a</loc></url>", Code.TRUNCATED),
        (f"<urlset {NS}><!DOCTYPE x><url><loc>https://n.example/&x;", Code.TRUNCATED),
    ],
)
def test_what_is_no_whole_sitemap_says_so(body, code):
    with pytest.raises(ParseError) as caught:
        read(body, MAP)
    assert caught.value.code is code


@pytest.mark.parametrize(
    "flood", ["<div>" * 20_000, "<article class=card><h2>x</h2><a href=x>y</a></article>" * 40_000, "<b><i>" * 5_000]
)
def test_a_flood_of_tags_is_refused_before_a_parser_chews_on_it(flood):
    """A minute of computing otherwise; a list of many entries is none."""
    with pytest.raises(ParseError) as caught:
        read(f"<html><body>{flood}")
    assert caught.value.code is Code.PARSE_LIMIT
    many = "<article class=card><h2><a href=x>y</a></h2><ul><li>a<li>b</ul><p>text</article>" * 3_000
    assert read(f"<html><body>{many}").entries
