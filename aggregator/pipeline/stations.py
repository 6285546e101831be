"""What a visit waits for, station by station: response → reading → further addresses → articles' pages → outcome."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from aggregator.domain.outcome import Failure, Fetched, Outcome, Reading, Unchanged
from aggregator.domain.response import NotModified, Response
from aggregator.domain.source import SourceKind
from aggregator.errors import Code, FetchError, StorageError
from aggregator.pipeline.articles import Errands, Pages, PagesRead, planned
from aggregator.pipeline.asking import article_request, body_hash, context_of, further, request, told
from aggregator.pipeline.shelf import Shelf, Shelved
from aggregator.pipeline.wants import KINDS, Work, arrived, gathered, wanted, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aggregator.domain.item import Item
    from aggregator.domain.settings import Configuration
    from aggregator.domain.source import DueSource
    from aggregator.ports import Clock, Fetcher, Reader, Store

log = structlog.get_logger()

Answer = Response | NotModified | Reading | Failure | tuple[Shelved, ...]
Awaited = Future[Response | NotModified] | Future[Reading | Failure] | Future[tuple[Shelved, ...]] | Future[PagesRead]


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """What a visit waits for, and what it has so far."""

    future: Awaited
    work: Work | None = None  # set once there is a response
    pages: Pages | None = None  # set while articles' pages are read
    errands: Errands | None = None  # likewise


class Stations:
    """Carries a visit from one station to the next; keeps nothing of it."""

    def __init__(
        self,
        *,
        store: Store,
        fetchers: Mapping[SourceKind, Fetcher],
        reader: Reader,
        clock: Clock,
        configuration: Configuration,
    ) -> None:
        self.configuration = configuration
        self._store = store
        self._fetchers = fetchers
        self._reader = reader
        self._clock = clock

    def first(self, due: DueSource) -> Waiting:
        """Queue the visit of the source's own address."""
        return Waiting(future=self._fetchers[due.source.kind].fetch(request(due, self.configuration.fetch)))

    def after(self, due: DueSource, waited: Waiting) -> Outcome | Waiting | None:
        """The outcome, or what the visit waits for next; None where it was given up.

        Raises:
            StorageError: the store failed.
        """
        if waited.future.cancelled():
            return None
        try:
            return self._after(due, waited, waited.future.result())
        except FetchError as error:
            return Failure.of(error)
        except StorageError:
            raise  # nothing can go on
        except Exception as error:  # the one boundary that owns a source: a bug of ours costs this source only
            log.exception("visit_crashed", source=due.source.id)
            return Failure(code=Code.INTERNAL, message=f"a bug of ours: {type(error).__name__}; see the log")

    def _after(self, due: DueSource, waited: Waiting, came: Answer | PagesRead) -> Outcome | Waiting | None:
        if isinstance(came, PagesRead):
            return waited.pages.whole(came) if waited.pages else None
        outcome = self._judge(due, waited.work, came)
        return self._read_pages(due, outcome) if due.source.full_text else outcome

    def _judge(self, due: DueSource, work: Work | None, result: Answer) -> Outcome | Waiting | None:
        if isinstance(result, NotModified | Response):
            return self._arrived(due, result, sent_on=work is not None and work.sent_on)
        if work is None:
            return result if isinstance(result, Failure) else None
        if isinstance(result, Failure):
            return self._send_on(due, work, result)
        if isinstance(result, Reading):
            return self._ask_further(due, replace(work, reading=result), result)
        more = arrived(work, due.source.kind, [replace(one, response=told(due, one.response)) for one in result])
        if len(more.told) == len(work.told):
            return whole(more)
        return self._read(due, more)

    def _arrived(self, due: DueSource, answer: NotModified | Response, *, sent_on: bool) -> Outcome | Waiting | None:
        """The answer of the source's address, or of the one that a page there sent on to: that is no redirect."""
        answer = replace(answer, moved_to=None) if sent_on else answer
        return (
            Unchanged(answer=answer) if isinstance(answer, NotModified) else self._begin(due, answer, sent_on=sent_on)
        )

    def _send_on(self, due: DueSource, work: Work, failure: Failure) -> Outcome | Waiting | None:
        """Where the page at the address sends every visitor on, go there, once: as a temporary redirect's target."""
        survey, failure = failure.survey, replace(failure, survey=None)
        if survey is None or survey.sent_on is None or work.sent_on:
            return failure
        settings = self.configuration.fetch
        asked = further(request(due, settings), survey.sent_on, settings)
        # They are sent to the very address they came from, and to no other.
        asked = replace(asked, validators=due.visits.validators if due.visits.validators_of(asked.url) else None)
        work = Work(response=work.response, digest=work.digest, sent_on=True)
        return Waiting(future=self._fetchers[due.source.kind].fetch(asked), work=work)

    def _begin(self, due: DueSource, response: Response, *, sent_on: bool = False) -> Outcome | Waiting | None:
        """Have the body read, unless it is the one we have."""
        digest = body_hash(response)
        if digest == due.visits.body_hash:
            return Unchanged(answer=replace(response, body=b""), body_hash=digest)
        shelf, first = Shelf(), told(due, response)
        # Only those whose documents name further ones are read more than once.
        laid = shelf.put(first) if due.source.kind in KINDS else Shelved(response=first, size=len(first.body))
        bare = replace(response, body=b"")
        return self._read(due, Work(response=bare, digest=digest, told=(laid,), shelf=shelf, sent_on=sent_on))

    def _read(self, due: DueSource, work: Work) -> Waiting:
        """Hand what came to a worker."""
        with self._store.read() as rooms:
            known = rooms.items.raw_hashes(due.source.id)
        context = context_of(due, self.configuration.fetch)
        first, *further_ones = (one.whole() for one in work.told)
        reading = self._reader.read(context, first, known, self._clock.now(), tuple(further_ones))
        return Waiting(future=reading, work=work if due.source.kind in KINDS else replace(work, told=()))

    def _ask_further(self, due: DueSource, work: Work, reading: Reading) -> Outcome | Waiting | None:
        """Visit what the reading wants; without that it is whole."""
        urls = wanted(work, reading)
        if not urls:
            return whole(work)
        settings = self.configuration.fetch
        asked = [self._fetchers[due.source.kind].fetch(further(request(due, settings), url, settings)) for url in urls]
        work = replace(work, asked=work.asked | set(urls), rounds=work.rounds + 1, waiting=len(urls))
        return Waiting(future=gathered(asked, work.shelf), work=work)

    def _read_pages(self, due: DueSource, outcome: Outcome | Waiting | None) -> Outcome | Waiting | None:
        """Visit the pages of what is new, and of what waits for that; without any the visit is over."""
        if not isinstance(outcome, Fetched | Unchanged):
            return outcome
        with self._store.read() as rooms:
            wishes = planned(rooms, due.source, outcome, self.configuration, self._clock.now())
        if not wishes:
            return outcome
        settings, fetcher = self.configuration.fetch, self._fetchers[SourceKind.PAGE]
        context = context_of(due, settings)

        def read(item: Item, pages: tuple[Response, ...]) -> Future[Reading | Failure]:
            first, *rest = (told(due, page) for page in pages)
            of_item = replace(context, item=item)
            return self._reader.read(of_item, first, frozenset(), self._clock.now(), tuple(rest))

        def ask(url: str) -> Future[Response | NotModified]:
            return fetcher.fetch(article_request(due, url, settings))

        errands = Errands(wishes, ask, read, self._clock.now)
        pages = Pages(outcome=outcome, wishes=tuple(wishes))
        return Waiting(future=errands.result, pages=pages, errands=errands)
