"""Published documents as they go over the wire: compressed once, kept while they are asked for."""

from __future__ import annotations

import gzip
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

import brotli

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.domain.document import Document
    from aggregator.ports import Store

KEPT = 32_000_000  # bytes of bodies, plain and compressed together
_WORTH = 600  # bytes under which compression saves no packet
_FROZEN, _HEAD = b"<fh:archive", 4_096  # what marks a page of an archive that is full (RFC 5005 §4), and where
_TEXT = ("text/", "application/atom+xml", "application/rss+xml", "application/feed+json", "image/svg+xml")


@dataclass(frozen=True, kw_only=True, slots=True)
class Representation:
    """One form of a document's bytes with its own strong ETag (RFC 9110 §8.8.3.3)."""

    etag: str
    body: bytes = field(repr=False)
    encoding: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """A document ready to be sent; `packed` are its compressed forms, none where that gains nothing.

    `modified` is None where nobody knows since when its bytes are these. `frozen`: they never change again (a full
    page of an archive).
    """

    media_type: str
    modified: datetime | None
    plain: Representation
    packed: tuple[Representation, ...] = ()
    frozen: bool = False

    @property
    def size(self) -> int:
        """Bytes this takes in memory."""
        return sum(len(form.body) for form in (self.plain, *self.packed))


class Documents:
    """What is published, by path. The store is asked for the ETag each time, for the bytes only when it is new."""

    def __init__(self, store: Store, *, kept: int = KEPT) -> None:
        self._store = store
        self._kept = kept
        self._size = 0
        self._known: OrderedDict[str, Served] = OrderedDict()
        self._lock = Lock()

    def get(self, path: str) -> Served | None:
        """The document at `path`, or None.

        Raises:
            StorageError: the store failed.
        """
        with self._store.read() as rooms:
            head = rooms.documents.head(path)
            if head is None:
                self._forget(path)
                return None
            known = self._recall(path, *head)
            stored = None if known else rooms.documents.get(path)
        if known or stored is None:
            return known
        made = served(stored.document, stored.modified)
        self._remember(path, made)
        return made

    def _recall(self, path: str, etag: str, modified: datetime) -> Served | None:
        with self._lock:
            known = self._known.get(path)
            if known is None or known.plain.etag != etag or known.modified != modified:
                return None
            self._known.move_to_end(path)
            return known

    def _remember(self, path: str, served: Served) -> None:
        with self._lock:
            old = self._known.pop(path, None)
            self._size += served.size - (old.size if old else 0)
            self._known[path] = served
            while self._size > self._kept and self._known:
                _, gone = self._known.popitem(last=False)
                self._size -= gone.size

    def _forget(self, path: str) -> None:
        with self._lock:
            if old := self._known.pop(path, None):
                self._size -= old.size


def served(document: Document, modified: datetime | None = None) -> Served:
    """A document in every form it is sent in."""
    plain = Representation(etag=document.etag, body=document.body)
    packed = _packed(document) if document.media_type.startswith(_TEXT) and len(document.body) >= _WORTH else ()
    frozen = "/archive/" in document.path and _FROZEN in document.body[:_HEAD]
    return Served(media_type=document.media_type, modified=modified, plain=plain, packed=packed, frozen=frozen)


def _packed(document: Document) -> tuple[Representation, ...]:
    """The smaller forms, best first. At this quality brotli costs as much time as gzip and saves a sixth more."""
    bodies = {
        "br": brotli.compress(document.body, quality=5),
        "gzip": gzip.compress(document.body, 6, mtime=0),  # no time in it: equal news, equal bytes
    }
    return tuple(
        Representation(etag=f'{document.etag[:-1]}-{coding}"', body=body, encoding=coding)
        for coding, body in bodies.items()
        if len(body) < len(document.body)
    )
