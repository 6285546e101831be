"""Documents → files: a copy of what is published, for any web server or bucket.

The pages in it go without what needs this program's own server (a story's page, the search). No file can redirect:
what a topic was called before stays there, the feeds with the bytes of today's, which name their new address.
"""

from __future__ import annotations

import os
import re
import secrets
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from aggregator.domain.document import PRIVATE
from aggregator.errors import StorageError
from aggregator.steps.render import leads_on, standalone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from aggregator.domain.document import Document
    from aggregator.ports import Store

OURS = re.compile(
    r"(index\.html|topics\.opml|topics/[a-z0-9-]+(\.(rss|atom|json|html)|/archive/\d+\.atom)|assets/[\w.-]+)\Z"
)
OF_A_TOPIC = re.compile(r"topics/([a-z0-9-]+)\.(\w+)")
UNFINISHED = re.compile(r"\.[0-9a-f]+\.new\Z")
FORGOTTEN = 3600  # seconds: nobody takes that long over one file


def write_file(folder: Path, path: str, body: bytes) -> None:
    """Put a file in place whole: a reader sees the old bytes or the new ones, never a part.

    Raises:
        StorageError: the file cannot be written; the older one is left in place.
    """
    if not OURS.match(path):
        raise StorageError(f"refusing to write {path!r}: not a path of a published document")
    target = folder / path
    # Another process may publish at the same moment, in another container too: each writes under a name of its own.
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.new")
    with _mapped(target):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        except OSError:
            with suppress(OSError):
                temporary.unlink()
            raise


@contextmanager
def _mapped(path: Path) -> Iterator[None]:
    """Whatever the file system refuses, as one error that names the place and the cure."""
    try:
        yield
    except OSError as error:
        what = error.strerror or error
        raise StorageError(f"cannot write {path}: {what}; free space or mend its rights") from error


def write_changed(store: Store, folder: Path, documents: Sequence[Document]) -> None:
    """Copy documents that changed, but those that only a token opens."""
    with store.read() as rooms:
        former = rooms.topics.former()
    for document in documents:
        if not document.path.startswith(PRIVATE):
            for path, body in _files(document, former):
                write_file(folder, path, body)


def _files(document: Document, former: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """The file of a document, and one under each name that its topic had before."""
    yield document.path, standalone(document)
    if found := OF_A_TOPIC.fullmatch(document.path):
        for old in [old for old, now in former.items() if now == found[1]]:
            path = f"topics/{old}.{found[2]}"
            yield path, leads_on(f"{found[1]}.html") if found[2] == "html" else document.body


def mirror(store: Store, folder: Path) -> int:
    """Make the folder hold exactly what is published. Returns the files written or removed.

    After a kill between a commit and its files, or when files were touched, this puts them right. Files that
    are not ours stay.
    """
    with store.read() as rooms:
        paths = [path for path in rooms.documents.paths() if not path.startswith(PRIVATE)]
        former = rooms.topics.former()
    touched = 0
    kept: set[str] = set()
    for path in paths:
        with store.read() as rooms:
            stored = rooms.documents.get(path)
        if stored is None:
            continue
        for name, body in _files(stored.document, former):
            kept.add(name)
            with _mapped(folder / name):
                same = (folder / name).is_file() and (folder / name).read_bytes() == body
            if not same:
                write_file(folder, name, body)
                touched += 1
    with _mapped(folder):
        return touched + _remove_others(folder, kept)


def _remove_others(folder: Path, keep: set[str]) -> int:
    removed = 0
    for part in ("topics/*", "topics/*/archive/*", "assets/*"):
        for file in sorted(folder.glob(part)):
            path = file.relative_to(folder).as_posix()
            if path not in keep and OURS.match(path) and file.is_file():
                file.unlink()
                removed += 1
    for file in folder.rglob(".*.new"):  # a process was killed while it wrote
        if UNFINISHED.search(file.name) and file.stat().st_mtime < time.time() - FORGOTTEN:
            file.unlink()
    return removed
