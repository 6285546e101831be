"""What a feed itself says of an item, told apart from what its page says. Loads no parser."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aggregator.domain.item import Item


def own_words(item: Item) -> str:
    """What tells whether the feed says something else of the item, in hexadecimal."""
    return item.article.own if item.article is not None and item.article.own else item.text_hash.hex()
