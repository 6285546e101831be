"""Worker processes in which documents do no harm: each is read under a time and a memory limit.

One thread a process, one document at a time. A document that runs over a limit or brings its process down costs
that process and nothing else. Processes come from multiprocessing's fork server (79 ms to a new one, parsers
loaded; 200 to 450 ms by spawning). What they answer is unpickled by a reader that knows the domain's classes only.
"""

from __future__ import annotations

import atexit
import contextlib
import multiprocessing
import os
import signal
import socket
import tempfile
import threading
import time
from concurrent.futures import CancelledError, Future
from io import SEEK_END
from multiprocessing import resource_tracker
from typing import IO, TYPE_CHECKING

import structlog

from aggregator.app.waiting import LARGE, PIECE, Line, Task, spooled
from aggregator.app.worker import HEADER, ForeignAnswerError, Limits, read_answer, serve
from aggregator.domain.outcome import Failure, Reading
from aggregator.errors import Code

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from multiprocessing.context import ForkServerProcess

    from aggregator.app.worker import Allowance
    from aggregator.domain.outcome import ReadContext
    from aggregator.domain.response import Response

READ = "aggregator.pipeline.visit:read"
_PRELOAD = ("aggregator.app.worker_preload",)
LONGEST_FOLDER = 60  # bytes; multiprocessing adds some 35 of its own
SHORT_FOLDER = "/tmp"  # noqa: S108 - multiprocessing makes a folder of ours alone in it


log = structlog.get_logger()


