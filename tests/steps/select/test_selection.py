"""What a topic shows: order, age, limit, and which copy stands for a story."""

from dataclasses import replace
from datetime import timedelta

import pytest
from material import NOW, copy, topic

from aggregator.domain.entry import Enclosure, FeedInfo
from aggregator.domain.item import Credit
from aggregator.domain.settings import SameStory
from aggregator.domain.topic import Content, Group, Order
from aggregator.steps.select import select

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def group(*copies):
    return Group(copies=copies)


def shown(*copies):
    selection, _ = select(topic(), [group(*copies)], NOW)
    return selection.entries[0]


def mixed_selection():
    """A selection with something of everything in it."""
    groups = [
        group(
            copy(
                1, content="<p>one</p>", enclosures=(Enclosure(url="https://e/1", length=3),), credit=Credit(name="X")
            ),
            copy(2, source_id="b", rank=-1, published=NOW),
        ),
        group(copy(3, at=NOW - DAY)),
    ]
    return select(topic(), groups, NOW)[0]


def test_groups_keep_their_order_up_to_the_limit_and_no_further_are_read():
    """The store sorts; the selection takes from the front, and stops asking."""
    read = []

    def groups():
        for number in range(100):
            read.append(number)
            yield group(copy(number, story=f"tag:{number}", at=NOW - number * DAY))

    selection, recheck = select(topic(limit=3), groups(), NOW)
    assert [entry.id for entry in selection.entries] == ["tag:0", "tag:1", "tag:2"]
    assert len(read) <= 4
    assert recheck is None


def test_an_empty_topic_is_a_selection_too():
    """No entries, no `updated`, nothing to look at again."""
    selection, recheck = select(topic(max_age=DAY), [], NOW)
    assert (selection.entries, selection.updated, recheck) == ((), None, None)
    assert len(selection.digest) == 16


def test_what_is_too_old_is_left_out_and_the_next_moment_is_told():
    """An entry goes when it is max_age old, to the second; `recheck_at` is that of the oldest shown."""
    groups = [group(copy(n, story=str(n), at=NOW - timedelta(hours=age))) for n, age in enumerate((1, 5, 23, 24, 30))]
    selection, recheck = select(topic(max_age=DAY), groups, NOW)
    assert [entry.id for entry in selection.entries] == ["0", "1", "2"]
    assert recheck == NOW + timedelta(hours=1)
    before, _ = select(topic(max_age=DAY), groups, recheck - timedelta(seconds=1))
    after, _ = select(topic(max_age=DAY), groups, recheck)
    assert (len(before.entries), len(after.entries)) == (3, 2)


def test_the_clock_is_in_nothing_but_age():
    """A later selection of the same stories is the same, byte for byte; `updated` is the newest change."""
    groups = [group(copy(1, changed_at=NOW - DAY)), group(copy(2, changed_at=NOW - 2 * DAY))]
    first, _ = select(topic(), groups, NOW)
    later, _ = select(topic(), groups, NOW + 9 * DAY)
    assert first == later
    assert first.updated == NOW - DAY
    assert first.entries[1].updated == NOW - 2 * DAY


def test_a_future_date_counts_as_the_moment_it_was_seen():
    """It is clamped for order, at the same place on every day."""
    future = copy(1, order_at=NOW + 3 * DAY, first_seen=NOW - DAY)
    for now in (NOW, NOW + DAY):
        selection, _ = select(topic(), [group(future)], now)
        assert selection.entries[0].order_at == NOW - DAY


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (copy(2, source_id="b", rank=5), copy(1, content="<p>long</p>", text="long")),
        (copy(2, source_id="b"), copy(1, credit=Credit(name="Elsewhere"), content="<p>x</p>", text="much longer")),
        (copy(2, source_id="xinhua", source_title="新华社"), copy(1, credit=Credit(name="新華社"), text="longer text")),
        (
            copy(2, source_id="b", source_title="Reuters", credit=Credit(name="REUTERS")),
            copy(1, credit=Credit(name="AP"), content="<p>x</p>"),
        ),
        (
            copy(3, source_id="r", source_title="Reuters"),
            copy(1, content="<p>full</p>", text="full"),
        ),
        (copy(2, source_id="b", content="<p>x</p>", text="x"), copy(1, summary="<p>long</p>", text="long summary")),
        (copy(2, source_id="b", content="<p>abcd</p>", text="abcd"), copy(1, content="<p>abc</p>", text="abc")),
        (copy(2, source_id="b", text="cut"), copy(1, text="longer, but cut", truncated=True)),
        (copy(1, source_id="b"), copy(2)),
    ],
    ids=[
        "rank",
        "no credit",
        "credited",
        "credits itself",
        "credited by a third",
        "full text",
        "longer",
        "whole",
        "earlier",
    ],
)
def test_the_best_copy_represents_a_story(better, worse):
    """Rank, then the origin before who credits it, then completeness, then arrival."""
    third = [copy(9, source_id="z", rank=-1, credit=Credit(name="Reuters"))] if better.stored.id == 3 else []
    for order in ([better, worse, *third], [worse, better, *third]):
        assert shown(*order).shown is better


def test_others_are_the_other_outlets_by_rank_then_arrival():
    """One copy a source, the best of it, and none of the shown one's."""
    top, again = copy(1, rank=9), copy(5, rank=9)
    b_short, b_full = copy(2, source_id="b"), copy(6, source_id="b", content="<p>x</p>", text="x")
    c, d = copy(3, source_id="c", rank=2), copy(4, source_id="d")
    entry = shown(top, b_short, c, d, again, b_full)
    assert entry.shown is top
    assert entry.others == (c, d, b_full)


