"""Who wrote an entry, in all the ways that feeds say it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from aggregator.domain.entry import Author
from aggregator.steps.parse import tree
from aggregator.text.normalise import line
from aggregator.text.plain import one_line
from aggregator.text.urls import absolute

if TYPE_CHECKING:
    from collections.abc import Iterable

_MAIL_FIRST = re.compile(r"(?:mailto:)?([^\s@()<>]{1,100}@[^\s@()<>]{1,100})\s*(?:[(\[<](.{1,200}?)[)\]>])?")
_NAME_FIRST = re.compile(r"(.{1,200}?)\s*[(\[<](?:mailto:)?([^\s@()<>]{1,100}@[^\s@()<>]{1,100})[)\]>]")


def authors(children: Iterable[Any], base: str) -> tuple[Author, ...]:
    """Every author among the children of an entry or a feed, in order and once; names before mere addresses."""
    found: list[Author] = []
    for element in children:
        if tree.named(element, "author", tree.ATOM):
            parts = {tree.local(e): line(tree.text(e)) for e in element if isinstance(e.tag, str)}
            uri = parts.get("uri") or parts.get("url") or parts.get("homepage")
            name = parts.get("name") or line(element.text or "")
            found.append(_author(name, parts.get("email"), uri and absolute(uri, base)))
        elif tree.named(element, "creator", tree.DC) or tree.named(
            element, "author", (*tree.RSS, *tree.ITUNES, *tree.DC)
        ):
            found.append(person(tree.text(element)))
    known = [a for a in found if a.name or a.email or a.uri]
    with_names = {a.name for a in known if a.name}
    bare = [a for a in known if a.name or not with_names]  # an address beside names is the same newsroom's
    # Of one who is named twice what says more counts, in the first place.
    fuller = {a.name: a for a in sorted(bare, key=lambda a: (a.email is not None) + (a.uri is not None)) if a.name}
    return tuple(dict.fromkeys(_joined(a, fuller.get(a.name or "")) for a in bare))


def _joined(author: Author, fuller: Author | None) -> Author:
    """The author, but the fuller one where that contradicts nothing."""
    agrees = fuller is not None and author.email in {None, fuller.email} and author.uri in {None, fuller.uri}
    return fuller if fuller is not None and agrees else author


def person(written: str) -> Author:
    """`jo@example.org (Jo)`, `Jo <jo@example.org>`, an address or a name alone."""
    text = one_line(written[:500], markup=True)
    if found := _MAIL_FIRST.fullmatch(text):
        return Author(name=(found[2] or "").strip() or None, email=found[1])
    if found := _NAME_FIRST.fullmatch(text):
        return Author(name=found[1].strip(" \"'") or None, email=found[2])
    return Author(name=text or None)


def _author(name: str | None, email: str | None, uri: str | None) -> Author:
    plain = one_line(name or "", markup=True)
    split = person(plain)
    return Author(name=split.name, email=(email or "").removeprefix("mailto:").strip() or split.email, uri=uri or None)
