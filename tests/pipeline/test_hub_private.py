"""What was public when somebody subscribed and is not any more is not delivered, whatever overlaps."""

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
