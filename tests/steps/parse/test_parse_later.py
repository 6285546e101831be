"""What later versions read of an entry makes no old entry look changed."""

import dataclasses
from datetime import UTC, datetime

from aggregator.domain.entry import Author, Enclosure, Media, Text
from aggregator.domain.media import Discussion, Episode, Mark, Supplement
from aggregator.steps.parse.digest import with_hash

SAID = {
    "guid": "g",
    "link": "https://n.example/1",
    "title": Text(value="T", base="https://n.example/"),
    "content": Text(value="<p>c</p>"),
    "authors": (Author(name="Ann"),),
    "published": datetime(2024, 1, 15, tzinfo=UTC),
    "enclosures": (Enclosure(url="https://n.example/1.mp3", type="audio/mpeg", length=5, duration=7),),
    "media": (Media(role="thumbnail", url="https://n.example/t.jpg", width=3, height=2),),
}


def test_an_entry_without_later_fields_keeps_the_hash_of_the_first_version():
    assert with_hash(**SAID).raw_hash.hex() == "302934c34d7f3730fb01544631dbc621"


def test_an_episode_without_later_fields_keeps_the_hash_it_had_before_them():
    """Chapters and payments came later: what says nothing of them is not read again at an upgrade."""
    said = SAID | {"supplement": Supplement(episode=Episode(season=2, duration=61))}
    marked = Supplement(episode=Episode(season=2, duration=61, marks=(Mark(start="0:00", title="m"),)))
    assert with_hash(**said).raw_hash.hex() == "65801af6410a8afe8ccda9a279fde995"
    assert with_hash(**said | {"supplement": marked}).raw_hash != with_hash(**said).raw_hash


def test_what_is_said_anew_is_hashed_and_the_count_of_comments_is_not():
    """A feed would otherwise have changed with each comment."""
    first = with_hash(**SAID)
    grouped = with_hash(**SAID | {"media": (dataclasses.replace(SAID["media"][0], group=1),)})
    episode = with_hash(**SAID, supplement=Supplement(episode=Episode(season=2)))
    counted = with_hash(**SAID, supplement=Supplement(discussion=Discussion(count=5)))
    assert len({first.raw_hash, grouped.raw_hash, episode.raw_hash}) == 3
    assert counted.raw_hash == first.raw_hash
