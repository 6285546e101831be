"""Podcast, media, place and discussion fields go out in all formats, and come back in as they went."""

import io
import json
from dataclasses import replace
from datetime import UTC, datetime

import feedparser
import pytest
from lxml import etree
from render_news import NOON, SITE, full_item, item, selected, selection

from aggregator.domain.entry import Author, Category, Enclosure, FeedInfo, Media, Origin
from aggregator.domain.item import Keys
from aggregator.domain.media import (
    Chapters,
    Conversation,
    Discussion,
    Episode,
    License,
    Location,
    Mark,
    MediaCredit,
    MediaNote,
    Participant,
    Point,
    Recipient,
    Remark,
    RemoteItem,
    Soundbite,
    Supplement,
    TimeSplit,
    Transcript,
    Value,
)
from aggregator.domain.outcome import ReadContext
from aggregator.domain.response import Response
from aggregator.domain.settings import Format
from aggregator.steps.clean import clean
from aggregator.steps.parse import parse
from aggregator.steps.render import render_topic

SOUND = Enclosure(url="https://cdn.example.com/7.mp3", type="audio/mpeg", length=1200, duration=3723)
EPISODE = Episode(
    duration=3723,
    number="7",
    number_shown="7a",
    season=2,
    season_name="Winter",
    kind="bonus",
    explicit=True,
    image="https://cdn.example.com/7.jpg",
    title="Bakers, part one",
    subtitle="Flour & radio",
    transcripts=(
        Transcript(url="https://cdn.example.com/7.vtt", type="text/vtt", language="en", rel="captions"),
        Transcript(url="https://cdn.example.com/7.txt", type="text/plain"),
    ),
    chapters=Chapters(url="https://cdn.example.com/7.json", type="application/json+chapters"),
    people=(
        Participant(name="Ann <Reed>", role="host", group="cast", image="https://cdn.example.com/a.jpg"),
        Participant(name="Bo", link="https://bo.example.com/"),
    ),
    soundbites=(Soundbite(start="12.5", duration="30", title="The oven"),),
    location=Location(name="Oslo", geo="geo:59.9,10.7", osm="R406091"),
    license=License(name="cc-by-4.0", url="https://example.com/licence"),
    marks=(
        Mark(start="00:00:00", title="Flour", link="https://example.com/flour", image="https://cdn.example.com/f.jpg"),
        Mark(start="1:02.5", title="Oven & <fire>"),
    ),
    values=(
        Value(
            type="lightning",
            method="keysend",
            suggested="0.00000005000",
            recipients=(Recipient(name="Ann", type="node", address="02d5", key="818", value="&amp;<a>", split=99),),
            splits=(
                TimeSplit(
                    start="60", duration="237.5", remote_start="10", remote_percentage="95",
                    remote=RemoteItem(feed_guid="a94f5cc9", item_guid="https://example.com/i?a=1&b=2", medium="music"),
                ),
                TimeSplit(start="330", duration="53", recipients=(Recipient(address="03ae", split=1, fee=True),)),
            ),
        ),
    ),
    conversations=(
        Conversation(
            url="https://social.example/@ann/1", protocol="activitypub", account="@ann", priority=1,
            account_url="https://social.example/@ann",
        ),
    ),
    remarks=(Remark(text="S6lpp-7ZCn8", purpose="verify"),),
)  # fmt: skip
CARRIED = Supplement(
    episode=EPISODE,
    notes=(
        MediaNote(title="Beside the groups", player="https://www.example.com/player"),
        MediaNote(
            group=1,
            title="A walk",
            description="By the river",
            credits=(MediaCredit(name="Ida", role="photographer"), MediaCredit(name="Rolf")),
            rating="nonadult",
            keywords=("river", "walk"),
        ),
    ),
    point=Point(latitude="45.256", longitude="-71.92"),
    discussion=Discussion(count=12, feed="https://www.example.com/news/1/feed"),
)
FILMS = (
    Media(role="thumbnail", url="https://cdn.example.com/cover.jpg", type="image/jpeg", medium="image"),
    Media(
        role="content", url="https://cdn.example.com/low.mp4", type="video/mp4", medium="video", width=320, height=180,
        description="By the river", credit="Ida", group=1, default=True, bitrate=300, duration=61, size=99,
        expression="full", language="en",
    ),
    Media(
        role="content", url="https://cdn.example.com/high.mp4", type="video/mp4", medium="video", width=1920,
        height=1080, description="By the river", credit="Ida", group=1, default=False, bitrate=3000,
    ),
    Media(role="thumbnail", url="https://cdn.example.com/t.jpg", type="image/jpeg", medium="image", width=64, group=1),
)  # fmt: skip
PLAYED = item(title="Bakers", summary="<p>Bread at three.</p>", text="Bread at three.", enclosures=(SOUND,))
NAMES = {
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "podcast": "https://podcastindex.org/namespace/1.0",
}


def documents(*items):
    chosen = selection(
        *(selected(said, number=number) for number, said in enumerate(items, 1)),
        formats=(Format.RSS, Format.ATOM, Format.JSON),
    )
    made, problems = render_topic(chosen, SITE)
    assert problems == []
    return {document.path.rpartition(".")[2]: document.body for document in made}


