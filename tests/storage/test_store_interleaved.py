"""Two programs over one database (`fetch` beside `run`): what one decides, the other does not overwrite."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from samples import NOW, configure, item, new, source

from aggregator.domain.subscription import PushState, Subscription
from aggregator.errors import StorageError
from aggregator.steps.push.subscribe import left, verified
from aggregator.steps.push.trust import polled
from storage import Database, engine, source_sync

HUB = "https://hub.example/"
MOMENT = 0.5  # seconds in which the other one does what it can; it waits for its turn longer than that
LEASE = timedelta(minutes=10)


@pytest.fixture
def two(database_url):
    """The same database in two programs, which share nothing else."""
    with closing(Database.open(database_url)) as one, closing(Database.open(database_url)) as other:
        configure(one, "a", "b")
        other.attach([source("a"), source("b")])
        yield one, other


def subscription(name="a", **more):
    given = {"source_id": name, "hubs": (HUB,), "hub": HUB, "topic": f"https://{name}.example/feed"}
    return Subscription(**(given | more))


def stored(database, name="a"):
    with database.read() as rooms:
        return rooms.subscriptions.live()[name]


def both(first, second):
    """Each a function of an event: `first` begins, `second` works in the middle of it as far as it is let."""
    begun, ended = Event(), Event()
    with ThreadPoolExecutor(2) as threads:
        one = threads.submit(first, begun, ended)
        assert begun.wait(30)
        other = threads.submit(second)
        other.add_done_callback(lambda _: ended.set())
        return one.result(60), other.result(60)


def test_a_writer_sees_what_was_written_while_it_waited_whatever_the_servers_default(database_url):
    """Under `repeatable read` it would have looked before its turn came."""
    if database_url.startswith("postgresql"):
        setting = "ALTER DATABASE %%I SET default_transaction_isolation = 'repeatable read'"
        with closing(Database.open(database_url)) as opened, opened._engine.begin() as connection:
            connection.exec_driver_sql(f"DO $$ BEGIN EXECUTE format($q${setting}$q$, current_database()); END $$")
    with closing(Database.open(database_url)) as one, closing(Database.open(database_url)) as other:
        configure(one, "a")
        other.attach([source("a")])

        def ask(begun, ended):
            with one.write() as rooms:
                begun.set()
                ended.wait(MOMENT)
                rooms.subscriptions.add(subscription())

        def look():
            with other.write() as rooms:
                return list(rooms.subscriptions.live())

        assert both(ask, look)[1] == ["a"]


def test_a_verification_that_comes_while_a_poll_is_stored_stays(two):
    """The poll writes what it knows of trust, the hub's word the state and the lease: both are there at the end."""
    run, fetch = two
    with run.write() as rooms:
        rooms.subscriptions.add(subscription(asked_until=NOW + LEASE, proven=True, delivered_at=NOW))

    def poll(begun, ended):
        with fetch.write() as rooms:
            one = rooms.subscriptions.live(["a"])["a"]
            begun.set()
            ended.wait(MOMENT)
            rooms.subscriptions.put(polled(one, 3, NOW))

    def verify():
        with run.write() as rooms:
            one = rooms.subscriptions.get(stored(run).id)
            rooms.subscriptions.put(verified(one, subscribe=True, lease=1000, now=NOW, share=0.0))

    both(poll, verify)
    after = stored(run)
    assert (after.state, after.lease_until) == (PushState.ACTIVE, NOW + timedelta(seconds=1000))
    assert (after.proven, after.delivered_at) == (False, None)


def test_two_that_find_no_subscription_make_one(two):
    run, fetch = two

    def add(database, begun=None, ended=None):
        with database.write() as rooms:
            if not rooms.subscriptions.live(["a"]):
                if begun is not None:
                    begun.set()
                    ended.wait(MOMENT)
                rooms.subscriptions.add(subscription())

    both(lambda begun, ended: add(run, begun, ended), lambda: add(fetch))
    with run.write() as rooms:
        first = rooms.subscriptions.live()["a"]
        rooms.subscriptions.put(left(first, "to see whether there is another", NOW))
        assert rooms.subscriptions.live() == {}


