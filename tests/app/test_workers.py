"""Documents do no harm: whatever one does, it costs its own process and no other document."""

import importlib
import os
import pkgutil
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import CancelledError
from contextlib import closing
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

import aggregator.domain
from aggregator.app import worker
from aggregator.app.worker import ForeignAnswerError, Limits, read_answer
from aggregator.app.workers import WorkerPool
from aggregator.domain.outcome import Failure, ReadContext, Reading
from aggregator.domain.response import Response
from aggregator.errors import Code
from aggregator.pipeline import visit

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ROOT = Path(__file__).parents[2]
LIMITS = Limits(wall=20, memory=400_000_000, answer=2_000_000)
SHORT = Limits(wall=1.5, memory=400_000_000, answer=2_000_000)


def pool(limits=LIMITS, workers=1):
    return closing(WorkerPool(workers, limits=limits, target="worker_poisons:read"))


def ask(reader, behaviour, body=b"<rss/>"):
    return reader.read(*question(behaviour, body), frozenset({b"1" * 16}), NOW)


def question(behaviour, body):
    context = ReadContext(source_id=behaviour, language=None, timezone=None, encoding=None, max_entries=500)
    return context, Response(source_id=behaviour, url="https://example.org/", body=body, received_at=NOW)


def answer(reader, behaviour, body=b"<rss/>"):
    return ask(reader, behaviour, body).result(timeout=60)


def test_reads_a_document_and_gives_back_equal_values():
    """A reading comes back with its items and aware dates, also of a body larger than a socket holds."""
    with pool() as reader:
        reading = answer(reader, "good")
        assert isinstance(reading, Reading)
        assert reading.items[0].published == NOW and reading.items[0].published.tzinfo is UTC
        assert answer(reader, "echo", b"x" * 5_000_000).message == f"5000000 1 {NOW.isoformat()}"


def test_every_class_that_a_reading_may_hold_comes_back():
    """A new field of an item whose class is not admitted would cost every source that uses it."""
    domain = [
        importlib.import_module(one.name)
        for one in pkgutil.iter_modules(aggregator.domain.__path__, "aggregator.domain.")
    ]
    classes = {name: one for module in domain for name, one in vars(module).items() if isinstance(one, type)}
    reachable, waiting = set(), [Reading, Failure]
    while waiting:
        one = waiting.pop()
        if one in reachable or not is_dataclass(one):
            continue
        reachable.add(one)
        waiting += [classes[name] for f in fields(one) for name in re.findall(r"\w+", str(f.type)) if name in classes]
    assert {one.__qualname__ for one in reachable} > {"Item", "Media", "Supplement"}
    assert {(one.__module__, one.__qualname__) for one in reachable} <= set(worker._ADMITTED)


def test_a_real_feed_is_read_by_the_real_reader():
    """What parsing and cleaning make of a feed passes the narrow way back, equal to a reading without a pool."""
    item = (
        "<item><title>臺灣</title><link>https://e.example/1</link><guid>g</guid><author>a@e.example (Jo)</author>"
        '<category domain="x">c</category><enclosure url="https://e.example/a.mp3" type="audio/mpeg" length="3"/>'
        '<media:content url="https://e.example/1.jpg" medium="image"/><source url="https://o.example/f">O</source>'
        "<pubDate>Sun, 22 Nov 2026 10:00:00 GMT</pubDate><description>&lt;p&gt;来源：新华社&lt;/p&gt;</description>"
        "</item>"
    )
    feed = (
        '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>T</title><ttl>60</ttl>'
        f"<skipHours><hour>3</hour></skipHours>{item}</channel></rss>"
    ).encode()
    with closing(WorkerPool(1)) as reader:
        reading = answer(reader, "real", feed)
    context, responses = question("real", feed)
    assert isinstance(reading, Reading) and len(reading.items) == 1
    assert reading == visit.read(context, (responses,), frozenset({b"1" * 16}), NOW)


@pytest.mark.parametrize(
    ("behaviour", "code", "words"),
    [
        ("memory", Code.PARSE_LIMIT, "more than 128 MB of memory"),
        ("segfault", Code.PARSE_FAILED, "SIGSEGV"),
        ("killed", Code.PARSE_FAILED, "SIGKILL"),
        ("raises", Code.PARSE_FAILED, "ValueError at tests/app/worker_poisons.py"),
        ("unpicklable", Code.PARSE_FAILED, "UnpicklableError"),
        ("lambda", Code.PARSE_FAILED, "reading failed"),
        ("foreign", Code.PARSE_FAILED, "foreign class, pathlib"),
        ("string", Code.PARSE_FAILED, "answered a str"),
        ("exit", Code.PARSE_FAILED, "SystemExit"),
        ("large", Code.PARSE_LIMIT, "over 2000000 bytes"),
        ("hijacked", Code.PARSE_FAILED, "foreign class, pathlib"),
    ],
)
def test_a_poison_is_a_failure_and_the_next_document_is_read(behaviour, code, words):
    """Every poison gives its code and a telling message, and the pool reads on."""
    with pool() as reader:
        failure = answer(reader, behaviour)
        assert isinstance(failure, Failure)
        assert failure.code is code and words in failure.message
        assert isinstance(answer(reader, "good"), Reading)


