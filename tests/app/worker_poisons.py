"""What a worker is made to read in test_workers.py: the source's id names the behaviour."""

import ctypes
import os
import pickle
import signal
import socket
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from aggregator.domain.entry import FeedInfo
from aggregator.domain.item import Item, Keys
from aggregator.domain.outcome import Failure, Reading
from aggregator.errors import Code

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class UnpicklableError(Exception):
    """Pickles, and cannot be unpickled."""

    def __init__(self, one, two):
        super().__init__("said once")


def good(context):
    item = Item(
        source_id=context.source_id, keys=Keys(text=b"k" * 16), raw_hash=b"r" * 16, text_hash=b"t" * 16,
        guid=None, link=None, title="A title", published=NOW,
    )  # fmt: skip
    return Reading(info=FeedInfo(title="Feed"), items=(item,), newest=(NOW,))


def cpu():
    while True:
        pass


def stuck_in_c():
    """Holds the GIL in C code: no Python signal handler would run."""
    ctypes.PyDLL(None).sleep(600)


def memory():
    hoard = []
    while True:
        hoard.append(bytearray(50_000_000))


def hoard():
    """Takes more than some documents may, and gives it back."""
    return Reading(info=FeedInfo(title=str(len(bytearray(50_000_000)))), items=())


def channels():
    """Every Unix socket of the process: one of them leads to the parent."""
    for number in range(3, 64):
        try:
            channel = socket.socket(fileno=os.dup(number))
        except OSError:
            continue
        if channel.family == socket.AF_UNIX:
            yield channel


def hijacked():
    """A document that took the process over and answers for it."""
    data = pickle.dumps(("ok", Path("/etc/passwd")))
    for channel in channels():
        channel.sendall(len(data).to_bytes(8, "big") + data)
    time.sleep(600)


def pid():
    return Failure(code=Code.EMPTY, message=str(os.getpid()))


def raises():
    raise ValueError("a secret of https://user:password@example.org/")


def unpicklable():
    raise UnpicklableError(1, 2)


def signals():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(os.getpid(), number)
    return Failure(code=Code.EMPTY, message="still here")


def twice():
    """Answers once too often: the second would be taken for the next document's."""
    data = pickle.dumps(("ok", Failure(code=Code.EMPTY, message="forged")))
    for channel in channels():
        channel.sendall((len(data).to_bytes(8, "big") + data) * 2)
    time.sleep(600)


BEHAVIOURS = {
    "pid": pid,
    "cpu": cpu,
    "c": stuck_in_c,
    "memory": memory,
    "hoard": hoard,
    "segfault": lambda: ctypes.string_at(0),
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "raises": raises,
    "unpicklable": unpicklable,
    "lambda": lambda: lambda: None,
    "foreign": lambda: Reading(info=FeedInfo(), items=(), version=Path("x")),
    "string": lambda: "not a reading",
    "exit": lambda: sys.exit("leave"),
    "large": lambda: Reading(info=FeedInfo(title="x" * 3_000_000), items=()),
    "hijacked": hijacked,
    "twice": twice,
    "signals": signals,
}


def read(context, responses, known, now):
    kind, _, argument = context.source_id.partition("-")
    if kind == "sleep":
        Path(argument).write_text(str(os.getpid()), encoding="ascii")
        time.sleep(600)
    if kind == "echo":
        return Failure(code=Code.EMPTY, message=f"{len(responses[0].body)} {len(known)} {now.isoformat()}")
    return BEHAVIOURS[kind]() if kind in BEHAVIOURS else good(context)
