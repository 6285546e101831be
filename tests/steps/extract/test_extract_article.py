"""An article is told from the menus, walls and notices round it; what stands beside it is read."""

import subprocess
import sys

import pytest

from aggregator.steps.extract import ElsewhereError, Expected, NoArticleError, Page, extract, not_html

URL = "https://paper.example/2026/content.htm"
TITLE = "工信部发布工业互联网平台建设通知"
TEXT = "<p>近日，工业和信息化部发布关于工业互联网平台建设的通知，要求各地加快推进平台体系建设。</p>"
MORE = "<p>通知指出，到二〇二七年，要建成一批具有国际影响力的平台，覆盖重点行业和领域，并给予支持。</p>"
MENU = "<ul>" + "".join(f'<li><a href="/n{n}">栏目导航频道{n}</a></li>' for n in range(30)) + "</ul>"
ENGLISH = "<p>The storm reached the northern coast on Monday, officials said, and left thousands without power.</p>"


def page(body, *, info="", more="", lang="zh-CN"):
    return (
        f'<html lang="{lang}"><head><title>{TITLE} - 报</title>{more}</head><body><div class="top">{MENU}</div>'
        f'<h1>{TITLE}</h1><div class="info">{info}</div><div class="content">{body}</div>'
        f'<div class="related">{MENU}</div><div class="footer">版权所有</div></body></html>'
    )


def found(html, *, title=TITLE, text="", url=URL):
    return extract([Page(text=html, url=url)], Expected(title=title, text=text))


@pytest.mark.parametrize("body", [TEXT + MORE, (TEXT + MORE) * 10, TEXT], ids=["short", "long", "news flash"])
def test_the_text_comes_without_the_menus(body):
    article = found(page(body))
    assert "要求各地加快推进平台体系建设" in article.markup
    assert "栏目导航" not in article.markup
    assert article.language == "zh-CN"


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        (page(""), "only 21 characters"),
        (f"<html><body>{MENU}</body></html>", "no text"),
        (page("<p>我们重视您的隐私。请登录后查看全文内容，登录后查看更多精彩报道，欢迎注册成为会员。</p>"), "wall"),
        (page("<p>We value your privacy. We and our partners use cookies to store data.</p>" * 2, lang="en"), "wall"),
        (page(ENGLISH, lang="en"), "only 97 characters"),
        ("", "no text"),
        ("<html></html>", "no text"),
    ],
)
def test_what_is_no_article_is_refused_with_the_reason(html, reason):
    with pytest.raises(NoArticleError, match=reason):
        found(html)


def test_a_wall_is_told_as_one():
    with pytest.raises(NoArticleError, match="wall"):
        found(page("<p>Please enable JavaScript and cookies to continue reading this page in your browser.</p>" * 3))


def test_a_text_without_a_word_of_the_headline_is_not_the_entrys():
    """A page that shows something else: the next news, a front page, a farewell."""
    with pytest.raises(NoArticleError, match="headline"):
        found(page(f"{ENGLISH}<p>Rescue teams worked through the night, and schools stay closed.</p>" * 2, lang="en"))


def test_what_says_no_more_than_the_feed_is_not_taken():
    with pytest.raises(NoArticleError, match="no more than the feed"):
        found(page(TEXT + MORE), text="近日，" + "工业和信息化部发布关于工业互联网平台建设的通知。" * 40)


@pytest.mark.parametrize(
    ("info", "name"),
    [
        ("2026-11-20 10:00　来源：新华社　作者：张三", "新华社"),
        ('<span>来源：</span><a href="/x">人民日报</a>', "人民日报"),
        ("<em>稿源: 中国工业报</em>", "中国工业报"),
        ('<p class="source">Source: <a href="https://r.example/">Reuters</a></p>', "Reuters"),
        ("<span>via Ars Technica</span>", "Ars Technica"),
    ],
)
def test_the_line_that_credits_a_source_is_found(info, name):
    article = found(page((TEXT + MORE) * 3, info=info))
    assert name in article.credits[0]
    assert MENU not in article.credits[0]


def test_the_source_in_the_head_of_a_government_page_counts_last():
    more = '<meta name="ContentSource" content="国务院办公厅">'
    assert found(page((TEXT + MORE) * 3, more=more)).credits == ("<p>来源：国务院办公厅</p>",)


def test_the_source_of_a_picture_is_no_credit():
    figure = "<figure><img src='/a.jpg'><figcaption>图片来源：视觉中国</figcaption></figure>"
    assert found(page(figure + (TEXT + MORE) * 3)).credits == ()


@pytest.mark.parametrize(
    ("url", "href", "next_one"),
    [
        (URL, "content_2.htm", "https://paper.example/2026/content_2.htm"),
        (URL, "content_1.htm", "https://paper.example/2026/content_1.htm"),
        (URL, "content_3.htm", None),
        (URL, "other_2.htm", None),
        (URL, "https://elsewhere.example/2026/content_2.htm", None),
        ("https://p.example/a/123", "/a/123/2", "https://p.example/a/123/2"),
        ("https://p.example/a/123", "/a/1234", None),
        ("https://p.example/a/123", "/a/124", None),
        ("https://p.example/a", "?page=2", "https://p.example/a?page=2"),
        ("https://p.example/?p=12", "?p=13", None),
        ("https://p.example/a?id=7", "?id=7&page=2", "https://p.example/a?id=7&page=2"),
        ("https://p.example/a?id=7", "?id=8&page=2", None),
    ],
)
def test_the_next_part_is_never_the_next_article(url, href, next_one):
    html = page((TEXT + MORE) * 3 + f'<div class="pages"><a href="{href}">下一页</a></div>')
    assert found(html, url=url).following == next_one


