"""Response → reading, with the real parser and cleaner."""

from datetime import UTC, datetime

from aggregator.domain.outcome import ReadContext
from aggregator.domain.response import Response
from aggregator.pipeline.visit import read

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CONTEXT = ReadContext(source_id="one", language=None, timezone=None, encoding=None, max_entries=10)


def rss(*items):
    body = "".join(f"<item>{item}</item>" for item in items)
    return Response(
        source_id="one",
        url="https://one.example/feed",
        headers=(("content-type", b"application/rss+xml"),),
        body=f'<rss version="2.0"><channel><title>One</title><link>https://one.example/</link>{body}</channel></rss>'.encode(),
        received_at=NOW,
    )


def entry(guid, title, date="Sun, 22 Nov 2026 08:00:00 GMT"):
    return (
        f"<title>{title}</title><link>https://one.example/{guid}</link><guid>{guid}</guid>"
        f"<pubDate>{date}</pubDate><description>About {title}</description>"
    )


def test_two_versions_of_one_entry_in_a_document_settle_on_one():
    """The newest version counts at every visit: the two do not replace each other for ever."""
    document = rss(entry("1", "Old"), entry("1", "New", "Sun, 22 Nov 2026 09:00:00 GMT"))
    first = read(CONTEXT, (document,), frozenset(), NOW)
    assert [item.title for item in first.items] == ["New"]
    again = read(CONTEXT, (document,), frozenset({first.items[0].raw_hash}), NOW)
    assert (again.items, again.unchanged) == ((), (first.items[0].raw_hash,))


def test_items_come_oldest_first():
    document = rss(entry("2", "Later", "Sun, 22 Nov 2026 10:00:00 GMT"), entry("1", "Earlier"))
    assert [item.title for item in read(CONTEXT, (document,), frozenset(), NOW).items] == ["Earlier", "Later"]


def test_over_the_limit_the_newest_are_kept_and_the_rest_counted():
    document = rss(*(entry(str(i), f"Entry {i}", f"Sun, 22 Nov 2026 {i % 24:02}:00:00 GMT") for i in range(20)))
    reading = read(CONTEXT, (document,), frozenset(), NOW)
    assert reading.left_out == 10
    assert {item.title for item in reading.items} == {f"Entry {i}" for i in range(10, 20)}


def test_reading_twice_gives_the_same():
    document = rss(entry("1", "A"), entry("2", "B"))
    assert read(CONTEXT, (document,), frozenset(), NOW) == read(CONTEXT, (document,), frozenset(), NOW)
