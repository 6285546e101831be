"""Subscriptions at the hub: what is due follows from the documents, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest
from samples import NOW, topic, topics

from aggregator.domain.document import Document
from aggregator.domain.hub import Delivered, Subscription, TopicSubscribers

PATH = "topics/all.atom"
TOPIC = f"https://news.example/{PATH}"
LEASE = timedelta(days=10)
SOON = NOW + timedelta(seconds=1)


def subscription(callback="https://reader.example/1", host="reader.example 443", **said):
    given = {"topic": TOPIC, "path": PATH, "lease_until": NOW + LEASE, "delivered": '"old"'}
    return Subscription(callback=callback, host=host, **(given | said))


@pytest.fixture
def hub(database):
    """A store with one document and its transactions' hub."""
    topics(database, topic())

    class Room:
        def __getattr__(self, name):
            def call(*given, **said):
                with database.write() as rooms:
                    return getattr(rooms.hub, name)(*given, **said)

            return call

        def publish(self, etag):
            with database.write() as rooms:
                made = Document(path=PATH, media_type="application/atom+xml", body=etag.encode(), etag=etag)
                rooms.documents.put("all", [made], NOW)

        def due_numbers(self, now=NOW, *, limit=10, per_host=10, busy=()):
            return [number for number, _ in self.due(now, limit=limit, per_host=per_host, busy=busy)]

        def one(self):
            (number,) = self.due_numbers()
            return self.subscriptions([number])[0]

    made = Room()
    made.publish('"new"')
    return made


def test_a_subscription_comes_back_as_it_was_given(hub):
    given = subscription(secret="sssh", callback="https://reader.example/ü?a=b&c")
    hub.subscribe(given, NOW)
    found = hub.one()
    assert found == replace(given, number=found.number)


def test_due_is_who_lacks_the_document(hub):
    """Nothing is queued: the ETag says it, and a document that came back to what it was is not due."""
    hub.subscribe(subscription(), NOW)
    hub.subscribe(subscription("https://reader.example/2", delivered='"new"'), NOW)
    first = hub.one()
    assert first.callback == "https://reader.example/1"
    hub.record([Delivered(number=first.number, etag='"new"', next_try=NOW)])
    assert hub.due_numbers() == []
    assert hub.next_due(NOW) is None
    hub.publish('"newer"')
    assert len(hub.due_numbers()) == 2
    hub.publish('"new"')
    assert hub.due_numbers() == []


def test_a_failure_waits_and_is_counted(hub):
    hub.subscribe(subscription(), NOW)
    found = hub.one()
    later = NOW + timedelta(minutes=1)
    hub.record([Delivered(number=found.number, failures=1, failure="HTTP 500", failing_since=NOW, next_try=later)])
    assert hub.due_numbers() == []
    assert hub.next_due(NOW) == later
    assert hub.due_numbers(later) == [found.number]
    assert hub.audiences(NOW) == [TopicSubscribers(path=PATH, subscribers=1, failing=1)]
    (again,) = hub.subscriptions([found.number])
    assert (again.failures, again.failing_since, again.delivered) == (1, NOW, '"old"')


def test_renewal_keeps_what_was_delivered(hub):
    """W11: the pair of topic and callback is one subscription; the lease and the secret are the newest."""
    hub.subscribe(subscription(secret="one"), NOW)
    hub.subscribe(subscription(secret="two", lease_until=NOW + 2 * LEASE, delivered='"new"'), NOW)
    found = hub.one()
    assert (found.secret, found.lease_until, found.delivered) == ("two", NOW + 2 * LEASE, '"old"')
    assert hub.sizes("reader.example", NOW) == (1, 1)


def test_w13_a_lease_ends(hub):
    """What ran out is neither delivered to nor counted nor known, before it is deleted and after."""
    hub.subscribe(subscription(lease_until=SOON), NOW)
    key = subscription().key
    assert hub.knows(key, NOW)
    assert hub.due_numbers(SOON) == []
    assert hub.sizes("reader.example", SOON) == (0, 0)
    assert not hub.knows(key, SOON)
    assert hub.audiences(SOON) == []
    hub.subscribe(subscription(lease_until=SOON + LEASE, delivered='"new"'), SOON)
    assert hub.due_numbers(SOON) == []  # a new beginning: what it had then is what it was asked with
    assert hub.expire(SOON) == 0
    assert hub.expire(SOON + LEASE) == 1


