"""The pages that are served but not published: status and messages, in the published pages' own layout."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jinja2 import ChoiceLoader, PackageLoader

from aggregator.domain.source import SourceStatus
from aggregator.steps.render import environment, zone_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from jinja2 import Environment

    from aggregator.app.web.health import Health
    from aggregator.domain.settings import Configuration, Site
    from aggregator.domain.source import SourceReport


def base_path(site: Site) -> str:
    """The path under which the site is public, without a slash at its end; empty at the root of its host."""
    return urlsplit(site.url).path.rstrip("/")


def status_page(
    configuration: Configuration,
    health: Health,
    reports: Sequence[SourceReport],
    counts: Mapping[str, tuple[int, datetime | None]],
    *,
    operator: bool,
) -> str:
    """Every source and topic; addresses and messages are for the operator."""
    site = configuration.site
    tally = Counter(report.status for report in reports)
    return page(
        "status.html",
        site,
        zone=zone_of(site),
        health=health,
        reports=reports,
        tally=[(status.value, tally[status]) for status in SourceStatus if tally[status]],
        topics=[
            (topic, *counts.get(topic.id, (0, None))) for topic in configuration.topics if operator or topic.public
        ],
        operator=operator,
    )


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
