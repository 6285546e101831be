"""Documents that wait to be read: one large one at a time, and nobody else waits for it."""

import threading
from contextlib import closing
from io import BytesIO

from test_workers import LIMITS, answer

from aggregator.app.waiting import LARGE, Line, Task
from aggregator.app.workers import WorkerPool


def task(name, *, large=False):
    return Task(future=name, request=BytesIO(), large=large)


def test_small_documents_pass_a_large_one():
    """Two large ones are never read at once; the second is taken when the first is done."""
    line = Line()
    first, second = task("first", large=True), task("second", large=True)
    for one in (task("a"), first, second, task("b")):
        line.put(one)
    assert [line.take().future for _ in range(3)] == ["first", "a", "b"]
    taken = []
    waiting = threading.Thread(target=lambda: taken.append(line.take()))
    waiting.start()
    line.done(first)
    waiting.join(30)
    assert taken == [second]


def test_a_closed_line_gives_back_who_waits_and_lets_takers_go():
    line = Line()
    taken = []
    waiting = threading.Thread(target=lambda: taken.append(line.take()))
    waiting.start()
    line.put(first := task("first", large=True))
    waiting.join(30)
    line.put(second := task("second", large=True))
    line.put(third := task("third"))
    assert taken == [first]
    assert line.close() == [second, third]
    assert line.take() is None


def test_a_process_that_read_a_large_document_is_replaced():
    """It would keep memory that nobody needs again."""
    with closing(WorkerPool(1, limits=LIMITS, target="worker_poisons:read")) as reader:
        process = answer(reader, "pid").message
        assert answer(reader, "pid", b"x" * LARGE).message == process
        assert answer(reader, "pid", b"x" * (LARGE + 1)).message == process
        assert answer(reader, "pid").message != process
