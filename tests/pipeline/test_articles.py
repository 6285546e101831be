"""The pages of a visit: how many are asked, what failures leave, and when a text counts as moved."""

from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from aggregator.domain.article import Article
from aggregator.domain.entry import FeedInfo
from aggregator.domain.item import Item, Keys, StoredItem
from aggregator.domain.outcome import Failure, Reading
from aggregator.domain.response import Response
from aggregator.errors import Code, FetchError
from aggregator.pipeline.articles import AT_ONCE, TRIES, Errands, Wish, settled

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
OWN, PAGE, OTHER = b"o" * 16, b"p" * 16, b"x" * 16


def item(number, **more):
    key = number.to_bytes(16, "big")
    said = {
        "source_id": "s",
        "keys": Keys(text=key, guid=key),
        "raw_hash": key,
        "text_hash": OWN,
        "guid": str(number),
        "link": f"https://a.example/{number}",
        "title": f"Title {number}",
        "text": "teaser",
    }
    return Item(**(said | more))


def stored(one):
    return StoredItem(id=1, public_id="tag:x", item=one, first_seen=NOON, order_at=NOON, changed_at=NOON, story="tag:x")


def taken(one, page=PAGE):
    article = Article(taken=True, reason="taken", own=one.text_hash.hex(), page=page.hex())
    return replace(one, text="the whole article", content="<p>the whole article</p>", text_hash=page, article=article)


class World:
    """Pages that come when the test says so; they are read at once."""

    def __init__(self):
        self.asked, self.now, self.wants = {}, NOON, {}

    def ask(self, url):
        self.asked[url] = Future()
        return self.asked[url]

    def read(self, one, pages):
        future = Future()
        body = pages[-1].body
        if body == b"poison":
            future.set_result(Failure(code=Code.PARSE_LIMIT, message="reading took over 10 s"))
        else:
            wants = self.wants.get(pages[-1].url, ())
            found = (
                taken(one) if body != b"elsewhere" else replace(one, article=Article(reason="sent on", own=OWN.hex()))
            )
            future.set_result(Reading(info=FeedInfo(), items=(found,), wants=wants))
        return future

    def come(self, url, body=b"page"):
        if isinstance(body, Exception):
            self.asked[url].set_exception(body)
        else:
            self.asked[url].set_result(Response(source_id="s", url=url, body=body, received_at=NOON))

    def errands(self, *wishes):
        return Errands(wishes, self.ask, self.read, lambda: self.now)


def wish(number, **more):
    return Wish(item=item(number), asked=True, **more)


def failed(code, status=None):
    return FetchError("s", code, "words", status=status)


def test_few_are_asked_at_once_and_all_in_the_end():
    """Bodies are held until they are read: a visit with many pages holds a few."""
    world = World()
    errands = world.errands(*(wish(n) for n in range(10)))
    for number in range(10):
        assert len(world.asked) <= number + AT_ONCE
        world.come(f"https://a.example/{number}")
    assert [one.article.taken for one in errands.result.result(0).items] == [True] * 10


@pytest.mark.parametrize(
    ("error", "waiting"),
    [
        (failed(Code.TIMEOUT), True),
        (failed(Code.HTTP_STATUS, 503), True),
        (failed(Code.HTTP_STATUS, 429), True),
        (failed(Code.HTTP_STATUS), True),
        (failed(Code.HTTP_STATUS, 404), False),
        (failed(Code.CHALLENGE, 403), False),
        (failed(Code.REFUSED_ADDRESS), False),
        (failed(Code.TOO_LARGE), False),
        (failed(Code.TLS), False),
    ],
)
def test_a_page_that_cannot_be_had_keeps_the_feeds_text(error, waiting):
    world = World()
    errands = world.errands(wish(1), wish(2))
    world.come("https://a.example/1", error)
    world.come("https://a.example/2")
    first, second = errands.result.result(0).items
    assert (first.text, first.article.taken, first.article.waiting) == ("teaser", False, waiting)
    assert error.code.value in first.article.reason
    assert second.article.taken


def test_what_fails_for_now_is_given_up_after_some_tries():
    before = None
    for number in range(1, TRIES + 1):
        world = World()
        errands = world.errands(wish(1, before=before))
        world.come("https://a.example/1", failed(Code.TIMEOUT))
        (one,) = errands.result.result(0).items
        assert (one.article.tries, one.article.waiting) == (number, number < TRIES)
        before = stored(one)


def test_a_poisonous_page_costs_itself():
    world = World()
    errands = world.errands(wish(1), wish(2))
    world.come("https://a.example/1", b"poison")
    world.come("https://a.example/2")
    first, second = errands.result.result(0).items
    assert (first.article.taken, second.article.taken) == (False, True)
    assert "10 s" in first.article.reason


def test_an_article_whose_last_part_is_missing_is_kept():
    world = World()
    world.wants["https://a.example/1"] = ("https://a.example/1_2",)
    errands = world.errands(wish(1))
    world.come("https://a.example/1")
    world.come("https://a.example/1_2", failed(Code.HTTP_STATUS, 404))
    assert errands.result.result(0).items[0].article.taken


