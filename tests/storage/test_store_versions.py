"""What items said before their words moved is kept for their story's page."""

from dataclasses import replace

import pytest
from samples import HOUR, NOW, add, configure, h, item, update

from storage.versions import KEPT


@pytest.fixture
def known(database):
    configure(database, "a", "b")
    return add(database, item("a", "one", story_link="p", text="12 hurt"), item("b", "two", story_link="p"))


def change(database, stored, when, *, text_changed=True, **more):
    with database.write() as rooms:
        rooms.items.apply("a", [update(stored, replace(stored.item, **more), text_changed=text_changed)], when)


def versions(database, story):
    with database.read() as rooms:
        return rooms.stories.versions(story)


def test_the_words_before_are_kept(database, known):
    first = known[0]
    change(database, first, NOW + HOUR, title="New title", text="14 hurt", text_hash=h("new"))
    change(database, first, NOW + 2 * HOUR, title="Newer title", text="15 hurt", text_hash=h("newer"))
    found = versions(database, first.story)
    assert [(v.item, v.until, v.title, v.figures) for v in found] == [
        (first.id, NOW + HOUR, "one in version 1", ("1", "12")),
        (first.id, NOW + 2 * HOUR, "New title", ("14",)),
    ]


def test_mark_up_and_dates_are_no_correction(database, known):
    change(database, known[0], NOW + HOUR, text_changed=False, summary="<p>other</p>")
    change(database, known[0], NOW + HOUR, summary="<b>same words</b>")
    assert versions(database, known[0].story) == []


def test_a_live_page_keeps_its_newest_versions(database, known):
    for n in range(KEPT + 5):
        change(database, known[0], NOW + n * HOUR, title=f"Version {n}", text_hash=h(f"v{n}"))
    found = versions(database, known[0].story)
    assert len(found) == KEPT
    assert found[-1].title == f"Version {KEPT + 3}"


def test_they_go_with_their_item(database, known):
    change(database, known[0], NOW + HOUR, text_hash=h("new"))
    with database.write() as rooms:
        rooms.items.prune(NOW + 2 * HOUR, forget_before=NOW)
    assert versions(database, known[0].story) == []
