"""Entry → keys, judged over the whole document."""

from datetime import UTC, datetime

import pytest

from aggregator.domain.entry import Entry, Text
from aggregator.steps.dedupe import identify, one_each

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
FIRST_VERSION = [
    "e57ce333227895c80ac5fd6ebc6bdf80",
    "4d0b84ac9bb8878d5cf69544d6309ec3",
    "911fcbb3f7826c4d35dcd88f3f894349",
    "1323d3bb6f8bdeefd23d528349ba48b0",
]


def entry(*, guid=None, link=None, title="A title", body="", published=None, updated=None):
    return Entry(
        raw_hash=repr((guid, link, title, body, published, updated)).encode(),
        guid=guid,
        link=link,
        title=Text(value=title, kind="text"),
        summary=Text(value=body) if body else None,
        published=published,
        updated=updated,
    )


def keys(**fields):
    return identify([entry(**fields)])[0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("http://news.example/a", "https://news.example/a"),
        ("https://news.example/a", "https://news.example/a/"),
        ("https://news.example/a", "https://news.example/a?utm_source=rss"),
        ("https://www.news.example/a", "https://news.example/a"),
    ],
)
def test_a_guid_that_is_an_address_counts_in_its_canonical_form(before, after):
    """A publisher that moves to https or adds trackers to its guids announces nothing twice."""
    assert keys(guid=before).guid == keys(guid=after).guid


def test_a_guid_is_never_taken_for_a_link():
    link = "https://news.example/a"
    named = keys(guid=link, link=link)
    assert len({named.guid, named.link, named.text, named.story_link}) == 4


@pytest.mark.parametrize("guid", ["", "   ", "\n\t", None])
def test_a_blank_guid_is_none(guid):
    assert keys(guid=guid, link="https://news.example/a").guid is None
    assert keys(guid=guid, link="https://news.example/a").primary == keys(link="https://news.example/a").link


def test_a_guid_that_all_entries_share_names_none():
    """One guid over different links and titles is the feed's habit: the links take over."""
    found = identify([entry(guid="1", link=f"https://news.example/{i}", title=f"Story {i}") for i in range(3)])
    assert [k.guid for k in found] == [None] * 3
    assert len({k.primary for k in found}) == 3


def test_one_entry_printed_twice_keeps_its_guid():
    """An entry and its correction under one guid and one link are one entry."""
    found = identify(
        [
            entry(guid="1", link="https://news.example/1", title="Old"),
            entry(guid="1", link="https://news.example/1", title="New"),
        ]
    )
    assert found[0].guid is not None
    assert found[0].guid == found[1].guid


def test_a_link_that_several_entries_share_names_none():
    """Entries that all lead to one page are told apart by guid or text, and are no copies of each other."""
    found = identify([entry(guid=str(i), link="https://news.example/today", title=f"Story {i}") for i in range(3)])
    assert [(k.link, k.story_link) for k in found] == [(None, None)] * 3


def test_a_front_page_is_no_story():
    assert keys(link="https://news.example/").story_link is None
    assert keys(link="https://news.example/?p=7").story_link is not None
    assert keys(link="https://news.example/a").story_link is not None


def test_story_links_are_equal_across_sources_and_spellings():
    one = keys(guid="a", link="http://news.example/story/?utm_medium=feed")
    two = keys(guid="b", link="https://www.news.example/story#top")
    assert one.story_link == two.story_link is not None


def test_an_undated_headline_alone_recognises_nothing():
    """The same short headline under other guids and links is other news: every day has its weather report."""
    monday = keys(guid="1", link="https://news.example/1", title="Weather report")
    tuesday = keys(guid="2", link="https://news.example/2", title="Weather report")
    assert monday.text != tuesday.text


def test_a_dated_text_recognises_the_entry_under_new_ids():
    one = keys(guid="1", link="https://news.example/1", published=NOON)
    two = keys(guid="2", link="https://news.example/2", published=NOON)
    assert one.text == two.text
    long = "word " * 60
    assert keys(guid="1", body=long).text == keys(guid="2", body=long).text


def test_an_entry_without_guid_and_link_is_named_by_its_text():
    assert keys(title="A", published=NOON).primary == keys(title="A", published=NOON).primary
    assert keys(title="A", published=NOON).primary != keys(title="B", published=NOON).primary


def test_of_an_entry_printed_twice_the_newest_counts_else_the_first():
    old = entry(guid="1", title="Old", published=NOON)
    new = entry(guid="1", title="New", published=NOON, updated=NOON.replace(hour=13))
    for entries in ([old, new], [new, old]):
        kept = one_each(entries, identify(entries))
        assert [entries[i].title.value for i in kept] == ["New"]
    undated = [entry(guid="1", title="First"), entry(guid="1", title="Second")]
    assert one_each(undated, identify(undated)) == [0]


def test_keys_do_not_change_with_the_program():
    """Keys are stored and name items for good: this one was computed by the first version."""
    found = keys(guid="tag:news.example,2026:1", link="https://news.example/a?b=1", published=NOON)
    assert [found.guid.hex(), found.link.hex(), found.text.hex(), found.story_link.hex()] == FIRST_VERSION