@pytest.mark.parametrize(
    ("same_story", "expected"),
    [(SameStory.ACROSS_SOURCES, "tag:story"), (SameStory.WITHIN_SOURCE, "tag:1"), (SameStory.OFF, "tag:1")],
)
def test_the_id_is_the_storys_or_the_first_items(same_story, expected):
    """Never that of the copy which happens to be shown today."""
    copies = group(copy(1, first_seen=NOW - DAY), copy(2, rank=5))
    selection, _ = select(topic(same_story=same_story), [copies], NOW)
    assert selection.entries[0].id == expected
    assert selection.entries[0].first_seen == NOW - DAY


def test_the_digest_moves_with_what_readers_see():
    """Texts, dates, files, others and the topic's own face each move it; hashes and the feed's own date do not."""
    first, second = copy(1, content="<p>a</p>"), copy(2, source_id="b", link="https://b.example/1")

    def made(*copies, **settings):
        return select(topic(**settings), [group(*copies)], NOW)[0].digest

    def item(one, **changes):
        return replace(one, stored=replace(one.stored, item=replace(one.stored.item, **changes)))

    base = made(first, second)
    assert base == made(first, second)
    assert made(item(first, raw_hash=b"other", text_hash=b"other"), second) == base
    assert made(replace(first, feed=FeedInfo(updated=NOW)), second) == base
    different = [
        made(item(first, title="Other"), second),
        made(item(first, content="<p>b</p>"), second),
        made(item(first, published=NOW - DAY), second),
        made(item(first, enclosures=(Enclosure(url="https://e/1"),)), second),
        made(replace(first, source_title="Renamed"), second),
        made(replace(first, feed=FeedInfo(title="Renamed")), second),
        made(replace(first, stored=replace(first.stored, changed_at=NOW + DAY)), second),
        made(first, item(second, link="https://b.example/2")),
        made(first),
        made(first, second, content=Content.LINK),
        made(first, second, description="Other"),
    ]
    assert base not in different
    assert len(set(different)) == len(different)


def test_values_that_read_alike_do_not_digest_alike():
    """A text moved from one field into the next is another selection."""
    one = select(topic(), [group(copy(1, summary="ab", content="c"))], NOW)[0]
    other = select(topic(), [group(copy(1, summary="a", content="bc"))], NOW)[0]
    assert one.digest != other.digest


def spread(*sources, **settings):
    """A topic over one story an hour, each of that source: the sources shown."""
    groups = [
        group(copy(n, source_id=name, story=f"tag:{n}", at=NOW - n * HOUR)) for n, name in enumerate(sources, start=1)
    ]
    return [entry.shown.stored.item.source_id for entry in select(topic(**settings), groups, NOW)[0].entries]


def test_a_source_fills_no_more_than_its_share():
    """The stories of others move up; the limit counts what is shown."""
    assert spread("a", "a", "b", "a", "c", per_source=1) == ["a", "b", "c"]
    assert spread("a", "a", "b", "a", "c", per_source=2, limit=3) == ["a", "a", "b"]
    assert spread("a", "a", "a") == ["a", "a", "a"]


def covered(number, carriers, hours=0):
    return Group(copies=(copy(number, story=f"tag:{number}", at=NOW - hours * HOUR),), carriers=carriers)


def ids(groups, **settings):
    return [entry.id for entry in select(topic(**settings), groups, NOW)[0].entries]


def test_the_most_covered_come_first():
    """Of equally covered ones the newest; the limit is applied after the order."""
    groups = [covered(1, 1), covered(2, 3, 1), covered(3, 2, 2), covered(4, 3, 3)]
    assert ids(groups, order=Order.MOST_COVERED, limit=3) == ["tag:2", "tag:4", "tag:3"]
    assert ids(groups, order=Order.MOST_COVERED, max_age=2 * HOUR) == ["tag:2", "tag:1"]


def test_few_carriers_are_not_enough():
    """Where nobody counted, the sources of the copies do."""
    groups = [covered(1, 1), covered(2, 3), covered(3, 2)]
    assert ids(groups, min_sources=2) == ["tag:2", "tag:3"]
    several = group(copy(1), copy(2, source_id="b"), copy(3, source_id="b"))
    assert len(select(topic(min_sources=2), [several], NOW)[0].entries) == 1
    assert len(select(topic(min_sources=3), [several], NOW)[0].entries) == 0


def test_a_story_settles_before_it_is_shown():
    """It is looked at again the moment it may be shown."""
    young, old = covered(1, 1), covered(2, 1, 2)
    selection, recheck = select(topic(settle=HOUR), [young, old], NOW)
    assert [entry.id for entry in selection.entries] == ["tag:2"]
    assert recheck == NOW + HOUR
    selection, recheck = select(topic(settle=HOUR, max_age=5 * HOUR), [young, old], NOW + HOUR)
    assert [entry.id for entry in selection.entries] == ["tag:1", "tag:2"]
    assert recheck == NOW + 3 * HOUR


def test_nothing_is_read_behind_the_first_story_that_is_too_old():
    """The store gives the newest first: what follows is older."""
    read = []

    def groups():
        for number in range(100):
            read.append(number)
            yield covered(number, 1, number)

    assert len(select(topic(max_age=3 * HOUR), groups(), NOW)[0].entries) == 3
    assert len(read) == 4
