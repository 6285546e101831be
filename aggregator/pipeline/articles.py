"""The pages of a source's new and changed entries, where it has `full_text`.

::

    planned()    which items' pages are asked for now, and which wait for a later visit      (the store is asked)
    Errands      a few at a time: its page is visited, read in a worker, its next part visited …   (callbacks)
    settled()    the item with its page's text, or with what was kept instead, and why

A visit asks for 20 pages at most, the newest first; the others are stored with what the feed says of them and wait.
No entry is delayed for its page beyond the visit, or lost for it, and none is announced again: text that merely came
from another place does not count as moved.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import RLock
from typing import TYPE_CHECKING

import structlog

from aggregator.domain.article import Article
from aggregator.domain.outcome import Fetched, Reading
from aggregator.domain.response import Response
from aggregator.errors import Code, FetchError
from aggregator.pipeline.admit import admit
from aggregator.pipeline.loop import without_own
from aggregator.pipeline.own_words import own_words
from aggregator.pipeline.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from aggregator.domain.item import Item, KnownItem, StoredItem
    from aggregator.domain.outcome import Failure, Unchanged
    from aggregator.domain.response import NotModified
    from aggregator.domain.settings import Configuration
    from aggregator.domain.source import Source
    from aggregator.pipeline.shelf import Shelved
    from aggregator.ports import Rooms

log = structlog.get_logger()

A_VISIT = 20  # pages of items
PARTS = 3  # pages of one article
AT_ONCE = 4  # of one source: their bodies are held until they are read
LONGEST = timedelta(minutes=4)  # no further page is begun: the source's lease must outlast the visit
GIVEN_UP = timedelta(minutes=6)  # those under way wait for a later visit: a queue at their host may be long
TRIES = 3  # of a page that failed for now
_FOR_NOW = frozenset({Code.DNS, Code.CONNECT, Code.TIMEOUT, Code.TRUNCATED, Code.OFFLINE})
_TOO_MANY, _SERVER_ERROR = 429, 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """An item, what is stored of it, and whether its page is asked for now. `late`: the feed says nothing new of it."""

    item: Item
    before: StoredItem | None = None
    asked: bool = False
    late: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PagesRead:
    """What came of the pages: the items of the wishes, in their order."""

    items: tuple[Item, ...]


def planned(
    rooms: Rooms, source: Source, outcome: Fetched | Unchanged, configuration: Configuration, now: datetime
) -> list[Wish]:
    """The items of a visit whose pages matter, the newest first. Entries that are not stored are not among them."""
    wishes: list[Wish] = []
    if isinstance(outcome, Fetched):
        admitted, _ = admit(source, outcome.reading.items, now)
        kept, _ = without_own(rooms.items, source, admitted, configuration, now)
        stored = _stored(rooms, source.id, kept)
        wishes = [Wish(item=item, before=stored.get(at)) for at, item in enumerate(kept)]
    mine = {wish.before.id for wish in wishes if wish.before is not None}
    waiting = [one for one in rooms.items.waiting(source.id, A_VISIT + len(mine)) if one.id not in mine]
    wishes += [Wish(item=one.item, before=one, late=True) for one in waiting]
    wishes.sort(key=lambda wish: (wish.item.published or now, wish.item.keys.primary), reverse=True)
    left = A_VISIT
    for place, wish in enumerate(wishes):
        if left and (wish.late or _wants_its_page(wish)):
            wishes[place], left = replace(wish, asked=True), left - 1
    return [wish for wish in wishes if wish.asked or not wish.late]


def put_off(rooms: Rooms, source: Source, items: Sequence[Item]) -> list[Item]:
    """Items that came without a visit, by push: their pages are asked for at the next one."""
    if not source.full_text:
        return list(items)
    stored = _stored(rooms, source.id, items)
    return [
        not_asked(Wish(item=item, before=stored.get(place))) if item.article is None else item
        for place, item in enumerate(items)
    ]


def unmoved(rooms: Rooms, items: Sequence[Item], known: Mapping[bytes, KnownItem]) -> list[Item]:
    """Items of a source that had `full_text` once: text that its pages gave is no reason to announce the feed's own.

    Asked is only about those whose text is another than what is stored.
    """
    changed: dict[int, int] = {}
    for place, item in enumerate(items):
        match = known.get(item.keys.primary)
        if item.article is None and match is not None and match.id is not None and match.text_hash != item.text_hash:
            changed[place] = match.id
    stored = {one.id: one for one in rooms.items.stored(changed.values())} if changed else {}
    found = list(items)
    for place, number in changed.items():
        before, item = stored.get(number), items[place]
        if before is not None and before.item.article is not None:
            article = Article(reason="full_text is off", own=own_words(item))
            found[place] = settled(Wish(item=item, before=before), replace(item, article=article))
    return found


def _stored(rooms: Rooms, source_id: str, items: Sequence[Item]) -> dict[int, StoredItem]:
    """What is stored of the items, by their place."""
    known = rooms.items.known(source_id, [item.keys for item in items])
    found = {
        place: match.id
        for place, item in enumerate(items)
        for match in [
            next((known[key] for key in (item.keys.guid, item.keys.link, item.keys.text) if key in known), None)
        ]
        if match is not None and match.id is not None
    }
    stored = {one.id: one for one in rooms.items.stored(found.values())}
    return {place: stored[number] for place, number in found.items() if number in stored}


def _wants_its_page(wish: Wish) -> bool:
    """Not where the page was read and the feed says the same of it, dates included: it is only read again by us."""
    before = wish.before
    if wish.item.link is None:
        return False
    if before is None or before.item.article is None or before.item.article.waiting or not before.item.article.taken:
        return True
    same = (wish.item.published, wish.item.updated) == (before.item.published, before.item.updated)
    return not (same and before.item.article.own == own_words(wish.item))


def not_asked(wish: Wish) -> Item:
    """An item whose page is not asked for at this visit."""
    own = own_words(wish.item)
    if wish.item.link is None:
        return settled(wish, replace(wish.item, article=Article(reason="the entry has no link", own=own)))
    if not _wants_its_page(wish) and wish.before is not None and (article := wish.before.item.article) is not None:
        return settled(wish, replace(wish.item, article=replace(article, taken=False)))
    tries = _tries(wish)
    reason = f"its page is asked for at a later visit; a visit asks for {A_VISIT}"
    return settled(wish, replace(wish.item, article=Article(reason=reason, waiting=True, tries=tries, own=own)))


def refused(wish: Wish, reason: str, *, for_now: bool, asked: bool = True) -> Item:
    """An item whose page cannot be had; one that cannot be had now is asked for again. Only what was asked counts."""
    tries = _tries(wish) + (for_now and asked)
    again = for_now and tries < TRIES
    article = Article(
        reason=f"{reason}; it is asked for again" if again else reason,
        waiting=again,
        tries=tries,
        own=own_words(wish.item),
    )
    return settled(wish, replace(wish.item, article=article))


def _tries(wish: Wish) -> int:
    article = wish.before.item.article if wish.before is not None else None
    return article.tries if article is not None and article.waiting else 0


def settled(wish: Wish, item: Item) -> Item:
    """The item as it is stored: with the page's text of an earlier visit where there is none now.

    The text moved where the feed says something else of the entry; or where its page does, if that was read before
    too. Only then the item gets another `text_hash`.
    """
    before, article = wish.before, item.article
    if before is None or article is None:
        return item
    earlier = before.item.article
    same_feed = article.own == (earlier.own if earlier is not None else before.item.text_hash.hex())
    if article.taken:
        read_before = earlier is not None and bool(earlier.page)
        moved = article.page != earlier.page if earlier is not None and read_before else not same_feed
        return item if moved else replace(item, text_hash=before.item.text_hash)
    if not same_feed:
        return item
    if earlier is None or not earlier.taken:
        return replace(item, text_hash=before.item.text_hash)
    old = before.item
    reason = (
        article.reason
        if article.reason == earlier.reason
        else f"{earlier.reason} at an earlier visit; now: {article.reason}"
    )
    return replace(
        item,
        content=old.content,
        text=old.text,
        text_hash=old.text_hash,
        words=old.words,
        language=old.language,
        credit=old.credit,
        truncated=old.truncated,
        article=replace(article, taken=True, page=earlier.page, reason=reason),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Pages:
    """A visit whose articles' pages are on their way: what it came to without them, and whose pages they are."""

    outcome: Fetched | Unchanged
    wishes: tuple[Wish, ...]

    def whole(self, came: PagesRead) -> Fetched | Unchanged:
        """What the visit came to with them."""
        pairs = list(zip(self.wishes, came.items, strict=True))
        late = tuple(item for wish, item in pairs if wish.late)
        if not isinstance(self.outcome, Fetched):
            return replace(self.outcome, late=late)
        new = {wish.item.keys.primary: item for wish, item in pairs if not wish.late}
        read = tuple(new.get(item.keys.primary, item) for item in self.outcome.reading.items)
        return replace(self.outcome, reading=replace(self.outcome.reading, items=read), late=late)


