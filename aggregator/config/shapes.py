"""The shape of feeds.yaml as pydantic models: the one place that lists every key, its type, default and meaning.

The JSON Schema and the messages are derived from here. Defaults are the domain's own.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from aggregator.config import addresses, headers, values
from aggregator.domain.digest import Rhythm
from aggregator.domain.settings import (
    FetchSettings,
    Format,
    PublishSettings,
    SameStory,
    Site,
    StorageSettings,
    StorySettings,
)
from aggregator.domain.source import SourceKind
from aggregator.domain.topic import Access, Content, Order

MAX_NUMBER = 1_000_000

_SITE, _STORAGE, _FETCH = Site(), StorageSettings(), FetchSettings()
_PUBLISH, _STORIES = PublishSettings(), StorySettings()


def _text(read: Any) -> BeforeValidator:
    """Reads a text into a value; what is no text is refused by the field's own type."""
    return BeforeValidator(lambda value: read(value) if isinstance(value, str) else value)


def _size(value: object) -> values.Size:
    if not isinstance(value, str):
        raise ValueError("needs a unit; write 500KB or 15MB (powers of ten)")  # noqa: TRY004  # pydantic's contract
    return values.size(value)


Id = Annotated[str, AfterValidator(values.identifier), Field(json_schema_extra={"pattern": values.ID_PATTERN})]
Line = Annotated[str, AfterValidator(values.one_line)]
Tag = Annotated[str, AfterValidator(values.tag)]
Language = Annotated[
    str,
    AfterValidator(values.language),
    Field(json_schema_extra={"pattern": values.LANGUAGE_PATTERN, "examples": ["en"]}),
]
Timezone = Annotated[str, AfterValidator(values.timezone), Field(json_schema_extra={"examples": ["Europe/London"]})]
Encoding = Annotated[str, AfterValidator(values.encoding), Field(json_schema_extra={"examples": ["gb18030"]})]
Email = Annotated[str, AfterValidator(values.email), Field(json_schema_extra={"format": "email"})]
Duration = Annotated[
    timedelta,
    _text(values.duration),
    WithJsonSchema({"type": "string", "pattern": values.DURATION_PATTERN, "examples": ["90s", "15m", "1h", "7d"]}),
]
Size = Annotated[
    int,
    BeforeValidator(_size),
    WithJsonSchema({"type": "string", "pattern": values.SIZE_PATTERN, "examples": ["500KB", "15MB"]}),
]
WebAddress = Annotated[str, AfterValidator(addresses.public_address), Field(json_schema_extra={"format": "uri"})]
Host = Annotated[str, AfterValidator(addresses.host_and_port)]
AllowedHost = Annotated[str, AfterValidator(addresses.allowed_host)]
Selector = Annotated[str, AfterValidator(values.selector), Field(json_schema_extra={"examples": ["a@href"]})]
HeaderName = Annotated[str, AfterValidator(headers.header_name)]
HeaderValue = Annotated[str, AfterValidator(headers.header_value)]
CookieName = Annotated[str, AfterValidator(headers.cookie_name)]
CookieValue = Annotated[str, AfterValidator(headers.cookie_value)]
Number = Annotated[int, Field(ge=1, le=MAX_NUMBER)]


