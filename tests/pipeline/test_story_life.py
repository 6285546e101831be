"""A story from its first publication on: which copy stands for it, and when readers are told that it changed."""

from dataclasses import replace

from newsdesk import Newsdesk, source

from aggregator.domain.settings import SameStory
from aggregator.domain.topic import Topic
from aggregator.pipeline.publish import publish
from aggregator.steps.select import select

PAGE = "https://page.example/story"


def newsdesk(store, folder, *, two=0, same=SameStory.ACROSS_SOURCES):
    """Two sources of a certain rank, and one topic."""
    return Newsdesk(
        store,
        folder,
        sources=(source("one"), source("two", rank=two)),
        topics=(Topic(id="all", title="All", same_story=same),),
    )


def feeds(desk, one=None, two=None):
    """What the sources print about the page half a day later."""
    desk.clock.forward(hours=13)
    for name, title in (("one", one), ("two", two)):
        desk.fetcher.answers[name] = f"{name}|{PAGE}|{title}".encode() if title else b""
    desk.collect(frozenset({"one", "two"}))


def shown(desk):
    """Publish; the entries as (source, title, updated), and their ids."""
    publish(desk.store, desk.configuration, desk.clock.now())
    with desk.store.read() as rooms:
        (topic,) = desk.configuration.topics
        selection, _ = select(topic, rooms.topics.groups(topic), desk.clock.now())
    return [(e.shown.stored.item.source_id, e.shown.stored.item.title, e.updated) for e in selection.entries], [
        entry.id for entry in selection.entries
    ]


def test_before_publication_the_fuller_copy_stands_for_the_story(database, tmp_path):
    desk = newsdesk(database, tmp_path)
    feeds(desk, one="Short")
    feeds(desk, one="Short", two="A much longer and fuller copy")
    ((entry,), _) = shown(desk)
    assert entry[0] == "two"


def test_after_publication_a_fuller_copy_changes_nothing(database, tmp_path):
    """It is absorbed: not announced, and no other text under the same id."""
    desk = newsdesk(database, tmp_path)
    feeds(desk, one="Short")
    before = shown(desk)
    feeds(desk, one="Short", two="A much longer and fuller copy")
    assert shown(desk) == before


def test_a_higher_rank_takes_over_and_is_no_news(database, tmp_path):
    """The id stays, and `updated` does not move."""
    desk = newsdesk(database, tmp_path, two=5)
    feeds(desk, one="A copy of some length")
    (((_, _, updated),), ids) = shown(desk)
    feeds(desk, one="A copy of some length", two="Ranked")
    assert shown(desk) == ([("two", "Ranked", updated)], ids)
    assert shown(desk) == ([("two", "Ranked", updated)], ids)


def test_a_correction_of_the_shown_copy_is_told(database, tmp_path):
    """Also after another copy took over; a correction of a copy that is not shown is not."""
    desk = newsdesk(database, tmp_path, two=5)
    feeds(desk, one="First words")
    shown(desk)
    feeds(desk, one="First words", two="Ranked")
    (((_, _, told),), _) = shown(desk)
    feeds(desk, one="First words corrected", two="Ranked")
    assert shown(desk)[0] == [("two", "Ranked", told)]
    feeds(desk, one="First words corrected", two="Ranked and corrected")
    (((_, title, updated),), _) = shown(desk)
    assert title == "Ranked and corrected"
    assert updated == desk.clock.now() > told


def test_a_changed_rank_counts_at_once(database, tmp_path):
    desk = newsdesk(database, tmp_path)
    feeds(desk, one="Short")
    before = shown(desk)
    feeds(desk, one="Short", two="A much longer and fuller copy")
    desk.reconfigure(sources=(source("one"), source("two", rank=1)))
    ((entry,), ids) = shown(desk)
    assert entry[0] == "two"
    assert entry[2] == before[0][0][2]
    assert ids == before[1]


def test_without_one_story_every_copy_is_an_entry_of_its_own(database, tmp_path):
    desk = newsdesk(database, tmp_path, same=SameStory.OFF)
    feeds(desk, one="Short")
    (_, ids) = shown(desk)
    feeds(desk, one="Short", two="A much longer and fuller copy")
    (entries, both) = shown(desk)
    assert {entry[0] for entry in entries} == {"one", "two"}
    assert set(ids) < set(both)


def test_when_the_shown_copy_goes_the_best_of_the_others_stands_for_the_story(database, tmp_path):
    desk = newsdesk(database, tmp_path)
    feeds(desk, one="Short")
    (_, ids) = shown(desk)
    feeds(desk, one="Short", two="A much longer and fuller copy")
    desk.reconfigure(sources=(replace(source("two")),))
    ((entry,), left) = shown(desk)
    assert entry[0] == "two"
    assert left == ids
