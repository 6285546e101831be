"""Items whose pages are still to be asked for, on both databases."""

from dataclasses import replace

from samples import DAY, MINUTE, NOW, add, configure, item, stored, update

from aggregator.domain.article import Article

WAITS = Article(reason="later", waiting=True, tries=1, own="00")
TAKEN = Article(taken=True, reason="taken", own="00", page="01")


def waiting(database, source="one", limit=10):
    with database.read() as rooms:
        return [found.item.guid for found in rooms.items.waiting(source, limit)]


def test_what_waits_is_remembered_newest_first_until_it_is_read(database):
    configure(database, "one", "two")
    early = item("one", "a", article=WAITS, published=NOW - DAY)
    late = item("one", "b", article=WAITS, published=NOW)
    other = item("two", "c", article=WAITS)
    add(database, early, late, item("one", "d"), item("one", "e", article=TAKEN), other)
    assert waiting(database) == [late.guid, early.guid]
    assert waiting(database, limit=1) == [late.guid]
    before = stored(database, late)
    assert before.item.article == WAITS
    with database.write() as rooms:
        rooms.items.apply("one", [update(before, replace(late, article=TAKEN))], NOW + MINUTE)
    assert waiting(database) == [early.guid]
    with database.read() as rooms:
        (again,) = rooms.items.stored([before.id])
    assert again.item.article == TAKEN


def test_what_is_pruned_waits_no_more(database):
    configure(database, "one")
    add(database, item("one", "a", article=WAITS))
    with database.write() as rooms:
        rooms.items.prune(NOW + DAY, forget_before=NOW)
    assert waiting(database) == []
