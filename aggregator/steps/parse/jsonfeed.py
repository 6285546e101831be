"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1) → ParsedFeed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from aggregator.domain.entry import Author, Category, Enclosure, Entry, FeedInfo, Media, Origin, ParsedFeed, Text
from aggregator.errors import Code, ParseError
from aggregator.steps.parse import json_carried
from aggregator.steps.parse.dates import read_date
from aggregator.steps.parse.digest import with_hash
from aggregator.steps.parse.json_salvage import salvaged
from aggregator.text.language import tag
from aggregator.text.normalise import encodable, line
from aggregator.text.own import tag_uri
from aggregator.text.plain import one_line
from aggregator.text.urls import absolute

if TYPE_CHECKING:
    from aggregator.domain.outcome import ReadContext

_VERSION = re.compile(r"(?:(?:https?://)?(?:www\.)?jsonfeed\.org/version/)?(1(?:\.\d)?)/?")
WEBSUB = "websub"
_MOST_ENTRIES = 5_000  # reading one takes 0.04 ms and more
_MOST = 100  # of authors, tags and attachments
_LONGEST_NUMBER = 4000  # digits; longer ones are refused by int()


def read_jsonfeed(text: str, encoding: str, base: str, context: ReadContext) -> ParsedFeed:
    """Read the decoded text of a JSON document.

    Raises:
        ParseError: not_a_feed, truncated, parse_failed or parse_limit.
    """
    feed, lost = _loaded(text, context.source_id)
    items = feed.get("items") if isinstance(feed, dict) else None
    version = _string(feed, "version") if isinstance(feed, dict) else None
    known = _VERSION.fullmatch(version or "")
    if not isinstance(items, list) or (known is None and not _string(feed, "title")):
        raise ParseError(
            context.source_id,
            Code.NOT_A_FEED,
            f"source {context.source_id!r}: a JSON document came that is no JSON Feed; give a feed's address",
        )
    info = _info(feed, base)
    language = info.language or context.language
    half = _MOST_ENTRIES // 2  # the newest stand at one end
    ends = items if len(items) <= _MOST_ENTRIES else [*items[:half], *items[-half:]]
    everyone = _authors(feed, base)
    entries = (_entry(item, base, language, context.timezone, everyone) for item in ends if isinstance(item, dict))
    digits = known[1].replace(".", "") if known else "1"
    return ParsedFeed(info=info, entries=tuple(entries), version=f"json{digits}", encoding=encoding, truncated=lost)


def _loaded(text: str, source_id: str) -> tuple[Any, bool]:
    """The document, and whether its end or a part is missing; errors of json mapped."""
    subject = f"source {source_id!r}: "
    decoder = json.JSONDecoder(strict=False, parse_int=_integer)
    try:
        try:
            return decoder.decode(text), False
        except json.JSONDecodeError as error:
            if (found := salvaged(text, decoder)) is not None:
                return found
            # Cut off in the middle, the decoder stops at the end, or at the string that never ended.
            if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
                raise ParseError(source_id, Code.TRUNCATED, f"{subject}the JSON document's end is missing") from error
            place = f"line {error.lineno} column {error.colno}"
            raise ParseError(source_id, Code.PARSE_FAILED, f"{subject}broken JSON at {place}: {error.msg}") from error
    except RecursionError as error:
        raise ParseError(source_id, Code.PARSE_LIMIT, f"{subject}the JSON document is nested too deeply") from error


def _integer(digits: str) -> int:
    return int(digits) if len(digits) < _LONGEST_NUMBER else 0


def _string(holder: Any, name: str) -> str | None:
    """A text or a number as text; blank is missing."""
    value = holder.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return encodable(str(value)).strip() or None


def _url(holder: Any, name: str, base: str) -> str | None:
    return absolute(_string(holder, name) or "", base)


def _objects(holder: Any, name: str) -> list[Any]:
    value = holder.get(name)
    return [v for v in value if isinstance(v, dict)][:_MOST] if isinstance(value, list) else []


def _info(feed: Any, base: str) -> FeedInfo:
    # Of the protocols that JSON Feed names this is the one there is a subscriber for; rssCloud's hubs are others.
    websub = (hub for hub in _objects(feed, "hubs") if (_string(hub, "type") or WEBSUB).lower() == WEBSUB)
    hubs = (absolute(_string(hub, "url") or "", base) for hub in websub)
    return FeedInfo(
        id=_url(feed, "feed_url", base),
        title=one_line(_string(feed, "title") or "", markup=False) or None,
        subtitle=one_line(_string(feed, "description") or "", markup=False) or None,
        link=_url(feed, "home_page_url", base),
        self_link=_url(feed, "feed_url", base),
        hubs=tuple(dict.fromkeys(h for h in hubs if h)),
        language=tag(_string(feed, "language")),
        icon=_url(feed, "icon", base) or _url(feed, "favicon", base),
    )


