"""The fingerprint of what a feed said of an entry: equal, and there is nothing to do."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from hashlib import blake2b
from typing import Any

from aggregator.domain.entry import Entry


def with_hash(**said: Any) -> Entry:
    """An Entry of these fields with `raw_hash` over all of them: 16 bytes, equal in every process and run.

    The base of a text is not hashed: it is the document's address, and a feed that moves has said nothing new. Nor is
    the name an entry had elsewhere: that is none of its words.
    """
    draft = Entry(raw_hash=b"", **said)
    fields = dataclasses.asdict(draft) | {"raw_hash": ""}
    del fields["identifier"]
    for name in ("title", "summary", "content"):
        if fields[name] is not None:
            del fields[name]["base"]
    written = json.dumps(fields, default=_plain, ensure_ascii=True, sort_keys=True)
    return dataclasses.replace(draft, raw_hash=blake2b(written.encode("ascii"), digest_size=16).digest())


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} in an entry")