class Shape(BaseModel):
    """No key but those listed, no value but of its own type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class AuthorShape(Shape):
    """Who answers for the published feeds."""

    name: Line | None = Field(default=None, description="A person or newsroom.")
    email: Email | None = Field(default=None, description="Where readers may write to.")


class SiteShape(Shape):
    """The publisher, as readers see it."""

    url: Annotated[str, AfterValidator(addresses.site_address), Field(json_schema_extra={"format": "uri"})] = Field(
        default=_SITE.url,
        description="The public address, which may have a path; every link is built from it. May hold ${NAME}.",
    )
    title: Line = Field(default=_SITE.title, description="The name of the site.")
    author: AuthorShape | None = Field(default=None, description="Who answers for the published feeds.")
    language: Language = Field(
        default=_SITE.language, description="The language of the site's own words, a BCP 47 tag."
    )
    timezone: Timezone = Field(
        default=_SITE.timezone, description="Where days begin, for digests and pages (IANA name)."
    )
    images: Literal["direct", "off"] = Field(
        default="direct", description="Whether pages show images of others from their own addresses, or none."
    )


class StorageShape(Shape):
    """Where stories are kept, and for how long."""

    url: str = Field(
        default=_STORAGE.url,
        description="sqlite:///PATH (relative to this file) or postgresql+psycopg://user:${DB_PASSWORD}@host/db.",
    )
    keep_for: Duration = Field(
        default=_STORAGE.keep_for,
        description="Older stories are pruned; their identity is remembered, so they are not announced again.",
    )


class HostShape(Shape):
    """An exception for one host."""

    per_host: Annotated[int, Field(ge=1, le=1000)] | None = Field(default=None, description="Visits at the same time.")
    host_gap: Duration | None = Field(default=None, description="The pause between two visits.")


class FetchShape(Shape):
    """How sources are visited."""

    every: Duration = Field(
        default=_FETCH.every, description="The first rhythm of a source; then adapted between the bounds."
    )
    min_interval: Duration = Field(
        default=_FETCH.min_interval, description="No source is visited more often; no floor for hosts in allow_hosts."
    )
    max_interval: Duration = Field(default=_FETCH.max_interval, description="No source is visited less often.")
    concurrency: Annotated[int, Field(ge=1, le=10_000)] = Field(
        default=_FETCH.concurrency, description="Visits at the same time, over all hosts."
    )
    per_host: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=_FETCH.per_host, description="Visits of one host (scheme, name and port) at the same time."
    )
    host_gap: Duration = Field(default=_FETCH.host_gap, description="The pause between two visits of one host.")
    hosts: dict[Host, HostShape] = Field(default_factory=dict, description="Exceptions, by host or host:port.")
    timeout: Duration = Field(
        default=_FETCH.timeout, description="The whole visit, redirects included, waiting for a host slot excluded."
    )
    max_body: Size = Field(
        default=values.Size(_FETCH.max_body), description="A larger document is refused; after decompression."
    )
    max_entries: Annotated[int, Field(ge=1, le=100_000)] = Field(
        default=_FETCH.max_entries, description="So many entries of a feed are read, the newest."
    )
    contact: Annotated[str, AfterValidator(values.contact)] | None = Field(
        default=None, description="A page or mail address about your visits; goes into the User-Agent."
    )
    allow_hosts: list[AllowedHost] = Field(
        default_factory=list,
        description="host, host:port or CIDR that may be visited although not public.",
    )


class PublishShape(Shape):
    """Where and as what topics are written."""

    directory: Line = Field(
        default=str(_PUBLISH.directory), description="A copy of the documents for any web server or bucket."
    )
    formats: list[Annotated[Format, Field(strict=False)]] = Field(
        default=list(_PUBLISH.formats), min_length=1, description="The forms of every topic, unless it names its own."
    )
    hub: Annotated[str, AfterValidator(addresses.hub), WithJsonSchema({"type": "string"})] | None = Field(
        default=_PUBLISH.hub, description="built-in, the address of an outside WebSub hub, or none. May hold ${NAME}."
    )
    hub_allow_hosts: list[AllowedHost] = Field(
        default_factory=list,
        description="host, host:port or CIDR of callbacks and hubs that may be called although not public.",
    )


class StoriesShape(Shape):
    """How copies of a story are shown as one."""

    same_story: Annotated[SameStory, Field(strict=False)] = Field(
        default=_STORIES.same_story, description="Which copies are one entry; a topic may override it."
    )
    window: Duration = Field(default=_STORIES.window, description="So far apart may two copies of one story arrive.")


class AuthShape(Shape):
    """HTTP Basic credentials."""

    user: str = Field(description="The user's name. May hold ${NAME}.", min_length=1)
    password: str = Field(default="", description="The password. May hold ${NAME}, and should.")


class PageShape(Shape):
    """Where a page's entries are: CSS selectors, `a@href` for an attribute; all but `next` within an entry."""

    entry: Selector = Field(description="One element for each entry, such as article.card.")
    title: Selector | None = Field(default=None, description="The headline; default: the text of the link.")
    link: Selector = Field(default="a@href", description="The article's address.")
    summary: Selector | None = Field(default=None, description="What is told of it.")
    date: Selector | None = Field(default=None, description="When it appeared, such as time@datetime.")
    image: Selector | None = Field(default=None, description="Its picture, such as img@src.")
    next: Selector | None = Field(
        default=None, description="The link to the next page of the list; three pages are followed at most."
    )