def _entry(item: Any, base: str, language: str | None, zone: str | None, everyone: tuple[Author, ...]) -> Entry:
    own = tag(_string(item, "language"))
    link = _url(item, "url", base) or _url(item, "external_url", base)
    html, plain, summary = (_string(item, name) for name in ("content_html", "content_text", "summary"))
    title = _string(item, "title")
    return with_hash(
        guid=_string(item, "id"),
        link=link,
        title=Text(value=title, kind="text", base=base, language=own) if title else None,
        summary=Text(value=summary, kind="text", base=base, language=own) if summary else None,
        content=(
            Text(value=html, kind="html", base=link or base, language=own)
            if html
            else Text(value=plain, kind="text", base=link or base, language=own)
            if plain
            else None
        ),
        authors=_authors(item, base) or everyone,
        categories=json_carried.categories(item) or _tags(item),
        published=read_date(_string(item, "date_published"), own or language, zone),
        updated=read_date(_string(item, "date_modified"), own or language, zone),
        enclosures=_attachments(item, base),
        media=json_carried.media(item)
        or tuple(
            Media(role="thumbnail", url=url, medium="image")
            for url in dict.fromkeys((_url(item, "image", base), _url(item, "banner_image", base)))
            if url
        ),
        language=own,
        rights=one_line(_string(item, "_rights") or "", markup=False) or None,
        comments=_url(item, "_comments", base),
        origin=_origin(item, base, own or language, zone),
        identifier=_identifier(item),
        supplement=json_carried.supplement(item),
    )


def _authors(holder: Any, base: str) -> tuple[Author, ...]:
    """`authors` of 1.1, else `author` of 1.0, of an item or of a feed for all items that have none."""
    single = [value for name in ("authors", "author") if isinstance(value := holder.get(name), dict)]
    found = (_author(person, base) for person in _objects(holder, "authors") or single)
    return tuple(dict.fromkeys(a for a in found if a.name or a.email or a.uri))


def _author(person: Any, base: str) -> Author:
    """Mail addresses stand in `url`, and in `_email`, an extension, where that is a page."""
    name, uri = line(_string(person, "name") or "") or None, _url(person, "url", base)
    email = line(_string(person, "_email") or "") or None
    if uri and uri.lower().startswith("mailto:"):
        email, uri = unquote(uri[len("mailto:") :].partition("?")[0]) or email, None
    return Author(name=None if name == email else name, email=email, uri=uri)


def _tags(item: Any) -> tuple[Category, ...]:
    tags = item.get("tags")
    terms = (
        (one_line(encodable(t), markup=False) for t in tags[:_MOST] if isinstance(t, str))
        if isinstance(tags, list)
        else ()
    )
    return tuple(Category(term=term) for term in dict.fromkeys(terms) if term)


def _attachments(item: Any, base: str) -> tuple[Enclosure, ...]:
    found: dict[str, Enclosure] = {}
    for part in _objects(item, "attachments"):
        url = _url(part, "url", base)
        if url and url not in found:
            found[url] = Enclosure(
                url=url,
                type=(_string(part, "mime_type") or "").lower() or None,
                length=_whole(part.get("size_in_bytes")),
                title=one_line(_string(part, "title") or "", markup=False) or None,
                duration=_whole(part.get("duration_in_seconds")),
            )
    return tuple(found.values())


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < 1e15 else None  # noqa: PLR2004 - 1 PB, and neither NaN nor infinity


def _identifier(item: Any) -> str | None:
    """The name the entry had where it was taken from, of the same extension."""
    source = item.get("_source")
    return tag_uri(_string(source, "guid") or "") if isinstance(source, dict) else None


def _origin(item: Any, base: str, language: str | None, zone: str | None) -> Origin | None:
    """`_source`, the extension by which aggregators credit (this one writes it too)."""
    source = item.get("_source")
    if not isinstance(source, dict):
        return None
    found = Origin(
        id=_string(source, "feed_id"),
        title=one_line(_string(source, "title") or "", markup=False) or None,
        link=_url(source, "url", base) or _url(source, "home_page_url", base),
        feed_url=_url(source, "feed_url", base),
        updated=read_date(_string(source, "updated"), language, zone),
        rights=one_line(_string(source, "rights") or "", markup=False) or None,
        icon=_url(source, "icon", base),
    )
    return None if found == Origin() else found
