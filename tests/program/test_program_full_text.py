"""`full_text`: the pages of a source's entries, through the whole program, Chinese ones included."""

import json
from datetime import timedelta

from newsroom import START, News, rss

NAV = "<ul>" + "".join(f'<li><a href="/n{n}">栏目导航{n}</a></li>' for n in range(25)) + "</ul>"
SENTENCES = [
    "近日，工业和信息化部发布关于工业互联网平台建设的通知，要求各地加快推进平台体系建设。",
    "通知指出，到二〇二七年，要建成一批具有国际影响力的工业互联网平台，覆盖重点行业和领域。",
    "专家表示，标识解析体系是工业互联网的神经枢纽，企业上云的成本近年来明显下降。",
    "下一步，各地将结合本地产业特点制定实施方案，并对中小企业的改造给予资金支持。",
]


def page(number, *, body="", credit="来源：新华社", following="", charset="gb18030", declared="gb2312"):
    """An article as a Chinese paper prints it: menus round it, its source in a line of its own."""
    text = "".join(f"<p>第{number}条。{sentence}</p>" for sentence in SENTENCES) + body
    link = f'<div class="pages"><a href="{following}">下一页</a></div>' if following else ""
    html = (
        f'<html lang="zh-CN"><head><meta http-equiv="Content-Type" content="text/html; charset={declared}">'
        f"<title>第{number}条 - 报</title></head><body><div class=top>{NAV}</div>"
        f"<h1>第{number}条 工业互联网平台通知</h1>"
        f"<div class=info>2026-03-02 10:00　{credit}　作者：张三</div><div class=content>{text}</div>{link}"
        f"<div class=related><h3>相关新闻</h3>{NAV}</div><div class=foot>版权所有 京ICP备12345号</div></body></html>"
    )
    return html.encode(charset)


def entries(newsroom, numbers, *, summary="近日，工业和信息化部发布关于工业互联网平台建设的通知"):
    return rss(
        [
            News(
                title=f"第{n}条 工业互联网平台通知",
                link=f"{newsroom.url}/a/{n}.htm",
                guid=f"g{n}",
                text=f"<p>{summary}</p>",
                published=START + timedelta(minutes=n),
            )
            for n in numbers
        ],
        title="报",
    )


def paths(newsroom):
    return [visit.path for visit in newsroom.visits]


def told(project, url):
    return json.loads(project.ok("explain", url, "--json"))[0]["full_text"]


def test_articles_are_read_once_and_nothing_is_lost_for_them(newsroom, project):
    """GBK pages, the credited source, what fails keeps the feed's own text and its reason; a 304 asks no page again."""
    newsroom.put("/robots.txt", b"User-agent: *\nDisallow: /a/5\nDisallow: /a/0_\n")
    newsroom.put("/a/1.htm", page(1, body='<p><img src="/i/1.jpg"><a href="2.htm">相关</a></p>'))
    newsroom.put("/a/2.htm", page(2, charset="utf-8", declared="utf-8", credit='Source: <a href="/x">Reuters</a>'))
    newsroom.put("/a/3.htm", b"%PDF-1.7 \xff\xfe", Content_Type="application/pdf")
    newsroom.put("/a/4.htm", b"forbidden", status=403)
    newsroom.put("/a/5.htm", page(5))
    wall = "<html><body><h1>We value your privacy</h1><p>We and our partners use cookies.</p><p>Accept all</p>"
    newsroom.put("/a/6.htm", wall.encode())
    feed = newsroom.put("/feed.xml", entries(newsroom, range(1, 8)))
    project.write({"bao": {"url": feed, "full_text": True}})
    project.ok("fetch")
    items = {item["guid"]: item for item in project.items()}
    assert len(items) == 7
    assert all(sentence in items["g1"]["content"] for sentence in SENTENCES)
    assert f'src="{newsroom.url}/i/1.jpg"' in items["g1"]["content"]
    assert "栏目导航" not in items["g1"]["content"] + items["g2"]["content"]
    assert items["g1"]["lang"] == "zh-Hans"
    words = project.ok("explain", f"{newsroom.url}/a/1.htm")
    assert "credits     新华社" in words
    assert "its page's: taken from its page by" in words
    reason = told(project, f"{newsroom.url}/a/5.htm")
    assert (reason["taken"], "robots.txt" in reason["reason"]) == (False, True)
    assert SENTENCES[3] in items["g2"]["content"]
    kept = [items[f"g{n}"]["summary"] or items[f"g{n}"]["content"] for n in (3, 4, 5, 6, 7)]
    assert [SENTENCES[0][:20] in text and SENTENCES[3] not in text for text in kept] == [True] * 5
    newsroom.forget()
    project.ok("fetch", "--all")
    assert paths(newsroom) == ["/feed.xml"]
    assert newsroom.answers == {304: 1}
    newsroom.put("/a/8.htm", page(8))
    newsroom.put("/feed.xml", entries(newsroom, range(1, 9)))
    newsroom.forget()
    project.ok("fetch", "--all")
    assert sorted(paths(newsroom)) == ["/a/8.htm", "/feed.xml"]  # what robots.txt said is kept for a day


