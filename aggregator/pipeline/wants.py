"""Further addresses that a reading needs: the next page of a list, the maps of an index, the files of a folder.

They are asked for under the same guard, pace and robots.txt as the source's own address, with its headers, on its
own origin only, in at most three rounds. What cannot be had is read without.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING

from aggregator.domain.outcome import Fetched
from aggregator.domain.response import Response
from aggregator.domain.source import SourceKind
from aggregator.pipeline.asking import origin
from aggregator.pipeline.shelf import Shelf, Shelved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.domain.outcome import Outcome, Reading
    from aggregator.domain.response import NotModified

ROUNDS = 3
MOST = 10  # addresses a visit
BYTES = 20_000_000  # of all answers of a visit, which are read together
FILES = 100  # of a folder
KINDS = frozenset({SourceKind.PAGE, SourceKind.SITEMAP, SourceKind.FILE})
WHOLE = frozenset({SourceKind.SITEMAP, SourceKind.FILE})  # what one address of these lacks is yet to come


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """A visit between its response and its outcome.

    `response` has no body: that waits with the reader. `told` are the whole responses where more may be wanted,
    as they are read. `reading` is the last one there was.
    """

    response: Response
    digest: bytes
    told: tuple[Shelved, ...] = ()
    shelf: Shelf = field(default_factory=Shelf)
    asked: frozenset[str] = frozenset()
    rounds: int = 0
    waiting: int = 0  # addresses asked in this round
    partial: bool = False  # a sitemap's map, or a folder's file, could not be had: what it holds is yet to come
    reading: Reading | None = None
    sent_on: bool = False  # by the page at the source's address: to one further address, and no more


def wanted(work: Work, reading: Reading) -> list[str]:
    """The addresses to ask for now: of the same origin, none twice."""
    if not work.told or work.rounds >= ROUNDS:
        return []
    home = origin(work.response.url)
    had = work.asked | {work.response.url}
    new = [url for url in dict.fromkeys(reading.wants) if url not in had and origin(url) == home]
    most = FILES if home[0] == "file" else MOST
    return new[: most - len(work.asked)]


def whole(work: Work) -> Outcome | None:
    """The outcome of a visit that needs nothing more.

    A validator of one answer does not vouch for several; only a folder's was made over all of its files.
    """
    if work.reading is None:
        return None
    apart = bool(work.asked) and origin(work.response.url)[0] != "file"
    response = replace(work.response, validators=None) if apart else work.response
    reading = replace(work.reading, truncated=True) if work.partial else work.reading
    return Fetched(response=response, body_hash=b"" if work.asked else work.digest, reading=reading)


def arrived(work: Work, kind: SourceKind, answers: Sequence[Shelved]) -> Work:
    """The visit with what a round brought, as far as memory may be spent on one source."""
    missing = kind in WHOLE and len(answers) < work.waiting
    room = BYTES - sum(one.size for one in work.told)
    taken: list[Shelved] = []
    for answer in answers:
        room -= answer.size
        if room >= 0:
            taken.append(answer)
    return replace(work, told=(*work.told, *taken), partial=work.partial or missing)


def gathered(futures: Sequence[Future[Response | NotModified]], shelf: Shelf) -> Future[tuple[Shelved, ...]]:
    """What comes of several visits, in their order, once all have ended; those that failed are left out."""
    together: Future[tuple[Shelved, ...]] = Future()
    left = list(futures)
    results: dict[int, Shelved] = {}
    lock = Lock()

    def arrived(place: int, done: Future[Response | NotModified]) -> None:
        if not done.cancelled() and done.exception() is None and isinstance(answer := done.result(), Response):
            results[place] = shelf.put(answer)
        with lock:
            left.remove(done)
            last = not left
        if last and together.set_running_or_notify_cancel():
            together.set_result(tuple(results[at] for at in sorted(results)))

    together.add_done_callback(lambda done: [one.cancel() for one in list(left)] if done.cancelled() else None)
    for place, future in enumerate(futures):
        future.add_done_callback(lambda done, place=place: arrived(place, done))  # type: ignore[misc]  # mypy infers no default
    return together
