"""Sources of kind `file`."""

import os
from datetime import UTC, datetime

import pytest

from aggregator.domain.response import NotModified, Response
from aggregator.domain.settings import FetchSettings
from aggregator.errors import Code, FetchError
from aggregator.steps.fetch import FileFetcher, local_file
from tests.steps.fetch.conftest import StandingClock, ask

NOW = datetime(2026, 3, 4, tzinfo=UTC)


def read(path, base, request=None, max_body=1000):
    return local_file(path, base, request or ask("feed.xml"), max_body=max_body, now=NOW)


def code_of(path, base, **options):
    with pytest.raises(FetchError) as caught:
        read(path, base, **options)
    assert "shown.example" in caught.value.message
    return caught.value.code


def test_a_file_is_read_and_then_not_modified_until_it_changes(tmp_path):
    """Same size and time of change do not hide an edit: the validator is a hash."""
    file = tmp_path / "feed.xml"
    file.write_bytes(b"<rss>1</rss>")
    first = read(file, tmp_path)
    assert isinstance(first, Response)
    assert (first.body, first.received_at) == (b"<rss>1</rss>", NOW)
    again = ask("feed.xml", validators=first.validators)
    assert isinstance(read(file, tmp_path, again), NotModified)
    before = file.stat()
    file.write_bytes(b"<rss>2</rss>")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert read(file, tmp_path, again).body == b"<rss>2</rss>"


def test_only_regular_files_within_the_folder(tmp_path):
    """Links may stay inside; a pipe is not waited for."""
    base = tmp_path / "config"
    base.mkdir()
    outside = tmp_path / "secret.xml"
    outside.write_bytes(b"<rss/>")
    (base / "good.xml").write_bytes(b"<rss/>")
    (base / "link.xml").symlink_to("good.xml")
    (base / "escape.xml").symlink_to(outside)
    (base / "loop.xml").symlink_to("loop.xml")
    os.mkfifo(base / "pipe.xml")
    assert read(base / "link.xml", base).body == b"<rss/>"
    for path in (base / "escape.xml", base / ".." / "secret.xml", outside, base / "pipe.xml"):
        assert code_of(path, base) in {Code.REFUSED_ADDRESS, Code.CONNECT}
    assert code_of(base / "pipe.xml", base) is Code.REFUSED_ADDRESS
    assert code_of(base / "loop.xml", base) in {Code.REFUSED_ADDRESS, Code.CONNECT}
    assert code_of(base / "missing.xml", base) is Code.CONNECT
    assert code_of(base / "nul\0.xml", base) is Code.CONNECT


def test_a_folder_lists_its_feeds_and_changes_with_any_of_them(tmp_path):
    """Not what leads outside, what is no feed by its name, and what is no file; an edit of equal size shows."""
    base = tmp_path / "config"
    folder = base / "feeds"
    folder.mkdir(parents=True)
    assert code_of(folder, base) is Code.EMPTY
    (tmp_path / "secret.xml").write_bytes(b"<rss/>")
    (folder / "escape.xml").symlink_to(tmp_path / "secret.xml")
    (folder / "deep.xml").mkdir()
    os.mkfifo(folder / "pipe.xml")
    for name in ("b.xml", "a.JSON", "notes.txt", "日报.rss"):
        (folder / name).write_bytes(b"<rss>1</rss>")
    first = read(folder, base)
    assert first.body.decode().split("\n") == [(folder / name).as_uri() for name in ("a.JSON", "b.xml", "日报.rss")]
    asked = ask("feeds", validators=first.validators)
    assert isinstance(read(folder, base, asked), NotModified)
    (folder / "b.xml").write_bytes(b"<rss>2</rss>")
    assert isinstance(read(folder, base, asked), Response)
    outside = base / "out"
    outside.symlink_to(tmp_path)
    assert code_of(outside, base) is Code.REFUSED_ADDRESS


def test_size_and_emptiness(tmp_path):
    file = tmp_path / "feed.xml"
    file.write_bytes(b"x" * 1000)
    assert len(read(file, tmp_path).body) == 1000
    file.write_bytes(b"x" * 1001)
    assert code_of(file, tmp_path) is Code.TOO_LARGE
    file.write_bytes(b" \n")
    assert code_of(file, tmp_path) is Code.EMPTY


def test_the_fetcher_of_files_speaks_like_the_other(tmp_path):
    """A done future; the url is a path under the folder of feeds.yaml."""
    (tmp_path / "my feed.xml").write_bytes(b"<rss/>")
    fetcher = FileFetcher(FetchSettings(), base=tmp_path, clock=StandingClock())
    assert fetcher.fetch(ask("my feed.xml")).result(1).body == b"<rss/>"
    assert fetcher.fetch(ask((tmp_path / "my feed.xml").as_uri())).result(1).body == b"<rss/>"
    assert fetcher.fetch(ask("../x.xml")).exception(1).code in {Code.REFUSED_ADDRESS, Code.CONNECT}
    fetcher.reconfigure(FetchSettings(max_body=2))
    assert fetcher.fetch(ask("my feed.xml")).exception(1).code is Code.TOO_LARGE
    fetcher.close()
    fetcher.close()
