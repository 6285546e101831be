"""What became of an entry's own page, where its source has `full_text`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Article:
    """Whether an item's text is its page's (`taken`) or the feed's own, and why, in words.

    `waiting`: the page is asked for at a later visit; `tries` counts those that failed for now. `own` and `page`
    are over the words of title and text, 16 bytes in hexadecimal: what the feed says of the entry, and what its
    page said ('' where that was never read). They tell whether the text moved or merely came from another place.
    """

    taken: bool = False
    reason: str
    waiting: bool = False
    tries: int = 0
    own: str = ""
    page: str = ""