class WorkerPool:
    """Implements `ports.Reader`. Processes start at the first need. Usable from any thread.

    Args:
        workers: how many documents are read at once.
        limits: of each.
        target: 'module:function', called in the worker with (context, (response,), known, now).
    """

    def __init__(self, workers: int = 2, *, limits: Limits | None = None, target: str = READ) -> None:
        self._size = workers
        self._limits = limits or Limits()
        self._target = target
        self._line = Line()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._workers: set[_Worker] = set()
        self._closed = False

    def read(
        self,
        context: ReadContext,
        response: Response,
        known: frozenset[bytes],
        now: datetime,
        further: tuple[Response, ...] = (),
    ) -> Future[Reading | Failure]:
        """Read one document. The future holds a Failure where it could not be, and is cancelled by `close`."""
        future: Future[Reading | Failure] = Future()
        try:
            size = sum(len(one.body) for one in (response, *further))
            task = Task(future=future, request=spooled(context, (response, *further), known, now), large=size > LARGE)
        except Exception as error:  # the boundary that owns a document: no room on disk, or a bug of ours
            log.exception("reading_not_queued")
            message = f"the document could not be put aside for reading: {type(error).__name__}; see the log"
            future.set_result(Failure(code=Code.INTERNAL, message=message))
            return future
        with self._lock:
            if self._closed:
                task.drop()
                return task.future
            if len(self._threads) < self._size:
                thread = threading.Thread(target=self._work, name=f"reader-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                if len(self._threads) == 1:
                    # Before multiprocessing's own, which asks children to end that do not listen.
                    atexit.register(self.close)
                thread.start()
            self._line.put(task)
        return task.future

    def close(self) -> None:
        """Kill every process, whatever it does, and cancel what is not answered. Safe to call twice."""
        with self._lock:
            self._closed = True
            workers, threads = list(self._workers), list(self._threads)
        atexit.unregister(self.close)
        for task in self._line.close():
            task.drop()
        for worker in workers:
            worker.kill()
        for thread in threads:
            if thread is not threading.current_thread():
                thread.join(timeout=5)

    def _work(self) -> None:
        """One thread: takes a document, has its process read it, replaces the process where it must."""
        worker: _Worker | None = None
        while task := self._line.take():
            if not task.future.set_running_or_notify_cancel():
                task.request.close()
                self._line.done(task)
                continue
            result: Reading | Failure
            try:
                if worker and not worker.idle():
                    self._end(worker)
                    worker = None
                worker = worker or self._start()
                result = worker.ask(task.request)
            except _LostError as lost:
                result = lost.failure
                self._end(worker)
                worker = None
            except Exception as error:  # the boundary that owns a document: a bug of ours must not end the thread
                log.exception("reading_crashed")
                result = Failure(code=Code.INTERNAL, message=f"a bug of ours: {type(error).__name__}; see the log")
                self._end(worker)
                worker = None
            task.request.close()
            if self._closed:
                task.future.set_exception(CancelledError())
                break
            task.future.set_result(result)
            if worker and (task.large or worker.asked >= self._limits.documents):
                self._end(worker)
                worker = None
            self._line.done(task)
        self._end(worker)

    def _start(self) -> _Worker:
        worker = _Worker(self._target, self._limits)
        with self._lock:
            self._workers.add(worker)
            closed = self._closed
        if closed:
            worker.kill()
        try:
            worker.wait_until_ready()
        except _LostError:
            self._end(worker)
            raise
        return worker

    def _end(self, worker: _Worker | None) -> None:
        if worker:
            with self._lock:
                self._workers.discard(worker)
            worker.end()


class _LostError(Exception):
    """The process must be replaced; `failure` is what became of its document."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.failure = Failure(code=code, message=message)


class _Worker:
    """The parent's end of one process. `ask` belongs to one thread, `kill` to any."""

    # multiprocessing's bookkeeping of children is not made for several threads.
    _bookkeeping = threading.Lock()

    def __init__(self, target: str, limits: Limits) -> None:
        self.asked = 0
        self._limits = limits
        self._channel, theirs = socket.socketpair()
        context = multiprocessing.get_context("forkserver")
        try:
            with self._bookkeeping, theirs, _deaf_children(), _short_folder():
                context.set_forkserver_preload(list(_PRELOAD))
                self._process: ForkServerProcess = context.Process(
                    target=serve, args=(theirs, target, limits), name="reader", daemon=True
                )
                self._process.start()
        except (OSError, EOFError) as error:
            self._channel.close()
            raise _LostError(Code.INTERNAL, f"no reading process could be started: {error}") from error

    def wait_until_ready(self) -> None:
        """Imports take their time on a busy machine: it is not the document's."""
        try:
            self._receive(time.monotonic() + self._limits.start)
        except (OSError, EOFError, _TooLargeError) as error:
            raise _LostError(Code.INTERNAL, f"a reading process did not start: {self._exit()}") from error

    def idle(self) -> bool:
        """Whether it waits for a document: not if it was killed meanwhile, nor if it speaks unasked."""
        self._channel.settimeout(0)
        try:
            self._channel.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def ask(self, request: IO[bytes]) -> Reading | Failure:
        """Have one document read.

        Raises:
            _LostError: the process is of no use any more.
        """
        self.asked += 1
        limits, size = self._limits, request.seek(0, SEEK_END)
        allowed = limits.of(size)
        deadline = time.monotonic() + allowed.wall
        try:
            self._send(request, size, allowed.wall)
            kind, value = read_answer(self._receive(deadline))
        except TimeoutError as error:
            message = f"reading took longer than {allowed.wall:.3g} s and was stopped"
            raise _LostError(Code.PARSE_LIMIT, message) from error
        except _TooLargeError as error:
            raise _LostError(Code.PARSE_LIMIT, f"what was read is over {limits.answer} bytes") from error
        except ForeignAnswerError as error:
            raise _LostError(Code.PARSE_FAILED, f"the reading process answered {error}") from error
        except (OSError, EOFError) as error:
            raise _LostError(*self._cause_of_death(allowed)) from error
        match kind:
            case "ok" if isinstance(value, Reading | Failure):
                return value
            case "memory":
                room = min(allowed.room, limits.memory)
                message = f"reading needed more than {room / 1e6:.0f} MB of memory and was stopped"
                raise _LostError(Code.PARSE_LIMIT, message)
            case "large":
                return Failure(code=Code.PARSE_LIMIT, message=f"what was read is over {limits.answer} bytes")
            case "error" if isinstance(value, str):
                return Failure(code=Code.PARSE_FAILED, message=f"reading failed: {value[:300]}")
            case "ended" if isinstance(value, str):
                raise _LostError(Code.PARSE_FAILED, f"reading ended its process: {value[:300]}")
        raise _LostError(Code.PARSE_FAILED, f"the reading process answered a {type(value).__name__}")

    def _send(self, request: IO[bytes], size: int, wall: float) -> None:
        request.seek(0)
        self._channel.settimeout(wall)
        self._channel.sendall(size.to_bytes(HEADER, "big"))
        while part := request.read(PIECE):
            self._channel.sendall(part)

    def kill(self) -> None:
        """At once, whatever it does."""
        with self._bookkeeping, contextlib.suppress(ValueError, OSError):  # ValueError: ended and closed already
            self._process.kill()

    def end(self) -> None:
        """Kill and bury it."""
        self._channel.close()
        with self._bookkeeping, contextlib.suppress(ValueError, OSError):
            self._process.kill()
            self._process.join(5)
            self._process.close()

    def _receive(self, deadline: float) -> bytes:
        length = int.from_bytes(self._exactly(HEADER, deadline), "big")
        if length > self._limits.answer:
            raise _TooLargeError
        return self._exactly(length, deadline)

    def _exactly(self, length: int, deadline: float) -> bytes:
        data = bytearray(length)
        view, place = memoryview(data), 0
        while place < length:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._channel.settimeout(left)
            count = self._channel.recv_into(view[place:])
            if not count:
                raise EOFError
            place += count
        return bytes(data)

    def _cause_of_death(self, allowed: Allowance) -> tuple[Code, str]:
        how = self._exit()
        if how == "SIGPROF":
            return Code.PARSE_LIMIT, f"reading took over {allowed.processor:.3g} s of computing and was stopped"
        if how == "SIGALRM":
            return Code.PARSE_LIMIT, f"reading took longer than {allowed.wall:.3g} s and was stopped"
        return Code.PARSE_FAILED, f"reading brought its process down ({how})"

    def _exit(self) -> str:
        """How it ended, by name; it is given a moment to do so."""
        with self._bookkeeping:
            self._process.join(1)
            code = self._process.exitcode
        if code is None:
            return "it hung up"
        try:
            return signal.Signals(-code).name if code < 0 else f"exit code {code}"
        except ValueError:
            return f"signal {-code}"


@contextlib.contextmanager
def _short_folder() -> Iterator[None]:
    """The fork server listens on a socket in the temporary folder, whose path may have 107 bytes (unix(7)).

    A long TMPDIR would fail every start, and so every source.
    """
    usual = tempfile.tempdir
    if len(os.fsencode(tempfile.gettempdir())) > LONGEST_FOLDER and os.access(SHORT_FOLDER, os.W_OK):
        tempfile.tempdir = SHORT_FOLDER
    try:
        yield
    finally:
        tempfile.tempdir = usual


@contextlib.contextmanager
def _deaf_children() -> Iterator[None]:
    """Processes started here do not hear Ctrl-C, nor a service manager's SIGTERM to the whole group.

    The mask is inherited, by the fork server too: were it to end, it would take every worker with it, and the
    documents being read would look guilty. The resource tracker goes first, for it clears the mask when it starts.
    """
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _TooLargeError(Exception):
    """The answer is longer than may be."""
