"""Items and what is known of them → intents."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aggregator.domain.entry import Entry, Text
from aggregator.domain.item import Item, KnownItem
from aggregator.domain.story import ForgottenItem, NewItem, StoryCandidate, StoryRule, UpdateItem
from aggregator.steps.dedupe import decide, identify

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SITE = "https://desk.example/news"


def item(*, guid="g1", link="https://news.example/1", title="A title", published=NOON, text_hash=b"t1", source="one"):
    entry = Entry(raw_hash=b"r", guid=guid, link=link, title=Text(value=title, kind="text"), published=published)
    return Item(
        source_id=source,
        keys=identify([entry])[0],
        raw_hash=repr((guid, link, title, published, text_hash)).encode(),
        text_hash=text_hash,
        guid=guid,
        link=link,
        title=title,
        published=published,
    )


def known(of, number=1):
    return KnownItem(
        id=number,
        public_id=f"tag:desk.example,2026:one/{number}",
        raw_hash=of.raw_hash,
        text_hash=of.text_hash,
        title=of.title,
        guid_key=of.keys.guid,
        published=of.published,
        link_key=of.keys.link,
    )


def by_keys(*pairs):
    return {key: k for of, k in pairs for key in (of.keys.guid, of.keys.link, of.keys.text) if key}


def run(items, stored=(), candidates=None, unchanged=()):
    return decide(items, by_keys(*stored), candidates or {}, frozenset(unchanged), SITE)


def candidate(of, source="two"):
    return StoryCandidate(
        story=7,
        public_id="tag:desk.example,2026:two/s",
        first_seen=NOON,
        item_public_id="tag:desk.example,2026:two/i",
        source_id=source,
    )


def test_a_first_sight_is_a_new_item_with_a_tag_uri():
    (intent,) = run([item()])
    assert isinstance(intent, NewItem)
    assert intent.public_id == f"tag:desk.example,2026:one/{item().keys.primary.hex()}"
    assert intent.story.story is None


def test_the_id_depends_on_host_source_and_first_copy_only():
    """A rebuilt database gives the same ids, whatever title and text are by then."""
    (one,) = run([item()])
    (two,) = run([item(title="Another headline", text_hash=b"t2", published=None)])
    assert one.public_id == two.public_id


def test_a_changed_entry_updates_its_item_and_says_whether_the_words_moved():
    old = item()
    (moved,) = run([item(title="New headline", text_hash=b"t2")], [(old, known(old))])
    (mark_up,) = run([item(published=NOON + timedelta(hours=1))], [(old, known(old))])
    assert (moved.id, moved.text_changed) == (1, True)
    assert (mark_up.id, mark_up.text_changed) == (1, False)


def test_a_new_guid_at_a_known_link_is_the_same_item():
    """A publisher that changes its guids announces nothing twice."""
    old = item()
    (intent,) = run([item(guid="new-scheme-1")], [(old, known(old))])
    assert isinstance(intent, UpdateItem)
    assert intent.reason.rule == "link"


def test_new_guids_and_new_links_together_are_recognised_by_the_text():
    old = item()
    (intent,) = run([item(guid="x", link="https://moved.example/a")], [(old, known(old))])
    assert isinstance(intent, UpdateItem)
    assert intent.reason.rule == "text"


def test_a_standing_address_with_other_news_is_a_new_item():
    """A page written anew each day has a new guid, headline and date at one address."""
    old = item(link="https://news.example/today")
    new = item(
        guid="g2",
        link="https://news.example/today",
        title="Tuesday",
        published=NOON + timedelta(days=1),
        text_hash=b"t2",
    )
    (intent,) = run([new], [(old, known(old))])
    assert isinstance(intent, NewItem)


def test_a_feed_that_shows_only_its_latest_entry_under_one_guid_loses_none():
    """Another link, headline, date and text under the old guid are other news, not a correction."""
    old = item(guid="latest", link="https://news.example/mon", title="Monday: the harbour opens")
    link, later = "https://news.example/tue", NOON + timedelta(days=1)
    new = item(guid="latest", link=link, title="Election called", published=later, text_hash=b"t2")
    (intent,) = run([new], [(old, known(old))])
    assert isinstance(intent, NewItem)
    moved = item(guid="latest", link="https://news.example/mon-2", title="Monday: harbour opens late", text_hash=b"t2")
    (intent,) = run([moved], [(old, known(old))])
    assert isinstance(intent, UpdateItem)


def test_an_item_still_listed_as_itself_is_not_taken_over_by_another_entry():
    old = item()
    (intent,) = run([item(guid="g2")], [(old, known(old))], unchanged=[old.raw_hash])
    assert isinstance(intent, NewItem)
    changed = item(title="Edited", text_hash=b"t2")
    update, new = run([changed, item(guid="g2")], [(old, known(old))])
    assert isinstance(update, UpdateItem)
    assert isinstance(new, NewItem)


def test_a_pruned_item_is_remembered_not_announced():
    old = item()
    gone = replace(known(old), id=None, raw_hash=None, text_hash=None, title=None)
    (intent,) = run([item()], [(old, gone)])
    assert isinstance(intent, ForgottenItem)


def test_a_copy_at_the_same_address_joins_the_story():
    new = item()
    (intent,) = run([new], candidates={new.keys.story_link: candidate(new)})
    assert intent.story.story == 7
    assert intent.story.reason.rule == StoryRule.SAME_LINK
    assert intent.story.reason.evidence["source"] == "two"


def test_other_news_of_the_same_source_at_the_same_address_is_its_own_story():
    new = item()
    (intent,) = run([new], candidates={new.keys.story_link: candidate(new, source="one")})
    assert intent.story.story is None
    assert "used its link before" in intent.story.reason.text


def test_every_intent_carries_its_reason():
    old = item()
    intents = run(
        [item(text_hash=b"t2"), item(guid="g9", link="https://news.example/9", title="B")], [(old, known(old))]
    )
    assert all(intent.reason.text for intent in intents)