def read_back(body):
    context = ReadContext(source_id="s", language=None, timezone=None, encoding=None, max_entries=500)
    received = Response(
        source_id="s", url="https://other.example/feed", body=body, received_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    parsed = parse(received, context)
    return [clean(entry, Keys(text=b"t" * 16), context, FeedInfo()) for entry in parsed.entries]


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_what_is_carried_comes_back_as_it_went(form):
    went = replace(PLAYED, supplement=CARRIED, media=FILMS)
    (back,) = read_back(documents(went)[form])
    shown = {"description": None, "credit": None}  # said once, for the group
    assert back.supplement == CARRIED
    assert [replace(m, **shown) for m in back.media if "7.jpg" not in m.url] == [replace(m, **shown) for m in FILMS]
    assert back.enclosures == (SOUND,)
    assert (back.title, back.text) == ("Bakers", "Bread at three.")


@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_another_of_these_programs_reads_an_item_as_it_went_out(form):
    """RSS names a source by title and address alone, many authors by their names, a category in one word."""
    went = replace(
        full_item(),
        supplement=CARRIED,
        media=FILMS,
        enclosures=(SOUND, Enclosure(url="https://cdn.example.com/two.mp4", type="video/mp4", title="Watch")),
        categories=(*full_item().categories, Category(term="river"), Category(term="walk")),
        origin=Origin(
            id="https://wire.example/feed", title="Wire & Co", link="https://wire.example/", updated=NOON,
            feed_url="https://wire.example/feed", rights="© Wire", icon="https://wire.example/i.png",
        ),
    )  # fmt: skip
    (back,) = read_back(documents(went)[form])
    if form == "rss":
        went = replace(
            went,
            origin=Origin(title="Wire & Co", feed_url="https://wire.example/feed"),
            authors=tuple(Author(name=author.name) for author in went.authors),
            categories=tuple(Category(term=c.label or c.term, scheme=c.scheme) for c in went.categories),
        )
    kept = ("link", "title", "authors", "categories", "language", "rights", "comments", "origin", "supplement",
            "enclosures", "published")  # fmt: skip
    assert {name: getattr(back, name) for name in kept} == {name: getattr(went, name) for name in kept}
    assert (back.guid, back.updated) == ("tag:news.example.org,2026:world/0001", NOON)
    assert {m.url for m in went.media} <= {m.url for m in back.media}
    if form == "json":
        assert back.media == went.media


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_feedparser_reads_the_same(form):
    """Neither the title nor the summary is taken from what is carried."""
    went = replace(PLAYED, supplement=replace(CARRIED, notes=CARRIED.notes[:1]), media=FILMS)
    (entry,) = feedparser.parse(io.BytesIO(documents(went)[form])).entries
    assert (entry.title, entry.summary) == ("Bakers", "<p>Bread at three.</p>")
    told = (entry.itunes_duration, entry.itunes_season, entry.itunes_episode, entry.itunes_episodetype)
    assert told == ("3723", "2", "7", "bonus")
    assert entry.image.href == EPISODE.image
    assert entry.where == {"type": "Point", "coordinates": (-71.92, 45.256)}
    assert [content["url"] for content in entry.media_content if "mp4" in content["url"]] == [m.url for m in FILMS[1:3]]


def test_a_podcast_says_of_itself_what_apple_asks():
    tree = etree.fromstring(documents(replace(PLAYED, supplement=CARRIED), item())["rss"])
    channel = tree[0]
    assert channel.findtext("itunes:explicit", namespaces=NAMES) == "true"
    assert channel.find("itunes:category", NAMES).get("text") == "News"
    assert channel.findtext("itunes:owner/itunes:email", namespaces=NAMES) == "desk@example.org"


def test_an_episode_that_apple_would_not_take_has_the_same_told_otherwise():
    """The feed validator warns of every other end of an address."""
    went = replace(PLAYED, supplement=CARRIED, enclosures=(replace(SOUND, url=f"{SOUND.url}?from=feed"),))
    body = documents(went)["rss"]
    assert b"itunes" not in body
    (back,) = read_back(body)
    assert back.enclosures == went.enclosures
    assert (back.supplement.episode.season, back.supplement.episode.people) == (2, EPISODE.people)


def test_a_feed_without_any_of_it_names_no_further_namespace():
    """Its bytes are what they were before."""
    for form in ("rss", "atom"):
        body = documents(item())[form]
        assert not any(word in body for word in (b"itunes", b"podcastindex", b"georss", b"slash", b"thread"))


def test_a_group_of_one_stands_by_itself():
    went = replace(PLAYED, media=FILMS[1:2], supplement=Supplement(notes=CARRIED.notes[1:]))
    entry = etree.fromstring(documents(went)["atom"])
    assert entry.find(".//media:group", NAMES) is None
    assert entry.findtext(".//media:description", namespaces=NAMES) == "By the river"


def test_json_feed_has_it_in_extensions():
    went = replace(PLAYED, supplement=CARRIED, media=FILMS)
    (entry,) = json.loads(documents(went)["json"])["items"]
    assert entry["attachments"][0]["duration_in_seconds"] == 3723
    assert entry["_podcast"]["people"][1] == {"name": "Bo", "link": "https://bo.example.com/"}
    assert entry["_podcast"]["explicit"] is True
    assert entry["_media"][1]["group"] == 1
    assert entry["_geo"] == [45.256, -71.92]
    assert entry["_discussion"] == {"count": 12, "feed": "https://www.example.com/news/1/feed"}
    assert "null" not in documents(went)["json"].decode()


def test_what_slipped_through_is_cleaned_at_the_last_moment():
    bad = Supplement(
        episode=Episode(
            image="javascript:x", season=1, transcripts=(Transcript(url="javascript:x"),),
            people=(Participant(name="\x00", link="data:x"), Participant(name="A\x08nn", link="data:x")),
        ),
        discussion=Discussion(feed="vbscript:x", count=1),
    )  # fmt: skip
    for body in documents(replace(PLAYED, supplement=bad)).values():
        assert not any(word in body for word in (b"script:", b"data:x", b"\x08"))
        assert b"Ann" in body
