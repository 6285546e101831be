"""Podcast and place fields: what only looks like a number is none."""

import pytest
from lxml import etree

from aggregator.domain.entry import Media
from aggregator.domain.media import Mark, Point, Recipient, Remark, TimeSplit, Value
from aggregator.domain.outcome import ReadContext
from aggregator.domain.source import FeedHints
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


def parsed(document):
    context = ReadContext(source_id="p", language=None, timezone=None, encoding=None, max_entries=100)
    return read_feed(document, "utf-8", "https://p.example/feed", context)


def entries(document):
    return parsed(document).entries


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


PAID = '<podcast:value type="lightning" method="keysend">{}</podcast:value>'
TO_ANN = '<podcast:valueRecipient type="node" address="02d5" split="{}"/>'


def podcast(inside, channel=""):
    return entries(
        f'<rss version="2.0"><channel><title>T</title>{channel}<item><title>One</title>{inside}</item></rss>'
    )


def test_an_episode_is_paid_as_its_podcast_is_where_it_says_nothing():
    """The namespace's rule; a text beside the episodes is paid by nobody."""
    of_podcast, own = PAID.format(TO_ANN.format(99)), PAID.format(TO_ANN.format(1))
    file = '<enclosure url="/a.mp3" type="audio/mpeg"/>'
    shares = []
    for inside in (file, f"{file}{own}", ""):
        (entry,) = podcast(inside, of_podcast)
        values = entry.supplement.episode.values if entry.supplement else ()
        shares.append([r.split for value in values for r in value.recipients])
    assert shares == [[99], [1], []]


def test_a_part_of_an_episode_pays_others():
    split = f'<podcast:valueTimeSplit startTime="60" duration="9.5">{TO_ANN.format(5)}</podcast:valueTimeSplit>'
    (entry,) = podcast(PAID.format(f"{split}<podcast:valueTimeSplit startTime='x' duration='1'/>"))
    paid = TimeSplit(start="60", duration="9.5", recipients=(Recipient(type="node", address="02d5", split=5),))
    assert entry.supplement.episode.values == (Value(type="lightning", method="keysend", splits=(paid,)),)


def test_chapters_of_the_feed_are_kept_and_what_only_looks_like_them_is_not():
    (entry,) = podcast(
        """<psc:chapters version="1.2"><psc:chapter start="0" title="A"/><psc:chapter
        start="00:01:02.5" title="B &amp; C" href="/b"/><psc:chapter start="soon" title="D"/>
        <psc:chapter start="2"/></psc:chapters>
        <podcast:txt purpose="verify">x</podcast:txt><podcast:socialInteract protocol="disabled"/>"""
    )
    told = entry.supplement.episode
    assert told.marks == (
        Mark(start="0", title="A"), Mark(start="00:01:02.5", title="B & C", link="https://p.example/b"),
    )  # fmt: skip
    assert (told.remarks, told.conversations) == ((Remark(text="x", purpose="verify"),), ())


def test_a_flood_of_chapters_and_recipients_is_cut():
    chapters = '<psc:chapter start="1" title="t"/>' * 3_000
    (entry,) = podcast(f"<psc:chapters>{chapters}</psc:chapters>{PAID.format(TO_ANN.format(1) * 200) * 30}")
    told = entry.supplement.episode
    assert (len(told.marks), len(told.values), len(told.values[0].recipients)) == (1_000, 20, 50)


def test_pictures_in_several_sizes_are_media():
    (entry,) = podcast(
        """<podcast:images srcset="https://p.example/a,b.jpg 1500w,
        /s.jpg 600w, javascript:x 1w"/><podcast:image href="/c.png" width="300" alt="A cat"/>"""
    )
    assert [(m.role, m.url, m.width, m.description) for m in entry.media] == [
        ("thumbnail", "https://p.example/a,b.jpg", 1500, None),
        ("thumbnail", "https://p.example/s.jpg", 600, None),
        ("thumbnail", "https://p.example/c.png", 300, "A cat"),
    ]


def test_a_live_show_is_an_entry_and_says_nothing_of_its_podcast():
    """A show that has ended stands among the episodes already."""
    live = """<podcast:liveItem status="{}" start="2026-01-02T00:00:00Z"><title>{}</title><guid>{}</guid>
    <link>https://p.example/live</link><enclosure url="/live.mp3" type="audio/mpeg"/></podcast:liveItem>"""
    document = f"""<rss version="2.0" xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel><title>T</title>
    {live.format("live", "Now", "n")}{live.format("ended", "Then", "t")}
    <item><title>One</title></item></channel></rss>"""
    assert [entry.title.value for entry in entries(document)] == ["Now", "One"]


@pytest.mark.parametrize(
    ("inside", "terms"),
    [
        ("<category><b>x</b> y</category><category>z</category>", ["x y", "z"]),
        ("<category>&lt;i&gt;z&lt;/i&gt;</category>", ["z"]),
    ],
)
def test_a_category_with_markup_is_its_words(inside, terms):
    (entry,) = podcast(inside)
    assert [category.term for category in entry.categories] == terms


@pytest.mark.parametrize("picture", ['<media:thumbnail url="/i.png"/>', '<media:content medium="image" url="/i.png"/>'])
def test_a_feed_has_the_picture_of_its_channel(picture):
    document = f"<rss version='2.0'><channel><title>T</title>{picture}<item><title>One</title></item></channel></rss>"
    assert parsed(document).info.icon == "https://p.example/i.png"


def test_a_channel_of_the_definition_format_may_have_no_items():
    assert parsed("<CHANNEL HREF='http://n.example/'><TITLE>My channel</TITLE></CHANNEL>").info.title == "My channel"


@pytest.mark.parametrize(
    "inside",
    [
        "<skipHours><hour>{0}</hour><hour>5</hour></skipHours>",
        """<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>000001{0}</sy:updateFrequency>
        <skipHours><hour>5</hour></skipHours>""",
    ],
)
def test_a_number_of_thousands_of_digits_is_none(inside):
    """int() refuses it with an error."""
    document = f"<rss version='2.0'><channel><title>T</title>{inside.format('9' * 6_000)}</channel></rss>"
    assert parsed(document).info.hints == FeedHints(skip_hours=frozenset({5}))