@pytest.mark.parametrize("behaviour", ["cpu", "c"])
def test_time_is_limited(behaviour):
    """A busy loop and C code that never returns are stopped at the wall limit."""
    with pool(SHORT) as reader:
        failure = answer(reader, behaviour)
        assert failure == Failure(code=Code.PARSE_LIMIT, message="reading took longer than 1.5 s and was stopped")
        assert isinstance(answer(reader, "good"), Reading)


def test_a_larger_document_may_take_more():
    """Its share of computing, time and memory grows with it: small poisons are stopped early, long feeds are read."""
    small, large = Limits().of(90_000), Limits().of(15_000_000)
    assert small.processor < 6
    assert large.processor > 38  # 15 MB of articles as XHTML take 9.5 s, on a small board four times that
    assert (small.wall < 31, large.wall > 100) == (True, True)
    assert (small.room < 130_000_000, large.room > 300_000_000) == (True, True)
    limits = Limits(processor=0.2, processor_each_mb=1, wall=20)
    with pool(limits) as reader:
        assert "took over 0.2 s of computing" in answer(reader, "cpu").message
        assert "took over 1.2 s of computing" in answer(reader, "cpu", b"x" * 1_000_000).message


def test_memory_that_is_allowed_to_a_document_is_not_kept_for_the_next():
    """The same hoard is too much for a small document after a large one was read."""
    with pool(Limits(room=30_000_000, room_each_byte=40)) as reader:
        assert isinstance(answer(reader, "hoard", b"x" * 900_000), Reading)
        assert "more than 30 MB of memory" in answer(reader, "hoard").message


def test_a_large_document_after_a_small_one_is_received_whole():
    """What the small one might take would not hold it: the same bytes are read after whatever came before."""
    with pool(Limits(room=20_000_000, room_each_byte=4)) as reader:
        assert isinstance(answer(reader, "good"), Reading)
        assert isinstance(answer(reader, "good", b"x" * 40_000_000), Reading)


def test_no_message_carries_the_words_of_an_exception():
    """An exception's text may hold a secret address: only its kind and place are told."""
    with pool() as reader:
        assert "password" not in answer(reader, "raises").message


def test_a_poison_costs_no_neighbour():
    """Twenty good documents beside one of each poison are all read."""
    with pool(Limits(wall=3, memory=400_000_000), workers=2) as reader:
        poisons = [ask(reader, "segfault")]
        neighbours = []
        for kind in ("cpu", "killed", "memory", "exit"):
            neighbours += [ask(reader, "good") for _ in range(5)]
            poisons.append(ask(reader, kind))
        assert all(isinstance(future.result(timeout=60), Reading) for future in neighbours)
        assert all(isinstance(future.result(timeout=60), Failure) for future in poisons)


def test_processes_start_at_the_first_need_and_are_replaced_after_their_share():
    """No process before the first document; a new one after `documents` of them."""
    with pool(Limits(documents=2)) as reader:
        assert not reader._workers
        pids = [answer(reader, "pid").message for _ in range(4)]
        assert pids[0] == pids[1] != pids[2] == pids[3]


def test_signals_do_not_reach_workers():
    """Ctrl-C, a hang-up and SIGTERM leave a reading alone."""
    with pool() as reader:
        assert answer(reader, "signals").message == "still here"


def test_signals_to_the_whole_group_leave_documents_alone():
    """Neither the workers nor their fork server end by Ctrl-C in the terminal or a service manager's SIGTERM."""
    program = f"""
import os, signal, sys, time
sys.path[:0] = {[str(ROOT), str(Path(__file__).parent)]!r}
from test_workers import WorkerPool, LIMITS, answer, ask
heard = []
numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
for number in numbers:
    signal.signal(number, lambda got, _: heard.append(got))
reader = WorkerPool(1, limits=LIMITS, target="worker_poisons:read")
pid = answer(reader, "pid").message
for number in numbers:
    os.killpg(0, number)
time.sleep(0.3)
assert sorted(heard) == sorted(numbers), heard
assert answer(reader, "pid").message == pid
reader.close()
"""
    subprocess.run([sys.executable, "-c", program], start_new_session=True, check=True, timeout=60)


def test_a_cancelled_document_is_not_read():
    """Cancelling what still waits takes it out of the line."""
    with pool() as reader:
        blocked = ask(reader, "cpu")
        waiting = ask(reader, "good")
        assert waiting.cancel()
        reader.close()
        with pytest.raises(CancelledError):
            blocked.result(timeout=10)