def test_410_and_unsubscribe_delete(hub):
    hub.subscribe(subscription(), NOW)
    hub.record([Delivered(number=hub.one().number, ended=True, next_try=NOW)])
    assert hub.sizes("reader.example", NOW) == (0, 0)
    hub.subscribe(subscription(), NOW)
    assert hub.unsubscribe(subscription().key)
    assert not hub.unsubscribe(subscription().key)


def test_a_result_of_who_has_gone_is_passed_over(hub):
    hub.record([Delivered(number=77, etag='"new"', next_try=NOW), Delivered(number=78, ended=True, next_try=NOW)])
    assert hub.due_numbers() == []


def test_hosts_take_turns(hub):
    """At most so many of one host, none of a busy one, longest due first."""
    for number in range(5):
        hub.subscribe(subscription(f"https://big.example/{number}", "big.example 443"), NOW - timedelta(hours=1))
    hub.subscribe(subscription("https://small.example/", "small.example 443"), NOW)
    turns = [host.split()[0] for _, host in hub.due(NOW, limit=10, per_host=2)]
    assert turns == ["big.example", "big.example", "small.example"]
    assert [host for _, host in hub.due(NOW, limit=10, per_host=2, busy=["big.example 443"])] == ["small.example 443"]
    assert len(hub.due(NOW, limit=4, per_host=10)) == 4


def test_a_host_that_is_held_waits_whole(hub):
    hub.subscribe(subscription(), NOW)
    hub.subscribe(subscription("https://other.example/", "other.example 443"), NOW)
    hub.hold("reader.example 443", NOW + LEASE / 2)
    assert [host for _, host in hub.due(NOW, limit=9, per_host=9)] == ["other.example 443"]
    hub.hold("reader.example 443", NOW)  # never sooner than it was to wait
    assert [host for _, host in hub.due(NOW, limit=9, per_host=9)] == ["other.example 443"]


def test_topics_that_are_gone_rest(hub):
    """An edit of feeds.yaml that is taken back costs no subscriber."""
    hub.subscribe(subscription(), NOW)
    assert hub.follow({}) == 1
    assert hub.due_numbers() == []
    assert hub.audiences(NOW) == []
    assert [one.callback for one in hub.resting(10)] == ["https://reader.example/1"]
    assert hub.follow({TOPIC: PATH}) == 0
    assert len(hub.due_numbers()) == 1


def test_what_an_outside_hub_was_not_told(hub):
    """Each form of a document once; another hub knows nothing; a failure waits."""
    hub_name, other = b"h" * 16, b"o" * 16
    assert hub.untold(hub_name, [PATH, "topics/none.atom"], NOW) == [(PATH, '"new"', 0)]
    hub.told(hub_name, PATH, None, failures=1, next_try=SOON)
    assert hub.untold(hub_name, [PATH], NOW) == []
    assert hub.untold(hub_name, [PATH], SOON) == [(PATH, '"new"', 1)]
    hub.told(hub_name, PATH, '"new"', failures=0, next_try=SOON)
    assert hub.untold(hub_name, [PATH], SOON) == []
    assert hub.untold(other, [PATH], SOON) == [(PATH, '"new"', 0)]
    hub.publish('"newer"')
    assert hub.untold(hub_name, [PATH], SOON) == [(PATH, '"newer"', 0)]
    assert hub.untold(hub_name, [], SOON) == []


def test_a_host_is_counted_whatever_its_port(hub):
    """And no host whose name begins alike."""
    for number, host in enumerate(["a.example 443", "a.example 8080", "a.example.org 443", "a.exampl 443", "::1 80"]):
        hub.subscribe(subscription(f"https://r.example/{number}", host), NOW)
    assert hub.sizes("a.example", NOW) == (5, 2)
    assert hub.sizes("::1", NOW) == (5, 1)
