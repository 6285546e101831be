"""Subscribers' tokens follow their topic."""

from samples import NOW, topic


def sync(database, *configured):
    with database.write() as rooms:
        rooms.topics.sync(configured, {one.id: b"d" * 16 for one in configured})


def tokens(database):
    with database.read() as rooms:
        return [(topic_id, name, rooms.tokens.digests(topic_id)) for topic_id, name, _, _ in rooms.tokens.named()]


def test_a_rename_takes_the_tokens_along_and_none_is_in_its_way(database):
    """An ended topic of the new name left a token of the same person: the rename is carried out all the same."""
    sync(database, topic("two"), topic("three"))
    with database.write() as rooms:
        assert rooms.tokens.add("two", "alice", b"2" * 32, NOW)
        assert rooms.tokens.add("three", "alice", b"3" * 32, NOW)
    sync(database, topic("three"))
    sync(database, topic("two", was="three"))
    assert tokens(database) == [("two", "alice", [b"3" * 32])]
