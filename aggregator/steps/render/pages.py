"""The pages: Jinja2 with everything escaped, no script, links relative so that they work from any folder or path."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import Environment, PackageLoader, StrictUndefined

from aggregator.domain.settings import Format, Site
from aggregator.steps.render.documents import BARE_TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime, tzinfo

    from aggregator.domain.entry import Enclosure
    from aggregator.steps.render.outgoing import Head, Outgoing
    from aggregator.steps.render.site import TopicSummary

# Not strftime: its names follow the process's locale, and a page's bytes must not.
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip
_KINDS = {"audio": "Audio", "video": "Video", "image": "Image"}
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_THOUSAND = 1000
FEEDS = ((Format.ATOM, "Atom"), (Format.RSS, "RSS"), (Format.JSON, "JSON Feed"))


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedLink:
    """A feed as a page announces it, its address relative to the page."""

    href: str
    name: str
    type: str


def topic_page(head: Head, entries: Sequence[Outgoing], site: Site) -> bytes:
    """A topic for people: its stories by day, newest first; without days where its order is another."""
    zone = zone_of(site)
    days: list[tuple[date | None, list[Outgoing]]] = [
        (day, list(stories)) for day, stories in groupby(entries, key=lambda e: e.order_at.astimezone(zone).date())
    ]
    if len({day for day, _ in days}) < len(days):
        days = [(None, list(entries))]
    return _page(
        "topic.html",
        site=site,
        root="../",
        home="../index.html",
        head=head,
        feeds=feed_links(head.id, tuple(head.links), ""),
        days=days,
        count=len(entries),
        zone=zone,
    )


def index_page(topics: Sequence[TopicSummary], site: Site) -> bytes:
    """The front page: every topic with its newest headlines and its feeds."""
    shown = [(topic, feed_links(topic.id, topic.formats, "topics/")) for topic in topics]
    return _page(
        "index.html", site=site, root="", topics=shown, zone=zone_of(site), html=Format.HTML, home="index.html"
    )


def feed_links(topic_id: str, formats: Sequence[Format], folder: str) -> list[FeedLink]:
    """A topic's feeds as a page links them; `folder` is where they are, seen from it."""
    return [
        FeedLink(href=f"{folder}{topic_id}.{form.value}", name=name, type=BARE_TYPES[form])
        for form, name in FEEDS
        if form in formats
    ]


def zone_of(site: Site) -> tzinfo:
    """The zone in which the site's days begin; UTC where its name is unknown here."""
    try:
        return ZoneInfo(site.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


@cache
def environment() -> Environment:
    """The templates, also for the pages that are served but not published."""
    made = Environment(
        loader=PackageLoader("aggregator.steps.render", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(day=_day, clock=_clock, moment=_moment, iso=_iso, size=_size, kind=_kind, direction=_direction)
    return made


def _page(template: str, **values: object) -> bytes:
    return environment().get_template(template).render(**values).encode()


def _day(day: datetime) -> str:
    return f"{_DAYS[day.weekday()]}, {day.day} {_MONTHS[day.month - 1]} {day.year}"


def _clock(moment: datetime, zone: tzinfo) -> str:
    local = moment.astimezone(zone)
    return f"{local.hour:02}:{local.minute:02}"


def _moment(moment: datetime, zone: tzinfo) -> str:
    local = moment.astimezone(zone)
    return f"{local.day} {_MONTHS[local.month - 1][:3]} {local.year}, {_clock(moment, zone)}"


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _size(length: int) -> str:
    """A file's size in powers of ten, as file managers show it."""
    amount = float(length)
    for unit in ("bytes", "kB", "MB"):
        if amount < _THOUSAND:
            return f"{amount:.0f} {unit}"
        amount /= _THOUSAND
    return f"{amount:.1f} GB"


def _kind(file: Enclosure) -> str:
    return _KINDS.get((file.type or "").partition("/")[0], "File")


def _direction(language: str | None) -> str:
    if language is None:
        return "auto"
    return "rtl" if language.split("-", 1)[0].lower() in _RIGHT_TO_LEFT else "ltr"
