"""Items, what is known of them, and candidate stories → intents with reasons.

::

    for each item of the reading, oldest first:
        known by its guid, else by its link, else by its text?   → update it (or remember that it was pruned)
        otherwise it is new: a candidate story by its link?      → join it
                             a story by its text (placing.py)?   → join it
                             neither                             → a story of its own
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from aggregator.domain.sketch import Neighbours
from aggregator.domain.story import (
    ForgottenItem,
    ItemIntent,
    NewItem,
    Reason,
    StoryIntent,
    StoryRule,
    UpdateItem,
)
from aggregator.steps.dedupe.placing import Shelf
from aggregator.text.normalise import fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aggregator.domain.item import Item, KnownItem
    from aggregator.domain.story import StoryCandidate

# RFC 4151: the date is part of the authority's name, not a clock. It never changes.
TAG_DATE = "2026"

WEAKER = {
    "link": "its guid is new, but its link is known and the old guid left the feed",
    "text": "its guid and link are new, but its title, date and text are known and the old guid left the feed",
}


def public_id(site_url: str, source_id: str, primary_key: bytes) -> str:
    """`tag:HOST,2026:SOURCE/HASH`, fixed at first sight (RFC 4151)."""
    host = urlsplit(site_url).hostname or "localhost"
    authority = host if ":" not in host else "localhost"  # an IPv6 literal has no place in a tag's authority
    return f"tag:{authority},{TAG_DATE}:{quote(source_id)}/{primary_key.hex()}"


def decide(
    items: Sequence[Item],
    known: Mapping[bytes, KnownItem],
    candidates: Mapping[bytes, StoryCandidate],
    unchanged: frozenset[bytes],
    site_url: str,
    *,
    near: Neighbours | None = None,
) -> list[ItemIntent]:
    """What to store of one reading.

    Args:
        items: new or changed, oldest first.
        known: what the store knows under any of their keys.
        candidates: stories that hold an item with the same canonical link, by that key.
        unchanged: raw hashes of the document's other entries: an item still listed as itself cannot also be
            the one that changed its guid.
        site_url: names the authority of new ids.
        near: what the store knows near the items' texts.
    """
    intents: list[ItemIntent] = []
    taken: set[str] = set()
    guids_here = {item.keys.guid for item in items}
    shelf = Shelf(near or Neighbours())
    for item in items:
        found = _recognise(item, known, unchanged, guids_here, taken)
        if found is None:
            intents.append(_new(item, candidates, site_url, shelf))
            continue
        match, reason = found
        taken.add(match.public_id)
        if match.id is None:
            intents.append(ForgottenItem(public_id=match.public_id, item=item, reason=reason))
        else:
            changed = match.text_hash != item.text_hash
            lesson = shelf.learn(item, match.public_id, match.story) if changed and match.story is not None else None
            intents.append(UpdateItem(id=match.id, item=item, text_changed=changed, reason=reason, lesson=lesson))
    return intents


def _recognise(
    item: Item,
    known: Mapping[bytes, KnownItem],
    unchanged: frozenset[bytes],
    guids_here: set[bytes | None],
    taken: set[str],
) -> tuple[KnownItem, Reason] | None:
    """The item this entry is, by the strongest key that holds, and why."""
    keys = item.keys
    if keys.guid and (match := known.get(keys.guid)) and match.public_id not in taken and not _other_news(item, match):
        return match, Reason(rule="guid", text="its guid is known")
    for value, rule in ((keys.link, "link"), (keys.text, "text")):
        match = known.get(value) if value else None
        if match is None or match.public_id in taken or match.raw_hash in unchanged:
            continue
        # Another entry here carries the guid of the item we found: that entry is the item, this one is new.
        if match.guid_key is not None and match.guid_key in guids_here:
            continue
        # One address, a new guid, another headline and another date: a page that is written anew each day.
        if rule == "link" and keys.guid and match.guid_key and not _same_text(item, match):
            continue
        return match, Reason(rule=rule, text=WEAKER[rule] if keys.guid else f"its {rule} is known")
    return None


def _other_news(item: Item, match: KnownItem) -> bool:
    """A feed that shows its latest entry alone, always under one guid: everything that tells news apart differs."""
    if match.title is None or not (item.keys.link and match.link_key and item.published and match.published):
        return False
    if item.keys.link == match.link_key or item.published == match.published or item.text_hash == match.text_hash:
        return False
    old, new = _words(match.title), _words(item.title)
    return 2 * len(old & new) < min(len(old), len(new))


def _words(title: str) -> set[str]:
    folded = fold(title)
    return set(folded.split()) if " " in folded else set(folded)


def _same_text(item: Item, match: KnownItem) -> bool:
    if match.title is None:  # pruned: all that is left of it is its keys
        return True
    return (
        match.text_hash == item.text_hash
        or fold(match.title) == fold(item.title)
        or (item.published is not None and item.published == match.published)
    )


def _new(item: Item, candidates: Mapping[bytes, StoryCandidate], site_url: str, shelf: Shelf) -> NewItem:
    """A first sight: a story of its own unless a candidate holds the same page, or the same text."""
    name = public_id(site_url, item.source_id, item.keys.primary)
    basis = "guid" if item.keys.guid else ("link" if item.keys.link else "title, date and text")
    return NewItem(
        item=item,
        public_id=name,
        story=_placed(item, name, candidates, shelf),
        reason=Reason(rule="new", text=f"first seen; named by its {basis}"),
    )


def _placed(item: Item, name: str, candidates: Mapping[bytes, StoryCandidate], shelf: Shelf) -> StoryIntent:
    candidate = candidates.get(item.keys.story_link) if item.keys.story_link else None
    if candidate is None:
        return shelf.put(item, name)
    if candidate.source_id == item.source_id:
        # Its own source has printed another entry at this address: news at a standing address, unless a copy by text.
        by_text = shelf.put(item, name)
        text = f"its source has used its link before, for {candidate.item_public_id}; {by_text.reason.text}"
        is_first = by_text.reason.rule == StoryRule.FIRST
        return replace(by_text, reason=replace(by_text.reason, text=text)) if is_first else by_text
    reason = Reason(
        rule=StoryRule.SAME_LINK,
        text=f"its link is that of {candidate.item_public_id} from source {candidate.source_id!r}",
        evidence={"story": candidate.public_id, "item": candidate.item_public_id, "source": candidate.source_id},
    )
    return shelf.put_beside(item, name, candidate, reason)
