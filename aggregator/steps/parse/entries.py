"""One entry of feedparser's, with what the tree adds, → Entry."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aggregator.domain.entry import Author, Category, Enclosure, Entry, Media, Origin, Text
from aggregator.steps.parse.dates import read_date
from aggregator.steps.parse.digest import with_hash
from aggregator.steps.parse.people import person
from aggregator.text.language import tag
from aggregator.text.normalise import encodable, line
from aggregator.text.plain import one_line
from aggregator.text.urls import absolute, site

if TYPE_CHECKING:
    from aggregator.steps.parse.extras import Extra

_HTML = ("text/html", "application/xhtml+xml")
_WEB = re.compile(r"https?://\S", re.IGNORECASE)
_BINARY = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_MOST = 100  # of repeated children


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What an entry inherits from its document.

    `base` is the document's address, for what feedparser leaves relative; `page` the one the feed belongs to: where
    another host serves the feed, links are relative to the page. `language` and `zone` are the feed's or the
    source's, for dates and for texts that name none. `atom`: Atom's text types are exact; RSS's are guesses, so its
    texts count as HTML.
    """

    base: str
    page: str | None = None
    language: str | None = None
    zone: str | None = None
    atom: bool = False


def read_entry(raw: Any, extra: Extra, around: Surroundings) -> Entry:
    """Map one entry: feedparser's dictionary, and what the tree says of the same."""
    base, zone, atom = around.base, around.zone, around.atom
    own = tag(extra.language) or tag(_detail(raw, "title").get("language")) or None
    speaks = own or around.language
    published, updated = _dates(raw, speaks, zone, atom=atom)
    guid = encodable(extra.guid or _string(raw, "id") or "").strip() or None
    content = _content(raw, base, extra.media_descriptions, atom=atom)
    link = _link(raw, extra, guid, around)

    def based(text: Text | None) -> Text | None:
        """Without a base of its own, a text behind a feed proxy is relative to its page, not to the proxy."""
        apart = text is not None and text.base == base and not atom and link is not None and site(link) != site(base)
        return dataclasses.replace(text, base=None) if text is not None and apart else text

    return with_hash(
        guid=guid,
        link=link,
        title=extra.title or _text(raw, "title", base, atom=atom),
        summary=based(_summary(raw, extra, content, base, atom=atom)),
        content=based(content),
        authors=extra.authors or _authors(raw),
        categories=extra.categories or _categories(raw),
        published=published,
        updated=updated,
        enclosures=_enclosures(raw, extra, extra.base or base, around.page),
        media=extra.media or _media(raw, base),
        language=own,
        rights=_plain(raw, "rights"),
        comments=absolute(extra.comments or "", extra.base or base),
        origin=_origin(raw, speaks, zone, base),
        identifier=extra.identifier,
        supplement=extra.supplement,
    )


def _string(raw: Any, name: str) -> str | None:
    """The raw value, past feedparser's stand-ins."""
    value = dict.get(raw, name)
    return value.strip() or None if isinstance(value, str) else None


def _detail(raw: Any, name: str) -> Any:
    found = dict.get(raw, f"{name}_detail")
    return found if isinstance(found, dict) else {}


def _dates(raw: Any, language: str | None, zone: str | None, *, atom: bool) -> tuple[Any, Any]:
    """RSS's dc:date is when it was published; feedparser files it under `updated`."""
    published = next(
        (d for n in ("published", "created") if (d := read_date(_string(raw, n), language, zone)) is not None), None
    )
    updated = read_date(_string(raw, "updated"), language, zone)
    if published is None and not atom:
        return updated, None
    return published, updated


def _link(raw: Any, extra: Extra, guid: str | None, around: Surroundings) -> str | None:
    """The page of the entry: before a feed proxy's redirect, else the alternate link, else a guid that is one."""
    if extra.original_link and _WEB.match(extra.original_link):
        return extra.original_link
    base, page = extra.base or around.base, around.page
    if extra.relative_link and page and site(page) != site(around.base):
        return absolute(extra.relative_link, page)
    links = [x for x in raw.get("links", ()) if relation(x) == "alternate" and str(x.get("href") or "").strip()]
    links.sort(key=lambda x: "html" not in str(x.get("type") or "html"))
    if links:
        found = absolute(str(links[0]["href"]), base)
        return found if found and _WEB.match(found) else extra.link or found
    if extra.link:
        return extra.link
    # An address is no worse for being an id: where an entry has no other, it is the one to open.
    if guid and _WEB.match(guid) and (extra.permalink or raw.get("guidislink")):
        return guid
    link = _string(raw, "link")
    # feedparser offers a guid that is no address as a link, resolved against the feed.
    return absolute(link, base) if link and not raw.get("guidislink") else None


def relation(link: Any) -> str:
    """A link's relation; IANA's names may be written as addresses (RFC 4287 §4.2.7.2)."""
    return str(link.get("rel") or "alternate").removeprefix("http://www.iana.org/assignments/relation/")


def _text(raw: Any, name: str, base: str, *, atom: bool) -> Text | None:
    value = _string(raw, name)
    return None if value is None else _made(value, _detail(raw, name), base, atom=atom)


def _made(value: str, detail: Any, base: str, *, atom: bool) -> Text:
    kind = "text" if atom and str(detail.get("type") or "text/plain") == "text/plain" else "html"
    base = absolute(str(detail.get("base") or ""), base) or base
    return Text(value=encodable(value), kind=kind, base=base, language=tag(detail.get("language")))


