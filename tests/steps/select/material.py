"""Items and topics to select from."""

from datetime import UTC, datetime

from aggregator.domain.entry import Author, Category, Enclosure, FeedInfo, Media
from aggregator.domain.item import Item, Keys, StoredItem
from aggregator.domain.source import Source
from aggregator.domain.topic import Copy, Topic
from aggregator.steps.select import parse_query

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def source(id_, **settings):
    return Source(id=id_, url=f"https://{id_}.example/feed", shown_url=f"https://{id_}.example/feed", **settings)


def copy(number=1, *, source_id="a", title="A title", text="", rank=0, at=NOW, **more):
    stored = {
        name: more.pop(name) for name in ("public_id", "first_seen", "order_at", "changed_at", "story") if name in more
    }
    source_title, feed = more.pop("source_title", source_id.upper()), more.pop("feed", FeedInfo())
    item = Item(
        source_id=source_id, keys=Keys(text=b"k" * 16), raw_hash=b"r" * 16, text_hash=b"t" * 16,
        guid=None, link=more.pop("link", None), title=title, text=text, **more,
    )  # fmt: skip
    moments = {"first_seen": at, "order_at": at, "changed_at": at, "story": "tag:story", "public_id": f"tag:{number}"}
    return Copy(
        stored=StoredItem(id=number, item=item, **{**moments, **stored}),
        rank=rank, source_title=source_title, source_url=f"https://{source_id}.example/feed", feed=feed,
    )  # fmt: skip


def topic(id_="t", query="", **settings):
    return Topic(id=id_, title=id_, query=parse_query(query), query_text=query, **settings)


SOURCES = {
    "bbc-world": source("bbc-world", tags=("world",)),
    "ads": source("ads"),
    "solidot": source("solidot", tags=("China",)),
}

# The items that tests/steps/select/queries.json speaks of.
ITEMS = {
    "chip": copy(
        1,
        source_id="bbc-world",
        title="Taiwan’s Chips: what next?",
        text="The semiconductor makers TSMC and ASML, written in C++.",
        words=350,
        link="https://www.bbc.co.uk/news/technology-1234",
        authors=(Author(name="Jane Doe"),),
        categories=(Category(term="Technology"),),
        language="en-GB",
        media=(Media(role="thumbnail", url="https://example.org/1"),),
    ),
    "port": copy(
        2,
        source_id="ads",
        title="Sponsored: harbour news",
        text="The Industrial‑Internet, explained over Crème brûlée.",
        words=120,
        link="https://notbbc.co.uk/harbour",
        language="en",
        enclosures=(Enclosure(url="https://example.org/film.mp4"),),
    ),
    "5g": copy(
        3,
        source_id="solidot",
        title="發展工業互聯網",
        text="推出 5G 手机",
        words=8,
        link="https://www.solidot.org/story?sid=1",
        language="zh-Hant",
    ),
}
