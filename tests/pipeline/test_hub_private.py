"""Subscribers whose topic is closed or renamed: nothing private is delivered, whatever overlaps, and no news lost."""

from dataclasses import replace

import pytest

from aggregator.domain.topic import Access
from storage import Database
from tests.pipeline.hub_world import SITE, open_subscribers, open_world


@pytest.fixture
def store(sqlite_url):
    opened = Database.open(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def reader():
    with open_subscribers() as (made,):
        yield made


def closed(world):
    """feeds.yaml is edited: the topic is for those with a token from now on."""
    topics = tuple(replace(topic, access=Access.TOKEN) for topic in world.configuration.topics)
    return replace(world.configuration, topics=topics)


def test_a_topic_that_is_closed_while_deliveries_begin_is_not_delivered(store, reader):
    """The edit and the first private document come between the look at feeds.yaml and the look at documents."""
    with open_world(store) as world:
        world.subscribe(reader)
        real = world.hub._follow

        def overtaken():
            real()
            world.configuration = closed(world)
            world.publish("private", quietly=True)
            world.hub._follow = real

        world.hub._follow = overtaken
        world.hub.published()
        world.hub.step(0.0)
        world.settle()
        assert reader.got == []
        assert world.audience() == {}


def test_a_topic_that_is_closed_while_a_callback_is_asked_has_no_subscriber(store, reader):
    """The callback confirms what was public when it asked."""
    with open_world(store) as world:

        def slowly(came):
            if came.method == "GET":
                world.configuration = closed(world)
                world.hub._follow()
            return 200, {}, came.said.get("hub.challenge", "").encode()

        reader.answer = slowly
        assert world.ask(callback=reader.callback()).status == 202
        world.settle()
        world.publish("private")
        world.settle()
        assert len(reader.asked) == 1
        assert reader.got == []
        assert world.audience() == {}


def test_a_topic_that_went_before_its_callback_was_asked_costs_the_callback_nothing(store, reader):
    """It asks for what is not there any more: no question, no subscription."""
    with open_world(store) as world:
        assert world.ask(callback=reader.callback(), topic=f"{SITE}/topics/world.atom").status == 202
        world.configuration = closed(world)
        world.settle()
        assert (reader.came, world.audience()) == ([], {})


def test_subscribers_of_a_renamed_topic_get_its_news_on(store, reader):
    """Under the address they asked for, which leads to the new one; nobody new may ask for it."""
    with open_world(store) as world:
        world.subscribe(reader)
        topics = tuple(
            replace(topic, id="globe", was="world") if topic.id == "world" else topic
            for topic in world.configuration.topics
        )
        with store.write() as rooms:
            rooms.topics.sync(topics, {topic.id: topic.id.encode().ljust(16) for topic in topics})
        world.configuration = replace(world.configuration, topics=topics)
        world.publish("new", topic="globe")
        world.settle()
        assert [one.body for one in reader.got] == [b"atom: new"]
        assert f'<{SITE}/topics/world.atom>; rel="self"' in reader.got[0].headers["link"]
        world.clock.go(hours=2)
        world.settle()
        assert world.audience() == {"topics/globe.atom": (1, 0)}
        assert world.ask(callback=reader.callback("/new")).status == 404
