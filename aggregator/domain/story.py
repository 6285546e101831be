"""What happened: the copies of one text, and why each was put there."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from aggregator.domain.item import Item
    from aggregator.domain.sketch import Lesson


class StoryRule(StrEnum):
    """The rule that placed an item: stable words, stored."""

    FIRST = "first"  # no candidate: a story of its own
    SAME_LINK = "same_link"  # its canonical link is another item's
    SAME_TEXT = "same_text"  # much of its text is another's, and nobody else's
    SAME_HEADLINE = "same_headline"  # an equal headline, and a fair part of the text
    WHOLE_TEXT = "whole_text"  # nearly all of a short text, figures and all
    HEADLINE_ONLY = "headline_only"  # a headline without a text, and one story has that headline


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """Why a decision fell: a rule's name, a sentence for people, and the figures behind it."""

    rule: str
    text: str
    evidence: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class StoryCandidate:
    """A stored story that a new item might belong to: one of its items has the item's canonical link."""

    story: int
    public_id: str
    first_seen: datetime
    item_public_id: str  # the copy that matched
    source_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StoryIntent:
    """Put the item into `story`; or with `beside`, an item of the same reading; or, both None, into a new one.

    `lesson` is what the index of texts learns of it. `merges` are younger stories that the item shows to be the same
    one: they become parts of `story`.
    """

    story: int | None
    reason: Reason
    beside: str | None = None  # the public id of an earlier intent's item
    lesson: Lesson | None = None
    merges: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class NewItem:
    """Store a new item under `public_id`, in the story the intent names."""

    item: Item
    public_id: str
    story: StoryIntent
    reason: Reason
    quiet: bool = False  # stored and found by a search, in no topic: it is no news


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateItem:
    """The entry of a known item changed. `text_changed` is False when only its mark-up, dates or ids moved."""

    id: int
    item: Item
    text_changed: bool
    reason: Reason
    lesson: Lesson | None = None  # what the index of texts learns of the new words


@dataclass(frozen=True, kw_only=True, slots=True)
class ForgottenItem:
    """A pruned item is still in its feed: remember its keys, announce nothing."""

    public_id: str
    item: Item
    reason: Reason


ItemIntent = NewItem | UpdateItem | ForgottenItem