def test_a_page_that_sends_its_reader_on_is_followed_twice_at_most():
    world = World()
    for number, further in (("1", "b"), ("b", "c"), ("c", "d")):
        world.wants[f"https://a.example/{number}"] = (f"https://a.example/{further}",)
    errands = world.errands(wish(1))
    for name in "1bc":
        world.come(f"https://a.example/{name}", b"elsewhere")
    article = errands.result.result(0).items[0].article
    assert (article.taken, article.reason, article.waiting) == (False, "sent on", False)


def test_where_a_page_sends_us_in_vain_for_now_is_asked_again_later():
    """The page that only sent us on has said nothing of the article."""
    world = World()
    world.wants["https://a.example/1"] = ("https://b.example/1",)
    errands = world.errands(wish(1))
    world.come("https://a.example/1", b"elsewhere")
    world.come("https://b.example/1", failed(Code.TIMEOUT))
    article = errands.result.result(0).items[0].article
    assert (article.taken, article.waiting) == (False, True)


def test_a_long_visit_leaves_the_rest_for_the_next():
    """The source's lease outlasts the visit."""
    world = World()
    errands = world.errands(*(wish(n) for n in range(AT_ONCE + 3)))
    world.now += timedelta(minutes=10)
    for number in range(AT_ONCE):
        world.come(f"https://a.example/{number}")
    items = errands.result.result(0).items
    assert [one.article.waiting for one in items] == [False] * AT_ONCE + [True] * 3
    assert len(world.asked) == AT_ONCE


def test_a_host_without_time_for_pages_keeps_no_entry_waiting():
    """Its queue may be hours long: what came is stored, the other pages are asked for at a later visit."""
    world = World()
    errands = world.errands(*(wish(n) for n in range(AT_ONCE + 3)))
    world.come("https://a.example/0")
    errands.hurry()
    assert not errands.result.done()
    world.now += timedelta(minutes=7)
    errands.hurry()
    items = errands.result.result(0).items
    assert [one.article.taken for one in items] == [True] + [False] * (AT_ONCE + 2)
    assert [one.article.waiting for one in items] == [False] + [True] * (AT_ONCE + 2)
    assert all(asked.cancelled() for url, asked in world.asked.items() if url != "https://a.example/0")


def test_a_page_that_was_not_asked_for_has_not_failed():
    """A host that told us to wait is asked nothing: that uses up no try."""
    before = None
    for _ in range(TRIES + 2):
        world = World()
        errands = world.errands(wish(1, before=before))
        world.come("https://a.example/1", failed(Code.HTTP_STATUS))
        (one,) = errands.result.result(0).items
        assert (one.article.tries, one.article.waiting) == (0, True)
        before = stored(one)


def test_giving_up_ends_what_is_under_way():
    world = World()
    errands = world.errands(wish(1), wish(2))
    assert errands.result.cancel()
    assert all(future.cancelled() for future in world.asked.values())


@pytest.mark.parametrize("step", ["ask", "read"])
def test_a_bug_costs_the_article_alone(step):
    """The entries are stored, and the visit does not wait for ever."""
    world = World()
    setattr(world, step, lambda *_: 1 / 0)
    errands = world.errands(*(wish(n) for n in range(AT_ONCE + 2)))
    for url in list(world.asked):
        world.come(url)
    while step == "read" and not errands.result.done():
        world.come(next(url for url, asked in world.asked.items() if not asked.done()))
    items = errands.result.result(0).items
    assert len(items) == AT_ONCE + 2
    assert {one.article.reason for one in items} == {"a bug of ours: ZeroDivisionError; see the log"}


def after(now, before):
    return settled(Wish(item=now, before=stored(before), asked=True), now)


def without(one, reason="404"):
    return replace(one, article=Article(reason=reason, own=one.text_hash.hex()))


def test_text_that_comes_from_its_page_now_has_not_moved():
    """Switched on, or asked for later: nobody is told of a change."""
    for before in (item(1), without(item(1))):
        now = after(taken(item(1)), before)
        assert (now.text_hash, now.text) == (OWN, "the whole article")


def test_a_page_that_says_something_else_has_moved():
    before = taken(item(1))
    assert after(taken(item(1)), before).text_hash == before.text_hash
    assert after(taken(item(1), OTHER), before).text_hash == OTHER


def test_a_page_read_late_and_changed_afterwards_has_moved_once():
    late = after(taken(item(1)), without(item(1)))
    assert after(taken(item(1)), late).text_hash == late.text_hash
    assert after(taken(item(1), OTHER), late).text_hash == OTHER


def test_a_feed_that_says_something_else_has_moved():
    assert after(without(item(1, text_hash=OTHER)), taken(item(1))).text_hash == OTHER
    assert after(taken(item(1, text_hash=OTHER)), without(item(1))).text_hash == PAGE


def test_an_article_is_not_lost_when_its_page_is():
    """The feed repeats itself with another date, the page answers 404 now."""
    now = after(without(item(1)), taken(item(1)))
    assert (now.text, now.content, now.text_hash) == ("the whole article", "<p>the whole article</p>", PAGE)
    assert now.article.taken
    assert "404" in now.article.reason
