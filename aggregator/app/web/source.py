"""A source's page: how it is, and what became of its visits on each of the last days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.app.web.charts import bars
from aggregator.app.web.pages import page
from aggregator.steps.render import zone_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.app.web.charts import Bars
    from aggregator.domain.settings import Site
    from aggregator.domain.source import SourceDay, SourceReport

DAYS = 90  # as many as are kept
THIN = 3  # pixels from bar to bar: ninety of them fit a phone's width


def source_page(site: Site, report: SourceReport, days: Sequence[SourceDay], *, operator: bool) -> str:
    """One source; its address and messages are for the operator."""
    charts = [
        _row("Visits", [day.visits for day in days]),
        _row("Failed visits", [day.failures for day in days]),
        _row("New items", [day.items for day in days]),
    ]
    zone = zone_of(site)
    return page("source.html", site, zone=zone, source=report, days=days, charts=charts, operator=operator)


def _row(name: str, counts: Sequence[int]) -> tuple[str, Bars, int]:
    words = f"{name.lower()} a day for {len(counts)} days: {max(counts)} at most, {counts[-1]} today"
    return name, bars(counts, words, step=THIN), sum(counts)
