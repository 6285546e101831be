"""Sources without a feed, through the whole program: list pages, sitemaps, what their robots.txt forbids."""

import gzip
import json

from newsroom import paper, rss


def card(number):
    return (
        f'<article class="card"><h2><a href="/story/{number}.html">第{number}条 产业新闻</a></h2>'
        f'<p>Words <b>about</b> {number}.</p><time datetime="2026-03-02T0{number}:00:00+08:00">today</time></article>'
    )


def page(numbers, following=None):
    link = f'<a class="next" href="{following}">下一页</a>' if following else ""
    return f'<!doctype html><html lang="zh"><title>新闻</title>{"".join(map(card, numbers))}{link}</html>'.encode()


PAGE = {
    "entry": "article.card",
    "title": "h2",
    "link": "h2 a@href",
    "summary": "p",
    "date": "time@datetime",
    "next": "a.next",
}


def errors(project):
    sources = json.loads(project.ok("status", "--json"))["sources"]
    return {source["id"]: source["error"] and source["error"]["code"] for source in sources}


def test_a_list_of_pages_is_read_and_followed_three_times(newsroom, project):
    """Its robots.txt first; then the page, and three further ones; later only as far as there is news."""
    newsroom.put("/robots.txt", b"User-agent: *\nDisallow: /secret\n")
    for number in range(6):
        newsroom.put(f"/list{number}", page([number], f"/list{number + 1}"))
    project.write({"site": {"url": newsroom.url + "/list0", "kind": "page", "page": PAGE, "timezone": "Asia/Shanghai"}})
    project.ok("fetch")
    assert [visit.path for visit in newsroom.visits] == ["/robots.txt", *(f"/list{n}" for n in range(4))]
    items = {item["link"]: item for item in project.items()}
    assert set(items) == {f"{newsroom.url}/story/{n}.html" for n in range(4)}
    first = items[f"{newsroom.url}/story/1.html"]
    assert (first["title"], first["published"]) == ("第1条 产业新闻", "2026-03-01T17:00:00Z")
    assert "<b>about</b>" in (first["summary"] or "") + (first["content"] or "")
    project.ok("publish")
    assert len(project.entries()) == 4
    newsroom.put("/list0", page([7, 0], "/list1"))
    newsroom.forget()
    project.ok("fetch", "--all")
    assert [visit.path for visit in newsroom.visits] == ["/list0"]  # what robots.txt said is kept for a day
    assert len(project.items()) == 5


def test_a_page_that_suddenly_holds_nothing_is_an_error_and_loses_nothing(newsroom, project):
    project.write({"site": {"url": newsroom.put("/list", page([1, 2])), "kind": "page", "page": PAGE}})
    project.ok("fetch")
    newsroom.put("/list", b"<html><p>New design.</p></html>")
    project.ok("fetch", "--all")
    assert errors(project) == {"site": "empty"}
    assert len(project.items()) == 2


def test_a_news_sitemap_behind_an_index(newsroom, project):
    """The index wants its maps; they are read as one source, and again when they change though the index did not."""
    head = (
        'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
    )

    def news(*numbers):
        urls = "".join(
            f"<url><loc>https://z.example/{n}</loc><n:news><n:publication><n:name>报</n:name>"
            f"<n:language>zh</n:language></n:publication><n:publication_date>2026-03-02</n:publication_date>"
            f"<n:title>新闻 {n}</n:title></n:news></url>"
            for n in numbers
        )
        return f"<urlset {head}>{urls}</urlset>".encode()

    maps = f"<sitemap><loc>{newsroom.url}/a.xml</loc></sitemap><sitemap><loc>https://elsewhere.example/b.xml</loc></sitemap>"
    newsroom.put("/index.xml", f"<sitemapindex {head}>{maps}</sitemapindex>".encode())
    newsroom.put("/a.xml", news(1, 2))
    project.write({"map": {"url": newsroom.url + "/index.xml", "kind": "sitemap"}})
    project.ok("fetch")
    assert sorted(item["title"] for item in project.items()) == ["新闻 1", "新闻 2"]
    assert [visit.path for visit in newsroom.visits] == ["/robots.txt", "/index.xml", "/a.xml"]
    newsroom.put("/a.xml", news(1, 2, 3))
    project.ok("fetch", "--all")
    assert sorted(item["title"] for item in project.items()) == ["新闻 1", "新闻 2", "新闻 3"]


def test_what_robots_txt_forbids_is_not_asked_for(newsroom, project):
    """Feeds are for machines: they are visited all the same."""
    newsroom.put("/robots.txt", b"User-agent: *\nDisallow: /\n")
    project.write(
        {
            "page": {"url": newsroom.put("/list", page([1])), "kind": "page", "page": PAGE},
            "feed": newsroom.put("/feed.xml", rss(paper("a", 1))),
        }
    )
    project.ok("fetch")
    assert errors(project) == {"page": "refused_address", "feed": None}
    assert sorted(visit.path for visit in newsroom.visits) == ["/feed.xml", "/robots.txt"]


