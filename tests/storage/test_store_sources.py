"""The sources' rows on both databases."""

from dataclasses import replace
from datetime import timedelta, timezone
from threading import Thread

import pytest
from samples import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    add,
    claim,
    configure,
    item,
    match_all,
    publish,
    source,
    stale,
    topic,
    topics,
)

from aggregator.domain.entry import FeedInfo
from aggregator.domain.outcome import Failure
from aggregator.domain.response import Validators
from aggregator.domain.source import FeedHints, Move, Pattern, SourceStatus, Visits
from aggregator.errors import Code, StorageError
from storage import Database

FULL = Visits(
    validators=Validators(etag=b'W/"\xff\x00"', last_modified=b"yesterday", url="https://a.example/feed?key=S3CRET"),
    body_hash=b"b" * 16,
    last_visit=NOW,
    last_success=NOW - HOUR,
    next_visit=NOW + HOUR,
    next_visit_reason="its own rhythm",
    failures=3,
    failing_since=NOW - DAY,
    failure=Failure(code=Code.HTTP_STATUS, message="HTTP 503", status=503, retry_at=NOW + 2 * HOUR),
    failed_at=NOW,
    held_until=NOW + MINUTE,
    gone_at=NOW - MINUTE,
    gone=False,
    moved_to="https://a.example/new",
    move=Move(to="https://a.example/new", since=NOW - DAY, last=NOW, seen=3, direct=True),
    hints=FeedHints(ttl=HOUR, update_every=DAY, skip_hours=frozenset({1, 2}), skip_days=frozenset({6})),
    title="Its own title",
    pattern=Pattern(hours=(0.0, 1.5) * 12, days=(2.25,) * 7, since=NOW - DAY, at=NOW),
    entries_per_day=12.5,
)


def record(database, due, visits, info=None):
    with database.write() as rooms:
        return rooms.sources.record(due, visits, info=info)


def visits(database, name):
    with database.read() as rooms:
        return rooms.sources.visits(name)


def test_a_visit_comes_back_as_it_was_stored(database):
    """Every field of Visits survives, bytes and moments exactly; whatever zone they were given in."""
    configure(database, "a")
    [due] = claim(database)
    elsewhere = NOW.astimezone(timezone(timedelta(hours=8)))
    assert record(database, due, replace(FULL, last_visit=elsewhere))
    assert visits(database, "a") == FULL
    assert visits(database, "a").last_visit.utcoffset() == timedelta(0)
    assert visits(database, "nobody") is None


def test_a_naive_time_is_refused(database):
    """A moment without a zone is a bug, told as a StorageError before it is stored."""
    configure(database, "a")
    [due] = claim(database)
    with pytest.raises(StorageError, match="naive"):
        record(database, due, Visits(next_visit=NOW.replace(tzinfo=None)))


def test_a_claim_leases_what_is_due_longest_due_first(database):
    """New sources are due at once; a leased one is not claimed again until its lease runs out."""
    configure(database, "a", "b", "c")
    [a] = claim(database, only=frozenset({"a"}))
    assert a.forced
    record(database, a, Visits(next_visit=NOW - HOUR))
    assert [due.source.id for due in claim(database, limit=2)] == ["a", "b"]
    [c] = claim(database)
    assert (c.source.id, c.forced) == ("c", False)
    assert claim(database) == []
    again = claim(database, NOW + 10 * MINUTE)
    assert [due.source.id for due in again] == ["a", "b", "c"]
    assert again[2].fence > c.fence


def test_a_claim_hands_out_the_configured_source_with_its_secrets(database):
    """The store keeps no secret: what a claim returns is the very source that was configured."""
    [given] = configure(database, source("a", headers=(("Authorization", "Bearer S3CRET"),)))
    assert claim(database)[0].source is given