def test_the_next_post_of_a_blog_is_no_part():
    more = '<link rel="next" href="https://paper.example/2026/another-story/">'
    assert found(page((TEXT + MORE) * 3, more=more)).following is None


def sending(content):
    return f'<html><head><title>跳转</title><meta http-equiv="Refresh" content="{content}"></head><body></body></html>'


@pytest.mark.parametrize(
    ("content", "url"),
    [
        ("0;url=https://other.example/a.htm", "https://other.example/a.htm"),
        ("0; URL='/b.htm'", "https://paper.example/b.htm"),
        ("3, c.htm#top", "https://paper.example/2026/c.htm"),
        ("0;url=content.htm?from=feed", "https://paper.example/2026/content.htm?from=feed"),
    ],
)
def test_a_page_that_sends_its_reader_on_names_the_other(content, url):
    with pytest.raises(ElsewhereError) as told:
        found(sending(content))
    assert told.value.url == url
    pages = [Page(text=sending(content), url=URL), Page(text=page(TEXT + MORE), url=url)]
    article = extract(pages, Expected(title=TITLE))
    assert "要求各地加快推进平台体系建设" in article.markup
    assert (article.parts, article.base) == (1, url)


@pytest.mark.parametrize(
    "html",
    [
        sending("300"),
        sending("0"),
        sending("0;url=content.htm#again"),
        sending("600;url=/later.htm"),
        sending("0;url=javascript:alert(1)"),
        sending("0;url=file:///etc/passwd"),
        '<html><head><noscript><meta http-equiv="refresh" content="0;url=/nojs"></noscript></head></html>',
    ],
    ids=["reloads", "at once", "itself", "much later", "script", "file", "without JavaScript"],
)
def test_what_reloads_or_leads_to_no_page_sends_nobody_on(html):
    with pytest.raises(NoArticleError) as told:
        found(html)
    assert not isinstance(told.value, ElsewhereError)


def test_an_article_that_reloads_later_is_the_article():
    assert found(page(TEXT + MORE, more='<meta http-equiv="refresh" content="5;url=/next.htm">')).parts == 1


def test_two_pages_that_send_to_each_other_end():
    there = "https://other.example/"
    with pytest.raises(NoArticleError) as told:
        extract([Page(text=sending(f"0;url={there}"), url=URL), Page(text=sending(f"0;url={URL}"), url=there)],
                Expected(title=TITLE))  # fmt: skip
    assert not isinstance(told.value, ElsewhereError)


def test_parts_are_put_together_and_a_part_without_text_ends_the_article():
    parts = [page((TEXT + MORE) * 2), page(MORE * 2 + "<p>全文完。</p>"), "<html></html>"]
    urls = [URL, URL.replace(".htm", "_2.htm"), URL.replace(".htm", "_3.htm")]
    pages = [Page(text=text, url=url) for text, url in zip(parts, urls, strict=True)]
    assert "全文完" in extract(pages, Expected(title=TITLE)).markup


@pytest.mark.parametrize(
    ("kind", "text", "other"),
    [
        ("text/html; charset=gbk", "<p>x", ""),
        ("", "<!doctype html><p>x", ""),
        ("application/pdf", "%PDF-1.7", "application/pdf"),
        ("text/html", "%PDF-1.7", "application/pdf"),
        ("image/png", "\x89PNG", "image/png"),
        ("", '{"a": 1}', "no HTML"),
        ("text/plain", "just words", "text/plain"),
        ("application/xml", "<?xml version='1.0'?><rss>", "application/xml"),
        ("application/xhtml+xml", "<?xml version='1.0'?><html>", ""),
    ],
)
def test_what_is_no_web_page_is_told(kind, text, other):
    assert not_html(kind, text) == other


def test_a_hostile_page_ends():
    """Deep, wide and broken pages cost time, not the process."""
    for html in ("<div>" * 3_000, "<a href=x>" * 3_000 + "words", "<" * 50_000, "<p " + "a=b " * 20_000 + ">x"):
        with pytest.raises(NoArticleError):
            found(html)


def test_a_reference_of_thousands_of_digits_is_a_lost_character():
    """int() refuses it with an error."""
    assert "平台体系建设" in found(page(f"{TEXT}{MORE}<p>&#{'9' * 6_000};</p>")).markup


def test_what_workers_share_holds_no_library_that_only_some_sources_need():
    """A second of computing and 40 MB, paid at the first article and by nobody else."""
    code = "import sys, aggregator.app.worker_preload; print(sorted({'trafilatura', 'readability'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "flood",
    [
        "<div>" * 40_000,
        "<b>" * 5_000,
        "<li>x" * 200_000,
        "<br>x" * 300_000,
        "<h1>a</h1>" * 100_000,
        "<font><p>x" * 9_000,
        "<" * 1_500_000,
        "&" * 1_500_000,
    ],
    ids=lambda flood: flood[:10],
)
def test_a_flood_of_tags_is_no_article(flood):
    """Reading one took ten seconds and half a gigabyte; it is known for what it is before any parser sees it."""
    with pytest.raises(NoArticleError, match="tags"):
        found(page(flood + TEXT + MORE))
    with pytest.raises(NoArticleError, match="tags"):
        found(page(TEXT + MORE + flood))


def test_a_long_page_with_a_thousand_comments_is_none():
    comment = '<div class="c"><img src="/a.png"><br><p>Ein Kommentar<p>mit Absätzen</div>'
    article = found(page((TEXT + MORE) * 5, more="<meta>") + comment * 1_000)
    assert "要求各地加快推进平台体系建设" in article.markup
