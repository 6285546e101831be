"""A small selection in several languages, with everything a feed can say about an entry: shared by these tests."""

from datetime import UTC, datetime, timedelta

from aggregator.domain.entry import Author, Category, Enclosure, FeedInfo, Media
from aggregator.domain.item import Credit, Item, Keys, StoredItem
from aggregator.domain.settings import Site
from aggregator.domain.topic import Copy, Selected, Selection, Topic

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SITE = Site(
    url="https://news.example.org/desk",
    title="Example news desk",
    author_name="Example desk",
    author_email="desk@example.org",
    timezone="Europe/London",
)
BBC = FeedInfo(
    id="https://feeds.example.com/world",
    title="World News",
    link="https://www.example.com/news",
    rights="© Example Corporation",
    icon="https://www.example.com/icon.png",
    language="en-GB",
    updated=NOON,
)


def item(**said):
    """An item; every field can be said."""
    given = {
        "source_id": "world",
        "keys": Keys(text=b"t" * 16),
        "raw_hash": b"r" * 16,
        "text_hash": b"x" * 16,
        "guid": "guid-1",
        "link": "https://www.example.com/news/1",
        "title": "A title",
        "language": "en",
        "published": NOON,
    }
    return Item(**(given | said))


def copy(said=None, *, number=1, source_title="World", source_url="https://feeds.example.com/world.rss", feed=BBC):
    """A stored copy of an item."""
    told = said or item()
    stored = StoredItem(
        id=number,
        public_id=f"tag:news.example.org,2026:{told.source_id}/{number:04}",
        item=told,
        first_seen=NOON,
        order_at=told.published or NOON,
        changed_at=NOON,
        story=f"tag:news.example.org,2026:{told.source_id}/{number:04}",
    )
    return Copy(stored=stored, rank=0, source_title=source_title, source_url=source_url, feed=feed)


def selected(said=None, *, number=1, others=(), updated=NOON, **copied):
    """A selected story of one copy."""
    shown = copy(said, number=number, **copied)
    return Selected(
        id=shown.stored.public_id,
        shown=shown,
        order_at=shown.stored.order_at,
        first_seen=NOON,
        updated=updated,
        others=tuple(others),
    )


def selection(*entries, updated=NOON, **topic):
    """A topic that shows these."""
    given = {
        "id": "factory",
        "title": "工业互联网 · Industrial internet",
        "description": "Factories, connected & <safe>",
    }
    return Selection(topic=Topic(**(given | topic)), entries=entries, updated=updated, digest=b"d" * 16)


def full_item():
    """An item that says everything."""
    return item(
        title="AT&T: 3 < 5 — café “quoted” 工业",
        summary="<p>A short <b>summary</b> &amp; more.</p>",
        content='<p>The whole text, with <a href="https://www.example.com/a?b=1&amp;c=2">a link</a>.</p><p>Second.</p>',
        text="The whole text, with a link. Second.",
        authors=(Author(name="Ann Writer"), Author(name="Bo", email="bo@example.com", uri="https://bo.example.com/")),
        categories=(
            Category(term="tech", scheme="https://example.com/cats", label="Technology"),
            Category(term="工业"),
        ),
        updated=NOON + timedelta(hours=1),
        enclosures=(
            Enclosure(
                url="https://cdn.example.com/one.mp3", type="audio/mpeg", length=12345, title="Hear", duration=61
            ),
            Enclosure(url="https://cdn.example.com/two.mp4"),
        ),
        media=(
            Media(role="thumbnail", url="https://cdn.example.com/t.jpg", width=120, height=80),
            Media(
                role="content",
                url="https://cdn.example.com/big.jpg",
                type="image/jpeg",
                medium="image",
                width=1200,
                height=800,
                description="A factory",
                credit="Photo Desk",
            ),
        ),
        rights="© 2026 Ann Writer",
        comments="https://www.example.com/news/1#comments",
        credit=Credit(name="新华社", url="https://www.xinhuanet.com/"),
    )


def world():
    """English, Chinese, Arabic; full and bare; the oldest one without a date of its own."""
    chinese = item(
        source_id="zh",
        guid="https://zh.example.cn/2",
        link="https://zh.example.cn/工业/2",
        title="工业互联网平台落地，三百家工厂接入",
        summary="<p>记者从会议上获悉，平台已经落地。</p>",
        text="记者从会议上获悉，平台已经落地。",
        language="zh-Hans",
        published=NOON - timedelta(hours=3),
    )
    arabic = item(
        source_id="ar",
        guid=None,
        link="https://ar.example.com/3",
        title="المصانع تتصل بالإنترنت الصناعي",
        summary="<p>قالت الوزارة يوم الجمعة إن المصانع تتصل.</p>",
        text="قالت الوزارة يوم الجمعة إن المصانع تتصل.",
        language="ar",
        published=NOON - timedelta(days=1),
    )
    bare = item(
        source_id="bare", guid="4", link="https://bare.example.com/4", title="Only a title, and no date", published=None
    )
    other = copy(
        item(source_id="paper", link="https://paper.example.com/1", title="Same story"),
        number=9,
        source_title="The Paper",
    )
    return selection(
        selected(full_item(), number=1, others=[other], updated=NOON + timedelta(hours=1)),
        selected(bare, number=4, source_title="Bare", source_url="feeds/bare.xml", feed=FeedInfo()),
        selected(
            chinese,
            number=2,
            source_title="中文报",
            source_url="https://zh.example.cn/rss",
            feed=FeedInfo(language="zh-CN"),
        ),
        selected(arabic, number=3, source_title="الأخبار", source_url="https://ar.example.com/feed", feed=FeedInfo()),
        updated=NOON + timedelta(hours=1),
    )