def _content(raw: Any, base: str, media: frozenset[str], *, atom: bool) -> Text | None:
    """The fullest content that is text: HTML before plain, the longer of two.

    Behind a description, feedparser takes `media`, what media:description says, for content.
    """
    found = [
        part
        for part in raw.get("content", ())
        if str(part.get("value") or "").strip() and str(part["value"]).strip() not in media and _is_text(part)
    ]
    if not found:
        return None
    best = max(found, key=lambda part: (str(part.get("type")) in _HTML, len(part["value"])))
    return _made(str(best["value"]).strip(), best, base, atom=atom)


def _is_text(part: Any) -> bool:
    """Atom's base64 (RFC 4287 §4.1.3.3), where feedparser could decode it, may be a text as well."""
    kind, value = str(part.get("type") or "text/html"), str(part["value"]).strip()
    return kind.startswith(("text/", *_HTML)) or (
        kind == "application/octet-stream"
        and (" " in value or "<" in value)
        and "\ufffd" not in value
        and not _BINARY.search(value)
    )


def _summary(raw: Any, extra: Extra, content: Text | None, base: str, *, atom: bool) -> Text | None:
    detail = _detail(raw, "summary")
    if extra.description:
        return _made(extra.description, {**detail, "type": "text/html"}, base, atom=False)
    summary = _text(raw, "summary", base, atom=atom)
    if summary is None and extra.media_description:
        return Text(value=extra.media_description, kind="text", base=base)
    if summary is not None and summary.value == extra.media_description:
        return Text(value=summary.value, kind="text" if "<" not in summary.value else "html", base=base)
    return None if summary and content and summary.value == content.value else summary


def _authors(raw: Any) -> tuple[Author, ...]:
    found: list[Author] = []
    for author in raw.get("authors", ())[:_MOST]:
        name, email, uri = (line(str(author.get(key) or "")) or None for key in ("name", "email", "href"))
        split = person(name or "")
        found.append(Author(name=split.name, email=email or split.email, uri=uri))
    return tuple(dict.fromkeys(a for a in found if a.name or a.email or a.uri))


def _categories(raw: Any) -> tuple[Category, ...]:
    found = (
        Category(
            term=one_line(str(t.get("term") or t.get("label") or ""), markup=True),
            scheme=line(str(t.get("scheme") or "")) or None,
            label=one_line(str(t.get("label") or ""), markup=True) or None,
        )
        for t in raw.get("tags", ())[:_MOST]
    )
    return tuple(dict.fromkeys(c for c in found if c.term))


def _enclosures(raw: Any, extra: Extra, base: str, page: str | None) -> tuple[Enclosure, ...]:
    found: dict[str, Enclosure] = {}
    durations = {m.url: m.duration for m in extra.media if m.role == "content"}
    for link in raw.get("links", ()):
        url = absolute(str(link.get("href") or ""), base) if relation(link) == "enclosure" else None
        if url and not found and extra.enclosure:  # before a feed proxy's redirect
            url = absolute(extra.enclosure, page or base) or url
        if not url or url in found or len(found) == _MOST:
            continue
        kind = line(str(link.get("type") or "")).lower() or None
        episode = extra.supplement.episode if extra.supplement else None
        timed = episode is not None and not found and (kind is None or kind.startswith(("audio/", "video/")))
        found[url] = Enclosure(
            url=url,
            type=kind if not _defaulted(link) else None,
            length=_length(link.get("length")),
            title=one_line(str(link.get("title") or ""), markup=True) or None,
            duration=(episode.duration if timed and episode else None) or durations.get(url),
        )
    return tuple(found.values())


def _defaulted(link: Any) -> bool:
    """True where feedparser chose the type: text/html for every Atom link without one. No enclosure is a page."""
    return str(link.get("type") or "") == "text/html"


def _length(written: Any) -> int | None:
    digits = str(written or "").replace(",", "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else None  # noqa: PLR2004 - 1 PB


def _media(raw: Any, base: str) -> tuple[Media, ...]:
    """For documents whose tree could not be matched."""
    found = [
        Media(role=role, url=url, type=element.get("type"), medium=element.get("medium"))
        for role in ("content", "thumbnail")
        for element in raw.get(f"media_{role}", ())[:_MOST]
        if (url := absolute(str(element.get("url") or ""), base))
    ]
    return tuple(dict.fromkeys(found))


def _plain(raw: Any, name: str) -> str | None:
    value = _string(raw, name)
    return None if value is None else one_line(value, markup=True) or None


def _origin(raw: Any, language: str | None, zone: str | None, base: str) -> Origin | None:
    """atom:source, or RSS source with its address."""
    source = raw.get("source")
    if not isinstance(source, dict):
        return None
    links = {str(x.get("rel")): absolute(str(x.get("href") or ""), base) for x in source.get("links", ())}
    found = Origin(
        id=_string(source, "id"),
        title=_plain(source, "title"),
        link=links.get("alternate"),
        feed_url=links.get("self") or absolute(_string(source, "href") or "", base),
        updated=read_date(_string(source, "updated"), language, zone),
        rights=_plain(source, "rights"),
        icon=absolute(_string(source, "icon") or _string(source, "logo") or "", base),
    )
    return None if found == Origin() else found
