"""Published bytes on both databases."""

import pytest
from samples import HOUR, NOW, topic, topics

from aggregator.domain.document import Document
from aggregator.errors import StorageError


def document(path, body=b"<feed/>", etag=None):
    return Document(path=path, media_type="application/atom+xml", body=body, etag=etag or f'"{hash(body)}"')


def put(database, topic_id, *documents, now=NOW):
    with database.write() as rooms:
        return rooms.documents.put(topic_id, documents, now)


def get(database, path):
    with database.read() as rooms:
        return rooms.documents.get(path)


def test_a_document_comes_back_byte_for_byte(database):
    """With its topic and the second its bytes changed."""
    topics(database, topic())
    given = document("topics/all.atom", bytes(range(256)))
    assert put(database, "all", given) == [given]
    back = get(database, "topics/all.atom")
    assert back.document == given
    assert (back.topic_id, back.modified) == ("all", NOW.replace(microsecond=0))
    with database.read() as rooms:
        assert rooms.documents.head("topics/all.atom") == (given.etag, NOW.replace(microsecond=0))
        assert rooms.documents.head("nothing") is None
    assert get(database, "nothing") is None


def test_equal_bytes_change_nothing(database):
    """The date moves only with the bytes: a reader's If-Modified-Since goes on to be answered 304."""
    topics(database, topic())
    one, two = document("one"), document("two")
    put(database, "all", one, two)
    assert put(database, "all", one, two, now=NOW + HOUR) == []
    assert get(database, "one").modified == NOW.replace(microsecond=0)
    changed = document("two", b"other")
    assert put(database, "all", one, changed, now=NOW + HOUR) == [changed]
    assert get(database, "two").modified == (NOW + HOUR).replace(microsecond=0)
    assert get(database, "one").modified == NOW.replace(microsecond=0)


def test_another_etag_of_equal_bytes_is_taken_without_a_new_date(database):
    """A new way of naming the same bytes is no change of them."""
    put(database, None, document("one", etag='"old"'))
    assert put(database, None, document("one", etag='"new"'), now=NOW + HOUR) == []
    assert get(database, "one").document.etag == '"new"'
    assert get(database, "one").modified == NOW.replace(microsecond=0)


def test_put_replaces_all_of_its_owner(database):
    """What is no longer among a topic's documents goes; those of others and of the site stay."""
    topics(database, topic(), topic("other"))
    put(database, None, document("index.html"))
    put(database, "all", document("a.atom"), document("a.rss"))
    put(database, "other", document("o.atom"))
    put(database, "all", document("a.atom"))
    with database.read() as rooms:
        assert rooms.documents.paths() == ["a.atom", "index.html", "o.atom"]
    assert get(database, "index.html").topic_id is None
    put(database, None, document("topics.opml"))
    with database.read() as rooms:
        assert rooms.documents.paths() == ["a.atom", "o.atom", "topics.opml"]


def test_a_removed_topics_documents_go_with_it(database):
    """Nothing is served that nobody configured."""
    topics(database, topic(), topic("other"))
    put(database, "all", document("a.atom"))
    put(database, "other", document("o.atom"))
    topics(database, topic())
    with database.read() as rooms:
        assert rooms.documents.paths() == ["a.atom"]


def test_a_topic_that_was_never_applied_is_told(database):
    """A StorageError that names it."""
    with pytest.raises(StorageError, match="nobody"):
        put(database, "nobody", document("x"))