def test_busy_paused_and_removed_sources_are_never_claimed(database):
    """Nor are they when a person asks for them by name; a gone one is then tried once more."""
    configure(database, "busy", source("paused", enabled=False), "gone", "removed")
    [gone] = claim(database, only=frozenset({"gone"}))
    record(database, gone, Visits(next_visit=NOW, gone=True))
    configure(database, "busy", source("paused", enabled=False), "gone")
    assert claim(database, busy=frozenset({"busy"})) == []
    named = claim(database, busy=frozenset({"busy"}), only=frozenset({"busy", "paused", "gone", "removed"}))
    assert [due.source.id for due in named] == ["gone"]
    assert claim(database, only=frozenset()) == []


def test_retry_after_holds_also_for_a_person(database):
    """`--all` visits what is not due, but nothing inside the server's Retry-After."""
    configure(database, "a", "b")
    for due in claim(database):
        held = NOW + HOUR if due.source.id == "a" else None
        record(database, due, Visits(next_visit=NOW + 5 * HOUR, held_until=held))
    assert [due.source.id for due in claim(database, only=frozenset({"a", "b"}))] == ["b"]
    assert [due.source.id for due in claim(database, NOW + HOUR, only=frozenset({"a"}))] == ["a"]


def test_next_due_is_when_the_first_may_be_claimed(database):
    """A Retry-After comes before the planned visit, and a lease before both."""
    configure(database, "a", "b")
    with database.read() as rooms:
        assert rooms.sources.next_due() == NOW
    for due in claim(database):
        held = NOW + 3 * HOUR if due.source.id == "a" else None
        record(database, due, Visits(next_visit=NOW + (HOUR if held else 5 * HOUR), held_until=held))
    with database.read() as rooms:
        assert rooms.sources.next_due() == NOW + 3 * HOUR
    claim(database, only=frozenset({"b"}))
    claim(database, NOW + 4 * HOUR, only=frozenset({"a"}))
    with database.read() as rooms:
        assert rooms.sources.next_due() == NOW + 4 * HOUR + 10 * MINUTE


def test_an_older_fence_writes_nothing(database):
    """A visitor whose lease ran out and was claimed by another one is refused."""
    configure(database, "a")
    [slow] = claim(database, owner="slow")
    [quick] = claim(database, NOW + HOUR, owner="quick")
    assert not record(database, slow, Visits(next_visit_reason="slow"))
    assert visits(database, "a").next_visit_reason != "slow"
    assert record(database, quick, Visits(next_visit_reason="quick"))
    assert visits(database, "a").next_visit_reason == "quick"


def test_a_lease_given_back_is_free_and_its_holder_refused(database):
    """Who was found dead, and is not, writes nothing."""
    configure(database, "a", "b")
    held = claim(database, owner="dead")
    with database.write() as rooms:
        assert rooms.sources.owners() == {"dead"}
        rooms.sources.release("dead")
        assert rooms.sources.owners() == set()
    assert not record(database, held[0], Visits())
    assert len(claim(database)) == 2


def test_who_is_held_is_told_until_the_hold_ends(database):
    """Removed sources hold nobody."""
    configure(database, "a", "b", "c")
    for due, hours in zip(claim(database), (1, 3, 9), strict=True):
        record(database, due, Visits(next_visit=NOW, held_until=NOW + hours * HOUR))
    configure(database, "a", "b")
    with database.read() as rooms:
        assert rooms.sources.held(NOW) == {"a": NOW + HOUR, "b": NOW + 3 * HOUR}
        assert rooms.sources.held(NOW + HOUR) == {"b": NOW + 3 * HOUR}


def test_recording_ends_the_lease(database):
    """And leaves the source due when the visit says so."""
    configure(database, "a")
    [due] = claim(database)
    record(database, due, Visits(next_visit=NOW + HOUR))
    with database.read() as rooms:
        assert rooms.sources.owners() == set()
    assert claim(database, NOW + HOUR - MINUTE) == []
    assert len(claim(database, NOW + HOUR)) == 1


