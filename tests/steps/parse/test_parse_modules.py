"""Podcast and place fields: what only looks like a number is none."""

import pytest
from lxml import etree

from aggregator.domain.entry import Media
from aggregator.domain.media import Point
from aggregator.domain.outcome import ReadContext
from aggregator.steps.parse.feed import read_feed
from aggregator.steps.parse.modules import supplement

NAMES = (
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:podcast="https://podcastindex.org/namespace/1.0" '
    'xmlns:georss="http://www.georss.org/georss"'
)


def told(inside):
    return supplement(etree.fromstring(f"<item {NAMES}>{inside}</item>"), "https://p.example/")


@pytest.mark.parametrize(
    "inside",
    [
        "<georss:point>٤ 5</georss:point>",
        "<podcast:episode>٣</podcast:episode>",
        "<itunes:duration>१:00</itunes:duration>",
        '<podcast:soundbite startTime="１" duration="2"/>',
    ],
)
def test_digits_of_other_scripts_are_no_number_of_a_format(inside):
    """XML Schema's decimals are ASCII: players and maps could not read others."""
    assert told(inside) is None


def test_a_decimal_is_kept_as_it_was_written():
    assert told("<georss:point>45.50 -0.10</georss:point>").point == Point(latitude="45.50", longitude="-0.10")


def entries(document):
    return read_feed(
        document,
        "utf-8",
        "https://p.example/feed",
        ReadContext(source_id="p", language=None, timezone=None, encoding=None, max_entries=100),
    ).entries


def test_prefixes_that_nobody_declared_mean_what_everybody_means_by_them():
    """A feed's template forgot xmlns:itunes and xmlns:podcast; the forms of an episode are all told."""
    entry, *_ = entries(
        """<rss version="2.0"><channel><title>T</title><item><title>One</title><itunes:duration>10:00</itunes:duration>
        <enclosure url="/a.mp3" type="audio/mpeg"/>
        <podcast:alternateEnclosure type="video/mp4" length="7924786" bitrate="511276.52" height="720" title="HD">
        <podcast:source uri="ipfs://x"/><podcast:source uri="/one.mp4"/></podcast:alternateEnclosure>
        <podcast:alternateEnclosure type="audio/mpeg"><podcast:source uri="/a.mp3"/></podcast:alternateEnclosure>
        </item></channel></rss>"""
    )
    assert entry.supplement.episode.duration == 600
    assert entry.media == (
        Media(role="content", url="https://p.example/one.mp4", type="video/mp4", medium="video", height=720,
              bitrate=511, size=7924786, title="HD"),
    )  # fmt: skip


def test_content_in_base64_is_a_text_where_it_is_one():
    """RFC 4287 §4.1.3.3: a picture is none."""
    text, picture = entries(
        """<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><content type="application/octet-stream">
        RXhhbXBsZSA8Yj5BdG9tPC9iPg==</content></entry><entry><id>2</id><content type="application/octet-stream">
        iVBORw0KGgo=</content></entry></feed>"""
    )
    assert text.content.value == "Example <b>Atom</b>"
    assert picture.content is None
