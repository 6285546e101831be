"""An item made ready for matching: each view of it is folded once, at first need, however many topics ask."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from aggregator.domain.query import Field, Thing
from aggregator.text.normalise import fold
from aggregator.text.terms import canonical

if TYPE_CHECKING:
    from datetime import datetime

    from aggregator.domain.source import Source
    from aggregator.domain.topic import Copy

_KINDS = (Thing.IMAGE, Thing.AUDIO, Thing.VIDEO)
_MARKUP = {Thing.IMAGE: "<img ", Thing.AUDIO: "<audio", Thing.VIDEO: "<video"}
# Only where a feed gives no type; short on purpose, and the same on every machine.
_EXTENSIONS = {
    **dict.fromkeys(("jpg", "jpeg", "png", "gif", "webp", "avif", "svg"), Thing.IMAGE),
    **dict.fromkeys(("mp3", "m4a", "aac", "ogg", "oga", "opus", "flac", "wav"), Thing.AUDIO),
    **dict.fromkeys(("mp4", "m4v", "webm", "mov", "mkv", "ogv"), Thing.VIDEO),
}
_SEARCHES = 8
_BETWEEN = "\n"  # stands in no canonical text: a phrase never reaches from one value into the next


class Prepared:
    """One item as topics see it.

    Args:
        copy: the item with its source as published.
        source: the source as configured; None once it was removed from the configuration.
        now: what `age` is measured against, aware UTC; None where no query may ask for it.
    """

    def __init__(self, copy: Copy, source: Source | None, now: datetime | None = None) -> None:
        self.copy = copy
        self.item = copy.stored.item
        self.source = source
        self.now = now
        self._searchable: dict[Field, str] = {}
        self._words: dict[Field, frozenset[str]] = {}
        self._asked: dict[Field, int] = {}
        self._low: dict[Field, str] = {}
        self._names: dict[Field, frozenset[str]] = {}

    def searchable(self, field: Field) -> str:
        """The canonical text of a field that is searched by words."""
        text = self._searchable.get(field)
        if text is None:
            if field is Field.ANY:
                text = self.searchable(Field.TITLE) + _BETWEEN + self.searchable(Field.TEXT)
            else:
                text = _BETWEEN.join(map(canonical, self._values_to_search(field)))
            self._searchable[field] = text
        return text

    def holds(self, field: Field, word: str, literal: str) -> bool:
        """Whether a whole spaced word stands in `searchable`; `literal` is the same with its spaces.

        The text is searched for the first few; for more of them its distinct words are set apart, which costs as
        much as some searches and makes each further one the same in a short and in a long text.
        """
        words = self._words.get(field)
        if words is None:
            if self.plainly(field, literal):
                return True
            asked = self._asked[field] = self._asked.get(field, 0) + 1
            if asked <= _SEARCHES:
                return literal in self.searchable(field)
            words = self._words[field] = frozenset(self.searchable(field).split())
        return word in words

    def plainly(self, field: Field, literal: str) -> bool:
        """Whether ASCII words stand between spaces as they are: then there is nothing to fold, for one query.

        Where False the folded text decides; once that is there, nothing is spared.
        """
        if field in self._searchable or literal[0] != " " or not literal.isascii():
            return False
        low = self._low.get(field)
        if low is None:
            low = self._low[field] = _BETWEEN.join(self._values_to_search(field)).lower()
        return literal in low

    def names(self, field: Field) -> frozenset[str]:
        """The folded values of a field that is compared as a whole: source, tag or lang."""
        names = self._names.get(field)
        if names is None:
            values = self.values(field)
            if field is Field.SOURCE and self.source and self.source.title:
                values = (*values, self.source.title)
            names = self._names[field] = frozenset(fold(value).strip() for value in values)
        return names

    def values(self, field: Field) -> tuple[str, ...]:  # noqa: PLR0911 - one line a field
        """The values of a field as they are: what regular expressions and people see."""
        item = self.item
        match field:
            case Field.TITLE:
                return (item.title,)
            case Field.TEXT:
                return (item.text,)
            case Field.AUTHOR:
                return tuple(part for author in item.authors for part in (author.name, author.email) if part)
            case Field.CATEGORY:
                return tuple(part for one in item.categories for part in (one.term, one.label) if part)
            case Field.SOURCE:
                return (item.source_id,)
            case Field.TAG:
                return self.source.tags if self.source else ()
            case Field.LANG:
                tag = item.language or (self.source.language if self.source else None) or self.copy.feed.language
                return (tag.replace("_", "-"),) if tag else ()
            case Field.LINK:
                return (item.link,) if item.link else ()
            case Field.SITE:
                return (self.host,) if self.host else ()
        return (item.title, item.text)

    def _values_to_search(self, field: Field) -> tuple[str, ...]:
        values = self.values(field)
        return tuple(map(unquote, values)) if field is Field.LINK else values

    @cached_property
    def host(self) -> str:
        """The host of the item's link in its Unicode form; '' where there is none."""
        try:
            return host_form(urlsplit(self.item.link or "").hostname or "")
        except ValueError:
            return ""

    @cached_property
    def things(self) -> frozenset[Thing]:
        """What `has:` may ask for."""
        item = self.item
        found = {kind for one in item.enclosures if (kind := _kind(one.url, one.type))}
        for media in item.media:
            kind = Thing.IMAGE if media.role == "thumbnail" else _kind(media.url, media.type, media.medium)
            found |= {kind} if kind else set()
        html = f"{item.content or ''}{item.summary or ''}"
        found |= {kind for kind, mark in _MARKUP.items() if mark in html}
        return frozenset(found | ({Thing.ENCLOSURE} if item.enclosures else set()))


def host_form(host: str) -> str:
    """A host name as people write it: lower case, no dot at the end, xn-- read."""
    host = host.casefold().strip(".")
    if "xn--" not in host:
        return host
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host


def _kind(url: str, type_: str | None, medium: str | None = None) -> Thing | None:
    name = (medium or type_ or "").partition("/")[0].strip().casefold()
    if name:
        return next((kind for kind in _KINDS if kind.value == name), None)
    return _EXTENSIONS.get(url.partition("?")[0].partition("#")[0].rpartition(".")[2].casefold())
