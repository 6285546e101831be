"""The pages that are served but not published: status and messages, in the published pages' own layout."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jinja2 import ChoiceLoader, PackageLoader

from aggregator.app.web.arrivals import DAYS
from aggregator.app.web.charts import Bars, bars
from aggregator.domain.audience import Audience
from aggregator.domain.source import SourceStatus
from aggregator.pipeline.troubles import silence
from aggregator.steps.render import environment, zone_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from jinja2 import Environment

    from aggregator.app.web.health import Health
    from aggregator.domain.settings import Configuration, Site
    from aggregator.domain.source import SourceReport


SOURCES = 50  # on one status page: it stays light


def base_path(site: Site) -> str:
    """The path under which the site is public, without a slash at its end; empty at the root of its host."""
    return urlsplit(site.url).path.rstrip("/")


def status_page(
    configuration: Configuration,
    health: Health,
    reports: Sequence[SourceReport],
    *,
    counts: Mapping[str, tuple[int, datetime | None]],
    audience: Mapping[str, Audience],
    hub: Mapping[str, tuple[int, int]],
    arrivals: Mapping[str, Sequence[int]],
    now: datetime,
    number: int,
    operator: bool,
) -> str:
    """Every source and topic; addresses and messages are for the operator. `number` counts pages of sources from 1."""
    site = configuration.site
    pages = max(1, -(-len(reports) // SOURCES))
    number = min(max(1, number), pages)
    shown = reports[(number - 1) * SOURCES : number * SOURCES]
    tally = Counter(report.status for report in reports)
    return page(
        "status.html",
        site,
        zone=zone_of(site),
        health=health,
        reports=[(report, *_charts(report, arrivals.get(report.id, ()), now)) for report in shown],
        number=number,
        pages=pages,
        tally=[(status.value, tally[status]) for status in SourceStatus if tally[status]],
        topics=[
            (topic, *counts.get(topic.id, (0, None)), audience.get(topic.id, Audience()))
            for topic in configuration.topics
            if operator or topic.public
        ],
        hub=hub,
        operator=operator,
    )


def _charts(report: SourceReport, came: Sequence[int], now: datetime) -> tuple[Bars, Bars | None, int | None]:
    """Entries a day, the hours in which they come, and how much of the silence that its rhythm allows is over, in %."""
    days = list(came) or [0] * DAYS
    daily = bars(days, f"new items a day for {len(days)} days: {max(days)} at most, {days[-1]} today")
    pattern = report.visits.pattern
    hourly = None
    if pattern is not None and any(pattern.hours):
        busiest = max(range(24), key=lambda hour: pattern.hours[hour])
        hourly = bars(pattern.hours, f"by hour of the day (UTC): most at {busiest}:00")
    due = silence(report)
    if due is None or report.newest is None or due <= report.newest:
        return daily, hourly, None
    return daily, hourly, min(100, max(0, round((now - report.newest) / (due - report.newest) * 100)))


def message_page(site: Site, title: str, text: str) -> str:
    """A page that says one thing."""
    return page("message.html", site, heading=title, text=text)


def page(template: str, site: Site, **values: object) -> str:
    """A template of this room as a page at the site's root."""
    root = f"{base_path(site)}/"
    return _environment().get_template(template).render(site=site, root=root, home=root, **values)


@cache
def _environment() -> Environment:
    rooms = ("aggregator.app.web", "aggregator.steps.render")
    return environment().overlay(loader=ChoiceLoader([PackageLoader(room) for room in rooms]))
