# ruff: noqa: E501 - a case a line
"""Entry → item: titles, texts, dates, language, credit, files."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.domain.entry import Author, Category, Enclosure, Entry, FeedInfo, Media, Origin, Text
from aggregator.domain.item import Credit, Keys
from aggregator.domain.outcome import ReadContext
from aggregator.steps.clean import clean
from aggregator.steps.clean.credit import find_credit
from aggregator.steps.clean.pinyin import without_pinyin

WHEN = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def item(info=None, language=None, zone=None, max_text=1_000_000, **said):
    context = ReadContext(
        source_id="s", language=language, timezone=zone, encoding=None, max_entries=5, max_text=max_text
    )
    said = {
        name: Text(value=v) if name in {"title", "summary", "content"} and isinstance(v, str) else v
        for name, v in said.items()
    }
    return clean(Entry(raw_hash=b"r" * 16, **said), Keys(text=b"k" * 16), context, info or FeedInfo())


@pytest.mark.parametrize(
    ("written", "kind", "expected"),
    [
        ("A <b>bold</b> title", "html", "A bold title"),
        ("A &lt;b&gt;bold&lt;/b&gt; title", "html", "A bold title"),
        ("The &lt;b&gt; element", "html", "The <b> element"),
        ("Why 1 < 2", "html", "Why 1 < 2"),
        ("The <b> element", "text", "The <b> element"),
        ("AT&amp;amp;T &#8217;s", "html", "AT&T ’s"),
        ("Q&amp;A", "text", "Q&A"),
        ("ldquo;quoted&amp;rdquo;", "html", "“quoted”"),
        (" two\n\tlines\x00\u200b ", "text", "two lines"),
        ("<img src=x onerror=alert(1)>A<br>B", "html", "A B"),
        ("證(zhèng)券(quàn)時(shí)報(bào)", "html", "證券時報"),
    ],
)
def test_titles_are_plain(written, kind, expected):
    found = item(title=Text(value=written, kind=kind))
    assert (found.title, found.untitled) == (expected, False)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"content": "<p>First sentence. Second one.</p>"}, "First sentence"),
        ({"summary": "word " * 50}, ("word " * 16).strip() + "…"),
        ({"content": "工业互联网" * 20}, ("工业互联网" * 6) + "…"),
        ({"link": "https://example.org/2026/some-slug_here.html"}, "some slug here"),
        ({"link": "https://example.org/"}, "example.org"),
        ({"title": "<img src=x>", "content": "Text!"}, "Text!"),
        ({"title": "(no title)", "content": "Text"}, "Text"),
        ({}, "Untitled"),
    ],
)
def test_a_title_is_never_empty(said, expected):
    found = item(**said)
    assert (found.title, found.untitled) == (expected, True)


def test_an_endless_title_is_cut_and_marked():
    found = item(title="x" * 100_000)
    assert len(found.title) == 1000 and found.truncated


def test_summary_and_content():
    """A summary that says the same is dropped; the text is that of the fuller; words are counted in both scripts."""
    same = item(summary="<p>One  two</p>", content="<div>One two</div>")
    assert (same.summary, same.content, same.text, same.words) == (None, "<div>One two</div>", "One two", 2)
    only = item(summary="<p>One</p><p>工业互联</p>")
    assert (only.summary, only.content, only.text, only.words) == (
        "<p>One</p><p>工业互联</p>",
        None,
        "One\n工业互联",
        3,
    )
    assert item(content="<p>" + "word " * 100, max_text=40).truncated


def test_the_text_hash_moves_with_the_words_only():
    base = item(title="A title", content="<p>Some words, here.</p>").text_hash
    assert item(title="A Title", content="<div>some <b>words</b> here</div>").text_hash == base
    assert (
        item(title="A title", content="<p>Some words, here.</p>", published=WHEN, link="https://e.org/").text_hash
        == base
    )
    assert item(title="工業", content="網").text_hash == item(title="工业", content="网").text_hash
    assert item(title="A title", content="<p>Other words, here.</p>").text_hash != base
    assert len(base) == 16


def test_published_falls_back_on_updated():
    assert item(updated=WHEN).published == WHEN
    assert item(published=WHEN, updated=datetime(1989, 1, 1, tzinfo=UTC)).updated is None
    assert item().published is None


@pytest.mark.parametrize(
    ("text", "declared", "expected"),
    [
        ("北京工业互联网的发展", (None, None, None), "zh-Hans"),
        ("臺北市政府說明經濟發展", (None, "zh-cn", None), "zh-Hant"),
        ("中文", (None, "zh-TW", None), "zh-Hant"),
        ("東京都は発表した", (None, None, None), "ja"),
        ("서울시는 발표했다", (None, None, None), "ko"),
        ("Президент провёл совещание", (None, None, None), "ru"),
        ("北京工业互联网的发展和技术", (None, "en-us", None), "zh-Hans"),
        ("Some English words", (None, None, None), None),
        ("Some English words", (None, "en_us", "de"), "en-US"),
        ("Some English words", (None, None, "en"), "en"),
        ("Some words", ("fr", "en", None), "fr"),
        ("مرحبا بالعالم", (None, None, None), "ar"),
    ],
)
def test_language(text, declared, expected):
    """Entry before feed before source, unless the script says it cannot be."""
    own, feeds, source = declared
    title = Text(value=text, language=own)
    assert item(title=title, language=source, info=FeedInfo(language=feeds)).language == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2021-04-09 09:17 来源：证券时报网\n日前，北京……", "证券时报网"),
        ("正文。\n（来源：新华社 作者：张三）", "新华社"),
        ("正文。来源:人民日报作者:李四", "人民日报"),
        ("本文来源：澎湃新闻\n正文", "澎湃新闻"),
        ("本文转自微信公众号：央视新闻\n正文", "央视新闻"),
        ("轉自《聯合報》。正文", "聯合報"),
        ("新华社北京1月15日电 （记者张三）正文", "新华社"),
        ("LONDON (Reuters) - Shares rose", "Reuters"),
        ("(AP) — Shares rose", "AP"),
        ("Shares rose.\nSource: Financial Times", "Financial Times"),
        ("Aktien stiegen.\nQuelle: dpa-AFX", None),
        ("Aktien stiegen.\nQuelle: Die Zeit", "Die Zeit"),
        ("來源：第一資訊連日來，各地", "第一資訊"),
        ("来源：21世纪经济报道\n正文", "21世纪经济报道"),
        ("来源：人民日报海外版\n正文", "人民日报海外版"),
        ("来源：中国新闻网\n正文", "中国新闻网"),
        ("图片来源：视觉中国\n正文", None),
        ("数据来源：国家统计局", None),
        ("收入来源：工资和奖金都有增长", None),
        ("The source: a tall man who did not want to be named because of the law", None),
        ("He (Reuters) - said nothing", "Reuters"),
        ("He spoke to (Reuters)", None),
    ],
)
def test_credit(text, name):
    found = find_credit(text, None)
    assert (found.name if found else None) == name


def test_a_credit_that_is_a_link_has_its_address():
    found = item(content='<p>正文</p><p>来源：<a href="https://news.example/?a=1&amp;b=2">新华社</a></p>')
    assert found.credit == Credit(name="新华社", url="https://news.example/?a=1&b=2")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("聯(lián)網", "聯網"),
        ("重(zhòng/chóng)要、銀(yín、yín)行", "重要、銀行"),
        ("中国（Zhōngguó）经济，上海(shàng hǎi)", "中国经济，上海"),
        ("聯 ( lián )網[wǎng]，LIÁN聯(LIÁN)", "聯網，LIÁN聯"),
        ("银(yin2)行(hang2)在(zai4)此", "银行在此"),
        ("维生素(B12)与图(a1)、银(yin2)行", "维生素(B12)与图(a1)、银(yin2)行"),
        ("咖啡(café)、拉梅(Ramé)、若泽(José)、河内(Hà Nội)", "咖啡(café)、拉梅(Ramé)、若泽(José)、河内(Hà Nội)"),
        ("李明(Li Ming)、微软(Windows)、北约[NATO]", "李明(Li Ming)、微软(Windows)、北约[NATO]"),
        ("聯（lián）網", "聯網"),
        ("北約（NATO）", "北約（NATO）"),
        ("人工智能(AI)和我們(men)", "人工智能(AI)和我們(men)"),
        ("時(shí)報(bào)網(wǎng)我們(men)的", "時報網我們的"),
        ("時(shí)報(bào)網(wǎng)人工智能(ai)", "時報網人工智能"),
        ("時(shí)報(bào)網(wǎng)北約(nato)", "時報網北約(nato)"),
        ("時(shí)報(bào)網(wǎng)向?qū)崱", "時報網向崱"),
        ("咖啡(café)", "咖啡(café)"),
        ("plain (é)", "plain (é)"),
    ],
)
def test_pinyin_behind_its_character_is_taken_out(given, expected):
    assert without_pinyin(given) == expected


def test_files_and_people_are_checked():
    found = item(
        link="https://example.org/a?utm_source=x",
        guid=" g\x00 ",
        enclosures=(
            Enclosure(url="https://example.org/a.mp3?utm_campaign=y", length=-5),
            Enclosure(url="https://example.org/b.bin", type="application/octet-stream", length=10**15),
            Enclosure(url="file:///etc/passwd"),
            Enclosure(url="javascript:x"),
        ),
        media=(Media(role="content", url="https://example.org/i.webp"), Media(role="content", url="data:x")),
        authors=(
            Author(name=" A\nB ", email="not one", uri="javascript:x"),
            Author(email="a@example.org"),
            Author(uri="x:"),
        ),
        categories=(Category(term="t\x00"), Category(term="t"), Category(term=" ")),
        origin=Origin(title="O", link="javascript:x", feed_url="https://o.example/feed"),
    )
    assert (found.link, found.guid) == ("https://example.org/a", "g")
    assert [(e.url, e.type, e.length) for e in found.enclosures] == [
        ("https://example.org/a.mp3", "audio/mpeg", None),
        ("https://example.org/b.bin", "application/octet-stream", None),
    ]
    assert [(m.url, m.type, m.medium) for m in found.media] == [("https://example.org/i.webp", "image/webp", "image")]
    assert found.authors == (Author(name="A B"), Author(email="a@example.org"))
    assert found.categories == (Category(term="t"),)
    assert found.origin == Origin(title="O", feed_url="https://o.example/feed")


@given(st.text(alphabet=st.characters(codec=None), max_size=80), st.sampled_from(["text", "html"]))
def test_nothing_unfit_leaves(text, kind):
    """No NUL, no lone surrogate, never an exception, whatever an entry holds."""
    part = Text(value=text, kind=kind)
    found = item(title=part, summary=part, content=Text(value=text + "x"), guid=text, link="https://e.org/" + text, rights=text,
                 authors=(Author(name=text),), categories=(Category(term=text),))  # fmt: skip
    for value in (found.title, found.summary or "", found.content or "", found.text, found.guid or "", found.rights or "",
                  found.link or "", *(a.name or "" for a in found.authors), *(c.term for c in found.categories)):  # fmt: skip
        value.encode("utf-8")
        assert "\x00" not in value