@pytest.mark.parametrize("edit", [{"url": "https://new.example/feed"}, {"encoding": "gb18030"}])
def test_a_visit_claimed_while_an_edit_is_applied_leaves_nothing_behind(two, monkeypatch, edit):
    """It was to the old address, or read the old way: its validators would vouch for what was never read."""
    run, fetch = two
    middle, ended = Event(), Event()
    decided = source_sync._values

    def slowly(*given):
        middle.set()
        ended.wait(MOMENT)
        return decided(*given)

    monkeypatch.setattr(source_sync, "_values", slowly)

    def apply(begun, over):
        with ThreadPoolExecutor(1) as thread:
            edited = thread.submit(configure, run, source("a", **edit), source("b"))
            assert middle.wait(30)
            begun.set()
            over.wait(MOMENT)
            ended.set()
            edited.result(60)

    def claim():
        with fetch.write() as rooms:
            return rooms.sources.claim_due(NOW, owner="fetch", lease=LEASE, limit=1, busy=frozenset("b"))

    _, claimed = both(apply, claim)
    for due in claimed:
        with fetch.write() as rooms:
            seen = replace(due.visits, body_hash=b"x" * 16, last_success=NOW, next_visit=NOW + LEASE)
            kept = rooms.sources.record(due, seen)
        with run.read() as rooms:
            # The claim may come after the edit: then it is a visit of the new source.
            assert kept is (rooms.sources.visits("a").body_hash is not None)
            assert not kept or due.visits.next_visit_reason in {"its address changed", "how it is read changed"}


@pytest.mark.parametrize("edit", [{"url": "https://new.example/feed"}, {"encoding": "gb18030"}])
def test_a_visit_under_way_when_its_source_is_edited_is_refused(two, edit):
    run, fetch = two
    with fetch.write() as rooms:
        (due,) = rooms.sources.claim_due(NOW, owner="fetch", lease=LEASE, limit=1, busy=frozenset("b"))
    configure(run, source("a", **edit), source("b"))
    with fetch.write() as rooms:
        assert not rooms.sources.record(due, replace(due.visits, body_hash=b"x" * 16))


def test_whoever_writes_waits_for_who_began_before(two):
    """In whatever order two programs change the same rows, neither fails, and the later one has the last word."""
    run, fetch = two
    with run.write() as rooms:
        rooms.subscriptions.add(subscription("a"))
        rooms.subscriptions.add(subscription("b"))
    one, other = stored(run, "a").id, stored(run, "b").id

    def change(database, numbers, begun=None, ended=None):
        with database.write() as rooms:
            for number in numbers:
                rooms.subscriptions.put(replace(rooms.subscriptions.get(number), reason=str(numbers)))
                if begun is not None:
                    begun.set()
                    ended.wait(MOMENT / 2)

    both(lambda begun, ended: change(run, [one, other], begun, ended), lambda: change(fetch, [other, one]))
    assert stored(run, "a").reason == stored(run, "b").reason == str([other, one])


def test_two_that_read_one_feed_store_its_entries_once(two):
    """A poll and a delivery at once: the second knows what the first stored."""
    run, fetch = two
    entry = item("a", "one")

    def arrive(database, begun=None, ended=None):
        with database.write() as rooms:
            known = rooms.items.known("a", [entry.keys])
            if begun is not None:
                begun.set()
                ended.wait(MOMENT)
            if not known:
                rooms.items.apply("a", [new(entry)], NOW)

    both(lambda begun, ended: arrive(run, begun, ended), lambda: arrive(fetch))
    with run.read() as rooms:
        assert len(list(rooms.items.export())) == 1


@pytest.mark.postgres
def test_a_turn_that_does_not_come_is_told(postgres_url, monkeypatch):
    """A program that hangs in the middle of a transaction holds the others up for a minute, not for ever."""
    monkeypatch.setattr(engine, "TURN_SECONDS", 0.1)
    with closing(Database.open(postgres_url)) as run, closing(Database.open(postgres_url)) as fetch, run.write():
        with pytest.raises(StorageError, match="held it for too long"), fetch.write():
            pass
        with fetch.read() as rooms:
            assert rooms.items.find("x") == []
