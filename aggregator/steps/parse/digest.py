"""The fingerprint of what a feed said of an entry: equal, and there is nothing to do."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from hashlib import blake2b
from typing import Any

from aggregator.domain.entry import Entry

_LATER = ("group", "default", "bitrate", "duration", "size", "expression", "language", "title")
_LATER_OF_EPISODES = ("marks", "values", "conversations", "remarks")


def with_hash(**said: Any) -> Entry:
    """An Entry of these fields with `raw_hash` over all of them: 16 bytes, equal in every process and run.

    The base of a text is not hashed: it is the document's address, and a feed that moves has said nothing new. Nor is
    the name an entry had elsewhere: that is none of its words; nor how many comments there are: they are no news. What
    was not read by earlier versions is hashed only where it is said, so that their hashes stay.
    """
    draft = Entry(raw_hash=b"", **said)
    fields = dataclasses.asdict(draft) | {"raw_hash": ""}
    del fields["identifier"]
    for medium in fields["media"]:
        for name in _LATER:
            if medium[name] is None:
                del medium[name]
    supplement = fields.pop("supplement")
    if supplement is not None:
        del supplement["discussion"]
        episode = supplement["episode"]
        for name in _LATER_OF_EPISODES if episode else ():
            if not episode[name]:
                del episode[name]
        if any(supplement.values()):
            fields["supplement"] = supplement
    for name in ("title", "summary", "content"):
        if fields[name] is not None:
            del fields[name]["base"]
    written = json.dumps(fields, default=_plain, ensure_ascii=True, sort_keys=True)
    return dataclasses.replace(draft, raw_hash=blake2b(written.encode("ascii"), digest_size=16).digest())


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} in an entry")
