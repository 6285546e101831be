"""The worker process: reads documents for its parent until that hangs up, and may do little else.

Either side of the wire stands here: what a process sends, and what its parent believes of it.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import io
import os
import pickle  # answers go through _AnswerReader, which admits only the classes it lists
import resource
import signal
import sys
import traceback
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from multiprocessing import forkserver
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from aggregator.domain.article import Article
from aggregator.domain.entry import Author, Category, Enclosure, FeedInfo, Media, Origin
from aggregator.domain.item import Credit, Item, Keys
from aggregator.domain.media import (
    Chapters,
    Conversation,
    Discussion,
    Episode,
    License,
    Location,
    Mark,
    MediaCredit,
    MediaNote,
    Participant,
    Point,
    Recipient,
    Remark,
    RemoteItem,
    Soundbite,
    Supplement,
    TimeSplit,
    Transcript,
    Value,
)
from aggregator.domain.outcome import Failure, PageSurvey, Reading
from aggregator.domain.sketch import Sketch
from aggregator.domain.source import FeedHints, PageSelectors
from aggregator.errors import Code

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

HEADER = 8  # bytes: the length of what follows, big-endian
_PR_SET_PDEATHSIG = 1  # prctl(2)
_ADMITTED = {
    (one.__module__, one.__qualname__): one
    for one in (
        Reading, Failure, FeedInfo, FeedHints, Item, Keys, Sketch, Credit, Article, Author, Category, Enclosure, Media,
        Origin, Code, date, datetime, timedelta, timezone, frozenset, set,
        Chapters, Conversation, Discussion, Episode, License, Location, Mark, MediaCredit, MediaNote, Participant,
        Point, Recipient, Remark, RemoteItem, Soundbite, Supplement, TimeSplit, Transcript, Value, PageSurvey,
        PageSelectors,
    )
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one document may cost: seconds, bytes of memory, bytes of answer; and how many a process reads.

    The more it brings, the more it may take. An ordinary feed of 90 kB needs 0.04 s and 10 MB, the costliest good one
    known, 15 MB of articles as XHTML, 9.5 s and 130 MB: a machine that is four times slower reads both.
    """

    processor: float = 5.0  # seconds of computing: on a busy machine a good document takes longer, not more
    processor_each_mb: float = 2.5
    wall: float = 30.0
    wall_each_mb: float = 5.0
    memory: int = 512_000_000  # of the whole process, whatever it reads
    room: int = 128_000_000  # beyond what the process takes at rest
    room_each_byte: int = 12
    answer: int = 64_000_000
    documents: int = 1000  # then the process is replaced: what a library leaks goes with it
    start: float = 60.0  # seconds until a new process must be ready

    def of(self, size: int) -> Allowance:
        """What a document of so many bytes may take."""
        return Allowance(
            processor=self.processor + self.processor_each_mb * size / 1_000_000,
            wall=self.wall + self.wall_each_mb * size / 1_000_000,
            room=self.room + self.room_each_byte * size,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowance:
    """Seconds of computing and in all, and bytes beyond those at rest, for one document."""

    processor: float
    wall: float
    room: int


class ForeignAnswerError(Exception):
    """The answer holds what no reading holds."""


class _AnswerReader(pickle.Unpickler):
    """Knows the classes a reading is made of: a process that a document has taken over can make no others."""

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ADMITTED[module, name]
        except KeyError:
            raise ForeignAnswerError(f"with a foreign class, {module[:80]}.{name[:80]}") from None


def read_answer(data: bytes) -> tuple[object, object]:
    """The kind of answer, and its value.

    Raises:
        ForeignAnswerError: it holds what no reading holds, or is none.
    """
    try:
        kind, value = _AnswerReader(io.BytesIO(data)).load()
    except ForeignAnswerError:
        raise
    except Exception as error:  # made-up pickles raise whatever they like
        raise ForeignAnswerError(f"what cannot be unpickled ({type(error).__name__})") from error
    return kind, value


def serve(channel: socket.socket, target: str, limits: Limits) -> NoReturn:
    """The worker process: reads requests until its parent hangs up."""
    _confine(limits)
    at_rest = _data_held()
    module, _, name = target.partition(":")
    function = getattr(importlib.import_module(module), name)
    channel.setblocking(True)
    _send(channel, b"")
    with channel.makefile("rb") as stream:
        while header := stream.read(HEADER):
            size = int.from_bytes(header, "big")
            allowed = limits.of(size)
            if at_rest:  # before it is received: the limit of a small one would not hold a large one
                _limit_data(min(at_rest + allowed.room, limits.memory), limits.memory)
            request = [_received(stream, size)]
            # The kernel ends this process even while C code holds the GIL and nobody is left to watch.
            signal.setitimer(signal.ITIMER_REAL, allowed.wall + 1)
            signal.setitimer(signal.ITIMER_PROF, allowed.processor)
            answer, last = _run(function, request, limits)
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
            _send(channel, answer)
            del answer
            if last:
                break
    os._exit(0)


def _send(channel: socket.socket, data: bytes) -> None:
    channel.sendall(len(data).to_bytes(HEADER, "big") + data)


def _received(stream: io.BufferedReader, length: int) -> bytearray:
    """The next bytes of the stream, in one piece from the start."""
    data = bytearray(length)
    view, place = memoryview(data), 0
    while place < length and (count := stream.readinto(view[place:])):
        place += count
    return data


def _run(function: Callable[..., object], request: list[bytearray], limits: Limits) -> tuple[bytes, bool]:
    """The answer to one request, and whether the process should end with it.

    The request is taken out of its list: a large document is not held twice while it is read.
    """
    try:
        arguments = pickle.loads(request.pop())  # noqa: S301 - from our parent
        answer = pickle.dumps(("ok", function(*arguments)), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        return pickle.dumps(("memory", "")), True
    except Exception as error:  # noqa: BLE001 - whatever a document provokes, in one place
        return pickle.dumps(("error", _described(error))), False
    except BaseException as error:  # noqa: BLE001 - SystemExit and its like: the process's state is not to be trusted
        return pickle.dumps(("ended", _described(error))), True
    return (pickle.dumps(("large", "")), False) if len(answer) > limits.answer else (answer, False)


def _described(error: BaseException) -> str:
    """The kind and the place, not the words: they may hold the document's, or a secret address."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {'/'.join(frames[-1].filename.split('/')[-3:])}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def _confine(limits: Limits) -> None:
    """Give up what a reader of documents does not need."""
    # They are blocked already, and may be unblocked by what is called: the parent decides when we end.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    # A child of the fork server keeps the server alive, and so itself, after the parent was killed, unless it
    # closes this descriptor (private, and guarded for the day it is renamed).
    server = getattr(forkserver, "_forkserver", None)
    alive = getattr(server, "_forkserver_alive_fd", None)
    if alive is not None:
        with contextlib.suppress(OSError):
            os.close(alive)
        server._forkserver_alive_fd = None  # type: ignore[union-attr]  # noqa: SLF001 - see above
    linux = sys.platform == "linux"
    if linux:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _limit_data(limits.memory, limits.memory)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)


def _limit_data(soft: int, hard: int) -> None:
    """RLIMIT_DATA counts private memory only on Linux; elsewhere the address space is the nearest thing."""
    resource.setrlimit(resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS, (soft, hard))


def _data_held() -> int:
    """Bytes that RLIMIT_DATA counts already, mostly reserved and untouched; 0 where that cannot be known."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[5]
        return int(pages) * resource.getpagesize()
    return 0