class CertificateShape(Shape):
    """A certificate by which the source's server knows the program."""

    certificate: Line = Field(description="A PEM file, relative to this folder or absolute.", min_length=1)
    key: Line | None = Field(default=None, description="Its key's PEM file; default: in the same file.")
    password: str | None = Field(default=None, description="Of the key; may hold ${NAME}.")


class SourceShape(Shape):
    """A feed to read."""

    url: str = Field(
        description="The feed's address (http or https); for `kind: file` a path under this folder. May hold ${NAME}.",
        min_length=1,
    )
    id: Id | None = Field(default=None, description="Its lasting name; default: host and path of the address.")
    was: Id | None = Field(default=None, description="A former id: the history is kept.")
    title: Line | None = Field(default=None, description="How it is called; default: what the feed calls itself.")
    tags: list[Tag] = Field(default_factory=list, description="Words by which topics choose sources: `tag:world`.")
    rank: Annotated[int, Field(ge=-MAX_NUMBER, le=MAX_NUMBER)] = Field(
        default=0, description="Whose copy represents a story; higher wins."
    )
    every: Duration | None = Field(default=None, description="A fixed rhythm: only the server may slow it.")
    language: Language | None = Field(
        default=None, description="The language of its texts, where the feed is silent or wrong."
    )
    timezone: Timezone | None = Field(default=None, description="For dates without a zone.")
    encoding: Encoding | None = Field(default=None, description="The charset, where the server is wrong about it.")
    enabled: bool = Field(default=True, description="false: it is kept, but not visited.")
    kind: Annotated[SourceKind, Field(strict=False)] = Field(
        default=SourceKind.FEED,
        description="feed (RSS, Atom, RDF or JSON Feed, detected), page (a web page read by `page:`), sitemap "
        "(a sitemap, an index or a news sitemap) or file (a feed in a local file).",
    )
    page: PageShape | None = Field(default=None, description="For `kind: page`: where its entries are.")
    only: str = Field(default="", description="A query: only entries that match are stored; empty: all.")
    drop: str = Field(default="", description="A query: entries that match are not stored; empty: none.")
    headers: dict[HeaderName, HeaderValue] = Field(
        default_factory=dict, description="Further request headers; values may hold ${NAME}."
    )
    auth: AuthShape | None = Field(default=None, description="HTTP Basic credentials.")
    cookies: dict[CookieName, CookieValue] = Field(
        default_factory=dict, description="Cookies to send, by name; values may hold ${NAME}."
    )
    proxy: Annotated[str, AfterValidator(addresses.proxy)] | None = Field(
        default=None,
        description="http://user:${PASSWORD}@host:port, https://…, socks5://… or socks5h://…: "
        "every visit of it goes that way.",
    )
    client_certificate: CertificateShape | None = Field(
        default=None, description="A certificate for this source's own origin."
    )
    full_text: bool = Field(
        default=False, description="true: the page of each new entry is read, and the article in it kept."
    )
    user_agent: HeaderValue | None = Field(default=None, description="Whom the program says it is, instead of itself.")
    verify_tls: bool = Field(default=True, description="false: any certificate of this source's host is taken.")


