"""Entry → keys: what an entry is recognised by, judged over its whole document.

Publishers give guids that are blank, shared by every entry, or new at each visit; links that all lead to the
front page; or neither. A key that more than one entry of a document carries identifies none of them and is
dropped, except where the entries are plainly the same one printed twice.
"""

from __future__ import annotations

from collections import defaultdict
from hashlib import blake2b
from typing import TYPE_CHECKING

from aggregator.domain.item import Keys
from aggregator.text.urls import canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.domain.entry import Entry

KEY_BYTES = 16
BODY_CHARACTERS = 2000  # enough to tell two texts apart, little enough to hash for every entry of every visit
TELLING_CHARACTERS = 200  # an undated text shorter than this may well be printed again as other news


def key(kind: str, *parts: str) -> bytes:
    """16 bytes over the parts, salted by what they are: a guid never equals a link by its spelling."""
    digest = blake2b(digest_size=KEY_BYTES, person=kind.encode())
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(4, "big") + raw)
    return digest.digest()


def _guid(entry: Entry) -> str | None:
    """The guid to be known by. One that is an address counts in its canonical form.

    So http → https, a trailing slash, a session or a tracking parameter in it announce nothing twice.
    """
    text = (entry.guid or "").strip()
    if not text:
        return None
    if text.lower().startswith(("http://", "https://")):
        return canonical(text) or text
    return text


def _text(entry: Entry, guid: str | None, link: str | None) -> bytes:
    """The last resort: title, date and the beginning of the text.

    An undated headline with hardly any text ("Weather report", every day) tells nothing apart: then guid and
    link are part of the key, so that it can only ever name the same entry again.
    """
    title = " ".join(entry.title.value.split()) if entry.title else ""
    body = entry.content or entry.summary
    text = " ".join(body.value.split()) if body else ""
    if entry.published:
        return key("dated", title, entry.published.isoformat(), text[:BODY_CHARACTERS])
    if len(text) >= TELLING_CHARACTERS:
        return key("text", title, text[:BODY_CHARACTERS])
    return key("brief", title, text, guid or "", link or "")


def _usable(values: Sequence[str | None], same: Sequence[object]) -> set[str]:
    """The values that name one entry each. `same` tells which entries are one entry printed twice."""
    carriers: dict[str, set[object]] = defaultdict(set)
    for value, what in zip(values, same, strict=True):
        if value is not None:
            carriers[value].add(what)
    return {value for value, entries in carriers.items() if len(entries) == 1}


def identify(entries: Sequence[Entry]) -> list[Keys]:
    """The keys of each entry of one document, in order.

    A guid is believed unless entries with different links *and* different titles share it: then it is the
    feed's habit, not a name. A link is believed unless entries with different guids (or titles, where there is
    no guid) share it. A link to a site's front page is no story.
    """
    guids = [_guid(entry) for entry in entries]
    links = [canonical(entry.link) if entry.link else None for entry in entries]
    titles = [" ".join(entry.title.value.split()) if entry.title else "" for entry in entries]
    guid_names = _trusted_guids(guids, links, titles)
    tellers = [guid if guid in guid_names else (title,) for guid, title in zip(guids, titles, strict=True)]
    link_names = _usable(links, tellers)
    found: list[Keys] = []
    for entry, guid, link in zip(entries, guids, links, strict=True):
        name = guid if guid in guid_names else None
        page = link if link in link_names else None
        found.append(
            Keys(
                guid=key("guid", name) if name else None,
                link=key("link", page) if page else None,
                text=_text(entry, guid, link),
                story_link=key("story", page) if page and _leads_to_a_page(page) else None,
            )
        )
    return found


def _leads_to_a_page(link: str) -> bool:
    """The canonical form is `host[/path][?query][#!fragment]`: a bare host is a front page."""
    return any(mark in link for mark in "/?#")


def one_each(entries: Sequence[Entry], keys: Sequence[Keys]) -> list[int]:
    """Which entries to keep, by position: one for each name.

    Of an entry printed twice the newest counts, else the one listed first. The choice looks at the whole
    document, known entries included: otherwise two versions of one entry would replace each other for ever.
    """
    best: dict[bytes, int] = {}
    for i, name in enumerate(keys):
        other = best.get(name.primary)
        if other is None or _stamp(entries[i]) > _stamp(entries[other]):
            best[name.primary] = i
    return sorted(best.values())


def _stamp(entry: Entry) -> float:
    moment = entry.updated or entry.published
    return moment.timestamp() if moment else 0.0


def _trusted_guids(guids: Sequence[str | None], links: Sequence[str | None], titles: Sequence[str]) -> set[str]:
    """Guids that name one entry: never both several links and several titles behind one guid."""
    behind: dict[str, tuple[set[str | None], set[str]]] = defaultdict(lambda: (set(), set()))
    for guid, link, title in zip(guids, links, titles, strict=True):
        if guid is not None:
            behind[guid][0].add(link)
            behind[guid][1].add(title)
    return {guid for guid, (seen, named) in behind.items() if len(seen) == 1 or len(named) == 1}
