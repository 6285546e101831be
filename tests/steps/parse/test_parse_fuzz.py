"""Whatever comes in, reading gives entries or a reason by name, never an exception and never a bug's code."""

from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.domain.outcome import Failure, ReadContext, Reading
from aggregator.domain.response import Response
from aggregator.domain.source import PageSelectors, SourceKind
from aggregator.errors import Code
from aggregator.pipeline.visit import read
from aggregator.steps.parse.charset import decode
from aggregator.steps.parse.dates import read_date

NOW = datetime(2026, 3, 4, tzinfo=UTC)
PATIENT = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
SEEDS = b"""<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>\xe6\x96\xb0</title><item>
<title>a &amp; b</title><link>/x</link><guid>1</guid><pubDate>Wed, 04 Mar 2026 10:00:00 GMT</pubDate><enclosure
url='e.mp3' length='12' type='audio/mpeg'/><description><![CDATA[<p onclick=x>t</p>]]></description></item></channel>
</rss>
====
<feed xmlns='http://www.w3.org/2005/Atom' xml:base='/a/'><title type='html'>&lt;b></title><entry><id>x</id><updated>
2026-03-04T00:00:00Z</updated><link href='y'/><content type='xhtml'><div><p/></div></content></entry></feed>
====
{"version":"https://jsonfeed.org/version/1.1","title":"F",
"items":[{"id":1,"content_html":"<p>x","date_published":"2026"}]}
====
<urlset><url><loc>https://n.example/a</loc><lastmod>2026-01-01</lastmod></url></urlset>
====
<!doctype html><meta charset=gbk><article><h2><a href=x>\xd0\xc2\xce\xc5</a></h2><time datetime=2026-01-01></article>
""".split(b"====\n")
PIECES = b"""< > & <![CDATA[ ]]> <!-- <!DOCTYPE [ &#xD800; &#0; \0 \xff\xfe \xef\xbb\xbf </item> <item>
<entry/> xmlns:a='b' \x1b$B </urlset> ]} " { 999999999999999999999999999999999999 \xa1\xa1 &x;""".split()
KINDS = st.sampled_from([SourceKind.FEED, SourceKind.PAGE, SourceKind.SITEMAP])


@st.composite
def documents(draw):
    """A good document with a few pieces cut out, doubled and put in."""
    body = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(body)))
        to = min(len(body), at + draw(st.integers(0, 40)))
        put = draw(st.sampled_from(PIECES) | st.binary(max_size=8) | st.just(body[at:to] * 3))
        body = body[:at] + put + body[to:]
    return body


@PATIENT
@given(
    documents() | st.binary(max_size=300), KINDS, st.sampled_from(["", "text/xml; charset=gbk", "text/html", "\xff"])
)
def test_every_document_is_read_or_refused_by_name(body, kind, content_type):
    context = ReadContext(
        source_id="s", language=None, timezone=None, encoding=None, max_entries=50, kind=kind,
        page=PageSelectors(entry="article", title="h2", link="a", date="time", summary="p", next="a"),
    )  # fmt: skip
    headers = (("content-type", content_type.encode("latin-1")),)
    response = Response(source_id="s", url="https://n.example/l", headers=headers, body=body, received_at=NOW)
    first, second = (read(context, (response,), frozenset(), NOW) for _ in range(2))
    assert isinstance(first, Reading | Failure)
    if isinstance(first, Failure):
        assert first.code in {Code.EMPTY, Code.NOT_A_FEED, Code.TRUNCATED, Code.PARSE_FAILED, Code.PARSE_LIMIT}, (
            first.message
        )
    else:
        assert [item.title for item in first.items] == [item.title for item in second.items]


@PATIENT
@given(
    st.binary(max_size=400) | documents(), st.text(max_size=40), st.sampled_from([None, "utf-8", "gb18030", "no-such"])
)
def test_every_byte_string_becomes_text(body, content_type, override):
    """Without lone surrogates: it can be stored."""
    told = decode(body, content_type, override, None)
    told.text.encode("utf-8")
    assert told == decode(body, content_type, override, None)


@PATIENT
@given(
    st.text(max_size=60)
    | st.text("0123456789-/:.年月日 TZ+apmJanFebMarجانفي", max_size=40)
    | st.datetimes().map(str)
    | st.integers().map(str),
    st.sampled_from([None, "zh", "ar", "de", "th", "xx"]),
    st.sampled_from([None, "Asia/Shanghai"]),
)
def test_every_text_is_a_believable_moment_or_none(text, language, zone):
    moment = read_date(text, language, zone)
    assert moment is None or (moment.tzinfo is UTC and 1990 <= moment.year <= 2100)
    assert moment == read_date(text, language, zone)
