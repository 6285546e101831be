"""Two stories found to be one, read by subscribers of several topics: nobody is told of it twice."""

import json
from random import Random

from newsdesk import Newsdesk

from aggregator.domain.topic import Topic
from aggregator.pipeline.evaluate import read_one
from aggregator.pipeline.labelled import labelled
from aggregator.pipeline.place import place
from aggregator.pipeline.publish import publish

SOURCES = ("one", "two", "three", "four", "full")
TITLE = "Council agrees to rebuild the old swing bridge"
RANDOM = Random(4)
WORDS = ["".join(RANDOM.choices(["ba", "ke", "lo", "mi", "nu", "ra", "so", "te"], k=3)) for _ in range(280)]
PARTS = {"one": WORDS[:60], "two": WORDS[80:140], "three": WORDS[160:220], "full": WORDS[:140], "four": WORDS}


def newsdesk(store, folder, **topics):
    """Topics by name, each over some of the sources."""
    made = [Topic(id=name, title=name, source_ids=frozenset(of)) for name, of in topics.items()]
    return Newsdesk(store, folder, sources=SOURCES, topics=made)


def arrive(desk, *names):
    """Excerpts of one article that have nothing but its headline in common, and texts that hold several of them."""
    for name in names:
        desk.clock.forward(hours=1)
        row = {"source": name, "guid": name, "link": f"https://{name}.example/a", "title": TITLE, "story": "s"}
        (row,) = labelled([json.dumps({**row, "summary": " ".join(PARTS[name])})], "made")
        with desk.store.write() as rooms:
            now = desk.clock.now()
            place(rooms, name, [read_one(row, name)], unchanged=(), configuration=desk.configuration, now=now)


def told(desk, announced):
    """Publish. `announced` gets for each topic the ids its feed ever carried; returns those it carries now."""
    publish(desk.store, desk.configuration, desk.clock.now())
    now = {}
    with desk.store.read() as rooms:
        for topic in desk.configuration.topics:
            feed = json.loads(rooms.documents.get(f"topics/{topic.id}.json").document.body)
            now[topic.id] = [entry["id"] for entry in feed["items"]]
            announced.setdefault(topic.id, set()).update(now[topic.id])
    return now


def test_a_topic_goes_on_under_the_id_that_its_readers_know(database, tmp_path):
    """Who saw only the younger story sees no other id; who saw both keeps the older; who saw none gets the older."""
    desk = newsdesk(
        database,
        tmp_path,
        older=("one", "full"),
        younger=("two", "full"),
        both=("one", "two", "full"),
        neither=("full",),
        held=("two",),
    )
    announced = {}
    arrive(desk, "one", "two")
    first = told(desk, announced)
    (one,), (two,) = first["older"], first["younger"]
    assert one != two
    assert (sorted(first["both"]), first["neither"]) == (sorted((one, two)), [])
    arrive(desk, "full")
    expected = {"older": [one], "younger": [two], "both": [one], "neither": [one], "held": [two]}
    assert told(desk, announced) == expected
    assert announced == {"older": {one}, "younger": {two}, "both": {one, two}, "neither": {one}, "held": {two}}
    assert told(desk, announced) == expected


def test_a_story_merged_twice_is_announced_once_in_every_topic(database, tmp_path):
    """The names that topics know outlive a second merge, unless the topic knew the oldest story too."""
    desk = newsdesk(
        database,
        tmp_path,
        youngest=("three", "four"),
        last_two=("two", "three", "four"),
        ends=("one", "three", "four"),
    )
    announced = {}
    arrive(desk, "one", "two", "three")
    first = told(desk, announced)
    (three,) = first["youngest"]
    (two,) = set(first["last_two"]) - {three}
    (one,) = set(first["ends"]) - {three}
    arrive(desk, "full")
    told(desk, announced)
    arrive(desk, "four")
    assert told(desk, announced) == {"youngest": [three], "last_two": [two], "ends": [one]}
    assert announced == {"youngest": {three}, "last_two": {two, three}, "ends": {one, three}}
    with database.read() as rooms:
        assert {len(rooms.stories.copies(name)) for name in (one, two, three)} == {5}


def test_a_topic_renamed_after_the_merge_still_knows_its_story(database, tmp_path):
    desk = newsdesk(database, tmp_path, younger=("two", "full"))
    announced = {}
    arrive(desk, "one", "two")
    first = told(desk, announced)["younger"]
    arrive(desk, "full")
    desk.reconfigure(topics=(Topic(id="other", title="Other", was="younger", source_ids=frozenset(("two", "full"))),))
    assert told(desk, announced)["other"] == first