def test_a_changed_address_drops_its_validators(database):
    """It is due at once, its items stay, and a visit to the old address under way is refused."""
    configure(database, "a")
    add(database, item("a", "one"))
    [due] = claim(database)
    record(database, due, replace(FULL, held_until=NOW + DAY))
    [late] = claim(database, NOW + DAY, lease=DAY)
    configure(database, source("a", url="https://a.example/other"), now=NOW + DAY)
    seen = visits(database, "a")
    assert (seen.validators, seen.body_hash, seen.held_until, seen.moved_to, seen.move) == (None,) * 5
    assert (seen.failures, seen.next_visit, seen.title) == (0, NOW + DAY, "Its own title")
    assert not record(database, late, FULL)
    with database.read() as rooms:
        assert [report.items for report in rooms.sources.reports()] == [1]
    assert len(claim(database, NOW + DAY)) == 1


def test_the_same_configuration_again_changes_nothing(database):
    """Sync is run at every start: validators, plans and leases stay."""
    configure(database, "a")
    [due] = claim(database)
    record(database, due, replace(FULL, next_visit=NOW))
    [due] = claim(database, NOW + HOUR)
    configure(database, source("a", title="Another title"), now=NOW + HOUR)
    assert visits(database, "a") == replace(FULL, next_visit=NOW)
    assert record(database, due, FULL)


def test_a_removed_source_returns_with_its_memory(database):
    """It is neither visited nor reported while it is away, and forgets nothing."""
    configure(database, "a", "b")
    [due] = claim(database, only=frozenset({"a"}))
    record(database, due, FULL)
    configure(database, "b")
    with database.read() as rooms:
        assert [report.id for report in rooms.sources.reports()] == ["b"]
    assert claim(database, NOW + DAY, only=frozenset({"a"})) == []
    configure(database, "a", "b")
    assert visits(database, "a") == FULL


def test_was_renames_with_history(database):
    """Items and visits go along; a second run of the same configuration moves nothing."""
    configure(database, "old")
    add(database, item("old", "one"))
    [due] = claim(database)
    record(database, due, FULL)
    for _ in range(2):
        configure(database, source("new", was="old", url=source("old").url))
        assert visits(database, "new") == FULL
        assert visits(database, "old") is None
        with database.read() as rooms:
            [kept] = rooms.items.export()
        assert kept.item.source_id == "new"
        assert kept.public_id.startswith("tag:x,2026:old/")


def test_a_visit_under_way_under_the_old_name_is_refused(database):
    """And keeps nobody from visiting the source under its new one."""
    configure(database, "old")
    [due] = claim(database)
    configure(database, source("new", was="old", url=source("old").url))
    [again] = claim(database)
    assert again.source.id == "new"
    assert not record(database, due, FULL)
    assert not record(database, replace(due, source=again.source), FULL)


def test_who_gives_back_late_ends_no_newer_lease(database):
    configure(database, "a")
    late = claim(database)
    claim(database, NOW + HOUR, owner="another", lease=DAY)
    with database.write() as rooms:
        rooms.sources.give_back(late)
        assert rooms.sources.owners() == {"another"}


def test_a_chain_of_renames(database):
    """`b` becomes `c` and `a` becomes `b` in one edit."""
    configure(database, "a", "b")
    for due in claim(database):
        record(database, due, Visits(next_visit=NOW + DAY, title=due.source.id))
    configure(database, source("b", was="a", url=source("a").url), source("c", was="b", url=source("b").url))
    assert visits(database, "b").title == "a"
    assert visits(database, "c").title == "b"


def test_was_takes_nothing_from_a_source_still_configured(database):
    """A name in use keeps its history."""
    configure(database, "a")
    [due] = claim(database)
    record(database, due, FULL)
    configure(database, "a", source("b", was="a"))
    assert visits(database, "a") == FULL
    assert visits(database, "b").last_visit is None