def test_a_page_without_a_feed_is_added_by_the_selectors_that_add_proposes(newsroom, project):
    """First it is shown, with what it finds; `--page` writes it, and the next fetch reads it."""
    rows = "".join(
        f'<li><a href="./t{n}.html" title="关于公布工业互联网试点第{n}批名单的通知">关于公布工业互联网…</a>'
        f"<span>2026-03-0{n}</span></li>"
        for n in range(1, 8)
    )
    url = newsroom.put(
        "/list/", f'<html lang="zh"><meta charset="gb2312"><ul class="list">{rows}</ul></html>'.encode("gb18030")
    )
    project.write({"other": newsroom.put("/papers/a.xml", rss(paper("a", 1)))})
    before = project.config.read_text(encoding="utf-8")
    refused = project.run("add", url)
    assert refused.code == 2
    assert "entry: 'ul.list > li'" in refused.err
    assert "2026-03-07  关于公布工业互联网试点第7批名单的通知" in refused.err
    assert project.config.read_text(encoding="utf-8") == before
    assert "关于公布工业互联网试点第7批名单的通知" in project.ok("add", url, "--page", "--id", "gov", "--tag", "china")
    after = project.config.read_text(encoding="utf-8")
    assert before.splitlines()[0] == after.splitlines()[0]
    project.ok("fetch", "gov")
    assert {item["title"] for item in project.items()} == {
        f"关于公布工业互联网试点第{n}批名单的通知" for n in range(1, 8)
    }


RDF = """<?xml version="1.0" encoding="gb2312"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel rdf:about="https://r.example/"><title>日报</title>
<link>https://r.example/</link><description>d</description></channel><item rdf:about="https://r.example/1">
<title>工业互联网大会开幕</title><link>https://r.example/1</link><dc:creator>张三</dc:creator><dc:subject>工业</dc:subject>
<dc:date>2026-03-02T08:00:00+08:00</dc:date><content:encoded>&lt;p&gt;大会今日开幕。&lt;/p&gt;</content:encoded></item></rdf:RDF>"""
MAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://m.example/1</loc><n:news><n:publication><n:name>报</n:name><n:language>zh</n:language></n:publication>
<n:publication_date>2026-03-02T09:00:00+08:00</n:publication_date><n:title>标识解析体系发布</n:title>
<n:keywords>标识, 解析</n:keywords></n:news></url></urlset>"""


def test_every_kind_of_source_is_read_as_chinese_sites_serve_it(newsroom, project):
    """RSS 1.0 in GB2312, JSON Feed, a packed news sitemap, a folder of files; and the list of them goes out as OPML."""
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "周刊",
        "language": "zh-CN",
        "items": [
            {
                "id": "j1",
                "url": "https://j.example/1",
                "title": "智能制造试点名单公布",
                "content_html": "<p>名单如下。</p>",
                "date_published": "2026-03-02T10:00:00+08:00",
                "tags": ["制造"],
                "attachments": [{"url": "https://j.example/1.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 5}],
            }
        ],
    }
    folder = project.folder / "feeds"
    folder.mkdir()
    (folder / "a.xml").write_bytes(rss(paper("甲", 2)))
    (folder / "b.json").write_text(
        json.dumps(feed | {"items": [feed["items"][0] | {"id": "f", "url": "https://f.example/1"}]})
    )
    (folder / "notes.txt").write_text("no feed")
    project.write(
        {
            "rdf": newsroom.put("/rdf", RDF.encode("gb2312"), Content_Type="text/xml"),
            "json": newsroom.put("/j.json", json.dumps(feed).encode(), Content_Type="application/feed+json"),
            "map": {"url": newsroom.put("/map.xml.gz", gzip.compress(MAP.encode())), "kind": "sitemap"},
            "folder": {"url": "feeds", "kind": "file"},
        }
    )
    project.ok("fetch")
    items = {(item["source"], item["link"]): item for item in project.items()}
    rdf, made = items["rdf", "https://r.example/1"], items["json", "https://j.example/1"]
    assert (rdf["title"], rdf["authors"], rdf["categories"], rdf["published"]) == (
        "工业互联网大会开幕",
        ["张三"],
        ["工业"],
        "2026-03-02T00:00:00Z",
    )
    assert (made["title"], made["lang"], made["enclosures"][0]["length"]) == ("智能制造试点名单公布", "zh-Hans", 5)
    mapped = items["map", "https://m.example/1"]
    assert (mapped["title"], mapped["categories"]) == ("标识解析体系发布", ["标识", "解析"])
    assert sum(source == "folder" for source, _ in items) == 3
    (folder / "a.xml").write_bytes(rss(paper("甲", 3)))
    project.ok("fetch", "--all")
    assert len(project.items()) == len(items) + 1
    assert 'xmlUrl="' in project.ok("export", "--format", "opml")
