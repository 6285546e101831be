"""Bytes for readers."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


PRIVATE = "private/"
"""The folder of documents that only a token opens: nothing under it is ever written as a file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One published document. `path` is relative with slashes ('topics/world.atom'); `etag` is strong, quoted."""

    path: str
    media_type: str
    body: bytes = field(repr=False)
    etag: str

    @classmethod
    def of(cls, path: str, media_type: str, body: bytes) -> Document:
        """The document with a strong ETag over its bytes alone: equal bytes, equal ETag, on any machine."""
        etag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
        return cls(path=path, media_type=media_type, body=body, etag=etag)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredDocument:
    """A document as the store has it; `modified` is when its bytes last changed, whole seconds."""

    document: Document
    topic_id: str | None
    modified: datetime
