"""Bodies that a visit needs again wait on disk, and nothing of them stays behind."""

import gc
import os
from concurrent.futures import Future
from datetime import UTC, datetime

import pytest

from aggregator.domain.response import Response
from aggregator.errors import Code, FetchError
from aggregator.pipeline.shelf import SMALL, Shelf
from aggregator.pipeline.wants import gathered

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def answer(body):
    return Response(source_id="one", url="https://one.example/", body=body, received_at=NOON)


def test_what_is_laid_aside_comes_back_as_it_was():
    """Large ones leave the memory, whatever their number; small ones stay."""
    shelf = Shelf()
    bodies = [bytes([number]) * size for number, size in enumerate((0, 10, SMALL, SMALL + 1, 900_000, SMALL + 1))]
    laid = [shelf.put(answer(body)) for body in bodies]
    assert [len(one.response.body) for one in laid] == [0, 10, SMALL, 0, 0, 0]
    assert [one.size for one in laid] == [len(body) for body in bodies]
    assert [one.whole() for one in reversed(laid)] == [answer(body) for body in reversed(bodies)]


def test_its_file_goes_with_the_visit():
    shelf = Shelf()
    laid = shelf.put(answer(b"x" * 100_000))
    number = shelf._file
    os.fstat(number)
    del shelf, laid
    gc.collect()
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(number)


def test_a_full_disk_costs_memory_and_no_news(monkeypatch):
    def full(*_):
        raise OSError("no room")

    monkeypatch.setattr(os, "pwrite", full)
    assert Shelf().put(answer(b"x" * 100_000)).whole().body == b"x" * 100_000


def test_what_a_round_brings_is_laid_aside_in_its_order():
    """A visit that failed is left out."""
    futures = [Future() for _ in range(3)]
    together = gathered(futures, Shelf())
    futures[2].set_result(answer(b"c" * 100_000))
    futures[1].set_exception(FetchError("one", Code.DNS, "no"))
    assert not together.done()
    futures[0].set_result(answer(b"a"))
    assert [one.whole().body[:1] for one in together.result(0)] == [b"a", b"c"]
    assert [len(one.response.body) for one in together.result(0)] == [1, 0]
