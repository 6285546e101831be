"""What machines ask for: metrics in Prometheus' text format, and the sources as OPML."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from aggregator.domain.source import SourceStatus
from aggregator.domain.subscription import PushState
from aggregator.steps.render import Subscription, opml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from aggregator.app.web.health import Health
    from aggregator.domain.audience import Audience
    from aggregator.domain.settings import Configuration
    from aggregator.domain.source import SourceReport

METRICS = "text/plain; version=0.0.4; charset=utf-8"
_Sample = tuple[dict[str, str], float]


def metrics(
    health: Health,
    reports: Sequence[SourceReport],
    topics: Mapping[str, tuple[int, datetime | None]],
    audience: Mapping[str, Audience],
    hub: Mapping[str, tuple[int, int]],
) -> str:
    """The figures of this instant (https://prometheus.io/docs/instrumenting/exposition_formats/)."""
    return "".join(
        line
        for name, meaning, samples in _figures(health, reports, topics, audience, hub)
        for line in (
            f"# HELP {name} {meaning}\n# TYPE {name} gauge\n",
            *(f"{name}{_labels(labels)} {value:.17g}\n" for labels, value in samples),
        )
    )


def sources_opml(configuration: Configuration) -> bytes:
    """The subscriptions, as written in feeds.yaml: a secret in an address stays its variable's name."""
    return opml(
        f"Sources of {configuration.site.title}",
        [
            Subscription(title=source.title or source.id, feed_url=source.shown_url)
            for source in configuration.sources
            if source.path is None
        ],
    )


def _figures(
    health: Health,
    reports: Sequence[SourceReport],
    topics: Mapping[str, tuple[int, datetime | None]],
    audience: Mapping[str, Audience],
    hub: Mapping[str, tuple[int, int]],
) -> Iterator[tuple[str, str, list[_Sample]]]:
    states = Counter(report.status for report in reports)
    yield "aggregator_started_seconds", "When this process started.", _at({}, health.started)
    yield "aggregator_config_error", "1 while an edited feeds.yaml is refused.", [({}, bool(health.config_error))]
    yield "aggregator_store_failed", "1 while the database fails.", [({}, health.store_failed)]
    yield "aggregator_files_error", "1 while publish.directory cannot be written.", [({}, bool(health.files_error))]
    yield "aggregator_last_collect_seconds", "When sources were last looked at.", _at({}, health.last_collect)
    yield "aggregator_last_publish_seconds", "When topics were last published.", _at({}, health.last_publish)
    yield (
        "aggregator_sources",
        "Configured sources by state.",
        [({"state": state.value}, states[state]) for state in SourceStatus],
    )
    pushed = Counter(report.push.state for report in reports if report.push is not None)
    yield (
        "aggregator_push_subscriptions",
        "Subscriptions at sources' hubs by state.",
        [({"state": state.value}, pushed[state]) for state in PushState if state is not PushState.ENDED],
    )
    each = [({"source": report.id}, report) for report in reports]
    yield "aggregator_source_items", "Stored items of a source.", [(label, r.items) for label, r in each]
    yield (
        "aggregator_source_failures",
        "Visits failed one after another.",
        [(label, r.visits.failures) for label, r in each],
    )
    yield (
        "aggregator_source_last_success_seconds",
        "When a source was last read.",
        [sample for label, r in each for sample in _at(label, r.visits.last_success)],
    )
    yield (
        "aggregator_topic_stories",
        "Stories a topic shows.",
        [({"topic": topic}, stories) for topic, (stories, _) in topics.items()],
    )
    yield (
        "aggregator_topic_updated_seconds",
        "When a topic's stories last changed.",
        [sample for topic, (_, updated) in topics.items() for sample in _at({"topic": topic}, updated)],
    )
    yield (
        "aggregator_topic_subscribers",
        "How many read a topic's feeds: what services say, and the readers of a day.",
        [
            ({"topic": topic, "through": through}, number)
            for topic, readers in audience.items()
            for through, number in (("service", readers.through_services), ("direct", readers.direct))
        ],
    )
    yield (
        "aggregator_hub_subscriptions",
        "Subscriptions at our WebSub hub; failing: the last delivery did not arrive.",
        [
            ({"topic": topic, "state": state}, number)
            for topic, (all_of_them, failing) in hub.items()
            for state, number in (("delivered", all_of_them - failing), ("failing", failing))
        ],
    )


def _at(labels: dict[str, str], moment: datetime | None) -> list[_Sample]:
    return [(labels, moment.timestamp())] if moment else []


def _labels(labels: Mapping[str, str]) -> str:
    def escaped(value: str) -> str:
        return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')

    inside = ",".join(f'{name}="{escaped(value)}"' for name, value in labels.items())
    return f"{{{inside}}}" if inside else ""