class TopicShape(Shape):
    """A feed to publish."""

    id: Id = Field(description="Its lasting name: part of the addresses that readers subscribe to.")
    was: Id | None = Field(default=None, description="A former id: the old addresses lead to the new ones.")
    title: Line | None = Field(default=None, description="Its name for people; default: the id.")
    description: str = Field(default="", description="A sentence on what it is about.")
    icon: WebAddress | None = Field(default=None, description="An image's address.")
    query: str = Field(default="", description="What belongs to it; empty or absent: everything of its sources.")
    sources: list[str] | None = Field(
        default=None, min_length=1, description="Ids of sources, or tag:WORD for all that carry the tag; default: all."
    )
    limit: Annotated[int, Field(ge=1, le=10_000)] = Field(
        default=50, description="So many stories are shown, the newest."
    )
    max_age: Duration | None = Field(default=None, description="Older stories leave the topic; default: none do.")
    order: Annotated[Order, Field(strict=False)] = Field(
        default=Order.NEWEST, description="newest, or most-covered: what most of the topic's sources carry first."
    )
    min_sources: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=1, description="Only stories that so many of the topic's sources carry."
    )
    per_source: Annotated[int, Field(ge=0, le=10_000)] = Field(
        default=0, description="So many stories of one source are shown at most; 0: any number."
    )
    settle: Duration = Field(
        default=timedelta(0), description="A story waits so long after its first sight: headlines are edited then."
    )
    digest: Annotated[Rhythm, Field(strict=False)] = Field(
        default=Rhythm.NONE,
        description="daily or weekly: one entry a day or week, at site.timezone's midnight, that lists the stories.",
    )
    content: Annotated[Content, Field(strict=False)] = Field(
        default=Content.FULL, description="What of others' text is republished."
    )
    also_reported_by: bool = Field(
        default=True, description="false: the other outlets of a story are neither linked nor listed."
    )
    same_story: Annotated[SameStory, Field(strict=False)] | None = Field(
        default=None, description="Which copies are one entry; default: as in `stories`."
    )
    formats: list[Annotated[Format, Field(strict=False)]] | None = Field(
        default=None, min_length=1, description="The forms it is published in; default: as in `publish`."
    )
    access: Annotated[Access, Field(strict=False)] = Field(
        default=Access.PUBLIC, description="public, or token: only who has a token of `aggregator token add`."
    )


class FileShape(Shape):
    """feeds.yaml: what is read, what is published, and how."""

    site: SiteShape = Field(default_factory=SiteShape)
    storage: StorageShape = Field(default_factory=StorageShape)
    fetch: FetchShape = Field(default_factory=FetchShape)
    publish: PublishShape = Field(default_factory=PublishShape)
    stories: StoriesShape = Field(default_factory=StoriesShape)
    sources: list[SourceShape] = Field(default_factory=list, description="The feeds to read.")
    topics: list[TopicShape] = Field(default_factory=list, description="The feeds to publish.")
    include: list[Line] = Field(
        default_factory=list, description="Further local files under this folder that hold sources and topics."
    )


SECTIONS: dict[str, type[Shape]] = {
    "site": SiteShape,
    "storage": StorageShape,
    "fetch": FetchShape,
    "publish": PublishShape,
    "stories": StoriesShape,
}
LISTS: dict[str, type[Shape]] = {"sources": SourceShape, "topics": TopicShape}
EXPANDABLE: dict[type[Shape], frozenset[str]] = {
    SiteShape: frozenset({"url"}),
    StorageShape: frozenset({"url"}),
    PublishShape: frozenset({"hub"}),
    SourceShape: frozenset({"url", "headers", "auth", "cookies", "proxy", "client_certificate"}),
}
"""Where `${NAME}` may stand."""

LATER_KEYS: dict[type[Shape], frozenset[str]] = {}
"""Keys of the settled interface that this version cannot honour yet: refused, never ignored."""

LATER_VALUES: dict[str, frozenset[str]] = {}
