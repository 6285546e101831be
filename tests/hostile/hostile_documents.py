"""Documents that bend, break and blow up: rows (b) of the hostile corpus, each made by a few lines."""

from tests.hostile.hostile_network import Row, feed
from tests.steps.fetch.fetch_server import answer

NEWS = "工业互联网 стал шире, größer, 더 크다"
DEEP = 100_000


def rss(inside, head="<?xml version='1.0' encoding='utf-8'?>"):
    return f"{head}<rss version='2.0'><channel><title>F</title>{inside}</channel></rss>".encode()


def item(title="t", inside=""):
    return f"<item><title>{title}</title><guid>1</guid>{inside}</item>"


def written(text, encoding, declared):
    """A feed whose title is `text`, in an encoding, declaring one."""
    return rss(item(text), f"<?xml version='1.0' encoding='{declared}'?>").decode().encode(encoding)


def laughs(levels=9):
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, levels))
    return rss(item(f"&l{levels - 1};"), f'<!DOCTYPE rss [<!ENTITY l0 "ha">{entities}]>')


def external(server):
    """Every way a document can name another one."""
    url = server.url("/leak")
    return rss(
        item("x &file; y &net;"),
        f'<!DOCTYPE rss SYSTEM "{url}" [<!ENTITY file SYSTEM "file:///etc/passwd"><!ENTITY net SYSTEM "{url}">'
        f'<!ENTITY % p SYSTEM "{url}">%p;]><?xml-stylesheet href="{url}"?>',
    )


def bombs(server):
    """What takes a parser's time or memory."""
    million = 1_000_000
    return {
        "laughs": (laughs(), None),
        "quadratic": (rss(item("&a;" * 50_000), f'<!DOCTYPE rss [<!ENTITY a "{"a" * 50_000}">]>'), None),
        "external": (external(server), None),
        "nested-xml": (rss(item(inside="<a>" * DEEP + "</a>" * DEEP)), None),
        "nested-html": (rss(item(inside="<description>" + "&lt;div&gt;" * DEEP + "x</description>")), None),
        "million-entries": (rss("<item/>" * million), None),
        "20k-entries": (feed(*map(str, range(20_000))), None),
        "15-mb-entry": (rss(item(inside=f"<description>{'word ' * (2_800_000)}</description>")), None),
        "15-mb-title": (rss(item("word " * 2_800_000)), None),
        "15-mb-cjk": (rss(item(inside=f"<description>{'新闻' * 2_300_000}</description>")), None),
        "15-mb-comment": (rss(f"<!--{'x' * 14_000_000}-->" + item()), None),
        "author": (rss(item(inside=f"<author>x@{'a.' * 80_000}!</author>")), None),
        "attributes": (rss(item(inside="<x " + " ".join(f"a{n}='1'" for n in range(100_000)) + "/>")), None),
        "attributes-html": (
            rss(
                item(
                    inside="<description><![CDATA[<p "
                    + " ".join(f"a{n}=1" for n in range(100_000))
                    + ">]]></description>"
                )
            ),
            None,
        ),
        "namespaces": (rss("".join(f"<x{n}:y xmlns:x{n}='u:{n}'/>" for n in range(50_000)) + item()), "parse_limit"),
        "comments-xml": (rss("<!-- -->" * 100_000 + item()), None),
        "comments-html": (rss(item(inside=f"<description><![CDATA[{'<!--' * 50_000}]]></description>")), None),
        "open-tags": (b"<a " * 300_000, "parse_limit"),
        "open-entries": (b"<rss><channel>" + b"<item " * 100_000, "parse_limit"),
        "open-declarations": (b"<?xml " * 300_000, "truncated"),
        "entries-in-entries": (rss("<item><title>x" * 15_000), "parse_limit"),
        "blanks-in-an-element": (rss(item(inside=f"<description>&lt;p>{' ' * 900_000}&lt;/p></description>")), None),
        "open-brackets": (b"<" * million, "not_a_feed"),
        "ampersands": (rss(item("&" * million)), None),
        "cdata": (rss(item(inside="<description>" + "<![CDATA[" * 100_000 + "]]></description>")), None),
        "links": (rss(item(inside=f"<description>{'&lt;a href=x&gt;' * 100_000}</description>")), None),
        "combining": (rss(item("Z" + "\u0301" * 10_000)), None),
        "categories": (rss(item(inside="<category>c</category>" * 200_000)), None),
        "enclosures": (rss(item(inside="<enclosure url='https://e.example/e.mp3'/>" * 100_000)), None),
        "json-deep": (b"[" * million, "parse_limit"),
        "json-many": (
            b'{"version":"https://jsonfeed.org/version/1.1","title":"F","items":['
            + b",".join(b'{"id":"%d","content_text":"x"}' % n for n in range(100_000))
            + b"]}",
            None,
        ),
        "json-number": (
            b'{"version":"https://jsonfeed.org/version/1.1","title":"F","items":[' + b"9" * million + b"]}",
            "none",
        ),
    }