class Errands:
    """The pages of one visit, a few at a time; `result` is done when all are read or given up.

    Its callbacks run in the fetcher's and the reader's threads. Cancelling `result` ends what is under way.

    Args:
        wishes: of one visit.
        ask: visits an address.
        read: reads an item's pages.
        now: the time.
    """

    def __init__(
        self,
        wishes: Sequence[Wish],
        ask: Callable[[str], Future[Response | NotModified]],
        read: Callable[[Item, tuple[Response, ...]], Future[Reading | Failure]],
        now: Callable[[], datetime],
    ) -> None:
        self.result: Future[PagesRead] = Future()
        self._wishes = wishes
        self._ask, self._read, self._now = ask, read, now
        self._lock = RLock()
        self._began = now()
        self._items: list[Item | None] = [None if wish.asked else not_asked(wish) for wish in wishes]
        self._queue = [place for place, wish in enumerate(wishes) if wish.asked]
        self._under_way: dict[int, Future[Response | NotModified] | Future[Reading | Failure]] = {}
        self.result.add_done_callback(lambda done: self._give_up() if done.cancelled() else None)
        for _ in range(AT_ONCE):
            self._next()

    def hurry(self) -> None:
        """End what takes too long: the entries are not kept waiting for a host that has no time for their pages."""
        with self._lock:
            if self.result.done() or self._now() <= self._began + GIVEN_UP:
                return
            late = list(self._under_way.values())
            self._under_way.clear()
            self._queue.clear()
            self._items = [
                not_asked(wish) if item is None else item for wish, item in zip(self._wishes, self._items, strict=True)
            ]
            self._next()
        for future in late:
            future.cancel()

    def _next(self) -> None:
        with self._lock:
            if self.result.done():
                return
            while self._queue and self._now() > self._began + LONGEST:
                place = self._queue.pop(0)
                self._items[place] = not_asked(self._wishes[place])
            if self._queue:
                place = self._queue.pop(0)
                link = self._wishes[place].item.link or ""
                self._safely(place, lambda: self._visit(place, link, ()))
            elif not self._under_way and self.result.set_running_or_notify_cancel():
                self.result.set_result(PagesRead(items=tuple(item for item in self._items if item is not None)))

    def _visit(self, place: int, url: str, had: tuple[Shelved, ...]) -> None:
        visit = self._under_way[place] = self._ask(url)
        visit.add_done_callback(lambda done: self._safely(place, lambda: self._came(place, done, had)))

    def _came(self, place: int, done: Future[Response | NotModified], had: tuple[Shelved, ...]) -> None:
        if self.result.done() or done.cancelled():
            return
        error = done.exception()
        if error is None and isinstance(answer := done.result(), Response):
            # The reader has its own copy. Ours is for when there is a next part: on disk, for many visits have some.
            pages = (*had, Shelf().put(answer))
            whole = tuple(page.whole() for page in pages)
            reading = self._under_way[place] = self._read(self._wishes[place].item, whole)
            reading.add_done_callback(lambda read: self._safely(place, lambda: self._was_read(place, read, pages)))
            return
        if self._items[place] is None:  # else the article lacks its last part only
            self._items[place] = _without(self._wishes[place], error)
        self._end(place)

    def _was_read(self, place: int, done: Future[Reading | Failure], had: tuple[Shelved, ...]) -> None:
        if self.result.done() or done.cancelled():
            return
        wish, result = self._wishes[place], done.result()
        if isinstance(result, Reading):
            item, onward = result.items[0], result.wants and len(had) < PARTS
            if not onward or (item.article is not None and item.article.taken):
                self._items[place] = settled(wish, item)  # else it only sent us on, and whether we arrive is not known
            if onward:
                self._visit(place, result.wants[0], had)
                return
        elif self._items[place] is None:
            self._items[place] = refused(wish, f"its page cannot be read: {result.message}", for_now=False)
        self._end(place)

    def _safely(self, place: int, step: Callable[[], None]) -> None:
        """A future swallows what its callbacks raise, and the visit would never end: a bug costs the article alone."""
        with self._lock:
            try:
                step()
            except Exception as error:  # the boundary that owns an article's page
                log.exception("article_crashed")
                if self._items[place] is None:
                    reason = f"a bug of ours: {type(error).__name__}; see the log"
                    self._items[place] = refused(self._wishes[place], reason, for_now=False)
                self._end(place)

    def _end(self, place: int) -> None:
        self._under_way.pop(place, None)
        self._next()

    def _give_up(self) -> None:
        with self._lock:
            under_way = list(self._under_way.values())
        for future in under_way:
            future.cancel()


def _without(wish: Wish, error: BaseException | None) -> Item:
    """An item whose page was asked for in vain."""
    if not isinstance(error, FetchError):
        return refused(wish, "its page was not had", for_now=False)
    subject = f"its page: {error.code.value}, {error.message}"
    held = error.code is Code.HTTP_STATUS and (
        error.status is None or error.status == _TOO_MANY or error.status >= _SERVER_ERROR
    )
    unasked = error.code is Code.HTTP_STATUS and error.status is None
    return refused(wish, subject, for_now=held or error.code in _FOR_NOW, asked=not unasked)