def test_closing_kills_at_once_and_cancels_what_is_not_answered(tmp_path):
    """A process in the middle of a document is gone when `close` returns; waiting documents are cancelled."""
    started = tmp_path / "started"
    with pool() as reader:
        running, waiting = ask(reader, f"sleep-{started}"), ask(reader, "good")
        pid = int(wait_for(started))
        reader.close()
        reader.close()
        for future in (running, waiting, ask(reader, "good")):
            with pytest.raises(CancelledError):
                future.result(timeout=10)
        assert not alive(pid)


def test_a_process_killed_while_idle_costs_no_document():
    """An idle process may be gone (out of memory, an operator): the next document gets a new one."""
    with pool() as reader:
        os.kill(int(answer(reader, "pid").message), signal.SIGKILL)
        (worker,) = reader._workers
        worker._process.join(10)
        assert isinstance(answer(reader, "good"), Reading)


def test_an_answer_given_unasked_is_not_the_next_documents():
    """A process that a document took over cannot answer for the next one in advance."""
    with pool() as reader:
        assert answer(reader, "twice").message == "forged"
        assert isinstance(answer(reader, "good"), Reading)


def test_a_bug_of_ours_gives_an_answer_too():
    """What cannot even be sent is `internal`, and the thread goes on."""
    with pool() as reader:
        assert answer(reader, "good", body=lambda: None).code is Code.INTERNAL
        assert isinstance(answer(reader, "good"), Reading)


def test_a_target_that_cannot_be_loaded_is_our_bug_not_the_documents():
    """A process that does not start gives `internal`, and every document its answer."""
    with closing(WorkerPool(1, target="no_such_module:read")) as reader:
        assert [answer(reader, "good").code for _ in range(2)] == [Code.INTERNAL, Code.INTERNAL]


@pytest.mark.parametrize("busy", [False, True])
def test_no_process_survives_a_killed_parent(tmp_path, busy):
    """A killed program (kill -9) leaves nothing behind, whether its workers rest or read."""
    started, marker = tmp_path / "started", f"orphan-test-{os.getpid()}-{busy}"
    program = f"""
import sys, time
sys.path[:0] = {[str(ROOT), str(Path(__file__).parent)]!r}
from test_workers import WorkerPool, LIMITS, ask, answer
reader = WorkerPool(2, limits=LIMITS, target="worker_poisons:read")
answer(reader, "good")
ask(reader, "sleep-{started}") if {busy} else open({str(started)!r}, "w").write("0")
time.sleep(600)
"""
    parent = subprocess.Popen([sys.executable, "-c", program], env={**os.environ, "AGGREGATOR_TEST_MARK": marker})
    try:
        wait_for(started)
        assert len(marked(marker)) >= 3, "the program, its fork server and a worker"
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    deadline = time.monotonic() + 20
    while (left := marked(marker)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []


def test_an_answer_of_made_up_bytes_is_refused():
    """Whatever a taken-over process sends raises one error of ours and calls nothing."""
    for data in (b"", b"junk", b"cos\nsystem\n(S'true'\ntR.", b"cbuiltins\neval\n(S'1'\ntR.", b"\x80\x05N."):
        with pytest.raises(ForeignAnswerError):
            read_answer(data)


def wait_for(path):
    deadline = time.monotonic() + 60
    while not (path.exists() and path.read_text(encoding="ascii")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return path.read_text(encoding="ascii")


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def marked(marker):
    """The processes that carry the mark in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and alive(int(entry.name)):
            try:
                if marker.encode() in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def test_a_long_temporary_folder_stops_no_reading(tmp_path):
    """A socket's path has 107 bytes at most: a deep TMPDIR must not fail every source."""
    deep = tmp_path / ("d" * 100)
    deep.mkdir()
    program = (
        "from datetime import datetime, UTC\n"
        "from aggregator.app.workers import WorkerPool\n"
        "from aggregator.domain.outcome import ReadContext\n"
        "from aggregator.domain.response import Response\n"
        "if __name__ == '__main__':\n"
        "    now = datetime(2026, 11, 22, tzinfo=UTC)\n"
        "    context = ReadContext(source_id='s', language=None, timezone=None, encoding=None, max_entries=5)\n"
        "    body = b'<rss><channel/></rss>'\n"
        "    response = Response(source_id='s', url='https://e.example/', body=body, received_at=now)\n"
        "    pool = WorkerPool(1)\n"
        "    print(pool.read(context, response, frozenset(), now).result(timeout=60))\n"
        "    pool.close()\n"
    )
    script = tmp_path / "read.py"
    script.write_text(program)
    told = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "TMPDIR": str(deep)},
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert "AF_UNIX" not in told.stdout + told.stderr
    assert "could be started" not in told.stdout
