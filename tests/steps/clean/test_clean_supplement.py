"""Podcast, media, place and discussion fields: only what can be published, and nothing twice."""

from dataclasses import replace

from aggregator.domain.entry import Author, Entry, FeedInfo, Media, Text
from aggregator.domain.item import Keys
from aggregator.domain.media import (
    Chapters,
    Discussion,
    Episode,
    License,
    Location,
    MediaCredit,
    MediaNote,
    Participant,
    Point,
    Recipient,
    Supplement,
    Transcript,
    Value,
)
from aggregator.domain.outcome import ReadContext
from aggregator.steps.clean import clean

CONTEXT = ReadContext(source_id="s", language=None, timezone=None, encoding=None, max_entries=500)
ENTRY = Entry(
    raw_hash=b"r" * 16, title=Text(value="Bakers"), summary=Text(value="Bread at three."), link="https://n.example/7"
)


def cleaned(supplement, **said):
    return clean(replace(ENTRY, supplement=supplement, **said), Keys(text=b"t" * 16), CONTEXT, FeedInfo())


def test_addresses_that_are_none_of_the_web_go_and_the_rest_stays():
    bad = "javascript:alert(1)"
    found = cleaned(
        Supplement(
            episode=Episode(
                season=2,
                image=bad,
                transcripts=(Transcript(url=bad), Transcript(url="/t.vtt", type="TEXT/VTT", language="EN_us", rel="x")),
                chapters=Chapters(url="data:text/html,x"),
                people=(Participant(name="Ann\x00 Reed", image=bad, link="/ann"), Participant(name=" ")),
                location=Location(name="Oslo", geo="geo:1,2<script>", osm="R1"),
                license=License(name="own", url=bad),
            ),
            discussion=Discussion(feed=bad),
        )
    ).supplement
    assert found == Supplement(
        episode=Episode(
            season=2,
            transcripts=(Transcript(url="https://n.example/t.vtt", type="text/vtt", language="en-US"),),
            people=(Participant(name="Ann Reed", link="https://n.example/ann"),),
            location=Location(name="Oslo", osm="R1"),
            license=License(name="own"),
        )
    )


def test_what_the_item_says_already_is_not_said_again():
    same = Supplement(
        episode=Episode(title="Bakers", subtitle="Bread at three.", summary="Bread at three."),
        notes=(MediaNote(title="Bakers", description="Bread at three."),),
    )
    assert cleaned(same).supplement is None
    other = Supplement(episode=Episode(title="Bakers, part one", subtitle="Flour"), notes=(MediaNote(title="A walk"),))
    assert cleaned(other).supplement == other


def test_texts_and_numbers_of_them_are_bounded():
    long = "x" * 5000
    found = cleaned(
        Supplement(
            episode=Episode(
                summary=long, duration=10**6, people=tuple(Participant(name=f"{n} {long}") for n in range(300))
            ),
            notes=tuple(MediaNote(group=n, credits=(MediaCredit(name=long),) * 300) for n in range(1, 300)),
        )
    ).supplement
    assert len(found.episode.summary) == 2000
    assert found.episode.duration is None
    assert len(found.episode.people) == len(found.notes) == len(found.notes[0].credits) == 100
    assert max(len(person.name) for person in found.episode.people) == 200


def test_the_words_of_an_item_are_not_moved_by_what_it_carries():
    """Reading more of an old entry updates no item: its text's hash is what says that it changed."""
    more = cleaned(
        Supplement(episode=Episode(duration=5, summary="Other words."), point=Point(latitude="1", longitude="2"))
    )
    assert more.text_hash == cleaned(None).text_hash


def test_a_file_may_stand_in_several_groups():
    media = tuple(Media(role="content", url="/a.mp4", group=group) for group in (None, 1, 2, 2))
    assert [m.group for m in cleaned(None, media=media).media] == [None, 1, 2]


def test_an_author_of_whom_only_an_address_nobody_can_write_to_is_known_is_named_by_it():
    assert cleaned(None, authors=(Author(email="me@localhost"),)).authors == (Author(name="me@localhost"),)


def test_an_address_too_long_to_be_kept_pays_nobody():
    """Half of one would pay somebody else."""
    good, long = Recipient(address="02d5", split=1), Recipient(address="0" * 900, split=99)
    value = Value(type="lightning", method="keysend", recipients=(long, good))
    assert cleaned(Supplement(episode=Episode(values=(value,)))).supplement.episode.values[0].recipients == (good,)
    assert cleaned(Supplement(episode=Episode(values=(replace(value, recipients=(long,)),)))).supplement is None