def test_more_pages_than_a_visit_asks_for_come_later_and_announce_nothing_again(newsroom, project):
    """The newest twenty first; the others are stored at once, and read at later visits though the feed says 304."""
    for n in range(25):
        newsroom.put(f"/a/{n}.htm", page(n))
    newsroom.put("/feed.xml", entries(newsroom, range(25)))
    every_one = "stories:\n  same_story: off\n"
    project.write({"bao": {"url": newsroom.url + "/feed.xml", "full_text": True}}, more=every_one)
    project.ok("fetch")
    asked = [path for path in paths(newsroom) if path.startswith("/a/")]
    assert set(asked) == {f"/a/{n}.htm" for n in range(5, 25)}
    project.ok("publish")
    before = {entry.id: entry.updated for entry in project.entries()}
    assert len(before) == 25
    newsroom.forget()
    project.ok("fetch", "--all")
    assert newsroom.answers[304] == 1
    assert sorted(path for path in paths(newsroom) if path.startswith("/a/")) == [f"/a/{n}.htm" for n in range(5)]
    assert all(SENTENCES[3] in item["content"] for item in project.items())
    project.ok("publish")
    assert {entry.id: entry.updated for entry in project.entries()} == before
    newsroom.forget()
    project.ok("fetch", "--all")
    assert paths(newsroom) == ["/feed.xml"]


def test_switching_it_on_announces_no_old_item_again(newsroom, project):
    """Known entries keep what they have; an entry that changes then gets its page, and what names it stays."""
    newsroom.put("/feed.xml", entries(newsroom, range(3)))
    project.write({"bao": newsroom.url + "/feed.xml"})
    project.ok("fetch")
    names = {item["guid"]: item["story"] for item in project.items()}
    for n in range(4):
        newsroom.put(f"/a/{n}.htm", page(n))
    project.write({"bao": {"url": newsroom.url + "/feed.xml", "full_text": True}})
    newsroom.forget()
    project.ok("fetch", "--all")
    assert [path for path in paths(newsroom) if path.startswith("/a/")] == []
    newsroom.put("/feed.xml", entries(newsroom, range(4)))
    project.ok("fetch", "--all")
    items = {item["guid"]: item for item in project.items()}
    assert [guid for guid, item in items.items() if SENTENCES[3] in (item["content"] or "")] == ["g3"]
    assert {guid: items[guid]["story"] for guid in names} == names


def test_an_article_in_parts_is_put_together(newsroom, project):
    newsroom.put("/a/1.htm", page(1, following="1_2.htm"))
    newsroom.put(
        "/a/1_2.htm", page(1, body="<p>第二部分的内容在这里继续，讲述平台的后续安排。</p>", following="1_3.htm")
    )
    newsroom.put("/a/1_3.htm", page(1, body="<p>第三部分是全文的结尾，总结了各地的经验。</p>", following="1_4.htm"))
    newsroom.put("/feed.xml", entries(newsroom, [1]))
    project.write({"bao": {"url": newsroom.url + "/feed.xml", "full_text": True}})
    project.ok("fetch")
    (item,) = project.items()
    assert "第二部分" in item["content"] and "第三部分" in item["content"]
    assert "/a/1_4.htm" not in paths(newsroom)


def test_a_page_that_fails_for_now_is_asked_for_again(newsroom, project):
    newsroom.put("/a/1.htm", b"busy", status=503)
    newsroom.put("/feed.xml", entries(newsroom, [1]))
    project.write({"bao": {"url": newsroom.url + "/feed.xml", "full_text": True}})
    project.ok("fetch")
    assert told(project, newsroom.url + "/a/1.htm")["waiting"]
    newsroom.put("/a/1.htm", page(1))
    project.ok("fetch", "--all")
    assert SENTENCES[3] in project.items()[0]["content"]
