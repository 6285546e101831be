"""What an item carries for players, maps and forums comes out of its details as it went in."""

import json

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
from storage.rows import pack
from storage.supplements import supplement

FULL = Supplement(
    episode=Episode(
        duration=61,
        number="7.5",
        season=2,
        explicit=False,
        transcripts=(Transcript(url="https://n.example/t", type="text/vtt"),),
        chapters=Chapters(url="https://n.example/c"),
        people=(Participant(name="Ann", role="host"), Participant(name="Bo")),
        soundbites=(Soundbite(start="1", duration="2.5"),),
        location=Location(name="Oslo", geo="geo:1,2"),
        license=License(name="cc0"),
        marks=(Mark(start="1:00", title="m"), Mark(start="2:00", title="n", link="https://n.example/n")),
        values=(
            Value(
                type="lightning",
                method="keysend",
                recipients=(Recipient(address="a", split=1, fee=False), Recipient(address="b", split=2)),
                splits=(
                    TimeSplit(start="1", duration="2", remote=RemoteItem(feed_guid="g")),
                    TimeSplit(start="3", duration="4", recipients=(Recipient(address="c", split=3),)),
                ),
            ),
        ),
        conversations=(Conversation(url="https://n.example/s", protocol="activitypub", priority=0),),
        remarks=(Remark(text="x", purpose="verify"),),
    ),
    notes=(MediaNote(title="t", keywords=("a", "b")), MediaNote(group=1, credits=(MediaCredit(name="x", role="y"),))),
    point=Point(latitude="1.50", longitude="-2"),
    discussion=Discussion(count=0),
)


def test_a_supplement_is_kept_whole():
    for told in (FULL, Supplement(point=FULL.point), Supplement(discussion=FULL.discussion)):
        assert supplement(json.loads(json.dumps(pack(told)))) == told
    assert supplement(None) is None
