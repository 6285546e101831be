"""The index of texts: what it was taught it finds again, in either database."""

from dataclasses import replace

import pytest
from samples import DAY, NOW, add, configure, item, new, stored, update
from sqlalchemy import select

from aggregator.domain.sketch import Lesson, Sketch
from aggregator.errors import StorageError
from storage import Database
from storage.tables import stories

SKETCH = Sketch(
    fingerprints=(5, 2**48 - 1),
    headlines=(7, 2**47 + 7),
    bare=(9,),
    shingles=b"\x01\x00\xff\xff",
    figures=b"\x00\x00\x00\x80\x01\x00\x00\x00",
    title=b"\x04\x00\x00\x00",
)


def taught(name, keys, *, story=None, beside=None, exemplar=True, source="a"):
    """A new item with a lesson for the index."""
    made = new(replace(item(source, name), sketch=SKETCH), story)
    lesson = Lesson(keys=tuple(keys), exemplar=exemplar)
    return replace(made, story=replace(made.story, lesson=lesson, beside=beside))


def apply_new(database, *intents, now=NOW):
    with database.write() as rooms:
        rooms.items.apply("a", intents, now)


def known(database, keys):
    with database.read() as rooms:
        return rooms.stories.postings(keys)


def exemplars(database, wanted, since=NOW - DAY):
    with database.read() as rooms:
        return rooms.stories.exemplars(wanted, since)


def test_an_item_is_found_by_its_keys_and_compared_by_its_exemplar(database):
    configure(database, "a")
    apply_new(database, taught("one", (5, 2**48 - 1, 7)))
    found = known(database, {5, 7, 2**48 - 1, 12345})
    assert set(found) == {5, 7, 2**48 - 1}
    ((story,),) = set(found.values())
    (exemplar,) = exemplars(database, {story, 999})[story]
    assert exemplar.sketch == replace(SKETCH, fingerprints=())
    assert exemplar.item == stored(database, item("a", "one")).public_id == exemplar.story_public_id
    assert exemplar.source_id == "a"


def test_it_survives_a_restart(sqlite_url):
    """No warm-up: the first question after opening is answered."""
    first = Database.open(sqlite_url)
    configure(first, "a")
    apply_new(first, taught("one", (5,)))
    first.close()
    second = Database.open(sqlite_url)
    assert known(second, {5})
    second.close()


def test_a_copy_beside_another_item_of_its_reading_gets_that_story(database):
    """The second and third of a reading join the first, which had no number yet."""
    configure(database, "a")
    first = taught("one", (5,))
    second = taught("two", (6,), beside=first.public_id, exemplar=False)
    third = taught("three", (7,), beside=second.public_id)
    apply_new(database, first, second, third)
    one = stored(database, item("a", "one"))
    assert {stored(database, item("a", name)).story for name in ("two", "three")} == {one.story}
    assert len(set(known(database, {5, 6, 7}).values())) == 1
    ((_, held),) = exemplars(database, set(known(database, {5})[5])).items()
    assert len(held) == 2


def test_a_known_posting_is_no_mistake(database):
    """A copy that brings a key its story has already."""
    configure(database, "a")
    apply_new(database, taught("one", (5,)))
    ((story,),) = known(database, {5}).values()
    apply_new(database, taught("two", (5, 6), story=story))
    assert known(database, {5, 6}) == {5: (story,), 6: (story,)}


def test_a_story_is_a_candidate_while_it_gets_copies(database):
    """The window runs from its last copy, not from its first."""
    configure(database, "a")
    apply_new(database, taught("one", (5,)))
    ((story,),) = known(database, {5}).values()
    assert exemplars(database, {story}, NOW + DAY) == {}
    apply_new(database, taught("two", (), story=story), now=NOW + 2 * DAY)
    assert exemplars(database, {story}, NOW + DAY).keys() == {story}


def test_the_index_forgets_what_waits_no_more(database):
    configure(database, "a")
    apply_new(database, taught("one", (5,)))
    apply_new(database, taught("two", (6,)), now=NOW + 2 * DAY)
    with database.write() as rooms:
        rooms.stories.forget(NOW + DAY)
    assert set(known(database, {5, 6})) == {6}


def test_a_pruned_item_leaves_the_index(database):
    configure(database, "a")
    apply_new(database, taught("one", (5,)))
    with database.write() as rooms:
        rooms.items.prune(NOW + DAY, forget_before=NOW - DAY)
        rooms.stories.forget(NOW - DAY)
    assert known(database, {5}) == {}


def _one_good_and_one_bad(database):
    with database.write() as rooms:
        rooms.items.apply("a", [taught("one", (5,))], NOW)
        rooms.items.apply("nobody", [taught("two", (6,))], NOW)


def test_what_a_failed_visit_taught_is_forgotten_with_it(database):
    """Postings and items are one transaction."""
    configure(database, "a")
    add(database, item("a", "zero"))
    with pytest.raises(StorageError):
        _one_good_and_one_bad(database)
    assert known(database, {5}) == {}


def test_an_item_whose_words_changed_takes_its_own_place(database):
    """One exemplar for each item: the new words replace the old ones."""
    configure(database, "a")
    apply_new(database, taught("one", (5,)))
    one = stored(database, item("a", "one"))
    grown = replace(item("a", "one", version=2), sketch=replace(SKETCH, shingles=b"\x07\x00"))
    apply_new(database, replace(update(one, grown), lesson=Lesson(keys=(6,), exemplar=True)))
    assert set(known(database, {5, 6})) == {5, 6}
    ((_, (exemplar,)),) = exemplars(database, known(database, {6})[6]).items()
    assert exemplar.sketch.shingles == b"\x07\x00"


def test_stories_found_to_be_one_are_merged_under_the_older_id(database):
    """Items, index and the younger story's address lead to the older one; the merge is recorded."""
    configure(database, "a")
    apply_new(database, taught("one", (5,)))
    apply_new(database, taught("two", (6,)))
    one, two = stored(database, item("a", "one")), stored(database, item("a", "two"))
    (older,), (younger,) = known(database, {5})[5], known(database, {6})[6]
    assert older < younger
    full = taught("full", (5, 7), story=older)
    apply_new(database, replace(full, story=replace(full.story, merges=(younger,))))
    assert {stored(database, item("a", name)).story for name in ("one", "two", "full")} == {one.story}
    assert known(database, {5, 6, 7}) == {5: (older,), 6: (older,), 7: (older,)}
    assert len(exemplars(database, {older})[older]) == 3
    with database.read() as rooms:
        assert len(rooms.stories.copies(two.story)) == 3
        assert rooms.stories.several() == [one.story]
        record = rooms.stories._session.row(select(stories.c.merge).where(stories.c.pk == younger)).merge
    assert record["rule"] == "test"
    assert record["at"] == NOW.isoformat()


def test_a_merged_story_that_is_merged_again_still_leads_on(database):
    configure(database, "a")
    for name, key in (("one", 5), ("two", 6), ("three", 7)):
        apply_new(database, taught(name, (key,)))
    numbers = [known(database, {key})[key][0] for key in (5, 6, 7)]
    youngest = stored(database, item("a", "three")).story
    for name, target, merged in (("x", numbers[1], numbers[2]), ("y", numbers[0], numbers[1])):
        made = taught(name, (), story=target)
        apply_new(database, replace(made, story=replace(made.story, merges=(merged,))))
    with database.read() as rooms:
        assert len(rooms.stories.copies(youngest)) == 5