def test_reports_are_in_the_order_of_the_configuration(database):
    """With the word for each state and the number of stored items; a source is new until it has answered."""
    configure(database, "z", "new", "gone", "failing", "offline", source("paused", enabled=False, title="Given"))
    seen = {
        "z": Visits(last_visit=NOW, last_success=NOW, title="Zed"),
        "gone": Visits(last_visit=NOW, gone=True),
        "failing": Visits(last_visit=NOW, last_success=NOW, failures=1),
        "offline": Visits(last_visit=NOW),
    }
    for due in claim(database, only=frozenset(seen)):
        record(database, due, seen[due.source.id])
    add(database, item("z", "one"), item("z", "two"))
    with database.read() as rooms:
        reports = rooms.sources.reports()
    assert [(one.id, one.title, one.status, one.items) for one in reports] == [
        ("z", "Zed", SourceStatus.OK, 2),
        ("new", None, SourceStatus.NEW, 0),
        ("gone", None, SourceStatus.GONE, 0),
        ("failing", None, SourceStatus.FAILING, 0),
        ("offline", None, SourceStatus.NEW, 0),
        ("paused", "Given", SourceStatus.PAUSED, 0),
    ]
    assert {one.id: one.visits for one in reports}["z"] == seen["z"]


def test_sources_may_be_attached_without_writing(database, database_url):
    """A command that only looks tells the store what is configured, and may claim what it names."""
    configure(database, "a", "b")
    other = Database.open(database_url)
    try:
        assert claim(other) == []
        other.attach([source("b")])
        assert [due.source.id for due in claim(other)] == ["b"]
    finally:
        other.close()


def test_no_update_is_lost_between_writers(database, database_url):
    """Four writers, strangers to each other as processes are, raise one number sixty times: the number is sixty."""
    configured = configure(database, "a")

    def raise_number():
        own = Database.open(database_url)
        own.attach(configured)
        done = 0
        while done < 15:
            with own.write() as rooms:
                for due in rooms.sources.claim_due(NOW, owner="t", lease=DAY, limit=1):
                    visits = replace(due.visits, failures=due.visits.failures + 1)
                    done += rooms.sources.record(due, visits)
        own.close()

    threads = [Thread(target=raise_number) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert visits(database, "a").failures == 60


@pytest.mark.parametrize(
    "edit", [{"title": "T"}, {"rank": 5}, {"shown_url": "elsewhere"}, {"id": "b", "was": "a"}, None], ids=str
)
def test_an_edit_that_is_seen_makes_topics_stale(database, edit):
    """A source renamed, retitled, ranked anew or removed: the topics that hold its items look different now."""
    configure(database, "a")
    topics(database, topic(), topic("other"))
    add(database, item("a", "one"))
    match_all(database, "all")
    for name in ("all", "other"):
        publish(database, topic(name))
    configure(database, source("a", enabled=False, tags=("t",)))
    assert stale(database) == []
    configure(database, *([] if edit is None else [replace(source("a"), **edit)]))
    assert stale(database) == ["all"]


def test_a_feed_that_calls_itself_otherwise_makes_its_topics_stale(database):
    """Its own date alone does not: that moves at every visit."""
    configure(database, "a")
    topics(database, topic())
    add(database, item("a", "one"))
    match_all(database, "all")
    info = FeedInfo(title="One", hubs=("https://hub.example",), updated=NOW, hints=FeedHints(ttl=HOUR))
    told = []
    for said in (info, info, replace(info, updated=NOW + HOUR), replace(info, icon="https://a.example/i.png"), None):
        publish(database, topic())
        [due] = claim(database)
        record(database, due, Visits(next_visit=NOW, title="One"), info=said)
        told.append(stale(database))
    assert told == [["all"], [], [], ["all"], []]
    with database.read() as rooms:
        [group] = rooms.topics.groups(topic())
    assert group.copies[0].feed == replace(info, icon="https://a.example/i.png")
    assert group.copies[0].source_title == "One"


def test_a_shorter_fixed_rhythm_counts_at_once(database):
    """Who writes `every: 10m` waits ten minutes, not for the visit planned before; a failure's wait stays."""
    configure(database, "a", "b")
    for due in claim(database):
        failing = due.source.id == "b"
        visits = Visits(last_visit=NOW, next_visit=NOW + DAY, next_visit_reason="old", failures=int(failing))
        with database.write() as rooms:
            assert rooms.sources.record(due, visits)
    configure(database, source("a", every=10 * MINUTE), source("b", every=10 * MINUTE))
    with database.read() as rooms:
        assert rooms.sources.visits("a").next_visit == NOW + 10 * MINUTE
        assert rooms.sources.visits("b").next_visit == NOW + DAY
