"""An edited feeds.yaml → topics matched again."""

from newsdesk import Newsdesk

from aggregator.domain.topic import Topic
from aggregator.pipeline import fill as filling
from aggregator.steps.select import Matcher, parse_query

QUERIES = ("ship", "ship OR train", "-ship", "", '"another ship"', "/nother/ ship")
TOPICS = tuple(Topic(id=f"t{n}", title="t", query=parse_query(q), query_text=q) for n, q in enumerate(QUERIES))


def taken(desk):
    """The titles each topic holds."""
    with desk.store.read() as rooms:
        groups = {topic.id: list(rooms.topics.groups(topic)) for topic in desk.configuration.topics}
    return {name: {copy.stored.item.title for group in of for copy in group.copies} for name, of in groups.items()}


def filled(desk):
    desk.fetcher.answers |= {
        "one": b"a|https://one.example/1|A ship sails\nb|https://one.example/2|A train leaves",
        "two": b"c|https://two.example/1|Another ship",
    }
    desk.collect()
    desk.reconfigure(topics=TOPICS)
    return taken(desk)


def test_a_new_topic_holds_what_is_stored(database, tmp_path, monkeypatch):
    """Words are left to the database; anything else is asked of what the index and the words leave, and no more."""
    asked = []
    real = Matcher.takers
    monkeypatch.setattr(Matcher, "takers", lambda self, copy: asked.append(copy) or real(self, copy))
    found = filled(Newsdesk(database, tmp_path, topics=()))
    assert found == {
        "t0": {"A ship sails", "Another ship"},
        "t1": {"A ship sails", "Another ship", "A train leaves"},
        "t2": {"A train leaves"},
        "t3": {"A ship sails", "Another ship", "A train leaves"},
        "t4": {"Another ship"},
        "t5": {"Another ship"},
    }
    assert len(asked) == 2  # the ships, by the regular expression


def test_many_new_topics_share_one_reading(database, tmp_path, monkeypatch):
    """As they do on the first start: with thousands of topics a look-up each would be more work."""
    monkeypatch.setattr(filling, "TOGETHER", 2)
    desk = Newsdesk(database, tmp_path, topics=())
    assert filled(desk)["t4"] == {"Another ship"}


def test_the_topics_are_prepared_once_for_a_configuration(database, tmp_path, monkeypatch):
    """Publications that have nothing to match cost nothing; an edit prepares them anew."""
    from aggregator.pipeline import match as matching

    built = []
    monkeypatch.setattr(matching, "Matcher", lambda *given: built.append(given) or Matcher(*given))
    matching.prepared.cache_clear()
    desk = Newsdesk(database, tmp_path, topics=TOPICS)
    assert matching.match(database, desk.configuration) == 0
    assert built == []
    for number in range(3):
        desk.fetcher.answers["one"] = f"x{number}|https://one.example/x{number}|A ship".encode()
        desk.clock.forward(hours=2)
        desk.collect()
        assert matching.match(database, desk.configuration) == 1
    assert len(built) == 1
    desk.reconfigure(topics=TOPICS[:1])
    desk.fetcher.answers["one"] = b"y|https://one.example/y|A ship"
    desk.clock.forward(hours=2)
    desk.collect()
    assert matching.match(database, desk.configuration) == 1
    assert len(built) == 2
    matching.prepared.cache_clear()