def damaged():
    """Feeds that are wrong in a way that can be mended: name → (document, titles)."""
    clean = "clean title"
    gbk, japanese = "工业互联网创新发展", "①新しい産業ネットワーク"
    return {
        "nul": (rss(item("a\0b\x08c\x1fd")), ("abcd",)),
        "controls-referenced": (rss(item("a&#0;b&#8;c")), None),
        "surrogates": (rss(item("a&#xD800;b&#x110000;c&#" + "9" * 5000 + ";d")), ("a\ufffdb\ufffdc\ufffdd",)),
        "zeros": (rss(item(f"a&#{'0' * 9000}98;c&amp;#{'0' * 9000}100;")), ("abcd",)),
        "noncharacter": (rss(item("a\ufffeb")), None),
        "one-bad-byte": (
            rss(item(NEWS)).replace("größer".encode(), "gr\udcffßer".encode("utf-8", "surrogateescape")),
            (NEWS.replace("ö", "\ufffd"),),
        ),
        "says-utf-8-is-gbk": (written(gbk, "gbk", "utf-8"), (gbk,)),
        "says-utf-8-is-cp1251": (
            written("Промышленный интернет сегодня", "cp1251", "utf-8"),
            ("Промышленный интернет сегодня",),
        ),
        "says-utf-8-is-big5": (written("香港工業互聯網發展", "big5", "utf-8"), ("香港工業互聯網發展",)),
        "says-utf-8-is-shift-jis": (
            written("新しい産業ネットワーク", "shift_jis", "utf-8"),
            ("新しい産業ネットワーク",),
        ),
        "gb2312-with-gb18030": (written("镕基𠀀工业互联网", "gb18030", "gb2312"), ("镕基𠀀工业互联网",)),
        "shift-jis-with-cp932": (written(japanese, "cp932", "Shift_JIS"), (japanese,)),
        "euc-kr-with-cp949": (written("똠방각하와 산업 인터넷", "cp949", "euc-kr"), ("똠방각하와 산업 인터넷",)),
        "big5-with-hkscs": (written("香港嘅工業互聯網發展", "big5hkscs", "big5"), ("香港嘅工業互聯網發展",)),
        "utf-16-no-bom": (written(NEWS, "utf-16-le", "utf-16"), (NEWS,)),
        "says-utf-16-is-utf-8": (written(NEWS, "utf-8", "utf-16"), (NEWS,)),
        "bare-ampersand": (rss(item("AT&T < B & C")), ("AT&T < B & C",)),
        "entity-harmless": (rss(item("&my; title"), '<!DOCTYPE rss [<!ENTITY my "clean">]>'), (clean,)),
        "leading-blank": (b"\n\n \xef\xbb\xbf" + rss(item(clean)), (clean,)),
        "junk-after": (rss(item(clean)) + b"<p>bye</p>\0\0", (clean,)),
        "two-roots": (rss(item(clean)) + rss(item("other")), None),
        "no-guid": (rss(f"<item><title>{clean}</title></item>"), (clean,)),
        "blank-guid": (rss(f"<item><title>{clean}</title><guid>  </guid></item>"), (clean,)),
        "two-guids": (rss(f"<item><title>{clean}</title><guid>1</guid><guid>2</guid></item>"), (clean,)),
        "empty-title": (rss("<item><title> </title><guid>9</guid><description>Only this.</description></item>"), None),
        "same-guid": (rss(item("older") + item("newer")), None),
        "no-title": (rss("<item><guid>9</guid><description>Only a text. And more.</description></item>"), None),
        "absurd-dates": (
            rss(
                "".join(
                    f"<item><title>{n}</title><guid>{n}</guid><pubDate>{d}</pubDate></item>"
                    for n, d in enumerate(DATES)
                )
            ),
            None,
        ),
        "script-links": (
            rss(
                f"<item><title>{clean}</title><link>javascript:alert(1)</link><guid>1</guid>"
                "<enclosure url='data:text/html,x' type='text/html'/><author>vbscript:x</author>"
                "<description>&lt;svg/onload=alert(1)&gt;"
                "&lt;a href='&amp;#106;avascript:alert(1)'&gt;x&lt;/a&gt;</description></item>"
            ),
            (clean,),
        ),
        "html-in-title": (rss(item("&lt;img src=x onerror=alert(1)&gt;clean &amp;lt;b&amp;gt;title")), None),
        "bidi": (rss(item("a\u202eb\u2066c\u200bd\u200dc")), None),
    }


DATES = (
    "Tue, 00 Jan 0000 00:00:00 GMT", "0000-00-00", "10000-01-01", "9999-12-31T23:59:59Z", "0001-01-01", "2026-02-30",
    "Fri, 32 Foo 2026 25:61:61 +9900", "1520932969", "99999999999999999999", "2024年1月15日", "1403/01/15",
    "20240310T023000Z", "2020-11-08T16:20:00-05:00Z", "x" * 100_000,
)  # fmt: skip


def rows(server):
    """Every document as a row."""
    return [
        *(_bomb(name, body, code) for name, (body, code) in bombs(server).items()),
        *(
            Row(name=f"text-{name}", reply=answer("200 OK", body=body), titles=titles)
            for name, (body, titles) in damaged().items()
        ),
    ]


def _bomb(name, body, code):
    """`none`: it is read, and there is nothing in it."""
    reply = answer("200 OK", "Content-Type: application/xml", body=body)
    return Row(
        name=f"doc-{name}", reply=reply, code=None if code == "none" else code, titles=() if code == "none" else None
    )
