"""An item's podcast, media, place and discussion fields as they go out: the last look at each text and address."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, cast

from aggregator.steps.render.plain import caption, one_line, web_address

if TYPE_CHECKING:
    from aggregator.domain.item import Item
    from aggregator.domain.media import Supplement

_ADDRESSES = frozenset({"url", "image", "link", "feed", "player", "account_url", "feed_url"})
_EXACT = frozenset({"address", "key", "value", "feed_guid", "item_guid"})  # for machines: nothing is put between


def supplement_of(item: Item) -> Supplement | None:
    """All that can be published of it."""
    return cast("Supplement | None", _published(item.supplement))


def _published(value: Any) -> Any:
    """A dataclass with its texts and addresses made fit; None where one that must be there is not."""
    if isinstance(value, tuple):
        return tuple(part for part in map(_published, value) if part is not None and part != "")
    if isinstance(value, str):
        return caption(value) or None
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    made: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        own = getattr(value, field.name)
        if own and field.name in _ADDRESSES:
            made[field.name] = web_address(own)
        else:
            made[field.name] = one_line(own) or None if own and field.name in _EXACT else _published(own)
        if made[field.name] is None and field.default is dataclasses.MISSING:
            return None
    return type(value)(**made)
