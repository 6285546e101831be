# ruff: noqa: E501 - pages as sites print them
"""Pages without a feed as sites print them: the selectors proposed for each read its news, and only that."""

from datetime import UTC, datetime

import pytest

from aggregator.domain.outcome import ReadContext
from aggregator.domain.response import Response
from aggregator.domain.source import SourceKind
from aggregator.steps.parse import parse
from aggregator.steps.parse.propose import propose

NOW = datetime(2026, 11, 22, tzinfo=UTC)
URL = "https://site.example/news/"
MENU = (
    '<div class="header"><ul class="nav">'
    + "".join(f'<li><a href="/c{n}/">栏目导航频道{n}</a></li>' for n in range(12))
    + "</ul></div>"
)
FOOT = (
    '<div class="footer"><ul>'
    + "".join(f'<li><a href="/about{n}">About this site {n}</a></li>' for n in range(8))
    + "</ul></div>"
)


def page(body, lang="zh", charset="utf-8"):
    head = f'<!doctype html><html lang="{lang}"><head><meta charset="{charset}"><title>News</title></head>'
    return f"{head}<body>{MENU}{body}{FOOT}</body></html>".encode(charset)


GOVERNMENT = page(
    '<div class="main"><ul class="list">'
    + "".join(
        f'<li><a href="./202611/t202611{n:02}_{n}.html" title="关于印发工业互联网标识管理办法第{n}号的通知">'
        f"关于印发工业互联网标识…</a><span>2026-11-{n:02}</span></li>"
        for n in range(1, 21)
    )
    + '</ul><div class="page"><a href="index_1.html">下一页</a></div></div>',
    charset="gb18030",
)
NO_CLASSES = page(
    '<div id="content"><ul>'
    + "".join(
        f'<li><a href="/a/{n}.htm">工业互联网产业观察第{n}期发布</a> <em>2026年11月{n}日</em></li>'
        for n in range(1, 11)
    )
    + "</ul></div>"
)
TABLE = page(
    '<table class="news"><tbody>'
    + "".join(
        f'<tr><td>{n}</td><td><a href="/notice?id={n}">Notice number {n} about industrial safety</a></td><td>2026-11-{n:02}</td></tr>'
        for n in range(1, 13)
    )
    + "</tbody></table>",
    lang="en",
)
CARDS = page(
    '<div class="grid">'
    + "".join(
        f'<div class="row">{pair}</div>'
        for pair in (
            "".join(
                f'<article class="card post-{n}"><a class="pic" href="/story/{n}"><img data-src="/i/{n}.jpg" src="data:image/gif;base64,x"></a>'
                f'<h3 class="card-title"><a href="/story/{n}">Storm number {n} reaches the northern coast</a></h3>'
                f'<p class="card-text">Officials said on Monday that the storm number {n} had left thousands without power.</p>'
                f'<a class="author" href="/by/jane">Jane Doe</a> <time datetime="2026-11-{n:02}T10:00:00Z">yesterday</time></article>'
                for n in (m, m + 1)
            )
            for m in range(1, 13, 2)
        )
    )
    + '</div><nav class="pagination"><a rel="prev" href="/p0">Newer</a><a rel="next" href="/news/page/2/">Older</a></nav>'
    + '<aside class="sidebar"><ul class="popular">'
    + "".join(f'<li><a href="/pop/{n}">Most read story of the week number {n}</a></li>' for n in range(10))
    + "</ul></aside>",
    lang="en",
)
DIVS = page(
    '<div class="news-list">'
    + "".join(
        f'<div class="item"><div class="tit"><a href="/2026/{n}.shtml">人工智能与制造业融合发展论坛第{n}场举行</a></div>'
        f'<div class="desc">论坛围绕工业大模型的落地应用展开讨论，与会专家介绍了第{n}个案例的经验和做法，并回答了提问。</div>'
        f'<span class="time">2026-11-{n:02} 10:30</span></div>'
        for n in range(1, 16)
    )
    + "</div>"
)
LINKS = page(
    "".join(
        f'<a class="story-link" href="/s/{n}"><h2>Council approves budget number {n}</h2><span class="when">November {n}, 2026</span></a>'
        for n in range(1, 9)
    ),
    lang="en",
)
BLOG = page(
    '<main id="posts">'
    + "".join(
        f'<section><h2><a href="/blog/post-{n}/">How we rebuilt part {n} of the system</a></h2>'
        f'<p class="meta">Posted on <time datetime="2026-11-{n:02}">Nov {n}</time> in <a href="/cat/eng">Engineering</a></p>'
        f"<p>In this post number {n} we tell what went wrong with the old system and how the new one came about.</p></section>"
        for n in range(1, 7)
    )
    + "</main>",
    lang="en",
)
LAYOUTS = {
    "government": (GOVERNMENT, 20, "关于印发工业互联网标识管理办法第1号的通知"),
    "no classes": (NO_CLASSES, 10, "工业互联网产业观察第1期发布"),
    "table": (TABLE, 12, "Notice number 1 about industrial safety"),
    "cards": (CARDS, 12, "Storm number 1 reaches the northern coast"),
    "divs": (DIVS, 15, "人工智能与制造业融合发展论坛第1场举行"),
    "links": (LINKS, 8, "Council approves budget number 1"),
    "blog": (BLOG, 6, "How we rebuilt part 1 of the system"),
}


def response(body):
    return Response(source_id="add", url=URL, body=body, received_at=NOW, headers=(("content-type", b"text/html"),))


def read(body, selectors):
    context = ReadContext(
        source_id="add",
        language=None,
        timezone="UTC",
        encoding=None,
        max_entries=50,
        kind=SourceKind.PAGE,
        page=selectors,
    )
    return parse(response(body), context)


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_news_of_a_page_is_found_with_headlines_and_dates(name):
    body, count, first = LAYOUTS[name]
    found = read(body, propose(response(body)))
    assert found.entries[0].title.value == first
    assert len(found.entries) == count
    assert len({entry.link for entry in found.entries}) == count
    days = {entry.published.day for entry in found.entries if entry.published}
    assert days == set(range(1, count + 1))


def test_teaser_picture_and_next_page_are_found():
    cards, divs = propose(response(CARDS)), propose(response(DIVS))
    assert (cards.image, cards.next, cards.date) == ("img@data-src", 'a[rel~="next"]@href', "time@datetime")
    assert "left thousands without power" in read(CARDS, cards).entries[0].summary.value
    assert "与会专家介绍了第1个案例" in read(DIVS, divs).entries[0].summary.value
    assert read(CARDS, cards).wants == ("https://site.example/news/page/2/",)
    assert read(GOVERNMENT, propose(response(GOVERNMENT))).wants == ("https://site.example/news/index_1.html",)


@pytest.mark.parametrize(
    "body",
    [
        b"<p>Nothing here.</p>",
        page(""),
        page(
            "<article><h1>One story</h1><p>"
            + "Words of it. " * 200
            + '<a href="/x">a link in the text</a></p></article>'
        ),
        b"\x00\xff" * 100,
        b"<div>" * 5000 + b"<a href=/x>deep link of a page</a>",
    ],
    ids=["nothing", "menus only", "one article", "no text", "deep"],
)
def test_a_page_without_a_list_proposes_nothing_or_what_reads(body):
    """Menus are the last resort; nothing is made up."""
    selectors = propose(response(body))
    assert selectors is None or read(body, selectors).entries
